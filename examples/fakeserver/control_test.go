package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
)

// want sends a request and requires a status. It returns the body.
func (p *program) want(status int, method, path, token, body string) string {
	p.t.Helper()
	got, text := p.send(method, path, token, body)
	require.Equal(p.t, status, got, "%s %s: %s", method, path, text)
	return text
}

// A test in any language, with nothing but HTTP: it seeds, fails, looks, expires
// and resets.
func TestControl(t *testing.T) {
	t.Parallel()
	p := start(t, "-control")
	const list = "/api/integrations/provider"
	p.want(200, "PUT", "/fake/integrations", "", `[{"name": "mail", "type": "sendgrid", "configuration": {"api_key": "SG.1"}}]`)
	token := p.token()
	require.Contains(t, p.want(200, "GET", list, token, ""), `"api_key":"xxxxx"`)
	require.JSONEq(t, `[{"name": "mail", "type": "sendgrid", "category": "EMAIL", "enabled": true, "configuration": {"api_key": "SG.1"}}]`,
		p.want(200, "GET", "/fake/integrations", "", ""))

	p.want(200, "POST", "/fake/faults", "", `{"op": "SaveAll", "faults": [{"status": 503, "message": "later", "header": {"Retry-After": "1"}}, {"body": "<html>"}]}`)
	p.want(200, "POST", "/fake/faults", "", `{"op": "ListRefs", "always": true, "faults": [{"status": 429, "delay": "1ms"}]}`)
	require.Contains(t, p.want(503, "POST", "/api/integrations/", token, `[{"name": "new", "type": "git"}]`), "later")
	require.Equal(t, "<html>", p.want(200, "POST", "/api/integrations/", token, `[{"name": "new", "type": "git"}]`))
	p.want(429, "GET", "/api/integrations/all", token, "")
	p.want(429, "GET", "/api/integrations/all", token, "")
	p.want(200, "DELETE", "/fake/faults", "", "")
	p.want(200, "GET", "/api/integrations/all", token, "")

	p.want(200, "DELETE", "/fake/requests", "", "")
	p.want(200, "POST", "/api/integrations/", token, `[{"name": "new", "type": "git"}]`)
	p.want(200, "POST", "/api/prompts/p?models=a:b", token, "raw text")
	p.token()
	require.JSONEq(t, `[
		{"op": "SaveAll", "method": "POST", "path": "/api/integrations/", "body": [{"name": "new", "type": "git"}], "status": 200},
		{"method": "POST", "path": "/api/prompts/p", "query": {"models": ["a:b"]}, "body": "raw text", "status": 200},
		{"op": "Token", "method": "POST", "path": "/api/token", "status": 200}]`, p.want(200, "GET", "/fake/requests", "", ""))

	p.want(200, "POST", "/fake/expire-tokens", "", "")
	require.Contains(t, p.want(401, "GET", list, token, ""), "EXPIRED_TOKEN")
	p.want(200, "DELETE", "/fake/integrations", "", "")
	require.Equal(t, "[]", p.want(200, "GET", list, p.token(), ""))
	p.end()
}

// What a test reads of the state, the test can put back. An integration that is put
// replaces the saved one, of whatever type that is.
func TestControlPutsBackWhatItShows(t *testing.T) {
	t.Parallel()
	p := start(t, "-control")
	const path = "/fake/integrations"
	token := p.token()
	p.want(200, "POST", "/api/integrations/provider/ai", token, `{"type": "openai", "enabled": false, "configuration": {"api_key": "k", "endpoint": null}}`)
	p.want(200, "POST", "/api/integrations/provider/ai/integration/m", token, `{}`)
	shown := p.want(200, "GET", path, "", "")
	p.want(200, "DELETE", path, "", "")
	p.want(200, "PUT", path, "", shown)
	require.JSONEq(t, shown, p.want(200, "GET", path, "", ""))
	p.want(200, "PUT", path, "", `[{"name": "ai", "type": "anthropic"}]`)
	require.JSONEq(t, `[{"name": "ai", "type": "anthropic", "category": "AI_MODEL", "enabled": true}]`, p.want(200, "GET", path, "", ""))
	p.end()
}

func TestControlRefusals(t *testing.T) {
	t.Parallel()
	p := start(t, "-control")
	for request, want := range map[[3]string]string{
		{"PUT", "/fake/integrations", `[{"name": "a"}]`}:                                              "[0].type is required",
		{"PUT", "/fake/integrations", `[{"nam": "a"}]`}:                                               `unknown field "nam"`,
		{"POST", "/fake/faults", `{"op": "Save", "faults": [{}]}`}:                                    `unknown operation "Save"`,
		{"POST", "/fake/faults", `{"op": "SaveAll", "faults": [{"status": 42}]}`}:                     "42 is not the status of a reply",
		{"POST", "/fake/faults", `{"op": "SaveAll", "faults": [{"delay": "soon"}]}`}:                  "invalid duration",
		{"POST", "/fake/faults", `{"op": "SaveAll"}`}:                                                 "there are no faults",
		{"POST", "/fake/faults", `{"op": "SaveAll", "always": true, "faults": [{"drop": true}, {}]}`}: "always takes one fault",
		{"POST", "/fake/faults", `{"op": "SaveAll", "faults": [{"statuss": 500}]}`}:                   `unknown field "statuss"`,
		{"POST", "/fake/faults", `{"op": "SaveAll", "faults": [{"status": 500}]}, {}`}:                "more than one JSON value",
		{"POST", "/fake/faults", `{"op": "SaveAll", "faults": [{"status": 500}, {"status": 42}]}`}:    "fault 2: 42",
		{"POST", "/fake/faults", ``}:                                                                  "the body does not decode",
	} {
		require.Contains(t, p.want(400, request[0], request[1], "", request[2]), want)
	}
	require.JSONEq(t, "[]", p.want(200, "GET", "/fake/requests", "", ""))
	p.want(200, "POST", "/api/integrations/", p.token(), "[]") // no fault was kept
	p.want(404, "GET", "/fake/nothing", "", "")
	p.want(405, "PATCH", "/fake/faults", "", "")
	p.end()
}

// Without -control its paths are as unknown as any.
func TestWithoutControl(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, request := range []string{"GET /fake/requests", "PUT /fake/integrations", "POST /fake/faults", "POST /fake/expire-tokens"} {
		method, path, _ := strings.Cut(request, " ")
		require.Contains(t, p.want(404, method, path, "", "[]"), "the fake has no route")
	}
	p.end()
}

func TestFlagsOfTheServer(t *testing.T) {
	t.Parallel()
	seed := file(t, `[{"name": "seeded", "type": "made_up"}, {"name": "mail", "type": "sendgrid", "configuration": {"api_key": "k"}}]`)
	p := start(t, "-seed", seed, "-unknown-types", "-validation", "strict", "-read-only", "mail, other", "-token-ttl", "90s")
	require.Equal(t, `"seeded", type "made_up", models: 0`, p.seeded, "the last one, in the order of names")
	token := p.token()
	require.Contains(t, p.want(403, "DELETE", "/api/integrations/provider/mail", token, ""), "no permission")
	p.want(403, "POST", "/api/integrations/provider/other", token, `{"type": "git"}`)
	p.want(200, "POST", "/api/integrations/provider/new", token, `{"type": "other_type"}`)
	require.Contains(t, p.want(400, "POST", "/api/integrations/provider/ai", token, `{"type": "openai"}`), "configuration.api_key")
	p.end()
}

// A line for each request, and nothing in it that is secret.
func TestLog(t *testing.T) {
	t.Parallel()
	srv := fake.NewServer(fake.WithKeySecret("id", "canary-secret"))
	defer srv.Close()
	srv.FailNext("ListRefs", fake.Fault{Drop: true})
	var out bytes.Buffer
	h, done := handler(srv, settings{log: true}, &out), make(chan bool, 3)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { done <- true }()
		h.ServeHTTP(w, r)
	}))
	defer ts.Close()
	for _, r := range []struct{ method, path, body string }{
		{"POST", "/api/token", `{"keyId": "id", "keySecret": "canary-secret"}`},
		{"GET", "/api/integrations/provider?activeOnly=false&token=canary", ""},
		{"GET", "/api/integrations/all", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), r.method, ts.URL+r.path, strings.NewReader(r.body))
		require.NoError(t, err)
		req.Header.Set("X-Authorization", "canary-token")
		if resp, err := ts.Client().Do(req); err == nil {
			require.NoError(t, resp.Body.Close())
		}
		<-done
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), " ") // the time
		lines = append(lines, text)
	}
	require.Equal(t, []string{
		"POST /api/token: 200", "GET /api/integrations/provider?activeOnly=false&token=[hidden]: 401", "GET /api/integrations/all: no reply",
	}, lines)
	require.Empty(t, srv.Requests())
}

// A dump may hold a model without a description.
func TestADumpIsASeed(t *testing.T) {
	t.Parallel()
	const dump = `[{"name":"ai","type":"openai","apis":[{"integrationName":"ai","api":"m"}]}]`
	p := start(t, "-control", "-seed", file(t, dump))
	status, body := p.send("GET", "/fake/integrations", "", "")
	require.Equal(t, 200, status)
	p.end()
	again := start(t, "-control", "-seed", file(t, body))
	_, same := again.send("GET", "/fake/integrations", "", "")
	require.Contains(t, same, `"api":"m"`)
	require.Equal(t, body, same)
	again.end()
}
