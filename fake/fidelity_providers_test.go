package fake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestListing(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	require.Equal(t, "[]", w.list(""))
	got := w.save(`[
		{"name": "c", "type": "openai"},
		{"name": "B", "type": "sendgrid", "enabled": false},
		{"name": "a", "type": "sendgrid", "category": "ODD", "tags": [{"key": "team", "value": "x"}, {"key": "bare"}]}
	]`)
	require.Equal(t, 200, got.status, got.body)

	for query, want := range map[string][]string{
		"":                                  {"a", "c"},
		"?activeOnly=":                      {"a", "c"},
		"?activeOnly=true":                  {"a", "c"},
		"?activeOnly=false":                 {"B", "a", "c"},
		"?category=AI_MODEL":                {"c"},
		"?category=EMAIL":                   {},
		"?category=EMAIL&activeOnly=false":  {"B"},
		"?category=ODD":                     {"a"},
		"?category=NOBODY&activeOnly=false": {},
		"?category=":                        {"a", "c"},
		"?other=1":                          {"a", "c"},
	} {
		require.Equal(t, want, w.names(query), query)
	}
	list := decodeList(t, w.list("?category=ODD"))
	require.Equal(t, []any{
		map[string]any{"key": "team", "value": "x"}, map[string]any{"key": "bare", "value": ""},
	}, list[0]["tags"])
	require.Equal(t, map[string]any{}, list[0]["configuration"])

	for _, query := range []string{"perhaps", "false&activeOnly=x", "x&activeOnly=false", "&activeOnly=x"} {
		w.want(400, applicationError(400, "activeOnly must be true or false"), "GET", "/api/integrations/provider?activeOnly="+query, "")
	}
	require.Equal(t, []string{"B", "a", "c"}, w.names("?activeOnly=false&activeOnly=true"), "the first value counts")
}

func TestListingMasksSecrets(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	got := w.save(`[
		{"name": "kafka", "type": "kafka", "configuration": {
			"endpoint": "broker:9092", "password": "p", "file": "text", "schemaRegistryApiKey": "k", "awsAccountId": 12,
			"tlsFile": {"a": "b"}, "api_key": "", "keyStorePassword": null, "externalId": false, "made_up": "v", "groupId": 7, "protocol": ""}},
		{"name": "mongo", "type": "mongovectordb", "configuration": {"endpoint": "mongodb://u:p@host", "namespace": "n"}}
	]`)
	require.Equal(t, 200, got.status, got.body)
	list := decodeList(t, w.list(""))
	require.Equal(t, map[string]any{
		"endpoint": "broker:9092", "password": "xxxxx", "file": "xxxxx", "schemaRegistryApiKey": "xxxxx", "awsAccountId": "xxxxx",
		"tlsFile": "xxxxx", "api_key": "", "externalId": "xxxxx", "made_up": "xxxxx", "groupId": 7.0, "protocol": "",
	}, list[0]["configuration"])
	require.Equal(t, map[string]any{"endpoint": "xxxxx", "namespace": "n"}, list[1]["configuration"])
}

const provider = "/api/integrations/provider/"

func TestOneProviderIsSavedReadAndRemoved(t *testing.T) {
	t.Parallel()
	var c clock
	srv := fake.Start(t, fake.WithUser("john.doe@acme.com"), c.option())
	w := dial(t, srv)
	c.now.Store(1000)
	const saved = `{"createTime": 1000, "updateTime": 1000, "createdBy": "john.doe@acme.com", "updatedBy": "john.doe@acme.com",
		"name": "acme", "type": "openai", "category": "AI_MODEL", "description": "d", "enabled": true,
		"configuration": {"api_key": "xxxxx", "organizationId": ""}, "modelsCount": 0}`
	const body = `{"type": "openai", "category": "AI_MODEL", "description": "d", "enabled": true, "configuration": {"api_key": "sk-1", "organizationId": ""}}`
	w.want(200, saved, "POST", provider+"acme", body)
	w.want(200, strings.Replace(saved, `"modelsCount"`, `"tags": [], "modelsCount"`, 1), "GET", provider+"acme", "")
	w.want(200, "["+strings.Replace(saved, `"modelsCount"`, `"tags": [], "modelsCount"`, 1)+"]", "GET", "/api/integrations/provider", "")
	w.want(200, "["+strings.Replace(saved, `"modelsCount"`, `"tags": [], "apis": [], "modelsCount"`, 1)+"]", "GET", "/api/integrations/", "")
	c.now.Store(2000)
	w.want(200, strings.Replace(saved, `"updateTime": 1000`, `"updateTime": 2000`, 1), "POST", provider+"acme", body)
	w.want(200, "", "DELETE", provider+"acme", "")
	w.wantMissing("integration: acme", "GET", provider+"acme", "")
	w.wantMissing("integration: acme", "DELETE", provider+"acme", "")
	require.Empty(t, srv.Integrations())
}

// An update replaces the configuration, with its secrets, and keeps every other
// field that is absent.
func TestUpdateOfOneProvider(t *testing.T) {
	t.Parallel()
	srv := newWorld(t, fake.WithBehaviour(fake.Behaviour{EmptySaveReply: true, ClearSecrets: true}))
	w := dial(t, srv)
	state := func(body string) string {
		t.Helper()
		w.want(200, "", "POST", provider+"ai", body)
		got := decodeList(t, "["+w.send("GET", provider+"ai", "").body+"]")[0]
		return fmt.Sprintf("%v %v %q %v %v %v %v", got["type"], got["category"], got["description"], got["enabled"], got["configuration"], got["tags"], got["modelsCount"])
	}
	const rest = " [map[key:team value:docs]] 1"
	require.Equal(t, `openai API "first" false map[endpoint:e]`+rest,
		state(`{"type": "openai", "category": "API", "description": "first", "enabled": false, "configuration": {"endpoint": "e"}}`))
	require.Equal(t, `openai API "first" false map[]`+rest, state(`{}`))
	require.Equal(t, `openai API "first" false map[]`+rest, state(`{"type": null, "category": null, "description": null, "enabled": null, "configuration": null}`))
	require.Equal(t, `openai API "" false map[]`+rest, state(`{"description": ""}`))
	require.Equal(t, `openai API "" true map[api_key:k]`+rest, state(`{"enabled": true, "configuration": {"api_key": "k"}, "name": "other", "tags": [], "apis": 7}`))
	_, ok := srv.Integration("other")
	require.False(t, ok, "the name is the one in the path")
}

// A single save checks no keys, as real servers do not.
func TestSingleSavesAreLax(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	for i, body := range []string{
		`{"type": "openai"}`,
		`{"type": "openai", "category": "API", "configuration": {"awsAccountId": "1"}}`,
		`{"type": "azure_openai", "configuration": {"api_key": "k"}}`,
		`{"type": "openai", "enabled": true, "configuration": {}, "ownerApp": {"x": 1}}`,
	} {
		got := w.send("POST", fmt.Sprint(provider, i), body)
		require.Equal(t, 200, got.status, got.body)
		require.Contains(t, got.body, `"enabled":true`)
	}
	require.Equal(t, []string{"1"}, w.names("?category=API"))
}

func TestRefusedSingleSaves(t *testing.T) {
	t.Parallel()
	srv := newWorld(t, fake.WithReadOnly("theirs"))
	before := srv.Integrations()
	w := dial(t, srv)
	const refused = "the save is refused"
	w.wantRefused(refused, "type", "is required", "POST", provider+"new", `{}`)
	w.wantRefused(refused, "type", "cannot be changed", "POST", provider+"ai", `{"type": "anthropic"}`)
	w.wantRefused(refused, "type", "must be a string", "POST", provider+"ai", `{"type": 7}`)
	w.wantRefused(refused, "enabled", "must be a boolean", "POST", provider+"ai", `{"enabled": "true"}`)
	w.wantRefused(refused, "description", "must be a string", "POST", provider+"ai", `{"description": []}`)
	w.wantRefused(refused, "configuration", "must be an object", "POST", provider+"ai", `{"configuration": "canary"}`)
	const huge = "has a number that is too large"
	w.wantRefused(refused, "configuration.port", huge, "POST", provider+"ai", `{"configuration": {"port": 1e999}}`)
	w.wantRefused(refused, "configuration.deep", huge, "POST", provider+"ai", `{"configuration": {"deep": [1, {"canary": [-1e999]}]}}`)
	w.wantRefused(refused, "configuration.[30 bytes]", huge, "POST", provider+"ai", `{"configuration": {"canary canary canary canary ca": 1e999}}`)
	first := w.send("POST", provider+"ai", `{"configuration": {"b": 1e999, "c": 1e999, "a": 1e999, "d": 1e999}}`).body
	for range 20 {
		require.Equal(t, first, w.send("POST", provider+"ai", `{"configuration": {"b": 1e999, "c": 1e999, "a": 1e999, "d": 1e999}}`).body, "in one order")
	}
	w.want(404, applicationError(404, "unknown integration type: no_such_type"), "POST", provider+"new", `{"type": "no_such_type"}`)
	w.want(403, applicationError(403, `no permission to update integration "theirs"`), "POST", provider+"theirs", `{"type": "git"}`)
	for body, message := range map[string]string{
		"":     "the body is not JSON, see byte 0",
		"{":    "the body is not JSON, see byte 1",
		"[]":   "the body must be an object",
		"null": "the body must be an object",
	} {
		w.want(400, applicationError(400, message), "POST", provider+"ai", body)
	}
	require.Equal(t, before, srv.Integrations())
}

func TestDisabledProviders(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	w.want(200, "", "POST", "/api/integrations/", `[
		{"name": "on", "type": "openai", "apis": [{"integrationName": "on", "api": "x:1", "description": "d"}, {"integrationName": "on", "api": "off", "description": "d", "enabled": false}]},
		{"name": "off", "type": "openai", "enabled": false, "apis": [{"integrationName": "off", "api": "m", "description": "d"}]},
		{"name": "mail", "type": "sendgrid"}]`)
	require.Contains(t, w.send("GET", provider+"off", "").body, `"enabled":false`)
	for query, refs := range map[string]string{
		"":                                `["mail", "on:x:1"]`,
		"?activeOnly=true&type=AI_MODEL":  `["on:x:1"]`,
		"?activeOnly=false":               `["mail", "off:m", "on:off", "on:x:1"]`,
		"?activeOnly=false&type=AI_MODEL": `["off:m", "on:off", "on:x:1"]`,
		"?category=EMAIL":                 `["mail", "on:x:1"]`,
		"?type=EMAIL":                     `["mail"]`,
		"?type=NOBODY":                    `[]`,
	} {
		w.want(200, refs, "GET", "/api/integrations/all"+query, "")
	}
	models := func(query string) (names []any) {
		for _, p := range decodeList(t, w.send("GET", "/api/integrations/"+query, "").body) {
			for _, m := range p["apis"].([]any) {
				names = append(names, m.(map[string]any)["api"])
			}
		}
		return names
	}
	require.Equal(t, []any{"x:1"}, models(""))
	require.Equal(t, []any{"m", "off", "x:1"}, models("?activeOnly=false"))
	w.want(400, applicationError(400, "activeOnly must be true or false"), "GET", "/api/integrations/all?activeOnly=x", "")
	w.want(400, applicationError(400, "activeOnly must be true or false"), "GET", "/api/integrations/?activeOnly=x", "")
}

// What belongs to an integration goes with it.
func TestRemovedProviderTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(*fake.Server, *wire){
		"by a request": func(_ *fake.Server, w *wire) { w.want(200, "", "DELETE", provider+"ai", "") },
		"by the test":  func(srv *fake.Server, _ *wire) { srv.Remove("none", "ai") },
	} {
		srv := newWorld(t)
		srv.PutPrompts(integrations.Prompt{Name: "p", Integrations: []integrations.Ref{
			{Provider: "ai", Model: "m"}, {Provider: "ai"}, {Provider: "ai", Model: "never saved"}, {Provider: "other", Model: "m"},
		}})
		w := dial(t, srv)
		remove(srv, w)
		w.wantMissing("integration: ai", "GET", provider+"ai/integration", "")
		w.want(200, `[]`, "GET", "/api/integrations/all", "")
		require.Contains(t, w.send("GET", "/api/prompts/p", "").body, `"integrations":["other:m"]`, name)

		require.Equal(t, 200, w.send("POST", provider+"ai", `{"type": "openai"}`).status)
		w.want(200, `[]`, "GET", provider+"ai/tags", "")
		w.want(200, `[]`, "GET", provider+"ai/integration", "")
		w.wantMissing("token limit: ai", "GET", "/api/integrations/llm/ai/token", "")
	}
}
