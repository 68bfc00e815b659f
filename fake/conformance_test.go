package fake_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
)

// Where the second run of the suite goes. No other variable leads anywhere.
const (
	envURL    = "INTEGRATIONS_CONFORMANCE_URL"
	envKey    = "INTEGRATIONS_CONFORMANCE_KEY"
	envSecret = "INTEGRATIONS_CONFORMANCE_SECRET"
)

// TestConformance runs one table of cases against the fake and, where all three
// variables are set, against a real cluster. On a cluster it leaves integrations
// behind whose names begin with prefix, all of them disabled; the next run uses
// them again.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("fake", func(t *testing.T) {
		t.Parallel()
		conform(t, func(t *testing.T) *wire { return dial(t, fake.Start(t)) })
	})
	t.Run("cluster", func(t *testing.T) {
		url, key, secret := os.Getenv(envURL), os.Getenv(envKey), os.Getenv(envSecret)
		if url == "" || key == "" || secret == "" {
			t.Skipf("no cluster to compare the fake with: set %s, %s and %s", envURL, envKey, envSecret)
		}
		conform(t, func(t *testing.T) *wire {
			transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
			t.Cleanup(transport.CloseIdleConnections)
			w := &wire{t: t, url: strings.TrimSuffix(strings.TrimRight(url, "/"), "/api"), limit: 256 << 20, http: &http.Client{Transport: transport}}
			w.token = w.mint(key, secret)
			return w
		})
	})
}

const prefix = "go-sdk-conformance-"

func conform(t *testing.T, connect func(*testing.T) *wire) {
	for name, test := range map[string]func(*testing.T, *wire){
		"a save is listed":             saveIsListed,
		"both forms of the save path":  bothPaths,
		"inactive ones are left out":   inactiveLeftOut,
		"category filters":             categoryFilters,
		"an update":                    update,
		"the type stays":               typeStays,
		"what is no batch is refused":  noBatch,
		"a token is needed":            tokenNeeded,
		"a wrong key pair is refused":  wrongPair,
		"unknown fields are tolerated": unknownFields,
	} {
		t.Run(name, func(t *testing.T) { test(t, connect(t)) })
	}
}

// ai is a disabled OpenAI integration with one model, as JSON.
func ai(name, rest string) string {
	name = prefix + name
	return fmt.Sprintf(`{"name": %q, "type": "openai", "category": "AI_MODEL", "description": "made by a test", "enabled": false, %s
		"apis": [{"integrationName": %q, "api": "gpt-4o", "description": "GPT-4o", "enabled": false}]}`, name, rest, name)
}

// listed returns the provider of that name, or nil.
func (w *wire) listed(query, name string) map[string]any {
	w.t.Helper()
	for _, provider := range decodeList(w.t, w.list(query)) {
		if provider["name"] == prefix+name {
			return provider
		}
	}
	return nil
}

func (w *wire) mustSave(items ...string) {
	w.t.Helper()
	got := w.save("[" + strings.Join(items, ",") + "]")
	require.Equal(w.t, 200, got.status, got.body)
}

func saveIsListed(t *testing.T, w *wire) {
	w.mustSave(ai("listed", `"configuration": {"api_key": "sk-conformance", "endpoint": "https://example.com", "organizationId": ""},`))
	got := w.listed("?activeOnly=false", "listed")
	require.NotNil(t, got)
	for _, field := range []string{"createTime", "updateTime", "createdBy", "updatedBy", "name", "type", "description", "category", "configuration", "enabled", "tags", "modelsCount"} {
		require.Contains(t, got, field)
	}
	require.NotContains(t, got, "apis")
	require.Equal(t, "openai", got["type"])
	require.Equal(t, "AI_MODEL", got["category"])
	require.Equal(t, "made by a test", got["description"])
	require.Equal(t, false, got["enabled"])
	require.Equal(t, []any{}, got["tags"])
	require.Equal(t, 1.0, got["modelsCount"])
	require.GreaterOrEqual(t, got["updateTime"], got["createTime"])
	config := got["configuration"].(map[string]any)
	require.Equal(t, "", config["organizationId"])
	require.Equal(t, "https://example.com", config["endpoint"])
	require.NotEqual(t, "sk-conformance", config["api_key"])
	require.NotEmpty(t, config["api_key"])
}

func bothPaths(t *testing.T, w *wire) {
	for _, path := range []string{"/api/integrations", "/api/integrations/"} {
		got := w.send("POST", path, "["+ai("paths", "")+"]")
		require.Equal(t, 200, got.status, path)
	}
}

func inactiveLeftOut(t *testing.T, w *wire) {
	w.mustSave(ai("inactive", ""))
	require.NotNil(t, w.listed("?activeOnly=false", "inactive"))
	require.Nil(t, w.listed("?activeOnly=true", "inactive"))
	require.Nil(t, w.listed("", "inactive"))
}

func categoryFilters(t *testing.T, w *wire) {
	w.mustSave(ai("category", ""))
	require.NotNil(t, w.listed("?activeOnly=false&category=AI_MODEL", "category"))
	require.Nil(t, w.listed("?activeOnly=false&category=EMAIL", "category"))
}

func update(t *testing.T, w *wire) {
	w.mustSave(ai("updated", `"configuration": {"api_key": "sk-1", "endpoint": "https://one.example.com"},`))
	before := w.listed("?activeOnly=false", "updated")
	w.mustSave(ai("updated", `"configuration": {"api_key": "sk-2"},`))
	after := w.listed("?activeOnly=false", "updated")
	require.Equal(t, before["createTime"], after["createTime"])
	require.Equal(t, before["createdBy"], after["createdBy"])
	require.GreaterOrEqual(t, after["updateTime"], before["updateTime"])
	require.NotContains(t, after["configuration"], "endpoint", "the whole configuration is replaced")
}

func typeStays(t *testing.T, w *wire) {
	w.mustSave(ai("typed", ""))
	got := w.save("[" + strings.Replace(ai("typed", ""), `"openai"`, `"mistral"`, 1) + "]")
	require.Equal(t, 400, got.status, got.body)
	require.Equal(t, "openai", w.listed("?activeOnly=false", "typed")["type"])
}

func noBatch(t *testing.T, w *wire) {
	for _, body := range []string{"[", ai("object", ""), "[" + ai("kinds", `"configuration": [],`) + "]"} {
		got := w.save(body)
		require.Equal(t, 400, got.status, body)
	}
}

func tokenNeeded(t *testing.T, w *wire) {
	for _, token := range []string{"", "no-such-token"} {
		w.token = token
		require.Contains(t, []int{401, 403}, w.save("[]").status)
		require.Contains(t, []int{401, 403}, w.send("GET", "/api/integrations/provider", "").status)
	}
}

func wrongPair(t *testing.T, w *wire) {
	w.token = ""
	got := w.send("POST", "/api/token", `{"keyId": "no-such-key", "keySecret": "no-such-secret"}`)
	require.GreaterOrEqual(t, got.status, 400)
	require.Less(t, got.status, 500)
}

func unknownFields(t *testing.T, w *wire) {
	w.mustSave(ai("unknown", `"ownerApp": "somebody",`))
	require.NotNil(t, w.listed("?activeOnly=false", "unknown"))
}
