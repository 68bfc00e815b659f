package fake_test

import (
	"strings"

	"github.com/stretchr/testify/require"
)

func saveIsListed(s *site) {
	s.mustSave(s.ai("listed", `"configuration": {"api_key": "sk-conformance", "endpoint": "https://example.com", "organizationId": ""},`))
	got := s.listed("?activeOnly=false", "listed")
	require.NotNil(s.t, got)
	for _, field := range []string{"createTime", "updateTime", "createdBy", "updatedBy", "name", "type", "description", "category", "configuration", "enabled", "tags", "modelsCount"} {
		require.Contains(s.t, got, field)
	}
	require.NotContains(s.t, got, "apis")
	require.Equal(s.t, "openai", got["type"])
	require.Equal(s.t, "AI_MODEL", got["category"])
	require.Equal(s.t, "made by a test", got["description"])
	require.Equal(s.t, false, got["enabled"])
	require.Equal(s.t, []any{}, got["tags"])
	require.Equal(s.t, 1.0, got["modelsCount"])
	require.GreaterOrEqual(s.t, got["updateTime"], got["createTime"])
	config := got["configuration"].(jsonObject)
	require.Equal(s.t, "", config["organizationId"])
	require.Equal(s.t, "https://example.com", config["endpoint"])
	require.NotEmpty(s.t, config["api_key"])
}

func bothPaths(s *site) {
	for _, path := range []string{"/api/integrations", "/api/integrations/"} {
		s.write("POST", path, "["+s.ai("paths", "")+"]")
	}
}

func inactiveLeftOut(s *site) {
	s.mustSave(s.ai("inactive", ""))
	require.NotNil(s.t, s.listed("?activeOnly=false", "inactive"))
	require.Nil(s.t, s.listed("?activeOnly=true", "inactive"))
	require.Nil(s.t, s.listed("", "inactive"))
	require.Empty(s.t, s.objects(providerPath+s.run+"inactive/integration"))
}

func categoryFilters(s *site) {
	s.mustSave(s.ai("category", ""))
	require.NotNil(s.t, s.listed("?activeOnly=false&category=AI_MODEL", "category"))
	require.Nil(s.t, s.listed("?activeOnly=false&category=EMAIL", "category"))
}

func update(s *site) {
	s.mustSave(s.ai("updated", `"configuration": {"api_key": "sk-1", "endpoint": "https://one.example.com"},`))
	before := s.listed("?activeOnly=false", "updated")
	s.mustSave(s.ai("updated", `"configuration": {"api_key": "sk-2"},`))
	after := s.listed("?activeOnly=false", "updated")
	require.Equal(s.t, before["createTime"], after["createTime"])
	require.Equal(s.t, before["createdBy"], after["createdBy"])
	require.GreaterOrEqual(s.t, after["updateTime"], before["updateTime"])
	require.NotContains(s.t, after["configuration"], "endpoint", "the whole configuration is replaced")
}

func typeStays(s *site) {
	s.mustSave(s.ai("typed", ""))
	got := s.save("[" + strings.Replace(s.ai("typed", ""), `"openai"`, `"mistral"`, 1) + "]")
	require.Equal(s.t, 400, got.status, got.body)
	require.Equal(s.t, "openai", s.listed("?activeOnly=false", "typed")["type"])
}

func noBatch(s *site) {
	for _, body := range []string{"[", s.ai("object", ""), "[" + s.ai("kinds", `"configuration": [],`) + "]"} {
		got := s.save(body)
		require.Equal(s.t, 400, got.status, body)
	}
}

func unknownFields(s *site) {
	s.mustSave(s.ai("unknown", `"ownerApp": "somebody",`))
	require.NotNil(s.t, s.listed("?activeOnly=false", "unknown"))
}

func tokenNeeded(s *site) {
	for _, token := range []string{"", "no-such-token"} {
		s.token = token
		require.Contains(s.t, []int{401, 403}, s.save("[]").status)
		for _, path := range []string{"/api/integrations/provider", "/api/integrations/", providerPath + s.run + "none"} {
			require.Contains(s.t, []int{401, 403}, s.send("GET", path, "").status, path)
		}
	}
}

func wrongPair(s *site) {
	s.token = ""
	got := s.send("POST", "/api/token", `{"keyId": "no-such-key", "keySecret": "no-such-secret"}`)
	require.GreaterOrEqual(s.t, got.status, 400)
	require.Less(s.t, got.status, 500)
}
