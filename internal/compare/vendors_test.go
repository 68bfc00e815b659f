package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// vendor imitates the habits of the vendor's clients in other languages, with
// nothing but net/http.
type vendor struct {
	t     *testing.T
	url   string
	token string
	// chunked sends bodies of no known length.
	chunked bool
	// contentType goes with every request, also without a body.
	contentType string
}

func newVendor(t *testing.T, srv *fake.Server) *vendor {
	v := &vendor{t: t, url: srv.URL() + "/api", contentType: "application/json"}
	id, secret := srv.Credentials()
	status, body := v.send("POST", "/token", fmt.Sprintf(`{"keyId":%q,"keySecret":%q}`, id, secret))
	require.Equal(t, 200, status)
	v.token = body.(map[string]any)["token"].(string)
	return v
}

// send returns the status and the decoded body, or nil for an empty body.
func (v *vendor) send(method, path, body string) (status int, reply any) {
	v.t.Helper()
	var text io.Reader
	if body != "" {
		text = strings.NewReader(body)
	}
	if v.chunked && body != "" {
		text = io.MultiReader(text)
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, text)
	require.NoError(v.t, err)
	if v.contentType != "" {
		r.Header.Set("Content-Type", v.contentType)
	}
	if v.token != "" {
		r.Header.Set("X-Authorization", v.token)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(v.t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	if len(raw) > 0 {
		require.NoError(v.t, json.Unmarshal(raw, &reply), string(raw))
	}
	return resp.StatusCode, reply
}

// ok returns the body of a reply with status 200.
func (v *vendor) ok(method, path, body string) any {
	v.t.Helper()
	status, reply := v.send(method, path, body)
	require.Equal(v.t, 200, status, "%s %s: %v", method, path, reply)
	return reply
}

const ai = "/integrations/provider/ai"

func TestVendorsChunkedBodies(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	v := newVendor(t, srv)
	v.chunked = true
	v.ok("POST", ai, `{"type": "openai", "category": "AI_MODEL", "description": "d", "enabled": true, "configuration": {"api_key": "k"}}`)
	v.ok("POST", ai+"/integration/m", `{"description": "d", "enabled": true}`)
	v.ok("PUT", ai+"/tags", `[{"key": "a", "value": "b"}, {"key": "c", "value": "d"}]`)
	v.ok("DELETE", ai+"/tags", `[{"key": "a", "value": "b"}]`)
	v.ok("POST", "/prompts/p?description=d", `Hello ${name}`)
	v.ok("POST", ai+"/integration/m/prompt/p", "")
	for _, r := range srv.Requests() {
		if len(r.Body) > 0 && r.Op != in.OpToken {
			require.Empty(t, r.Header.Get("Content-Length"), r)
		}
	}
	srv.AssertSaved(t, in.Integration{
		Name: "ai", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "d", Enabled: in.Bool(true),
		Configuration: in.Configuration{in.KeyAPIKey: "k"}, Tags: []in.Tag{{Key: "c", Value: "d"}},
		APIs: []in.IntegrationAPI{{IntegrationName: "ai", API: "m", Description: "d", Enabled: in.Bool(true)}},
	})
	require.Equal(t, "Hello ${name}", v.ok("GET", ai+"/integration/m/prompt", "").([]any)[0].(map[string]any)["template"])
}

func TestVendorsContentTypesWithoutBodies(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithIntegrations(batchOf(1)...))
	srv.PutPrompts(in.Prompt{Name: "p", Template: "Hello"})
	v := newVendor(t, srv)
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "text/plain", ""} {
		v.contentType = contentType
		v.ok("GET", "/integrations/provider", "")
		v.ok("GET", "/integrations/provider/openai-0/integration/gpt-4o", "")
		require.Nil(t, v.ok("POST", "/integrations/provider/openai-0/integration/gpt-4o/prompt/p", ""))
	}
	require.Nil(t, v.ok("DELETE", "/integrations/provider/openai-0/integration/gpt-4o", ""))
	require.Nil(t, v.ok("DELETE", "/integrations/provider/openai-0", ""))
}

func TestVendorsSingleTagAsAnObject(t *testing.T) {
	t.Parallel()
	v := newVendor(t, fake.Start(t, fake.WithIntegrations(batchOf(1)...)))
	for _, path := range []string{"/integrations/provider/openai-0/tags", "/integrations/provider/openai-0/integration/gpt-4o/tags"} {
		v.ok("PUT", path, `[{"key": "a", "value": "b", "type": "METADATA"}, {"key": "c", "value": "d"}]`)
		v.ok("DELETE", path, `{"key": "a", "value": "b", "type": "METADATA"}`)
		v.ok("PUT", path, `{"key": "e", "value": "f"}`)
		require.Equal(t, []any{map[string]any{"key": "c", "value": "d"}, map[string]any{"key": "e", "value": "f"}}, v.ok("GET", path, ""))
	}
}

func TestVendorsSparseSaves(t *testing.T) {
	t.Parallel()
	v := newVendor(t, fake.Start(t))
	v.ok("POST", ai, `{"type": "openai", "category": "API", "description": "d"}`)
	got := v.ok("GET", ai, "").(map[string]any)
	require.Equal(t, true, got["enabled"])
	require.Equal(t, map[string]any{}, got["configuration"])
	require.Equal(t, "API", got["category"])
	v.ok("POST", ai, `{"enabled": false}`)
	v.ok("POST", ai, `{"description": "changed"}`)
	got = v.ok("GET", ai, "").(map[string]any)
	require.Equal(t, false, got["enabled"], "an absent enabled is kept")
	require.Equal(t, "openai", got["type"])
	require.Equal(t, "changed", got["description"])
	v.ok("POST", ai+"/integration/m", `{"description": "d"}`)
	require.Equal(t, true, v.ok("GET", ai+"/integration/m", "").(map[string]any)["enabled"])
	// Some clients send back the object that they have read.
	v.ok("POST", ai, `{"name": "ai", "type": "openai", "tags": [], "apis": [], "createTime": 1, "description": "whole"}`)
	require.Equal(t, "whole", v.ok("GET", ai, "").(map[string]any)["description"])
}

// Clients mint a token only after they were refused with this code.
func TestVendorsRequestBeforeAToken(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	v := newVendor(t, srv)
	token := v.token
	for _, bad := range []string{"", "none", "a.b.c"} {
		v.token = bad
		status, reply := v.send("GET", "/integrations/provider", "")
		require.Equal(t, 401, status)
		require.Equal(t, "INVALID_TOKEN", reply.(map[string]any)["error"], bad)
	}
	v.token = token
	v.ok("GET", "/integrations/provider", "")
	srv.ExpireTokens()
	status, reply := v.send("GET", "/integrations/provider", "")
	require.Equal(t, 401, status)
	require.Equal(t, "EXPIRED_TOKEN", reply.(map[string]any)["error"])
}

func TestVendorsModelOfTheListIsTheModelAlone(t *testing.T) {
	t.Parallel()
	item := batchOf(1)[0]
	item.APIs[0].Configuration = in.Configuration{in.KeyEndpoint: "https://m.example.com", in.KeyAPIKey: apiKey}
	item.APIs[1].Enabled = in.Bool(false)
	v := newVendor(t, fake.Start(t, fake.WithIntegrations(item)))
	const models = "/integrations/provider/openai-0/integration"
	v.ok("PUT", models+"/gpt-4o/tags", `[{"key": "a", "value": "b"}]`)
	list := v.ok("GET", models+"?activeOnly=false", "").([]any)
	require.Len(t, list, 2)
	for _, entry := range list {
		name := entry.(map[string]any)["api"].(string)
		alone := v.ok("GET", models+"/"+name, "").(map[string]any)
		for _, field := range []string{"integrationName", "api", "description", "configuration", "enabled", "tags", "createTime", "updateTime", "createdBy", "updatedBy"} {
			require.Contains(t, alone, field, name)
			require.Equal(t, alone[field], entry.(map[string]any)[field], "%s of %s", field, name)
		}
		require.Equal(t, alone, entry)
	}
}
