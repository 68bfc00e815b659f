package fake_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// net/http repeats a request by itself when a connection that it used before
// dies without a byte. A fault must be seen.
func TestDropIsNotRepeated(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	require.Equal(t, "[]", w.list(""))
	srv.TakeRequests()
	srv.FailNext(list, fake.Fault{Drop: true})
	_, err := w.try("GET", "/api/integrations/provider", "")
	require.Error(t, err)
	requests := srv.TakeRequests()
	require.Len(t, requests, 1)
	require.Zero(t, requests[0].Status)
	require.Equal(t, "[]", w.list(""))
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithIntegrations(mail("a"), mail("b")))
	w := dial(t, srv)
	whole := w.list("")
	srv.FailNext(list, fake.Fault{Truncate: true}, fake.Fault{Truncate: true, Status: 500, RawBody: []byte("abcdef")})
	got, err := w.try("GET", "/api/integrations/provider", "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, 200, got.status)
	require.Equal(t, whole[:len(whole)/2], got.body)
	got, err = w.try("GET", "/api/integrations/provider", "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, 500, got.status)
	require.Equal(t, "abc", got.body)
	srv.FailNext(save, fake.Fault{Truncate: true}) // of nothing
	got, err = w.try("POST", "/api/integrations/", "[]")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, 200, got.status)
	for _, r := range srv.Requests(list)[1:] {
		require.NotZero(t, r.Status, "the status did arrive")
	}
}

func TestEndless(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	begins := func(op integrations.Op, fault fake.Fault) string {
		t.Helper()
		fault.Endless = true
		srv.FailNext(op, fault)
		path, method, body := "/api/integrations/provider", "GET", ""
		if op == save {
			path, method, body = "/api/integrations/", "POST", "[]"
		}
		got, err := w.try(method, path, body)
		require.NoError(t, err)
		require.Len(t, got.body, 1<<20, "as much as was read")
		return got.body
	}
	requireElements(t, begins(list, fake.Fault{}), "endless")
	srv.Put(mail("first"))
	requireElements(t, begins(list, fake.Fault{}), "first")
	require.Empty(t, strings.TrimSpace(begins(save, fake.Fault{})))
	require.Equal(t, `{"error":"INVALID_TOKEN","message":"Unauthorized"`, strings.TrimSpace(begins(list, fake.Fault{Status: 401, Code: "INVALID_TOKEN"})))
	require.Equal(t, "<html>", strings.TrimSpace(begins(list, fake.Fault{RawBody: []byte("<html>")})))
}

// A length that the body exceeds must not end it, nor have net/http repeat the
// request on a connection that it used before.
func TestEndlessWithAContentLength(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	for _, length := range []string{"0", "1", "100000"} {
		require.Equal(t, "[]", w.list(""))
		srv.TakeRequests()
		srv.FailNext(list, fake.Fault{Endless: true, Header: http.Header{"content-length": {length}}})
		got, err := w.try("GET", "/api/integrations/provider", "")
		require.NoError(t, err)
		require.Len(t, got.body, 1<<20)
		require.Len(t, srv.TakeRequests(), 1)
	}
}

// requireElements checks that text is the beginning of an array of many elements,
// and that the first element has that name.
func requireElements(t *testing.T, text, first string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	_, err := dec.Token()
	require.NoError(t, err)
	n := 0
	for ; ; n++ {
		var element struct{ Name, Type, IntegrationName, API, Key string }
		err := dec.Decode(&element)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		require.NoError(t, err)
		require.True(t, n == 0 || element.Name+element.Type+element.IntegrationName+element.API+element.Key == strings.Repeat("endless", 5))
		require.True(t, element.Name == first || n > 0)
	}
	require.Greater(t, n, 100)
}

// A delay ends when the client has had enough.
func TestDelayOfAClientThatGoesAway(t *testing.T) {
	t.Parallel()
	for _, afterCommit := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			srv.FailNext(save, fake.Fault{Delay: time.Hour, AfterCommit: afterCommit})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			require.ErrorIs(t, srv.Client().SaveAll(ctx, []integrations.Integration{mail("a")}), context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(start))
			synctest.Wait()
			require.Equal(t, afterCommit, len(srv.Integrations()) == 1)
			requests := srv.Requests(save)
			require.Len(t, requests, 1)
			require.Zero(t, requests[0].Status)
		})
	}
}

func TestDelayThenReply(t *testing.T) {
	t.Parallel()
	for _, afterCommit := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			srv.FailNext(save, fake.Fault{Delay: 20 * time.Second, AfterCommit: afterCommit})
			client := srv.Client()
			start := time.Now()
			done := make(chan error)
			go func() { done <- client.SaveAll(t.Context(), []integrations.Integration{mail("a")}) }()
			synctest.Wait()
			require.Equal(t, afterCommit, len(srv.Integrations()) == 1)
			require.NoError(t, <-done)
			require.Equal(t, 20*time.Second, time.Since(start))
			srv.AssertSaved(t, mail("a"))
		})
	}
}

func TestFaultsOverHTTP2(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	ts := httptest.NewUnstartedServer(srv.Handler())
	ts.EnableHTTP2 = true
	ts.StartTLS()
	t.Cleanup(ts.Close)
	w := &wire{t: t, url: ts.URL, limit: 1 << 20, http: ts.Client()}
	w.token = w.mint(srv.Credentials())
	require.Equal(t, 2, w.send("GET", "/api/integrations/provider", "").major)

	srv.FailNext(list, fake.Fault{Drop: true}, fake.Fault{Truncate: true}, fake.Fault{Endless: true})
	_, err := w.try("GET", "/api/integrations/provider", "")
	require.Error(t, err)
	got, err := w.try("GET", "/api/integrations/provider", "")
	require.Error(t, err)
	require.Equal(t, 200, got.status)
	require.Equal(t, 2, got.major)
	got, err = w.try("GET", "/api/integrations/provider", "")
	require.NoError(t, err)
	require.Len(t, got.body, 1<<20)
	require.Equal(t, 2, got.major)

	srv.FailNext(list, fake.Fault{Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", ts.URL+"/api/integrations/provider", nil)
	require.NoError(t, err)
	go func() {
		for len(srv.Requests(list)) < 5 {
			runtime.Gosched()
		}
		cancel()
	}()
	resp, err := w.http.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "[]", w.list(""))
}

func TestStatusWithoutABody(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	srv.FailNext(list, fake.Fault{Status: 204}, fake.Fault{Status: 304, RawBody: []byte{}}, fake.Fault{Status: 204, Drop: true})
	for _, status := range []int{204, 304} {
		got := w.send("GET", "/api/integrations/provider", "")
		require.Equal(t, status, got.status)
		require.Empty(t, got.body)
	}
	_, err := w.try("GET", "/api/integrations/provider", "")
	require.Error(t, err)
	require.Len(t, srv.Requests(list), 3)
}

// An upgraded connection stays silent until the client goes away or the server
// is closed.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	for _, closedBy := range []string{"client", "server"} {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.NewServer(fake.WithToken("t0ken"))
			srv.FailNext(save, fake.Fault{Status: 101, AfterCommit: true, Header: http.Header{"X-A": {"a"}}})
			req, err := http.NewRequestWithContext(t.Context(), "POST", "http://fake/api/integrations/", strings.NewReader(oneMail))
			require.NoError(t, err)
			req.Header.Set("X-Authorization", "t0ken")
			resp, err := srv.Transport().RoundTrip(req)
			require.NoError(t, err)
			require.Equal(t, 101, resp.StatusCode)
			require.Equal(t, "a", resp.Header.Get("X-A"))
			require.Equal(t, "Upgrade", resp.Header.Get("Connection"))
			read := make(chan error)
			go func() {
				n, err := resp.Body.Read(make([]byte, 1))
				assert.Zero(t, n)
				read <- err
			}()
			synctest.Wait()
			select {
			case err := <-read:
				t.Errorf("the connection is not silent: %v", err)
			default:
			}
			if closedBy == "client" {
				require.NoError(t, resp.Body.Close())
			}
			srv.Close()
			require.Error(t, <-read)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 101, srv.Requests(save)[0].Status)
			require.Len(t, srv.Integrations(), 1)
		})
	}
}

// The client has to stop by itself, on every list: an element without a name
// would stop it early.
func TestEndlessListsOfEveryKind(t *testing.T) {
	t.Parallel()
	for _, op := range integrations.Ops() {
		if op != list && !strings.HasPrefix(string(op), "List") {
			continue
		}
		for _, world := range []func(fake.T, ...fake.Option) *fake.Server{newWorld, emptyWorld} {
			srv := world(t)
			srv.FailNext(op, fake.Fault{Endless: true})
			err := calls[op](t.Context(), srv.Client(integrations.WithMaxResponseBytes(1<<18)))
			require.ErrorIs(t, err, integrations.ErrResponseTooLarge, op)
		}
	}
}

// emptyWorld has a model, and nothing that belongs to it.
func emptyWorld(t fake.T, opts ...fake.Option) *fake.Server {
	srv := fake.Start(t, opts...)
	srv.Put(integrations.Integration{Name: "ai", Type: integrations.TypeOpenAI, APIs: []integrations.IntegrationAPI{{API: "m", Description: "d"}}})
	srv.PutDefinitions()
	return srv
}
