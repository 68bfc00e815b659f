package fake_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestPromptsOfAModel(t *testing.T) {
	t.Parallel()
	var c clock
	srv := fake.Start(t, fake.WithUser("john.doe@acme.com"), c.option(), fake.WithIntegrations(integrations.Integration{
		Name: "ai", Type: integrations.TypeOpenAI, APIs: []integrations.IntegrationAPI{{API: "m", Description: "d"}, {API: "n", Description: "d"}},
	}))
	c.now.Store(1769502880756)
	srv.PutPrompts(integrations.Prompt{
		Name: "population-prompt", Description: "Population prompt", Tags: []integrations.Tag{{Key: "k", Value: "v"}},
		Template: "What is the population of `${country}`? And of `${country}` in `${year}`?",
	}, integrations.Prompt{Name: "other", Version: 3, Variables: []string{"x"}})
	w := dial(t, srv)
	w.want(200, `[]`, "GET", model+"/prompt", "")
	w.want(200, "", "POST", model+"/prompt/population-prompt", "")
	w.want(200, "", "POST", model+"/prompt/population-prompt", "")
	w.want(200, "", "POST", provider+"ai/integration/n/prompt/population-prompt", "")
	const shown = `"createTime": 1769502880756, "updateTime": 1769502880756, "createdBy": "john.doe@acme.com", "updatedBy": "john.doe@acme.com",
		"name": "population-prompt", "description": "Population prompt", "variables": ["country", "year"], "version": 1, "integrations": ["ai:m", "ai:n"],
		"template": "What is the population of ` + "`${country}`? And of `${country}` in `${year}`?" + `"`
	w.want(200, "[{"+shown+"}]", "GET", model+"/prompt", "")
	w.want(200, "{"+shown+`, "tags": [{"key": "k", "value": "v"}]}`, "GET", "/api/prompts/population-prompt", "")
	w.wantMissing("prompt: none", "POST", model+"/prompt/none", "")

	w.want(200, "", "DELETE", model, "")
	require.Contains(t, w.send("GET", "/api/prompts/population-prompt", "").body, `"integrations":["ai:n"]`)
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "ai", "type": "openai", "apis": []}]`)
	require.Contains(t, w.send("GET", "/api/prompts/population-prompt", "").body, `"integrations":[]`)
	require.Contains(t, w.send("GET", "/api/prompts/other", "").body, `"variables":["x"],"integrations":[],"version":3`)

	c.now.Add(1000)
	srv.PutPrompts(integrations.Prompt{Name: "other"})
	require.Contains(t, w.send("GET", "/api/prompts/other", "").body, `{"createTime":1769502880756,"updateTime":1769502881756,`)
}

// Prompts are another resource: recorded without an operation, and no route of
// it is unknown.
func TestPromptsAreAResourceOfTheirOwn(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	get := func(path string) string {
		t.Helper()
		got := w.send("GET", "/api/prompts"+path, "")
		require.Equal(t, 200, got.status, got.body)
		return got.body
	}
	w.want(200, "", "POST", "/api/prompts/new?description=first+one&models=ai:m&models=other:x:1", "Hello ${name}, this is raw")
	require.Contains(t, get("/new"), `"template":"Hello ${name}, this is raw","description":"first one","variables":["name"],"integrations":["ai:m","other:x:1"],"version":1,"tags":[]`)
	w.want(200, "", "POST", "/api/prompts/new?description=second", `"a JSON string"`)
	require.Contains(t, get("/new"), `"template":"a JSON string","description":"second","variables":[],"integrations":["ai:m","other:x:1"]`)
	for body, template := range map[string]string{`"a \"string\""`: `a \"string\"`, "raw": "raw", "null": "null", "7": "7", "": ""} {
		w.want(200, "", "POST", "/api/prompts/new", body)
		require.Contains(t, get("/new"), `"template":"`+template+`"`)
	}
	w.want(200, "", "POST", "/api/prompts/new?models=ai:m", "t")
	require.Contains(t, get("/new"), `"integrations":["ai:m"]`)
	for _, models := range []string{"", "none", ":m", "none:", "%20:m", "ai:m&models=none"} {
		w.want(400, applicationError(400, "models must be provider:model"), "POST", "/api/prompts/new?models="+models, "t")
	}
	require.Contains(t, get("/new"), `"integrations":["ai:m"]`)

	w.want(200, "", "PUT", "/api/prompts/new/tags", `[{"key": "k", "value": "v"}, {"key": "k", "value": "w"}]`)
	w.want(200, "", "DELETE", "/api/prompts/new/tags", `{"key": "k", "value": "v"}`)
	w.want(200, `[{"key": "k", "value": "w"}]`, "GET", "/api/prompts/new/tags", "")
	list := decodeList(t, get(""))
	require.Len(t, list, 2)
	require.Equal(t, "new", list[0]["name"])
	require.Equal(t, "p", list[1]["name"])
	require.NotContains(t, list[0], "tags", "only a prompt alone shows its tags")

	w.want(200, "", "DELETE", "/api/prompts/new", "")
	for _, request := range []string{"GET /new", "DELETE /new", "GET /new/tags", "PUT /new/tags", "DELETE /new/tags"} {
		method, path, _ := strings.Cut(request, " ")
		w.wantMissing("prompt: new", method, "/api/prompts"+path, `[{"key": "k"}]`)
	}
	w.token = ""
	require.Equal(t, 401, w.send("GET", "/api/prompts", "").status)
	for _, r := range srv.Requests() {
		require.Empty(t, r.Op, r)
	}
}

func TestPutPromptsWithoutANameIsRefused(t *testing.T) {
	t.Parallel()
	run := runTest(func(t fake.T) {
		srv := fake.Start(t)
		srv.PutPrompts(integrations.Prompt{Name: "good"}, integrations.Prompt{Template: "canary"})
		list, err := srv.Client().ListProviders(context.Background())
		if err != nil || len(list) > 0 {
			t.Errorf("%v %v", list, err)
		}
	})
	require.Equal(t, []string{"fake: PutPrompts: [1].name is required"}, run.errors)
}

// No client could read such a link.
func TestPutPromptsWithABrokenLinkIsRefused(t *testing.T) {
	t.Parallel()
	run := runTest(func(t fake.T) {
		fake.Start(t).PutPrompts(integrations.Prompt{Name: "p", Integrations: []integrations.Ref{
			{Provider: "ai"}, {}, {Provider: "a:b", Model: "m"}, {Provider: "ai", Model: "m:1"}, {Model: "m"},
		}})
	})
	require.Equal(t, []string{`fake: PutPrompts: [0].integrations[1] must have a provider without a colon
[0].integrations[2] must have a provider without a colon
[0].integrations[4] must have a provider without a colon`}, run.errors)
}
