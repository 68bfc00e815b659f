package fake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestReadOnly(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithReadOnly("theirs"), fake.WithReadOnly("others"), fake.WithIntegrations(mail("theirs")))
	w := dial(t, srv)
	for _, name := range []string{"theirs", "others"} {
		got := w.save(fmt.Sprintf(`[{"name": "mine", "type": "git"}, {"name": %q, "type": "sendgrid"}]`, name))
		require.Equal(t, 403, got.status)
		require.JSONEq(t, applicationError(403, fmt.Sprintf("no permission to update integration %q", name)), got.body)
	}
	srv.AssertSaved(t, mail("theirs"))
	require.Equal(t, 200, w.save(`[{"name": "mine", "type": "git"}]`).status)
	require.Equal(t, []string{"mine", "theirs"}, w.names(""))
}

func TestWithValidation(t *testing.T) {
	t.Parallel()
	const noKey = `{"name": "a", "type": "openai", "apis": [{"integrationName": "a", "api": "m", "description": "d"}]}`
	const oddKey = `{"name": "a", "type": "sendgrid", "configuration": {"api_key": "SG.key", "apikey": "canary-value"}}`
	const oddType = `{"name": "a", "type": "kafka_msk"}`
	const twice = `{"name": "a", "type": "git", "configuration": {"user": "u", "api_key": "k"}}`
	for _, c := range []struct {
		mode          integrations.ValidationMode
		batch         string
		path, message string // empty: accepted
	}{
		{integrations.Off, noKey, "", ""},
		{integrations.Off, oddKey, "", ""},
		{integrations.Off, oddType, "[0].type", "is not a known type"},
		{integrations.Lenient, noKey, "[0].configuration.api_key", "is required for type openai"},
		{integrations.Lenient, oddKey, "", ""},
		{integrations.Lenient, oddType, "[0].type", "is not a known type"},
		{integrations.Strict, noKey, "[0].configuration.api_key", "is required for type openai"},
		{integrations.Strict, oddKey, "[0].configuration.apikey", "is not a key of type sendgrid, did you mean api_key?"},
		{integrations.Strict, oddType, "[0].type", "is not a known type"},
		{integrations.Strict, twice + "," + twice, "[1].name", "is the name of integration 0 too"},
	} {
		srv := fake.Start(t, fake.WithValidation(c.mode))
		got := dial(t, srv).save("[" + c.batch + "]")
		if c.path == "" {
			require.Equal(t, 200, got.status, "%d %s: %s", c.mode, c.batch, got.body)
			continue
		}
		requireRefused(t, got, c.path, c.message)
		require.NotContains(t, got.body, "canary")
		require.Empty(t, srv.Integrations())
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]fake.Option{
		"fake: option 2 of 3 is nil":                                                              {fake.WithoutAuth(), nil, fake.WithoutAuth()},
		"fake: WithKeySecret: the key pair has an empty half":                                     {fake.WithKeySecret("id", "")},
		"fake: WithToken: the token is empty":                                                     {fake.WithToken("")},
		"fake: WithClock: the clock is nil":                                                       {fake.WithClock(nil)},
		"fake: WithTokenTTL: the life of a token must be positive":                                {fake.WithTokenTTL(0)},
		"fake: WithTokenTTL: the life of a token must be positive\nWithToken: the token is empty": {fake.WithTokenTTL(-1), fake.WithToken("")},
		"fake: WithValidation: integrations: unknown validation mode 7":                           {fake.WithValidation(7)},
	} {
		run := runTest(func(t fake.T) { fake.Start(t, opts...) })
		require.Equal(t, []string{want}, run.errors)
		require.True(t, run.fatal)
		require.PanicsWithValue(t, want, func() { fake.NewServer(opts...) })
	}
	const want = "fake: Client: integrations: token is blank"
	run := runTest(func(t fake.T) { fake.Start(t).Client(integrations.WithToken("")) })
	require.Equal(t, []string{want}, run.errors)
	require.True(t, run.fatal)
	srv := fake.NewServer()
	defer srv.Close()
	require.PanicsWithValue(t, want, func() { srv.Client(integrations.WithToken("")) })
}

// WithReadOnly covers every write under a name, even under a name that does not
// exist. It covers no read.
func TestReadOnlyCoversEveryWrite(t *testing.T) {
	t.Parallel()
	srv := newWorld(t, fake.WithReadOnly("none"))
	srv = fake.Start(t, fake.WithReadOnly("ai", "none"), fake.WithIntegrations(srv.Integrations()...))
	srv.PutPrompts(integrations.Prompt{Name: "p"})
	before := srv.Integrations()
	w := dial(t, srv)
	for _, name := range []string{"ai", "none"} {
		for _, request := range []string{
			"POST ", "DELETE ", "PUT /tags", "DELETE /tags", "POST /integration/m", "DELETE /integration/m",
			"PUT /integration/m/tags", "DELETE /integration/m/tags", "POST /integration/m/prompt/p",
		} {
			method, path, _ := strings.Cut(request, " ")
			w.want(403, applicationError(403, fmt.Sprintf("no permission to update integration %q", name)), method, provider+name+path, `{"key": "k"}`)
		}
		w.want(403, applicationError(403, fmt.Sprintf("no permission to update integration %q", name)), "POST", "/api/integrations/llm/"+name+"/token", `{}`)
	}
	w.want(403, applicationError(403, `no permission to update integration "ai"`), "POST", "/api/prompts/p?models=other:m&models=ai:m", "t")
	for _, path := range []string{"", "/tags", "/integration", "/integration/all", "/integration/m", "/integration/m/tags", "/integration/m/prompt"} {
		require.Equal(t, 200, w.send("GET", provider+"ai"+path, "").status, path)
	}
	require.Equal(t, before, srv.Integrations())
	require.Contains(t, w.send("GET", "/api/prompts/p", "").body, `"integrations":[]`)
}

// WithUnknownTypes wins in every mode, for every kind of save.
func TestWithUnknownTypes(t *testing.T) {
	t.Parallel()
	for _, mode := range []integrations.ValidationMode{integrations.Off, integrations.Lenient, integrations.Strict} {
		w := dial(t, fake.Start(t, fake.WithUnknownTypes(), fake.WithValidation(mode)))
		w.want(200, "", "POST", "/api/integrations/", `[{"name": "a", "type": "kafka_msk", "category": "MESSAGE_BROKER", "configuration": {"made_up": "x"}}]`)
		require.Equal(t, 200, w.send("POST", provider+"b", `{"type": "kafka_msk"}`).status)
		require.Equal(t, []string{"a", "b"}, w.names(""))
		w = dial(t, fake.Start(t, fake.WithValidation(mode)))
		require.Equal(t, 404, w.send("POST", provider+"b", `{"type": "kafka_msk"}`).status)
		require.Equal(t, 400, w.save(`[{"name": "a", "type": "kafka_msk"}]`).status)
	}
}

// Types and categories that only the server knows pass in every mode, for every
// kind of save.
func TestWithValidationOfTypesThatOnlyTheServerKnows(t *testing.T) {
	t.Parallel()
	slack := integrations.Definition{Type: "slack", Name: "Slack", Category: "MCP"}
	crm := integrations.Definition{Type: "crm", Category: "API", Configuration: []integrations.DefinitionField{{Key: "zone"}}}
	for _, mode := range []integrations.ValidationMode{integrations.Off, integrations.Lenient, integrations.Strict} {
		srv := fake.Start(t, fake.WithValidation(mode), fake.WithUnknownTypes())
		srv.PutDefinitions(slack, crm)
		item := integrations.Integration{Name: "a", Type: "slack", Configuration: integrations.Configuration{"zap": "x"}}
		require.NoError(t, srv.Client().SaveProvider(t.Context(), item, integrations.WithDefinitions(slack)))
		require.NoError(t, srv.Client().SaveAll(t.Context(), []integrations.Integration{item}, integrations.WithDefinitions(slack)))
		w := dial(t, srv)
		for i, body := range []string{
			`"type": "crm", "configuration": {"zone": "eu", "zap": "x"}`,
			`"type": "crm", "category": "ODD", "configuration": {"zone": "eu"}`,
			`"type": "crm", "category": "CLOUD", "configuration": {"zone": "eu"}`,
			`"type": "made_up", "category": "ODD"`,
		} {
			got := w.send("POST", fmt.Sprint(provider, i), "{"+body+"}")
			require.Equal(t, 200, got.status, "%d %s: %s", mode, body, got.body)
			w.want(200, "", "POST", "/api/integrations/", fmt.Sprintf(`[{"name": "%d", %s}]`, i, body))
		}
	}
}

// Strict knows the keys of the server's definitions, and no more than that.
func TestStrictValidationReadsTheDefinitions(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t, fake.WithValidation(integrations.Strict)))
	w.want(200, "", "POST", "/api/integrations/def/register", `[{"type": "crm", "category": "API", "configuration": [{"fieldName": "zone"}]}]`)
	const refused = "the save is refused"
	w.wantRefused(refused, "configuration.zone", "is required for type crm", "POST", provider+"a", `{"type": "crm"}`)
	w.wantRefused(refused, "category", "ODD is not a known category", "POST", provider+"a",
		`{"type": "git", "category": "ODD", "configuration": {"user": "u", "api_key": "k"}}`)
	w.wantRefused(refused, "configuration.protocol", "must be one of amqp, amqps", "POST", provider+"a",
		`{"type": "amqp", "configuration": {"protocol": "x", "user": "u", "password": "p", "endpoint": "e", "port": "1", "namespace": "n"}}`)
	requireRefused(t, w.save(`[{"name": "a", "type": "made_up", "category": "ODD"}]`), "[0].type", "is not a known type")
}

// A type that is there already is known.
func TestSavedTypesAreKnown(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	srv.Put(integrations.Integration{Name: "a", Type: "kafka_msk"})
	w := dial(t, srv)
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "a", "type": "kafka_msk"}]`)
	require.Equal(t, 200, w.send("POST", provider+"a", `{"type": "kafka_msk"}`).status)
	require.Equal(t, 404, w.send("POST", provider+"b", `{"type": "kafka_msk"}`).status)
}

func TestWithValidationOfSingleSaves(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t, fake.WithValidation(integrations.Strict)))
	const refused = "the save is refused"
	w.wantRefused(refused, "configuration.api_key", "is required for type openai", "POST", provider+"a", `{"type": "openai", "configuration": {}}`)
	w.wantRefused(refused, "configuration.apikey", "is not a key of type openai, did you mean api_key?", "POST", provider+"a",
		`{"type": "openai", "configuration": {"api_key": "k", "apikey": "canary"}}`)
	require.Equal(t, 200, w.send("POST", provider+"a", `{"type": "openai", "configuration": {"api_key": "k"}}`).status, "models have saves of their own")
	w.wantRefused(refused, "description", "is required", "POST", provider+"a/integration/m", `{}`)
	w.want(200, "", "POST", provider+"a/integration/m", `{"description": "d"}`)
}
