package integrations_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// mskDefinition is of a type that the reference page does not have.
func mskDefinition(fields ...in.DefinitionField) in.Definition {
	return in.Definition{Type: "kafka_msk", Category: in.CategoryMessageBroker, Configuration: fields}
}

func dropdown(key in.ConfigKey, values ...string) in.DefinitionField {
	f := in.DefinitionField{Key: key, Type: in.FieldTypeDropdown}
	for _, value := range values {
		f.Options = append(f.Options, in.FieldOption{Label: "choose " + value, Value: value})
	}
	return f
}

func msk(c in.Configuration) in.Integration {
	return in.Integration{Name: "m", Type: "kafka_msk", Configuration: c}
}

func TestStrictAcceptsWhatADefinitionHas(t *testing.T) {
	t.Parallel()
	needs := func(conditions ...in.DefinitionField) in.DefinitionField {
		return in.DefinitionField{Key: "password", DependsOn: conditions}
	}
	when := func(key in.ConfigKey, value string) in.DefinitionField {
		return in.DefinitionField{Key: key, Value: value}
	}
	missing := []problem{{0, "configuration.password", in.ErrMissing, "is required for type kafka_msk"}}
	tests := map[string]struct {
		fields []in.DefinitionField
		item   in.Integration
		want   []problem
	}{
		"a known type":                       {nil, msk(in.Configuration{"hosts": "h"}), nil},
		"a required key is there":            {[]in.DefinitionField{needs()}, msk(in.Configuration{"password": "p"}), nil},
		"a required key is left out":         {[]in.DefinitionField{needs()}, msk(in.Configuration{}), missing},
		"a required key is blank":            {[]in.DefinitionField{needs()}, msk(in.Configuration{"password": " "}), missing},
		"a required key is a number":         {[]in.DefinitionField{needs()}, msk(in.Configuration{"password": 7}), nil},
		"a key of two fields is missed once": {[]in.DefinitionField{needs(), needs()}, msk(nil), missing},
		"an optional key":                    {[]in.DefinitionField{{Key: "password", Optional: true}}, msk(nil), nil},
		"a key with a default":               {[]in.DefinitionField{{Key: "password", DefaultValue: "d"}}, msk(nil), nil},
		"a key with a value":                 {[]in.DefinitionField{{Key: "password", Value: "v"}}, msk(nil), nil},
		"the one condition holds":            {[]in.DefinitionField{needs(when("mode", "A"))}, msk(in.Configuration{"mode": "A"}), missing},
		"the one condition does not hold":    {[]in.DefinitionField{needs(when("mode", "A"))}, msk(in.Configuration{"mode": "B"}), nil},
		"the other key is not there":         {[]in.DefinitionField{needs(when("mode", "A"))}, msk(nil), nil},
		"a condition without a value":        {[]in.DefinitionField{needs(when("mode", ""))}, msk(in.Configuration{"mode": "any"}), missing},
		"a condition without a value fails":  {[]in.DefinitionField{needs(when("mode", ""))}, msk(in.Configuration{"mode": " "}), nil},
		"a condition on a boolean holds":     {[]in.DefinitionField{needs(when("tls", "true"))}, msk(in.Configuration{"tls": true}), missing},
		"a condition on a number holds":      {[]in.DefinitionField{needs(when("level", "7"))}, msk(in.Configuration{"level": 7}), missing},
		"a condition on a boolean fails":     {[]in.DefinitionField{needs(when("tls", "true"))}, msk(in.Configuration{"tls": false}), nil},
		"an option that is a number":         {[]in.DefinitionField{dropdown("mode", "", "7")}, msk(in.Configuration{"mode": 7}), nil},
		"outside the options with a blank":   {[]in.DefinitionField{dropdown("mode", "", "7")}, msk(in.Configuration{"mode": 8}), []problem{{0, "configuration.mode", in.ErrUnknownValue, "must be one of 7"}}},
		"no value, and no key":               {[]in.DefinitionField{needs(when("mode", ""))}, msk(nil), nil},
		"one of two conditions holds":        {[]in.DefinitionField{needs(when("mode", "A"), when("auth", "B"))}, msk(in.Configuration{"mode": "A"}), nil},
		"both conditions hold":               {[]in.DefinitionField{needs(when("mode", "A"), when("auth", "B"))}, msk(in.Configuration{"mode": "A", "auth": "B"}), missing},
		"one of two values of one key":       {[]in.DefinitionField{needs(when("mode", "A"), when("mode", "B"))}, msk(in.Configuration{"mode": "B"}), nil},
		"a field without a key":              {[]in.DefinitionField{{}, {Key: " "}}, msk(nil), nil},
		"an option":                          {[]in.DefinitionField{dropdown("mode", "A", "B")}, msk(in.Configuration{"mode": "B"}), nil},
		"outside the options": {
			[]in.DefinitionField{dropdown("mode", "A", "B")}, msk(in.Configuration{"mode": "canary"}),
			[]problem{{0, "configuration.mode", in.ErrUnknownValue, "must be one of A, B"}},
		},
		"outside the options of two": {
			[]in.DefinitionField{dropdown("mode", "A", "B"), dropdown("mode", "B", "C", "A")}, msk(in.Configuration{"mode": "canary"}),
			[]problem{{0, "configuration.mode", in.ErrUnknownValue, "must be one of A, B, C"}},
		},
		"no options":           {[]in.DefinitionField{dropdown("mode")}, msk(in.Configuration{"mode": "C"}), nil},
		"the options of two":   {[]in.DefinitionField{dropdown("mode", "A"), dropdown("mode", "B")}, msk(in.Configuration{"mode": "B"}), nil},
		"an open field of two": {[]in.DefinitionField{dropdown("mode", "A"), dropdown("mode")}, msk(in.Configuration{"mode": "B"}), nil},
		"options of a text":    {[]in.DefinitionField{{Key: "mode", Type: in.FieldTypeText, Options: []in.FieldOption{{Value: "A"}}}}, msk(in.Configuration{"mode": "B"}), nil},
		"a further key":        {[]in.DefinitionField{dropdown("mode", "A")}, msk(in.Configuration{"mode": "A", "hosts": "h"}), nil},
		"a misspelt key": {
			[]in.DefinitionField{{Key: "bootstrap_servers", Optional: true}}, msk(in.Configuration{"bootstrapServers": "h"}),
			[]problem{{0, "configuration.bootstrapServers", in.ErrUnknownKey, "did you mean bootstrap_servers?"}},
		},
		"a mask": {
			nil, msk(in.Configuration{"hosts": "xxxxx"}),
			[]problem{{0, "configuration.hosts", in.ErrMaskedSecret, ""}},
		},
		"another category": {
			nil, in.Integration{Name: "m", Type: "kafka_msk", Category: in.CategoryGit},
			[]problem{{0, "category", in.ErrMismatch, "is GIT, but type kafka_msk belongs to MESSAGE_BROKER"}},
		},
		"another case": {
			nil, in.Integration{Name: "m", Type: "Kafka_MSK"},
			[]problem{{0, "type", in.ErrUnknownType, "did you mean kafka_msk?"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := []in.Integration{tt.item}
			def := mskDefinition(tt.fields...)
			err := in.Validate(items, in.WithDefinitions(def))
			requireProblems(t, err, tt.want...)
			requireProblems(t, in.Validate(items, in.WithDefinitions(), in.WithDefinitions(openAIDefinition()), in.WithDefinitions(def)), tt.want...)
			if err != nil {
				require.NotContains(t, err.Error(), "canary")
			}
		})
	}
}

func openAIDefinition() in.Definition {
	return in.Definition{Type: in.TypeOpenAI, Category: "API", Configuration: []in.DefinitionField{
		{Key: "project", Type: in.FieldTypeText}, dropdown(in.KeyEndpoint, "https://api.openai.com"),
	}}
}

// The page keeps its say: a definition adds keys, values and a category.
func TestADefinitionTakesNothingFromThePage(t *testing.T) {
	t.Parallel()
	with := func(i in.Integration) error {
		return in.Validate([]in.Integration{i}, in.WithDefinitions(openAIDefinition()))
	}
	requireProblems(t, with(openAI()))
	requireProblems(t, with(openAI(func(i *in.Integration) {
		i.Category = "API"
		i.Configuration = in.Configuration{"api_key": "k", "project": "p", "endpoint": "https://mine", "organizationId": "o"}
	})))
	requireProblems(t, with(openAI(func(i *in.Integration) { i.Configuration = in.Configuration{"project": "p", "projects": "p"} })),
		problem{0, "configuration.api_key", in.ErrMissing, "is required for type openai"},
		problem{0, "configuration.projects", in.ErrUnknownKey, "is not a key of type openai, did you mean project?"},
	)
	aws := in.Integration{Name: "a", Type: in.TypeAWS, Configuration: in.Configuration{"region": "r", "connectionType": "SSO"}}
	items := []in.Integration{aws}
	requireProblems(t, in.Validate(items), problem{0, "configuration.connectionType", in.ErrUnknownValue, ""})
	requireProblems(t, in.Validate(items, in.WithDefinitions(in.Definition{Type: in.TypeAWS, Configuration: []in.DefinitionField{dropdown(in.KeyConnectionType, "SSO")}})))

	rules, _ := in.KeysFor(in.TypeOpenAI)
	require.NotContains(t, rules.Optional, in.ConfigKey("project"), "KeysFor stays the page")
	rules, _ = in.KeysFor(in.TypeAWS)
	require.NotContains(t, rules.Values[in.KeyConnectionType], "SSO")
}

// Definitions add to Strict only, and options of a call add to the defaults of
// the client.
func TestDefinitionsOfAClient(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "", in.WithSaveDefaults(in.WithDefinitions(mskDefinition(in.DefinitionField{Key: "hosts"}))))
	items := []in.Integration{msk(nil)}
	want := problem{0, "configuration.hosts", in.ErrMissing, ""}
	requireProblems(t, client.Validate(items), want)
	requireProblems(t, client.SaveAll(t.Context(), items), want)
	requireProblems(t, client.Validate(items, in.WithValidation(in.Lenient)))
	requireProblems(t, client.Validate([]in.Integration{{Name: "n", Type: "new"}}, in.WithDefinitions(in.Definition{Type: "new"})))
	require.Empty(t, *requests)

	require.NoError(t, client.SaveProvider(t.Context(), msk(in.Configuration{"hosts": "h"}), in.WithValidation(in.Off)))
	require.JSONEq(t, `{"type":"kafka_msk","category":"MESSAGE_BROKER","description":"","configuration":{"hosts":"h"}}`, (*requests)[0].Body)
}

// What a definition needs to be a model's category, a definition says too.
func TestModelsOfADefinedType(t *testing.T) {
	t.Parallel()
	def := in.WithDefinitions(in.Definition{Type: "llama", Category: in.CategoryAIModel})
	requireProblems(t, in.Validate([]in.Integration{{Name: "l", Type: "llama"}}, def),
		problem{0, "apis", in.ErrMissing, "in category AI_MODEL"})
	requireProblems(t, in.Validate([]in.Integration{{Name: "l", Type: "llama", APIs: openAI().APIs}}, def))
	open := in.WithDefinitions(in.Definition{Type: "llama"})
	requireProblems(t, in.Validate([]in.Integration{{Name: "l", Type: "llama", Category: in.CategoryEmail}}, open))
}

// Neither a client nor an option keeps the definitions that it is given.
func TestDefinitionsThatTheCallerChangesLater(t *testing.T) {
	t.Parallel()
	mode := dropdown("mode", "A")
	mode.DependsOn = []in.DefinitionField{{Key: "kind", Value: "K"}}
	definition := mskDefinition(in.DefinitionField{Key: "hosts"}, mode)
	option, other := in.WithDefinitions(definition), in.WithDefinitions(openAIDefinition())
	client, err := in.NewClient("https://cluster", in.WithSaveDefaults(other, option))
	require.NoError(t, err)
	definition.Configuration[0].Key = "changed"
	definition.Configuration[1].Options[0].Value = "changed"
	mode.DependsOn[0].Value = "changed"

	items := []in.Integration{msk(in.Configuration{"hosts": "h", "mode": "A", "kind": "K"}), msk(in.Configuration{"kind": "K"})}
	items[1].Name = "another"
	want := []problem{{1, "configuration.hosts", in.ErrMissing, ""}, {1, "configuration.mode", in.ErrMissing, ""}}
	requireProblems(t, client.Validate(items), want...)
	requireProblems(t, in.Validate(items, other, option), want...)
	requireProblems(t, in.Validate(items, option, other), want...)
}

// A definition without a type does not make an integration without a type valid.
func TestADefinitionWithoutATypeIsNoDefinition(t *testing.T) {
	t.Parallel()
	for _, typ := range []in.Type{"", " "} {
		requireProblems(t, in.Validate([]in.Integration{{Name: "n", Type: typ}}, in.WithDefinitions(in.Definition{Name: "x", Type: typ})),
			problem{0, "type", in.ErrMissing, "is required"})
	}
}

// Two definitions of a type add their categories, in one option or in two.
func TestTheCategoriesOfSeveralDefinitionsAddUp(t *testing.T) {
	t.Parallel()
	for _, typ := range []in.Type{in.TypeOpenAI, "acme"} {
		api, mcp := in.Definition{Type: typ, Category: "API"}, in.Definition{Type: typ, Category: "MCP"}
		for _, category := range []in.Category{"API", "MCP"} {
			item := openAI(func(i *in.Integration) { i.Type, i.Category = typ, category })
			requireProblems(t, in.Validate([]in.Integration{item}, in.WithDefinitions(api, mcp)))
			requireProblems(t, in.Validate([]in.Integration{item}, in.WithDefinitions(api), in.WithDefinitions(mcp)))
		}
	}
}

// An option that is printed shows no value of a definition.
func TestADefinitionsOptionPrintsNoValue(t *testing.T) {
	t.Parallel()
	field := in.DefinitionField{Key: "mode", Value: "canary", DefaultValue: "canary"}
	field.DependsOn = []in.DefinitionField{field}
	option := in.WithDefinitions(mskDefinition(field))
	for how, text := range printed(option) {
		requireNoCanary(t, how, text)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%p"} {
		requireNoCanary(t, verb, fmt.Sprintf(verb, []any{option, struct{ option in.SaveOption }{option}}))
	}
}

// The texts of a definition are the server's: no terminal may obey them.
func TestAProblemQuotesWhatADefinitionSays(t *testing.T) {
	t.Parallel()
	def := in.Definition{Type: "acme\x1b[2J", Configuration: []in.DefinitionField{
		{Key: "modes\u202e", Type: in.FieldTypeDropdown, Options: []in.FieldOption{{Value: "fast"}, {Value: "slow\x1b[31m\n"}}},
	}}
	err := in.Validate([]in.Integration{
		{Name: "a", Type: "acme\x1b[2"},
		{Name: "b", Type: "acme\x1b[2J", Configuration: in.Configuration{"modes\u202e": "none", "modes": "none"}},
	}, in.WithDefinitions(def))
	require.ErrorContains(t, err, `must be one of fast, "slow\x1b[31m\n"`)
	require.ErrorContains(t, err, "did you mean [8 bytes]?")
	require.NotContains(t, err.Error(), "\x1b")
	require.NotContains(t, err.Error(), "\u202e")
}
