package manifest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

// The work that a file causes is bounded by the size of the file.
func TestASmallFileCausesLittleWork(t *testing.T) {
	t.Parallel()
	const head = "- name: a\n  type: openai\n  configuration:\n"
	var names strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&names, "${A%d}", i)
	}
	document := "---\n- configuration:\n    a: &a [" + strings.Repeat("1,", 500) + "1]\n    b: [" + strings.Repeat("*a,", 400) + "1]\n"
	tests := map[string]struct{ file, want string }{
		"aliases in many documents": {strings.Repeat(document, 2),
			"line 7: the aliases of the file stand for more than 250000 values"},
		"aliases of a long text": {head + "    a: &a \"$$" + strings.Repeat("x", 1<<20) + "\"\n    b: [" + strings.Repeat("*a,", 100) + "1]\n",
			"line 4: the aliases of the file stand for more than 250000 values"},
		"many variables":        {head + "    endpoint: \"" + names.String() + "\"\n", "the file has more mistakes; the first 1000 are listed"},
		"variables of a value":  {head + "    endpoint: \"" + strings.Repeat("${LONG}", 1<<10) + "\"\n", "the variables of the file stand for more than 16 MiB"},
		"lists within brackets": {"[" + strings.Repeat("[],", 500_000) + "[]]", "has too many values"},
		"lists in lines":        {strings.Repeat("-\n", 1_600_000), "has too many values"},
		"documents":             {strings.Repeat("---\n", 1_600_000), "has too many values"},
		"lists in JSON":         {"[" + strings.Repeat("[],", 500_000) + "[]]", "has too many values"},
		"many mistakes":         {"[" + strings.Repeat("1,", 10_000) + "1]", "the file has more mistakes; the first 1000 are listed"},
	}
	long := strings.Repeat("x", 1<<16)
	lookup := manifest.WithLookup(func(name string) (string, bool) { return long, name == "LONG" })
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manifest.Read(strings.NewReader(tt.file), lookup)
			require.ErrorContains(t, err, tt.want)
			var invalid *manifest.Error
			require.ErrorAs(t, err, &invalid)
			require.LessOrEqual(t, len(invalid.Problems), 1001)
		})
	}
}

func TestAUsualFileOf20000IntegrationsIsRead(t *testing.T) {
	t.Parallel()
	const n = 20_000
	var one [2]bytes.Buffer
	item := integrations.Integration{
		Name: "openai-12345", Type: integrations.TypeOpenAI, Category: integrations.CategoryAIModel, Description: "for chats, and more",
		Enabled:       integrations.Bool(true),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "<KEY>", integrations.KeyEndpoint: "https://eu-west-1.api.example/v1"},
		Tags:          []integrations.Tag{{Key: "team", Value: "ml"}, {Key: "stage", Value: "prod"}},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}, {API: "gpt-4o-mini", Description: "small, fast"}},
	}
	require.NoError(t, manifest.Write(&one[0], []integrations.Integration{item}))
	require.NoError(t, manifest.Write(&one[1], []integrations.Integration{item}, manifest.AsJSON()))
	object := strings.Trim(one[1].String(), "[]\n")
	for _, file := range []string{strings.Repeat(one[0].String(), n), "[" + strings.Repeat(object+",\n", n-1) + object + "]"} {
		got, err := manifest.Read(strings.NewReader(file), manifest.WithLookup(func(string) (string, bool) { return "k", true }))
		require.NoError(t, err)
		require.Len(t, got, n)
	}
}
