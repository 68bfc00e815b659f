package fake_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"
)

// single is the body of a single save.
const single = `{"type": "openai", "category": "AI_MODEL", "description": "made by a test", "enabled": false, "configuration": {"api_key": "sk-1", "endpoint": "https://one.example.com"}}`

// missing checks that nothing is under path.
func (s *site) missing(method, path, body string) {
	s.t.Helper()
	got := s.send(method, path, body)
	require.Equal(s.t, 404, got.status, "%s %s: %s", method, path, got.body)
}

func integrationLife(s *site) {
	path := providerPath + s.integration("alone")
	s.missing("GET", path, "")
	s.write("POST", path, single)
	got := s.object(path)
	require.Equal(s.t, s.listed("?activeOnly=false", "alone"), got, "an integration alone is as it is in the list")
	require.Equal(s.t, s.run+"alone", got["name"])
	require.Equal(s.t, false, got["enabled"])
	require.Equal(s.t, 0.0, got["modelsCount"])
	s.write("DELETE", path, "")
	s.missing("GET", path, "")
	s.missing("DELETE", path, "")
	require.Nil(s.t, s.listed("?activeOnly=false", "alone"))
}

func singleSaveKeeps(s *site) {
	s.mustSave(s.ai("kept", `"configuration": {"api_key": "sk-1", "organizationId": "acme"},`))
	path := providerPath + s.run + "kept"
	s.write("PUT", path+"/tags", `[{"key": "team", "value": "docs"}]`)
	before := s.object(path)
	s.write("POST", path, single)
	after := s.object(path)
	require.NotContains(s.t, after["configuration"], "organizationId", "the whole configuration is replaced")
	require.Equal(s.t, "https://one.example.com", after["configuration"].(jsonObject)["endpoint"])
	for _, field := range []string{"createTime", "createdBy", "type", "category", "tags", "modelsCount"} {
		require.Equal(s.t, before[field], after[field], field)
	}
	require.Equal(s.t, "GPT-4o", s.object(path + "/integration/gpt-4o")["description"])
}

func singleSaveRefused(s *site) {
	path := providerPath + s.integration("refused")
	got := s.send("POST", path, `{"type": "no_such_type", "category": "AI_MODEL", "description": "d", "enabled": false, "configuration": {}}`)
	require.Equal(s.t, 404, got.status, got.body)
	s.missing("GET", path, "")
	s.write("POST", path, single)
	got = s.send("POST", path, `{"type": "mistral", "category": "AI_MODEL", "description": "d", "enabled": false, "configuration": {}}`)
	require.Equal(s.t, 400, got.status, got.body)
	require.Equal(s.t, "openai", s.object(path)["type"])
}

func modelLife(s *site) {
	provider := providerPath + s.integration("models")
	s.write("POST", provider, single)
	path := provider + "/integration/gpt-4o"
	s.missing("GET", path, "")
	s.write("POST", path, `{"description": "one", "enabled": false, "configuration": {"endpoint": "https://m.example.com"}}`)
	got := s.object(path)
	want := jsonObject{
		"integrationName": s.run + "models", "api": "gpt-4o", "description": "one", "enabled": false, "tags": []any{},
		"configuration": jsonObject{"endpoint": "https://m.example.com"},
	}
	for field := range want {
		require.Equal(s.t, want[field], got[field], field)
	}
	if entry := find(s.objects(provider+"/integration?activeOnly=false"), "api", "gpt-4o"); entry != nil {
		require.Equal(s.t, got, entry, "a model alone is as it is in the list")
	}
	s.write("POST", path, `{"description": "two", "enabled": false}`)
	require.Equal(s.t, "two", s.object(path)["description"])
	require.Equal(s.t, got["createTime"], s.object(path)["createTime"])
	require.Equal(s.t, 1.0, s.object(provider)["modelsCount"])
	s.write("DELETE", path, "")
	s.missing("GET", path, "")
	gone := s.send("DELETE", path, "")
	require.Equal(s.t, 404, gone.status)
	require.Contains(s.t, gone.body, "No such")
	require.Equal(s.t, 0.0, s.object(provider)["modelsCount"])
}

func modelWithoutIntegration(s *site) {
	path := providerPath + s.integration("none") + "/integration/gpt-4o"
	s.missing("GET", path, "")
	s.missing("POST", path, `{"description": "d", "enabled": false}`)
	s.missing("DELETE", path, "")
	s.missing("GET", providerPath+s.run+"none/tags", "")
}

func integrationsWithModels(s *site) {
	s.mustSave(s.ai("nested", ""))
	got := find(s.objects("/api/integrations/?activeOnly=false"), "name", s.run+"nested")
	require.NotNil(s.t, got)
	apis, ok := got["apis"].([]any)
	require.True(s.t, ok, got)
	for _, api := range apis {
		require.Equal(s.t, "gpt-4o", api.(jsonObject)["api"])
		require.NotContains(s.t, api, "tags")
	}
	delete(got, "apis")
	require.Equal(s.t, s.listed("?activeOnly=false", "nested"), got)
	require.Nil(s.t, find(s.objects("/api/integrations/"), "name", s.run+"nested"))
	require.Nil(s.t, find(s.objects("/api/integrations/?activeOnly=false&category=EMAIL"), "name", s.run+"nested"))
}

func references(s *site) {
	s.mustSave(s.ai("referred", ""))
	name := s.run + "referred"
	isOurs := func(ref string) bool { return ref == name || ref == name+":gpt-4o" }
	require.True(s.t, slices.ContainsFunc(readJSON[[]string](s, "/api/integrations/all?activeOnly=false&type=AI_MODEL"), isOurs))
	require.False(s.t, slices.ContainsFunc(readJSON[[]string](s, "/api/integrations/all?activeOnly=false&type=EMAIL"), isOurs))
	require.False(s.t, slices.ContainsFunc(readJSON[[]string](s, "/api/integrations/all"), isOurs), "a disabled integration is left out")
}

// availableModels may fail on a cluster: the vendor of the models has a say.
func availableModels(s *site) {
	s.mustSave(s.ai("available", ""))
	path := providerPath + s.run + "available/integration/all"
	got := s.send("GET", path, "")
	if s.cluster && got.status != 200 {
		s.t.Skipf("the vendor offers no models to this key: status %d", got.status)
	}
	require.Equal(s.t, 200, got.status, got.body)
	var names []string
	require.NoError(s.t, json.Unmarshal([]byte(got.body), &names))
}

func integrationTags(s *site) {
	path := providerPath + s.integration("tagged")
	s.write("POST", path, single)
	tagLife(s, path+"/tags")
	require.Equal(s.t, []any{jsonObject{"key": "last", "value": "1"}}, withoutTagType(s.object(path)["tags"]))
}

func modelTags(s *site) {
	s.mustSave(s.ai("tagged-model", ""))
	path := providerPath + s.run + "tagged-model/integration/gpt-4o"
	tagLife(s, path+"/tags")
	require.Equal(s.t, []any{jsonObject{"key": "last", "value": "1"}}, withoutTagType(s.object(path)["tags"]))
}

// tagLife adds and removes tags, and leaves last=1.
func tagLife(s *site, path string) {
	s.t.Helper()
	has := func(want ...string) {
		s.t.Helper()
		require.Equal(s.t, append([]string{}, want...), pairs(s.objects(path)))
	}
	has()
	s.write("PUT", path, `[{"key": "team", "value": "docs"}, {"key": "stage", "value": "live"}]`)
	s.write("PUT", path, `[{"key": "last", "value": "1"}]`)
	has("last=1", "stage=live", "team=docs")
	s.write("PUT", path, `[{"key": "last", "value": "1"}]`)
	has("last=1", "stage=live", "team=docs")
	s.write("DELETE", path, `[{"key": "team", "value": "docs"}]`)
	has("last=1", "stage=live")
	s.write("DELETE", path, `{"key": "stage", "value": "live"}`)
	has("last=1")
}

// withoutTagType leaves out the type of tags, which is deprecated.
func withoutTagType(tags any) any {
	list, _ := tags.([]any)
	for _, tag := range list {
		delete(tag.(jsonObject), "type")
	}
	return tags
}

func modelPrompts(s *site) {
	s.mustSave(s.ai("prompts", ""))
	model := providerPath + s.run + "prompts/integration/gpt-4o"
	prompt := s.prompt("greeting")
	require.Empty(s.t, s.objects(model+"/prompt"))
	s.missing("POST", model+"/prompt/"+prompt, "")
	s.write("POST", promptPath+prompt+"?description=made+by+a+test", "Hello ${name}")
	s.write("POST", model+"/prompt/"+prompt, "")
	s.write("POST", model+"/prompt/"+prompt, "")
	list := s.objects(model + "/prompt")
	require.Len(s.t, list, 1)
	require.Equal(s.t, prompt, list[0]["name"])
	require.Equal(s.t, "Hello ${name}", list[0]["template"])
	require.Equal(s.t, []any{"name"}, list[0]["variables"])
	require.Contains(s.t, list[0]["integrations"], s.run+"prompts:gpt-4o")
	s.missing("GET", providerPath+s.run+"prompts/integration/none/prompt", "")
}

// definitions registers nothing on a cluster: no call removes a definition.
func definitions(s *site) {
	got := s.send("GET", "/api/integrations/def", "")
	if s.cluster && got.status != 200 {
		s.t.Skipf("definitions are closed to this key, or the server has none: status %d", got.status)
	}
	list := s.objects("/api/integrations/def")
	require.NotEmpty(s.t, list)
	for _, def := range list {
		require.NotEmpty(s.t, def["type"])
		require.NotEmpty(s.t, def["category"])
	}
	require.Equal(s.t, find(list, "type", "openai"), s.object("/api/integrations/def/openai"))
	s.missing("GET", "/api/integrations/def/"+s.run+"none", "")
	if s.cluster {
		return
	}
	s.write("POST", "/api/integrations/def/register", fmt.Sprintf(`[{"type": %q, "name": "Made by a test", "category": "API"}]`, s.run+"def"))
	require.Equal(s.t, "Made by a test", s.object("/api/integrations/def/" + s.run + "def")["name"])
}

func tokenLimits(s *site) {
	s.mustSave(s.ai("limited", ""))
	path := "/api/integrations/llm/" + s.run + "limited/token"
	got := s.send("POST", path, `{"maxTokens": 1000, "tokenLimitPeriod": "DAY"}`)
	if s.cluster && got.status != 200 {
		s.t.Skipf("the server has no token limits: status %d", got.status)
	}
	require.Equal(s.t, 200, got.status, got.body)
	limit := s.object(path)
	require.Equal(s.t, 1000.0, limit["maxTokens"])
	require.Equal(s.t, "DAY", limit["tokenLimitPeriod"])
	require.Empty(s.t, s.objects(path+"/history?model=*&lookUpWindow=31"))
}

// eventStatistics sends no event to a cluster: no call removes an event.
func eventStatistics(s *site) {
	body := "[]"
	if !s.cluster {
		body = fmt.Sprintf(`[{"id": %q, "event": "kafka:a:b", "eventType": "SEND", "handlerName": "h", "createdAt": 1}]`, s.run+"event")
	}
	got := s.send("POST", "/api/integrations/eventStats/kafka?type=kafka", body)
	if s.cluster && got.status != 200 {
		s.t.Skipf("event statistics are closed to this key: status %d", got.status)
	}
	require.Equal(s.t, 200, got.status, got.body)
}

func namesInPaths(s *site) {
	s.mustSave(s.ai("paths", ""))
	model := providerPath + s.run + "paths/integration/"
	for _, name := range []string{"claude-3-haiku-v1:0", "mistral%3Alatest", "with%20space", "a.b"} {
		s.write("POST", model+name, `{"description": "d", "enabled": false}`)
		require.Equal(s.t, "d", s.object(model + name)["description"])
	}
	for _, name := range []string{"a%2Fb", "a%25b", "a%5Cb", "a%3Bb"} {
		got := s.send("POST", model+name, `{"description": "d", "enabled": false}`)
		require.Equal(s.t, 400, got.status, "%s: %s", name, got.body)
	}
}
