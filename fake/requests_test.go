package fake_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	srv := fake.NewServer() // an unknown route is no failure here
	t.Cleanup(srv.Close)
	w := dial(t, srv)
	srv.FailNext(list, fake.Fault{Status: 503}, fake.Fault{})
	w.send("GET", "/api/integrations/provider?category=EMAIL&activeOnly=false", "")
	w.save(oneMail)
	w.send("GET", "/api/integrations/provider", "")
	w.send("DELETE", "/api/integrations/", "")
	w.send("GET", "/nowhere", "")
	w.token = ""
	w.save("[]")
	w.send("POST", "/api/token", "{}")

	got := srv.Requests()
	require.Empty(t, cmp.Diff([]fake.Request{
		{Op: list, Method: "GET", Path: "/api/integrations/provider", Query: url.Values{"category": {"EMAIL"}, "activeOnly": {"false"}}, Status: 503, Faulted: true},
		{Op: save, Method: "POST", Path: "/api/integrations/", Body: []byte(oneMail), Status: 200},
		{Op: list, Method: "GET", Path: "/api/integrations/provider", Status: 200, Faulted: true},
		{Method: "DELETE", Path: "/api/integrations/", Status: 405},
		{Method: "GET", Path: "/nowhere", Status: 404},
		{Op: save, Method: "POST", Path: "/api/integrations/", Body: []byte("[]"), Status: 401},
		{Op: token, Method: "POST", Path: "/api/token", Body: []byte("{}"), Status: 401},
	}, got, cmpopts.IgnoreFields(fake.Request{}, "Header"), cmpopts.EquateEmpty()))
	require.NotEmpty(t, got[0].Header.Get("X-Authorization"))
	require.Empty(t, got[5].Header.Get("X-Authorization"))

	require.Len(t, srv.Requests(save), 2)
	require.Equal(t, token, srv.Requests(save, token)[2].Op)
	require.Len(t, srv.Requests(""), 2)

	got[1].Body[0], got[0].Query["category"][0], got[0].Header["X-Authorization"][0] = '?', "spoilt", "spoilt"
	again := srv.Requests()
	require.Equal(t, oneMail, string(again[1].Body))
	require.Equal(t, "EMAIL", again[0].Query.Get("category"))
	require.NotEqual(t, "spoilt", again[0].Header.Get("X-Authorization"))

	require.Empty(t, cmp.Diff(again, srv.TakeRequests()))
	require.Empty(t, srv.Requests())
	require.Equal(t, []fake.Request{}, srv.TakeRequests())
	w.send("POST", "/api/token", "{}")
	require.Len(t, srv.TakeRequests(), 1)
}

func TestRequestString(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]fake.Request{
		"SaveAll POST /api/integrations/: 200":                               {Op: save, Method: "POST", Path: "/api/integrations/", Status: 200},
		"ListProviders GET /p?activeOnly=false&category=A+B: 503, faulted":   {Op: list, Method: "GET", Path: "/p", Query: url.Values{"category": {"A B"}, "activeOnly": {"false"}}, Status: 503, Faulted: true},
		"ListProviders GET /p?a=[hidden]&activeOnly=false&activeOnly=x: 400": {Op: list, Method: "GET", Path: "/p", Query: url.Values{"activeOnly": {"false", "x"}, "a": {"canary", "canary"}}, Status: 400},
		"GET /nowhere?token=[hidden]: 404":                                   {Method: "GET", Path: "/nowhere", Query: url.Values{"token": {"secret"}}, Status: 404},
		"Token POST /api/token: no reply, faulted":                           {Op: token, Method: "POST", Path: "/api/token", Faulted: true},
		"GET /a%0ATime%20to%20forge%1B: 404":                                 {Method: "GET", Path: "/a\nTime to forge\x1b", Status: 404},
	} {
		require.Equal(t, want, r.String())
	}
}

// No print of a recorded request may show what its header and its body hold.
func TestRequestsDoNotLeak(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithKeySecret("the-id", "canary-secret"), fake.WithToken("canary-token"))
	w := dial(t, srv)
	w.token = "canary-token"
	w.send("POST", "/api/token", `{"keyId": "the-id", "keySecret": "canary-secret"}`)
	require.Equal(t, 200, w.save(`[{"name": "a", "type": "git", "configuration": {"user": "canary-user", "canary-key": 1}}]`).status)
	w.send("GET", "/api/integrations/provider?token=canary-query", "")

	requests := srv.Requests()
	require.Len(t, requests, 3)
	var out bytes.Buffer
	print := func(v any) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			if _, ok := v.([]fake.Request); !ok { // encoding/json shows the fields, and says so
				slog.New(handler).Info("request", "request", v)
			}
		}
	}
	print(requests)
	for i, r := range requests {
		print(r)
		print(&requests[i])
		print(struct{ R fake.Request }{r}.R)
		_, _ = io.WriteString(&out, r.String()+fmt.Sprint(r)+fmt.Sprintln(map[string]fake.Request{"r": r}))
	}
	require.Contains(t, out.String(), "POST /api/token")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		fmt.Fprintf(&out, verb, srv)
	}
	require.NotContains(t, out.String(), "canary")
	require.NotContains(t, out.String(), fmt.Sprintf("%x", "canary"))
}

// Nor may the diff of a state, which TestAssertSavedFails covers, or a message
// about a fault.
func TestLeftoversDoNotLeak(t *testing.T) {
	t.Parallel()
	run := runTest(func(t fake.T) {
		fake.Start(t).FailNext(integrations.OpSaveAll, fake.Fault{Status: 500, Message: "canary", RawBody: []byte("canary")})
	})
	require.Len(t, run.errors, 1)
	require.NotContains(t, run.errors[0], "canary")
}

// What is taken is the taker's, also while the handler still has the request.
func TestTakenRequestsAreCopies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		client := srv.Client()
		srv.FailNext(save, fake.Fault{Delay: 20 * time.Second})
		done := make(chan error)
		go func() { done <- client.SaveAll(t.Context(), []integrations.Integration{mail("a")}) }()
		synctest.Wait()
		requests := srv.TakeRequests()
		require.Len(t, requests, 2)
		clear(requests[1].Body)
		clear(requests[1].Header)
		time.Sleep(time.Minute)
		require.NoError(t, <-done)
		require.Zero(t, requests[1].Status)
		srv.AssertSaved(t, mail("a"))
		require.Empty(t, srv.Requests())
	})
}
