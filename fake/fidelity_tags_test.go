package fake_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// Tags are a set of pairs, on an integration and on a model alike.
func TestTagsAreASetOfPairs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{provider + "ai/tags", model + "/tags"} {
		srv := fake.Start(t, fake.WithIntegrations(integrations.Integration{
			Name: "ai", Type: integrations.TypeOpenAI, APIs: []integrations.IntegrationAPI{{API: "m", Description: "d"}},
		}))
		w := dial(t, srv)
		w.want(200, `[]`, "GET", path, "")
		w.want(200, "", "PUT", path, `[{"key": "team", "value": "docs"}]`)
		w.want(200, "", "PUT", path, `[{"key": "team", "value": "docs", "type": "METADATA"}, {"key": "team", "value": "marketing"}]`)
		const both = `[{"key": "team", "value": "docs"}, {"key": "team", "value": "marketing"}]`
		w.want(200, both, "GET", path, "")
		w.want(200, "", "DELETE", path, `[{"key": "team", "value": "nobody"}, {"key": "none", "value": "docs"}]`)
		w.want(200, both, "GET", path, "")
		w.want(200, "", "DELETE", path, `{"key": "team", "value": "docs"}`)
		w.want(200, `[{"key": "team", "value": "marketing"}]`, "GET", path, "")
		w.want(200, "", "PUT", path, `{"key": "bare"}`)
		w.want(200, "", "PUT", path, `[]`)
		w.want(200, `[{"key": "team", "value": "marketing"}, {"key": "bare", "value": ""}]`, "GET", path, "")
	}
}

func TestTagsShowWithTheirOwner(t *testing.T) {
	t.Parallel()
	w := dial(t, newWorld(t))
	w.want(200, "", "PUT", provider+"ai/tags", `[{"key": "a", "value": "b"}]`)
	for _, path := range []string{"/api/integrations/provider", "/api/integrations/"} {
		require.Contains(t, w.send("GET", path, "").body, `"tags":[{"key":"team","value":"docs"},{"key":"a","value":"b"}]`)
	}
	require.Contains(t, w.send("GET", provider+"ai", "").body, `"tags":[{"key":"team","value":"docs"},{"key":"a","value":"b"}]`)
}

// A bulk save replaces the tags of an integration, pairs that come twice count once.
func TestTagsOfABulkSave(t *testing.T) {
	t.Parallel()
	w := dial(t, newWorld(t))
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "ai", "type": "openai", "tags": [{"key": "a", "value": "b"}, {"key": "a", "value": "b"}]}]`)
	w.want(200, `[{"key": "a", "value": "b"}]`, "GET", provider+"ai/tags", "")
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "ai", "type": "openai"}]`)
	w.want(200, `[]`, "GET", provider+"ai/tags", "")
}

func TestRefusedTags(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	const refused = "the tags are refused"
	for _, method := range []string{"PUT", "DELETE"} {
		for _, path := range []string{provider + "ai/tags", model + "/tags", "/api/prompts/p/tags"} {
			w.wantRefused(refused, "[0].key", "is required", method, path, `[{"value": "docs"}]`)
			w.wantRefused(refused, "[1].key", "must be a string", method, path, `[{"key": "a"}, {"key": 7}]`)
			w.wantRefused(refused, "[0].value", "must be a string", method, path, `{"key": "a", "value": true}`)
			w.wantRefused(refused, "[0]", "must be an object", method, path, `["team"]`)
			w.want(400, applicationError(400, "the body must be an array"), method, path, `"team"`)
			w.want(400, applicationError(400, "the body is not JSON, see byte 0"), method, path, "")
		}
		w.wantMissing("integration: none", method, provider+"none/tags", `[{"key": "a"}]`)
	}
	w.wantMissing("integration: none", "GET", provider+"none/tags", "")
	w.want(200, `[{"key": "team", "value": "docs"}]`, "GET", provider+"ai/tags", "")
}

// Some clients send bodies in chunks, a DELETE with a body, and a content type
// where there is no body.
func TestBodiesOfOtherClients(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	do := func(method, path, contentType string, body io.Reader) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, body)
		require.NoError(t, err)
		req.Header.Set("X-Authorization", w.token)
		req.Header.Set("Content-Type", contentType)
		resp, err := w.http.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	chunked := func(text string) io.Reader { return io.MultiReader(strings.NewReader(text)) } // of no known length
	require.Equal(t, 200, do("PUT", provider+"ai/tags", "application/json", chunked(`[{"key": "a", "value": "b"}]`)))
	require.Equal(t, 200, do("DELETE", provider+"ai/tags", "application/json", chunked(`{"key": "team", "value": "docs"}`)))
	require.Equal(t, 200, do("POST", provider+"chunked", "application/json; charset=utf-8", chunked(`{"type": "git"}`)))
	require.Equal(t, 200, do("GET", provider+"ai", "application/json", nil))
	require.Equal(t, 200, do("POST", model+"/prompt/p", "application/json", nil))
	require.Equal(t, 200, do("DELETE", model, "application/json", nil))
	w.want(200, `[{"key": "a", "value": "b"}]`, "GET", provider+"ai/tags", "")
	_, ok := srv.Integration("chunked")
	require.True(t, ok)
}
