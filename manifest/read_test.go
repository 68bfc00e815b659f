package manifest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

func TestReadTakesYAML(t *testing.T) {
	t.Parallel()
	items, err := manifest.ReadFile("testdata/good.yaml", filled)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]in.Integration{{
		Name: "openai", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "OpenAI for the whole company",
		Enabled:       in.Bool(true),
		Configuration: in.Configuration{"api_key": "(OPENAI_API_KEY)"},
		Tags:          []in.Tag{{Key: "team", Value: "platform"}, {Key: "secret-version", Value: "3"}},
		APIs: []in.IntegrationAPI{
			{API: "gpt-4o", Description: "GPT-4o for chats", Enabled: in.Bool(true), Configuration: in.Configuration{"temperature": "0.5", "stop": nil}},
			{API: "gpt-4o-mini", Description: "GPT-4o for chats", Enabled: in.Bool(true), Configuration: in.Configuration{"temperature": "0.5", "stop": nil}},
		},
	}, {
		Name: "orders", Type: in.TypeAMQP, Enabled: in.Bool(false),
		Configuration: in.Configuration{
			"protocol": "amqps", "endpoint": "rabbit.(REGION).example.com", "port": "5671", "namespace": "$default", "user": "orders",
			"password": "(RABBIT_PASSWORD)",
		},
	}, {
		Name: "cloud", Type: in.TypeGCP,
		Configuration: in.Configuration{
			"projectName": "my-project", "environment": "on",
			"file": "{\n  \"type\": \"service_account\",\n  \"private_key\": \"(GCP_KEY)\"\n}\n",
		},
		Tags: []in.Tag{},
	}}, items))
}

func TestReadTakesJSON(t *testing.T) {
	t.Parallel()
	items, err := manifest.ReadFile("testdata/good.json", filled)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]in.Integration{{
		Name: "openai", Type: in.TypeOpenAI, Enabled: in.Bool(true),
		Configuration: in.Configuration{
			"api_key": "(OPENAI_API_KEY)", "big": json.Number("9007199254740993"), "exact": json.Number("1.10"), "on": true, "nothing": nil,
			"nested": map[string]any{"list": []any{"(REGION)", json.Number("1"), false, map[string]any{}}, "text": "café 😀 \uFFFD"},
		},
		Tags: []in.Tag{{Key: "team", Value: "platform"}},
		APIs: []in.IntegrationAPI{},
	}}, items))
}

// filled gives ${NAME} the value (NAME).
var filled = manifest.WithLookup(func(name string) (string, bool) { return "(" + name + ")", true })

func TestYAMLValuesOfAConfigurationAreTexts(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]any{
		"8080": "8080", "0x1F": "0x1F", "1_000": "1_000", "1e3": "1e3", "9007199254740993": "9007199254740993", "on": "on", "Yes": "Yes", "true": "true",
		"2023-06-01": "2023-06-01", ".inf": ".inf", "12:30": "12:30", `"a\tb"`: "a\tb", "'it''s'": "it's", "!!str null": "null", "! 5": "5", `"null"`: "null",
		"null": nil, "~": nil, "": nil, `""`: "", "|\n      a\n      b\n": "a\nb\n", ">\n      a\n      b\n": "a b\n",
		"[1, {a: 2.50, b: no, c: null}]": []any{"1", map[string]any{"a": "2.50", "b": "no", "c": nil}},
	} {
		items, err := manifest.Read(strings.NewReader("- configuration:\n    k: " + written))
		require.NoError(t, err, written)
		require.Equal(t, in.Configuration{"k": want}, items[0].Configuration, written)
	}
}

func TestReadTakesEveryShapeOfAFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, " \n": 0, "# nothing\n": 0, "---\n": 0, "---\n---\n": 0, "[]": 0, "integrations:\n": 0, "integrations: []": 0, `{"integrations": null}`: 0,
		"\uFEFF- name: a": 1, "\uFEFF[{\"name\": \"a\"}]": 1, "- name: a\n---\n- name: b\n---\nintegrations:\n- name: c\n": 3, "\n [{}, {}]": 2,
		"integrations: [name: a]": 1, "- name: a\r\n- name: b\r\n": 2,
	} {
		items, err := manifest.Read(strings.NewReader(text))
		require.NoError(t, err, "%q", text)
		require.Len(t, items, want, "%q", text)
	}
}

func TestAnchorsAndMergeKeysFollowYAML(t *testing.T) {
	t.Parallel()
	items, err := manifest.Read(strings.NewReader(`
- configuration: &a {x: 1, y: 2}
- configuration: &b {y: 3, <<: *a, z: 4}
- configuration:
    <<: [*a, *b, {w: 5}]
    x: &x 6
    "<<": *x
`))
	require.NoError(t, err)
	require.Equal(t, in.Configuration{"x": "1", "y": "3", "z": "4"}, items[1].Configuration)
	require.Equal(t, in.Configuration{"x": "6", "y": "2", "z": "4", "w": "5", "<<": "6"}, items[2].Configuration)
}

func TestAKeyThatStandsTwiceInAMergedObjectIsAMistake(t *testing.T) {
	t.Parallel()
	for _, merged := range []string{
		"{<<: {api_key: a,\n  api_key: b}}", "{<<: [{api_key: a,\n  api_key: b}]}", "{api_key: c, <<: {api_key: a,\n  api_key: b}}", "{<<: {<<: {api_key: a,\n  api_key: b}}}",
	} {
		_, err := manifest.Read(strings.NewReader("- configuration: " + merged))
		require.EqualError(t, err, "manifest: line 1: integration 0: configuration: merges an object with a key that stands twice, on line 1 and on line 2", merged)
	}
	_, err := manifest.Read(strings.NewReader("- configuration: {<<: [{api_key: a}, {api_key: b}], api_key: c}"))
	require.NoError(t, err, "an earlier object wins")
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"testdata/wrong.yaml", "testdata/wrong.json"} {
		_, err := manifest.ReadFile(name, manifest.WithLookup(func(name string) (string, bool) { return canary, name == "SET" }))
		var invalid *manifest.Error
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, name, invalid.File)
		want, readErr := os.ReadFile(name + ".txt")
		require.NoError(t, readErr)
		require.Empty(t, cmp.Diff(string(want), err.Error()+"\n"), name)
		requireNoCanary(t, err)
	}
}

// requireNoCanary looks into every text that fmt can make of err.
func requireNoCanary(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(verb, err)
			require.NotContains(t, text, canary, verb)
			require.NotContains(t, text, fmt.Sprintf("%x", canary), verb)
		}
		var invalid *manifest.Error
		if errors.As(err, &invalid) {
			require.NotContains(t, fmt.Sprintf("%#v", *invalid), canary)
		}
	}
}

func TestKeysThatStandTwiceAreFoundInBigObjects(t *testing.T) {
	t.Parallel()
	file := "- configuration:\n"
	for i := range 20 {
		file += fmt.Sprintf("    k%d: v\n", i)
	}
	_, err := manifest.Read(strings.NewReader(file + "    k3: c@nary!\n    k3: c@nary!\n"))
	require.EqualError(t, err, `manifest: line 22: integration 0: configuration.k3: stands twice in the same object, first on line 5
manifest: line 23: integration 0: configuration.k3: stands twice in the same object, first on line 5`)
}

func TestTagsThatChangeNothingAreAllowed(t *testing.T) {
	t.Parallel()
	items, err := manifest.Read(strings.NewReader("!!seq\n- !!map\n  !!str name: !!str 5\n  type: true\n  description: &d enabled\n  *d : true\n"))
	require.NoError(t, err)
	require.Equal(t, []in.Integration{{Name: "5", Type: "true", Description: "enabled", Enabled: in.Bool(true)}}, items)
}

func TestSyntaxErrorsNameTheLineAndNoValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- name: c@nary!\n type: c@nary!":                 "line 2: this is not valid YAML",
		"- a: 'c@nary!\n  b: c\n":                         "line 1: between this line and line 3, this is not valid YAML",
		"- a: b\n  c: @c@nary!\n":                         "line 2: this is not valid YAML",
		"- a: b\n\tc: c@nary!\n":                          "line 1: between this line and line 2",
		"- a: b\n  c: *c@nary!\n":                         "line 2: refers to an anchor",
		"- a: b\n  c: c@nary!\x01\n":                      "line 2: has a control character",
		"- a: b\n  c: \"\\c@nary!\"\n":                    "line 2: this is not valid YAML",
		"- a: b\n  c: c@nary!: d\n":                       "line 2: this is not valid YAML",
		"- a: b\n  c: c@nary!\xff\n":                      "line 2: has text that is not UTF-8",
		"- name: a\n---\n- name: b\n c@nary!":             "line 4: ",
		"{\n\"c@nary!\": c@nary!}":                        "line 2: this is not valid JSON",
		"[\n{},\n{\"c@nary!\": \"a\",}\n]":                "line 3: this is not valid JSON",
		"[]\n[\"c@nary!\"]":                               "line 2: this is not valid JSON",
		"[\"c@nary!":                                      "line 1: this is not valid JSON",
		"null":                                            "line 1: must be a list of integrations",
		"- a: b\n---\n~":                                  "line 1: integration 0: a: is not a field of an integration\nmanifest: line 3: must be a list",
		"c@nary!":                                         "line 1: must be a list of integrations, or an object with the field integrations",
		"{\"name\": \"c@nary!\", \"type\": \"c@nary!\"}":  "line 1: must be a list of integrations, or an object",
		"integration: [c@nary!]\n":                        "line 1: integration: is not a field of a file, did you mean integrations?",
		"integrations: c@nary!\n":                         "line 1: integrations: must be a list",
		"integrations: []\nx-defaults: c@nary!\n":         "line 2: x-defaults: is not a field of a file",
		"integrations: []\nintegrations: c@nary!\n":       "line 2: integrations: stands twice in the same object, first on line 1",
		"integrations: [{name: a, enabled: c@nary!}]\n":   "line 1: integration 0 \"a\": enabled: must be true or false",
		"- enabled: yes\n- enabled: \"TRUE\"\n":           "line 1: integration 0: enabled: must be true or false\nmanifest: line 2: integration 1: enabled: must be true or false, without quotes",
		"- !!binary c@nary!":                              "line 1: integration 0: has a tag, which is not supported",
		"- !c@nary! {}":                                   "line 1: integration 0: has a tag, which is not supported",
		"- name: !!int 5":                                 "line 1: integration 0: name: has a tag, which is not supported",
		"- {c@nary! c@nary! c@nary! c@nary! c@nary!: 5}":  "line 1: integration 0: [39 bytes]: is not a field of an integration",
		"- name: \"a\\nb\"\n  description: [c@nary!]\n":   "line 2: integration 0 \"a\\nb\": description: must be a text",
		`[{"name": "a", "configuration": {"\ud800": 5}}]`: "line 1: integration 0 \"a\": configuration.[3 bytes]: has an escape that is half of a character",
	} {
		_, err := manifest.Read(strings.NewReader(text))
		require.ErrorContains(t, err, "manifest: "+want, "%q", text)
		requireNoCanary(t, err)
	}
}

func TestFillReplacesVariables(t *testing.T) {
	t.Parallel()
	lookup := manifest.WithLookup(func(name string) (string, bool) {
		value, ok := map[string]string{"A": "va", "B_2": "vb", "EMPTY": "", "ODD": "\", ${A} $$ \n- x: y"}[name]
		return value, ok
	})
	for written, want := range map[string]string{
		"${A}": "va", "a${A}b${B_2}c": "avabvbc", "${EMPTY}": "", "${ODD}": "\", ${A} $$ \n- x: y", "$$": "$", "$${A}": "${A}", "$$$${A}": "$${A}", "$$${A}": "$va",
		"$": "$", "$A": "$A", "a$b$": "a$b$", "$ {A}": "$ {A}", "{A}": "{A}", "<A>": "<A>",
	} {
		items, err := manifest.Read(strings.NewReader(fmt.Sprintf(`[{"configuration": {%[1]q: [%[1]q, {"k": %[1]q}]}, "apis": [{"configuration": {"k": %[1]q}}]}]`, written)), lookup)
		require.NoError(t, err, written)
		require.Empty(t, cmp.Diff([]in.Integration{{
			Configuration: in.Configuration{in.ConfigKey(written): []any{want, map[string]any{"k": want}}},
			APIs:          []in.IntegrationAPI{{Configuration: in.Configuration{"k": want}}},
		}}, items), "filled in values, and not in keys")
	}
	for written, want := range map[string]string{
		"${A": "has a ${", "${": "has a ${", "${}": "has a ${", "${A B}": "has a ${", "${1A}": "has a ${", "${A}${c@nary!}": "has a ${",
		"${NOPE}": "needs the variable NOPE, which is not set", "${" + strings.Repeat("X", 40) + "}": "needs the variable [40 bytes]",
		"${NOPE}${A}${NOPE}${NO}": "needs the variable NO,",
	} {
		_, err := manifest.Read(strings.NewReader(`[{"configuration": {"k": "`+written+`"}}]`), lookup)
		require.ErrorContains(t, err, "line 1: integration 0: configuration.k: "+want[:3], written)
		require.ErrorContains(t, err, want, written)
		requireNoCanary(t, err)
	}
}

// An integration called "${ENV}-mail" is never meant.
func TestOutsideAConfigurationAVariableIsAMistake(t *testing.T) {
	t.Parallel()
	const file = `[{"name": %[1]q, "type": %[1]q, "category": %[1]q, "description": %[1]q, "tags": [{"key": %[1]q, "value": %[1]q}],
		"apis": [{"integrationName": %[1]q, "api": %[1]q, "description": %[1]q}]}]`
	for written, want := range map[string]string{"$$": "$", "$${A}": "${A}", "$$$${A}": "$${A}", "$": "$", "5$": "5$", "$A": "$A", "a$b$": "a$b$", "<A>": "<A>"} {
		items, err := manifest.Read(strings.NewReader(fmt.Sprintf(file, written)), filled)
		require.NoError(t, err, written)
		require.Empty(t, cmp.Diff([]in.Integration{{
			Name: want, Type: in.Type(want), Category: in.Category(want), Description: want, Tags: []in.Tag{{Key: want, Value: want}},
			APIs: []in.IntegrationAPI{{IntegrationName: want, API: want, Description: want}},
		}}, items), written)
	}
	for _, written := range []string{"${A}", "a${A}b", "$$${A}", "${", "${A B}"} {
		_, err := manifest.Read(strings.NewReader(fmt.Sprintf(file, written)), filled)
		var invalid *manifest.Error
		require.ErrorAs(t, err, &invalid)
		require.Len(t, invalid.Problems, 9, written)
		require.ErrorContains(t, err, "description: has a ${, but variables stand in configurations only; write $${ where ${ is meant")
	}
}

func TestVariablesComeFromTheEnvironment(t *testing.T) {
	t.Setenv("MANIFEST_TEST", "from the environment")
	items, err := manifest.Read(strings.NewReader("- configuration: {k: '${MANIFEST_TEST}'}"))
	require.NoError(t, err)
	require.Equal(t, in.Configuration{"k": "from the environment"}, items[0].Configuration)
}

func TestKeepMissingMakesPlaceholdersOfSecrets(t *testing.T) {
	t.Parallel()
	lookup := manifest.WithLookup(func(name string) (string, bool) { return "v", name == "SET" })
	const file = `
- configuration: {api_key: "Bearer ${KEY}", user: "${SET}", unknown: [{k: "${A}${B}"}, "${SET}"], password: "${SET}"}
  apis: [{api: a, configuration: {api_key: "${KEY}"}}]
- configuration: {endpoint: "mongodb://u:${PASSWORD}@host"}
  type: mongovectordb
`
	items, err := manifest.Read(strings.NewReader(file), lookup, manifest.KeepMissing())
	require.NoError(t, err)
	require.Equal(t, in.Configuration{
		"api_key": "<KEY>", "user": "v", "unknown": "<A>", "password": "v",
	}, items[0].Configuration)
	require.Equal(t, in.Configuration{"api_key": "<KEY>"}, items[0].APIs[0].Configuration)
	require.Equal(t, in.Configuration{"endpoint": "<PASSWORD>"}, items[1].Configuration)

	_, err = manifest.Read(strings.NewReader(strings.Replace(file, "mongovectordb", "ollama", 1)), lookup, manifest.KeepMissing())
	require.EqualError(t, err, "manifest: line 4: integration 1: configuration.endpoint: needs the variable PASSWORD, which is not set")
	items, err = manifest.Read(strings.NewReader("- configuration: {endpoint: '${URL}', file: ['${A}']}"), lookup, manifest.KeepMissing())
	require.NoError(t, err, "a value that is a variable as a whole may be a secret under any key")
	require.Equal(t, in.Configuration{"endpoint": "<URL>", "file": "<A>"}, items[0].Configuration)
	_, err = manifest.Read(strings.NewReader("- configuration: {endpoint: ['${URL}']}"), lookup, manifest.KeepMissing())
	require.ErrorContains(t, err, "needs the variable URL, which is not set")

	_, err = manifest.Read(strings.NewReader("- configuration: {api_key: '${KEY} ${'}"), lookup, manifest.KeepMissing())
	require.ErrorContains(t, err, "has a ${", "a mistake is no missing variable")
}

func TestLimitsStopHugeFiles(t *testing.T) {
	t.Parallel()
	nested := func(open, end string, levels int) string {
		return "- name: a\n  configuration:\n    k: " + strings.Repeat(open, levels) + strings.Repeat(end, levels)
	}
	nestedJSON := func(levels int) string {
		return `[{"configuration": {"k": ` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + "}}]"
	}
	var bomb strings.Builder
	bomb.WriteString("- configuration:\n    a: &a [x, x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c < 'z'; c++ {
		fmt.Fprintf(&bomb, "    %[1]c: &%[1]c [*%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c]\n", c, c-1)
	}
	aliases := func(n int) string { // each stands for 1,000 values
		return "- configuration:\n    k: &a [" + strings.Repeat("x,", 999) + "]\n    l: [" + strings.Repeat("*a,", n) + "]"
	}
	for text, want := range map[string]string{
		aliases(250):                         "",
		aliases(251):                         "line 2: the aliases of the file stand for more than 250000 values",
		strings.Repeat(" ", 16<<20):          "",
		strings.Repeat(" ", 16<<20+1):        "manifest: the file is bigger than 16 MiB",
		nested("[", "]", 97):                 "",
		nested("[", "]", 98):                 "line 3: lists and objects are nested more than 100 levels deep",
		nested("{a: ", "}", 98):              "line 3: lists and objects are nested more than 100 levels deep",
		nested("[", "]", 1e5):                "line 3: ",
		nested("[", "]", 1e6):                "has too many values",
		nestedJSON(97):                       "",
		nestedJSON(98):                       "line 1: lists and objects are nested more than 100 levels deep",
		nestedJSON(1e6):                      "line 1: ",
		bomb.String():                        "the aliases of the file stand for more than 250000 values",
		"- configuration: &a {k: [*a]}":      "line 1: lists and objects are nested more than 100 levels deep",
		"- &a\n  configuration:\n    <<: *a": "line 3: lists and objects are nested more than 100 levels deep",
	} {
		_, err := manifest.Read(strings.NewReader(text))
		if want == "" {
			require.NoError(t, err, "%.100q", text)
		} else {
			require.ErrorContains(t, err, want, "%.100q", text)
		}
	}
}

func TestAnErrorOfTheReaderIsKept(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := manifest.Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	_, err = manifest.ReadFile(t.TempDir() + "/.yaml")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestOptionsThatMakeNoSenseAreErrors(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]manifest.Option{
		"manifest: option 0 is nil":                   nil,
		"manifest: the lookup is nil":                 manifest.WithLookup(nil),
		"manifest: the lines are nil":                 manifest.WithLines(nil),
		"manifest: AsJSON is an option of Write only": manifest.AsJSON(),
	} {
		_, err := manifest.Read(strings.NewReader(""), opt)
		require.EqualError(t, err, want)
		_, err = manifest.ReadFile("a.yaml", opt)
		require.EqualError(t, err, want)
		_, err = manifest.ReadFS(fstest.MapFS{}, "a.yaml", opt)
		require.EqualError(t, err, want)
	}
	for want, opt := range map[string]manifest.Option{
		"option 0 is nil": nil,
		"WithLookup, KeepMissing and WithLines are no options of Write":  manifest.KeepMissing(),
		"manifest: WithLookup, KeepMissing and WithLines are no options": filled,
		"and WithLines are no options of Write":                          manifest.WithLines(&manifest.Lines{}),
	} {
		var out strings.Builder
		require.ErrorContains(t, manifest.Write(&out, nil, opt), want)
		require.Empty(t, out.String())
	}
}
