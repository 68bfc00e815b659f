package plan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/plan"
)

// comparison is a row of the tables below: what a plan finds between the file and
// a cluster that shows its secrets.
type comparison struct {
	name       string
	live, want in.Integration
	opts       []plan.Option
	fields     []string
	notes      []string
	conflict   error
}

func check(t *testing.T, rows []comparison) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := server(t, list(row.live), clearSecrets).Client()
			p := newPlan(t, c, list(row.want), row.opts...)
			var fields []string
			for _, change := range p.Changes() {
				require.Equal(t, plan.Update, change.Action)
				fields = append(fields, lines(change.Fields)...)
			}
			require.Equal(t, row.fields, fields)
			require.Equal(t, row.notes, p.Notes())
			if row.conflict == nil {
				require.Empty(t, p.Conflicts())
				return
			}
			require.Len(t, p.Conflicts(), 1)
			require.ErrorIs(t, p.Conflicts()[0].Err, row.conflict)
			require.Equal(t, row.want.Name, p.Conflicts()[0].Name)
		})
	}
}

func TestFieldsOfAnIntegrationAreCompared(t *testing.T) {
	t.Parallel()
	check(t, []comparison{
		{name: "equal", live: openAI(), want: openAI()},
		{name: "left out is not managed", live: openAI(), want: openAI(func(i *in.Integration) {
			i.Category, i.Description, i.Enabled, i.Tags, i.APIs = "", "", nil, nil, nil
		})},
		{name: "category", live: openAI(func(i *in.Integration) { i.Category = "API" }), want: openAI(),
			fields: []string{"~ category old=API new=AI_MODEL"}},
		{name: "description", live: openAI(), want: openAI(func(i *in.Integration) { i.Description = "talk" }),
			fields: []string{"~ description old=chat new=talk"}},
		{name: "enabled", live: openAI(), want: openAI(func(i *in.Integration) { i.Enabled = in.Bool(false) }),
			fields: []string{"~ enabled old=true new=false"}},
		{name: "another type", live: openAI(), want: openAI(func(i *in.Integration) { i.Type = in.TypeGrok }), conflict: plan.ErrType},
		{name: "a tag with another value", live: openAI(), want: openAI(func(i *in.Integration) { i.Tags[0].Value = "web" }),
			fields: []string{"~ tags[team] old=ml new=web"}},
		{name: "tags added and removed", live: openAI(func(i *in.Integration) { i.Tags = append(i.Tags, in.Tag{Key: "team", Value: "old"}) }),
			want:   openAI(func(i *in.Integration) { i.Tags = []in.Tag{{Key: "a b", Value: "1"}, {Key: "a b", Value: "1"}} }),
			fields: []string{"+ tags[\"a b\"] new=1", "- tags[team] old=ml", "- tags[team] old=old"}},
		{name: "no tags are wanted", live: openAI(), want: openAI(func(i *in.Integration) { i.Tags = []in.Tag{} }),
			fields: []string{"- tags[team] old=ml"}},
		{name: "the owner tag is not compared", live: openAI(owned("web")), want: openAI()},
	})
}

func TestConfigurationsAreComparedKeyByKey(t *testing.T) {
	t.Parallel()
	nested := map[string]any{"b": []any{1, "x"}, "a": true}
	check(t, []comparison{
		{name: "another value", live: openAI(), want: openAI(set(in.KeyEndpoint, "https://eu")),
			fields: []string{"~ configuration.endpoint old=https://api.openai.com new=https://eu"}},
		{name: "a live key that the file lacks", live: openAI(), want: openAI(without(in.KeyEndpoint)),
			fields: []string{"- configuration.endpoint old=https://api.openai.com"}},
		{name: "a key that the server lacks", live: openAI(without(in.KeyEndpoint)), want: openAI(),
			fields: []string{"+ configuration.endpoint new=https://api.openai.com"}},
		{name: "no configuration at all", live: openAI(), want: openAI(func(i *in.Integration) { i.Configuration = nil }),
			fields: []string{"- configuration.api_key secret", "- configuration.endpoint old=https://api.openai.com"}},
		{name: "a shown secret that differs", live: openAI(), want: openAI(set(in.KeyAPIKey, "sk-2")),
			fields: []string{"~ configuration.api_key secret"}},
		{name: "absent, null and empty are the same", live: openAI(set(in.KeyOrganizationID, ""), set(in.KeyVersion, nil)),
			want: openAI(set(in.KeyNamespace, ""), set(in.KeyVersion, ""))},
		{name: "a number and its text", live: openAI(set(in.KeyPort, 5672), set(in.KeyTLS, true), set(in.KeyDimensions, "1.5")),
			want: openAI(set(in.KeyPort, "5672"), set(in.KeyTLS, "true"), set(in.KeyDimensions, 1.5))},
		{name: "white space", live: openAI(set(in.KeyNamespace, "a")), want: openAI(set(in.KeyNamespace, "a ")),
			fields: []string{"~ configuration.namespace old=a new=a "}},
		{name: "nested values", live: openAI(set("nested", nested)),
			want: openAI(set("nested", json.RawMessage(`{"a":true, "b":[1.0,"x"]}`)))},
		{name: "a reference in a nested value is no placeholder", live: openAI(set("nested", []string{"${KEY}"})),
			want: openAI(set("nested", []string{"${KEY}"}))},
		{name: "a number in a nested value and its text", live: openAI(set(in.KeyNamespace, nested)),
			want: openAI(set(in.KeyNamespace, map[string]any{"b": []any{"1", "x"}, "a": "true"}))},
		{name: "another nested value", live: openAI(set(in.KeyNamespace, nested)),
			want:   openAI(set(in.KeyNamespace, map[string]any{"b": []any{"2", "x"}, "a": true})),
			fields: []string{"~ configuration.namespace old=(hidden) new=(hidden)"}},
		{name: "an object is no text", live: openAI(set(in.KeyNamespace, map[string]any{})), want: openAI(set(in.KeyNamespace, "{}")),
			fields: []string{"~ configuration.namespace old=(hidden) new=(hidden)"}},
		{name: "a number that has lost digits", live: openAI(set(in.KeyPort, int64(1<<53))), want: openAI(set(in.KeyPort, "17")),
			notes: []string{"openai: configuration.port is a number that has lost digits in the listing: not compared"}},
		{name: "the last number that has all its digits", live: openAI(set(in.KeyPort, int64(1<<53-1))), want: openAI(set(in.KeyPort, int64(1<<53-2))),
			fields: []string{"~ configuration.port old=9007199254740991 new=9007199254740990"}},
		{name: "a key that looks like a secret", live: openAI(), want: openAI(set("sk-0123456789012345678901234567890", "api_key")),
			fields: []string{"+ configuration.[34 bytes] secret"}},
	})
}

func TestValuesThatCannotBeComparedAreUnknown(t *testing.T) {
	t.Parallel()
	masked := "openai: configuration.api_key is masked by the server: not compared"
	rewrite := []plan.Option{plan.RewriteSecrets()}
	pinecone := func(value any) in.Integration {
		return in.Integration{Name: "pine", Type: in.TypePineconeDB, Configuration: in.Configuration{in.KeyProjectName: value}}
	}
	check(t, []comparison{
		{name: "masked with x", live: openAI(set(in.KeyAPIKey, "xXxX")), want: openAI(), notes: []string{masked}},
		{name: "masked with bullets", live: openAI(set(in.KeyAPIKey, "•••")), want: openAI(), notes: []string{masked}},
		{name: "masked in the middle", live: openAI(set(in.KeyAPIKey, "sk-***1")), want: openAI(), notes: []string{masked}},
		{name: "masked inside", live: openAI(set(in.KeyAPIKey, []string{"sk-***1"})), want: openAI(), notes: []string{masked}},
		{name: "masked under a key that is no secret", live: openAI(set(in.KeyEndpoint, "<URL>")), want: openAI(),
			notes: []string{"openai: configuration.endpoint is masked by the server: not compared"}},
		{name: "both are masked", live: openAI(set(in.KeyAPIKey, "xxxxx")), want: openAI(set(in.KeyAPIKey, "xxxxx")),
			notes: []string{"openai: configuration.api_key is a placeholder in the file: not compared"}},
		{name: "a placeholder in the file", live: openAI(), want: openAI(set(in.KeyEndpoint, "<URL>"), set(in.KeyAPIKey, "${KEY}")),
			notes: []string{"openai: configuration.api_key is a placeholder in the file: not compared",
				"openai: configuration.endpoint is a placeholder in the file: not compared"}},
		{name: "stars inside a value of the file are no placeholder", live: openAI(set(in.KeyEndpoint, "a")), want: openAI(set(in.KeyEndpoint, "***a")),
			fields: []string{"~ configuration.endpoint old=a new=***a"}},
		{name: "a mask inside a secret of the file", live: openAI(), want: openAI(set(in.KeyAPIKey, "sk-••••abcd"), set(in.KeyPassword, []string{"<PASSWORD>"})),
			fields: []string{"+ configuration.password secret"},
			notes:  []string{"openai: configuration.api_key is a placeholder in the file: not compared"}},
		{name: "masked with marks of another kind", live: openAI(set(in.KeyAPIKey, "[REDACTED]")), want: openAI(), notes: []string{masked}},
		{name: "two x are no mask", live: openAI(set(in.KeyEndpoint, "xx")), want: openAI(set(in.KeyEndpoint, "xy")),
			fields: []string{"~ configuration.endpoint old=xx new=xy"}},
		{name: "rewritten", live: openAI(set(in.KeyAPIKey, "xxxxx")), want: openAI(), opts: rewrite,
			fields: []string{"? configuration.api_key secret"}},
		{name: "a masked value that the file lacks is removed", live: openAI(set(in.KeyAPIKey, "xxxxx")), want: openAI(without(in.KeyAPIKey)),
			fields: []string{"- configuration.api_key secret"}},
		{name: "a placeholder that the server lacks is added", live: openAI(without(in.KeyAPIKey)), want: openAI(set(in.KeyAPIKey, "<KEY>")),
			fields: []string{"+ configuration.api_key secret"}},
		{name: "the project name that pinecone sets", live: pinecone("p-123"), want: pinecone("p"), opts: rewrite},
		{name: "the project name of another type", live: openAI(set(in.KeyProjectName, "p-1")), want: openAI(set(in.KeyProjectName, "p")),
			fields: []string{"~ configuration.projectName old=p-1 new=p"}},
		{name: "what the server keeps of OAuth", live: openAI(set(in.KeyOAuth2RefreshToken, "token")), want: openAI(set(in.KeyOAuth2AuthCode, "code")),
			opts: rewrite, notes: []string{"openai: configuration.oAuth2AuthCode is set by the server alone: an update does not send it"}},
		{name: "a project name that the server lacks", live: pinecone(nil), want: pinecone("p"),
			fields: []string{"+ configuration.projectName new=p"}},
		{name: "an ignored key", live: openAI(set(in.KeyEndpoint, "a")), want: openAI(), opts: []plan.Option{plan.Ignore("configuration.endpoint")}},
		{name: "the connection string of a MongoDB",
			live:   in.Integration{Name: "m", Type: in.TypeMongoVectorDB, Configuration: in.Configuration{in.KeyEndpoint: "a"}},
			want:   in.Integration{Name: "m", Type: in.TypeMongoVectorDB, Configuration: in.Configuration{in.KeyEndpoint: "b"}},
			fields: []string{"~ configuration.endpoint secret"}},
	})
}

func TestModelsAreComparedByName(t *testing.T) {
	t.Parallel()
	model := func(f func(*in.IntegrationAPI)) func(*in.Integration) {
		return func(i *in.Integration) { f(&i.APIs[0]) }
	}
	check(t, []comparison{
		{name: "left out is not managed", live: openAI(), want: openAI(model(func(a *in.IntegrationAPI) {
			a.Description, a.Enabled, a.Configuration = "", nil, nil
		}))},
		{name: "description", live: openAI(), want: openAI(model(func(a *in.IntegrationAPI) { a.Description = "o" })),
			fields: []string{"~ apis[gpt-4o].description old=GPT-4o new=o"}},
		{name: "enabled", live: openAI(), want: openAI(model(func(a *in.IntegrationAPI) { a.Enabled = in.Bool(true) })),
			fields: []string{"~ apis[gpt-4o].enabled old=false new=true"}},
		{name: "configuration", live: openAI(), want: openAI(model(func(a *in.IntegrationAPI) { a.Configuration = in.Configuration{in.KeyAPIKey: "k"} })),
			fields: []string{"+ apis[gpt-4o].configuration.api_key secret", "- apis[gpt-4o].configuration.endpoint old=https://gpt.example"}},
		{name: "a secret that the server masks", live: openAI(model(func(a *in.IntegrationAPI) { a.Configuration = in.Configuration{in.KeyAPIKey: "***"} })),
			want:  openAI(model(func(a *in.IntegrationAPI) { a.Configuration = in.Configuration{in.KeyAPIKey: "k"} })),
			notes: []string{"openai: apis[gpt-4o].configuration.api_key is masked by the server: not compared"}},
		{name: "a new model", live: openAI(), want: openAI(func(i *in.Integration) {
			i.APIs = append(i.APIs, in.IntegrationAPI{API: "mistral:7b", Description: "d", Enabled: in.Bool(false),
				Configuration: in.Configuration{in.KeyEndpoint: "https://m", in.KeyAPIKey: "k"}})
		}), fields: []string{"+ apis[\"mistral:7b\"]", "+ apis[\"mistral:7b\"].enabled new=false",
			"+ apis[\"mistral:7b\"].configuration.api_key secret", "+ apis[\"mistral:7b\"].configuration.endpoint new=https://m"}},
		{name: "a model that the file lacks stays", live: openAI(), want: openAI(func(i *in.Integration) { i.APIs = []in.IntegrationAPI{} }),
			notes: []string{"openai: model gpt-4o is not in the file and stays"}},
	})
}

func TestAllOfANewIntegrationIsShown(t *testing.T) {
	t.Parallel()
	c := server(t, nil).Client()
	p := newPlan(t, c, list(openAI(set(in.KeyOAuth2AuthCode, "code"))), plan.Owner("payments"))
	require.Len(t, p.Changes(), 1)
	require.Equal(t, plan.Create, p.Changes()[0].Action)
	require.Equal(t, []string{
		"+ category new=AI_MODEL", "+ description new=chat", "+ enabled new=true",
		"+ configuration.api_key secret", "+ configuration.endpoint new=https://api.openai.com", "+ configuration.oAuth2AuthCode secret",
		"+ tags[team] new=ml",
		"+ apis[gpt-4o]", "+ apis[gpt-4o].enabled new=false", "+ apis[gpt-4o].configuration.endpoint new=https://gpt.example",
	}, lines(p.Changes()[0].Fields))
}

func TestANameInAnotherCaseIsANote(t *testing.T) {
	t.Parallel()
	c := server(t, list(openAI(func(i *in.Integration) { i.Name = "OpenAI" }))).Client()
	p := newPlan(t, c, list(openAI()))
	require.Equal(t, "create openai", names(p.Changes()))
	require.Equal(t, []string{"OpenAI: differs from openai of the file in case only, and counts as another integration"}, p.Notes())
}

func TestKeysThatPrintAlikeKeepTheirOrder(t *testing.T) {
	t.Parallel()
	key := func(last string) in.ConfigKey { return in.ConfigKey("a key that is longer than 30 bytes " + last) }
	c := server(t, list(openAI(set(key("1"), "v"), set(key("2"), "v"))), clearSecrets).Client()
	for range 20 {
		p := newPlan(t, c, list(openAI(set(key("2"), "w"), set(key("3"), "v"))))
		path := " configuration.[36 bytes] secret"
		require.Equal(t, []string{"+" + path, "-" + path, "~" + path}, lines(p.Changes()[0].Fields))
	}
}
