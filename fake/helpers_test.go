package fake_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// wire talks to a server with bare net/http: the fake and the client share Go
// types, so that a mistake in one of them would agree with itself.
type wire struct {
	t     *testing.T
	url   string // without /api
	token string // of every request; empty: no header
	limit int64  // bytes of a body that are read
	http  *http.Client
}

// dial opens a wire over loopback, with a token.
func dial(t *testing.T, srv *fake.Server) *wire {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	w := &wire{t: t, url: srv.URL(), limit: 1 << 20, http: &http.Client{Transport: transport}}
	w.token = w.mint(srv.Credentials())
	srv.TakeRequests()
	return w
}

// mint exchanges a key pair for a token.
func (w *wire) mint(id, secret string) string {
	w.t.Helper()
	got := w.send("POST", "/api/token", fmt.Sprintf(`{"keyId":%q,"keySecret":%q}`, id, secret))
	require.Equal(w.t, 200, got.status, got.body)
	var reply struct{ Token string }
	require.NoError(w.t, json.Unmarshal([]byte(got.body), &reply))
	require.NotEmpty(w.t, reply.Token)
	return reply.Token
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	major  int // of the HTTP version
}

func (w *wire) send(method, path, body string) answer {
	w.t.Helper()
	got, err := w.try(method, path, body)
	require.NoError(w.t, err)
	return got
}

// try returns what came back and the error of getting it.
func (w *wire) try(method, path, body string) (answer, error) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	require.NoError(w.t, err)
	if w.token != "" {
		req.Header.Set("X-Authorization", w.token)
	}
	if body != "" {
		req.Header.Set("Content-Type", contentType(method, path))
	}
	resp, err := w.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, w.limit))
	return answer{status: resp.StatusCode, header: resp.Header, body: string(text), major: resp.ProtoMajor}, err
}

// contentType returns the type of a body. A template is raw text.
func contentType(method, path string) string {
	if method == http.MethodPost && strings.HasPrefix(path, "/api/prompts/") {
		return "text/plain"
	}
	return "application/json"
}

// raw sends a request whose path is not cleaned, as no client of net/http would.
func (w *wire) raw(method, path string) answer {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	require.NoError(w.t, err)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: fake\r\nX-Authorization: %s\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", method, path, w.token)
	require.NoError(w.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(w.t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
}

func (w *wire) save(body string) answer {
	w.t.Helper()
	return w.send("POST", "/api/integrations/", body)
}

// list returns the listing of a query such as "?activeOnly=false".
func (w *wire) list(query string) string {
	w.t.Helper()
	got := w.send("GET", "/api/integrations/provider"+query, "")
	require.Equal(w.t, 200, got.status, got.body)
	require.Equal(w.t, "application/json", got.header.Get("Content-Type"))
	return got.body
}

// want sends a request and checks the whole reply: the status and the JSON. An
// empty text is an empty body.
func (w *wire) want(status int, text, method, path, body string) {
	w.t.Helper()
	got := w.send(method, path, body)
	require.Equal(w.t, status, got.status, "%s %s: %s", method, path, got.body)
	if text == "" {
		require.Empty(w.t, got.body, "%s %s", method, path)
		return
	}
	require.Equal(w.t, "application/json", got.header.Get("Content-Type"))
	require.JSONEq(w.t, text, got.body, "%s %s", method, path)
}

// wantRefused checks the reply to a request that has one mistake.
func (w *wire) wantRefused(message, field, problem, method, path, body string) {
	w.t.Helper()
	w.want(400, fmt.Sprintf(`{"status":400,"message":%q,"instance":"fake","retryable":false,
		"validationErrors":[{"path":%q,"message":%q,"invalidValue":null}]}`, message, field, problem), method, path, body)
}

// wantMissing checks the reply to a request for something that is missing.
func (w *wire) wantMissing(what, method, path, body string) {
	w.t.Helper()
	w.want(404, applicationError(404, "No such "+what), method, path, body)
}

// clock is a time that a test sets.
type clock struct{ now atomic.Int64 }

func (c *clock) option() fake.Option {
	return fake.WithClock(func() time.Time { return time.UnixMilli(c.now.Load()) })
}

// names returns the names in a listing, in order.
func (w *wire) names(query string) []string {
	w.t.Helper()
	names := []string{}
	for _, provider := range decodeList(w.t, w.list(query)) {
		names = append(names, provider["name"].(string))
	}
	return names
}

func decodeList(t *testing.T, body string) []map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &list))
	return list
}

const routes = "its package documentation lists the routes"

// applicationError is the body of an error in the application's shape.
func applicationError(status int, message string) string {
	retryable := status == 429 || status == 502 || status == 503 || status == 504
	return fmt.Sprintf(`{"status":%d,"message":%q,"instance":"fake","retryable":%t}`, status, message, retryable)
}

// requireRefused checks the answer to a batch that has one mistake.
func requireRefused(t *testing.T, got answer, path, message string) {
	t.Helper()
	require.Equal(t, 400, got.status, got.body)
	require.Equal(t, "application/json", got.header.Get("Content-Type"))
	require.JSONEq(t, fmt.Sprintf(`{"status":400,"message":"the batch is refused","instance":"fake","retryable":false,
		"validationErrors":[{"path":%q,"message":%q,"invalidValue":null}]}`, path, message), got.body)
}

// golden reads one of the project's golden files.
func golden(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", name))
	require.NoError(t, err)
	return string(text)
}

// mail is an integration that every check lets pass.
func mail(name string) integrations.Integration {
	return integrations.Integration{
		Name:          name,
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.key"},
	}
}

// testRun stands in for a test, and records how it ended.
type testRun struct {
	mu       sync.Mutex
	cleanups []func()
	errors   []string
	fatal    bool
}

// runTest runs f as a test of its own, to the end of its cleanups.
func runTest(f func(fake.T)) *testRun {
	run := &testRun{}
	inGoroutine(func() { f(run) })
	for i := len(run.cleanups) - 1; i >= 0; i-- {
		inGoroutine(run.cleanups[i])
	}
	return run
}

// inGoroutine lets f end by Goexit.
func inGoroutine(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

func (r *testRun) Helper()          {}
func (r *testRun) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *testRun) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *testRun) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.fatal = true
	runtime.Goexit()
}
