package fake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
)

const model = provider + "ai/integration/m"

// A model is the same in the list of models and alone, and has no tags in the
// list of all integrations.
func TestModelLooksTheSameEverywhere(t *testing.T) {
	t.Parallel()
	var c clock
	srv := fake.Start(t, fake.WithUser("john.doe@acme.com"), c.option())
	w := dial(t, srv)
	c.now.Store(1000)
	require.Equal(t, 200, w.send("POST", provider+"ai", `{"type": "openai"}`).status)
	w.want(200, "", "POST", model, `{"description": "GPT-4o model", "enabled": true}`)
	c.now.Store(2000)
	w.want(200, "", "POST", model, `{"description": "Updated", "enabled": true}`)
	const shown = `"createTime": 1000, "updateTime": 2000, "createdBy": "john.doe@acme.com", "updatedBy": "john.doe@acme.com",
		"integrationName": "ai", "api": "m", "description": "Updated", "configuration": {}, "enabled": true`
	w.want(200, "{"+shown+`, "tags": []}`, "GET", model, "")
	w.want(200, "[{"+shown+`, "tags": []}]`, "GET", provider+"ai/integration", "")
	w.want(200, "", "PUT", model+"/tags", `[{"key": "k", "value": "v"}]`)
	const tags = `, "tags": [{"key": "k", "value": "v"}]`
	w.want(200, "{"+shown+tags+"}", "GET", model, "")
	w.want(200, "[{"+shown+tags+"}]", "GET", provider+"ai/integration", "")
	w.want(200, `[{"createTime": 1000, "updateTime": 1000, "createdBy": "john.doe@acme.com", "updatedBy": "john.doe@acme.com",
		"name": "ai", "type": "openai", "category": "AI_MODEL", "description": "", "enabled": true, "configuration": {},
		"tags": [], "modelsCount": 1, "apis": [{`+shown+`}]}]`, "GET", "/api/integrations/", "")
}

func TestModelSaves(t *testing.T) {
	t.Parallel()
	w := dial(t, newWorld(t))
	state := func(body string) string {
		t.Helper()
		w.want(200, "", "POST", provider+"ai/integration/new", body)
		got := decodeList(t, "["+w.send("GET", provider+"ai/integration/new", "").body+"]")[0]
		return fmt.Sprintf("%q %v %v", got["description"], got["enabled"], got["configuration"])
	}
	require.Equal(t, `"" true map[]`, state(`{}`))
	require.Equal(t, `"d" true map[]`, state(`{"description": "d"}`))
	require.Equal(t, `"d" false map[api_key:xxxxx endpoint:e]`, state(`{"enabled": false, "configuration": {"endpoint": "e", "api_key": "canary"}, "maxTokens": 5, "frequency": "daily"}`))
	require.Equal(t, `"d" false map[]`, state(`{"integrationName": "other", "api": "other", "tags": "x", "configuration": {}}`))
	require.Equal(t, `"d" false map[]`, state(`{"description": null, "enabled": null}`))
}

// The shared answers for a missing integration or model, for every operation under
// a model.
func TestMissingModels(t *testing.T) {
	t.Parallel()
	w := dial(t, newWorld(t))
	const tag = `[{"key": "k", "value": "v"}]`
	for request, body := range map[string]string{
		"GET ": "", "DELETE ": "", "GET /tags": "", "PUT /tags": tag, "DELETE /tags": tag, "GET /prompt": "", "POST /prompt/p": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		w.wantMissing("model: none", method, provider+"ai/integration/none"+path, body)
		w.wantMissing("integration: none", method, provider+"none/integration/m"+path, body)
	}
	w.wantMissing("integration: none", "POST", provider+"none/integration/m", `{"description": "d"}`)
	w.wantMissing("integration: none", "GET", provider+"none/integration", "")
	w.wantMissing("integration: none", "GET", provider+"none/integration/all", "")
}

func TestListsOfModels(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	require.Equal(t, 200, w.send("POST", provider+"ai", `{"type": "openai", "enabled": false}`).status)
	w.want(200, `[]`, "GET", provider+"ai/integration", "")
	w.want(200, `[]`, "GET", provider+"ai/integration/all", "")
	w.want(200, "", "POST", provider+"ai/integration/b", `{"enabled": false}`)
	w.want(200, "", "POST", provider+"ai/integration/c", `{}`)
	w.want(200, "", "POST", provider+"ai/integration/a", `{}`)
	names := func(query string) (names []any) {
		for _, m := range decodeList(t, w.send("GET", provider+"ai/integration"+query, "").body) {
			names = append(names, m["api"])
		}
		return names
	}
	require.Equal(t, []any{"a", "c"}, names(""), "a disabled integration does not hide its models")
	require.Equal(t, []any{"a", "c"}, names("?activeOnly=true"))
	require.Equal(t, []any{"a", "b", "c"}, names("?activeOnly=false"))
	w.want(400, applicationError(400, "activeOnly must be true or false"), "GET", provider+"ai/integration?activeOnly=2", "")
	w.want(200, `["a", "b", "c"]`, "GET", provider+"ai/integration/all", "")
	require.Contains(t, w.send("GET", provider+"ai", "").body, `"modelsCount":3`)

	item, _ := srv.Integration("ai")
	require.Equal(t, []string{"b", "c", "a"}, []string{item.APIs[0].API, item.APIs[1].API, item.APIs[2].API}, "in the order of their saves")
	w.want(200, "", "DELETE", provider+"ai/integration/b", "")
	w.wantMissing("model: b", "DELETE", provider+"ai/integration/b", "")
	w.want(200, `["a", "c"]`, "GET", provider+"ai/integration/all", "")
}

func TestRefusedModelSaves(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	before := srv.Integrations()
	w := dial(t, srv)
	w.wantRefused("the save is refused", "enabled", "must be a boolean", "POST", model, `{"enabled": 1}`)
	w.wantRefused("the save is refused", "description", "must be a string", "POST", model, `{"description": 1}`)
	w.wantRefused("the save is refused", "configuration", "must be an object", "POST", model, `{"configuration": []}`)
	w.want(400, applicationError(400, "the body must be an object"), "POST", model, `[]`)
	w.want(400, applicationError(400, "the body is not JSON, see byte 0"), "POST", model, "")
	require.Equal(t, before, srv.Integrations())
}

// A model of a bulk save has times of its own.
func TestModelsOfABulkSave(t *testing.T) {
	t.Parallel()
	var c clock
	srv := fake.Start(t, c.option())
	w := dial(t, srv)
	c.now.Store(1000)
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "ai", "type": "openai", "apis": [
		{"integrationName": "ai", "api": "m", "description": "d", "enabled": false, "configuration": {"api_key": "k", "version": 2}},
		{"integrationName": "ai", "api": "gone", "description": "d"}]}]`)
	w.want(200, "", "PUT", model+"/tags", `{"key": "k", "value": "v"}`)
	c.now.Store(2000)
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "ai", "type": "openai", "apis": [
		{"integrationName": "ai", "api": "m", "description": "first"},
		{"integrationName": "ai", "api": "new", "description": "d"},
		{"integrationName": "ai", "api": "m", "description": "last"}]}]`)
	w.want(200, `{"createTime": 1000, "updateTime": 2000, "createdBy": "user@example.com", "updatedBy": "user@example.com",
		"integrationName": "ai", "api": "m", "description": "last", "configuration": {}, "enabled": false,
		"tags": [{"key": "k", "value": "v"}]}`, "GET", model, "")
	w.want(200, `["m", "new"]`, "GET", provider+"ai/integration/all", "")
	require.Contains(t, w.send("GET", provider+"ai/integration/new", "").body, `"createTime":2000`)
}
