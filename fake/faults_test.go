package fake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

const (
	save  = integrations.OpSaveAll
	list  = integrations.OpListProviders
	token = integrations.OpToken

	oneMail = `[{"name": "mail", "type": "sendgrid", "configuration": {"api_key": "SG.key"}}]`
)

func TestFaultStatusAndBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       fake.Fault
		contentType string
		body        string
	}{
		"status alone":   {fake.Fault{Status: 500}, "application/json", applicationError(500, "Internal Server Error")},
		"retryable":      {fake.Fault{Status: 503, Message: "later"}, "application/json", applicationError(503, "later")},
		"bad gateway":    {fake.Fault{Status: 502}, "application/json", applicationError(502, "Bad Gateway")},
		"slow gateway":   {fake.Fault{Status: 504}, "application/json", applicationError(504, "Gateway Timeout")},
		"limited":        {fake.Fault{Status: 429}, "application/json", applicationError(429, "Too Many Requests")},
		"code":           {fake.Fault{Status: 409, Code: "CONFLICT"}, "application/json", `{"status":409,"code":"CONFLICT","message":"Conflict","instance":"fake","retryable":false}`},
		"success":        {fake.Fault{Status: 202, RawBody: []byte("{}")}, "text/plain; charset=utf-8", "{}"},
		"expired":        {fake.Fault{Status: 403, Code: "EXPIRED_TOKEN", Message: "m"}, "application/json", `{"error":"EXPIRED_TOKEN","message":"m"}`},
		"invalid":        {fake.Fault{Status: 401, Code: "INVALID_TOKEN"}, "application/json", `{"error":"INVALID_TOKEN","message":"Unauthorized"}`},
		"no user":        {fake.Fault{Status: 401, Code: "USER_NOT_FOUND"}, "application/json", `{"error":"USER_NOT_FOUND","message":"Unauthorized"}`},
		"unverified":     {fake.Fault{Status: 401, Code: "EMAIL_NOT_VERIFIED"}, "application/json", `{"error":"EMAIL_NOT_VERIFIED","message":"Unauthorized"}`},
		"while fetching": {fake.Fault{Status: 401, Code: "ERROR_WHILE_FETCHING"}, "application/json", `{"error":"ERROR_WHILE_FETCHING","message":"Unauthorized"}`},
		"HTML":           {fake.Fault{Status: 502, RawBody: []byte("<html>bad gateway")}, "text/html; charset=utf-8", "<html>bad gateway"},
		"empty":          {fake.Fault{Status: 500, RawBody: []byte{}}, "", ""},
		"own type":       {fake.Fault{Status: 500, RawBody: []byte("{"), Header: http.Header{"content-type": {"application/json"}}}, "application/json", "{"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := fake.Start(t)
			w := dial(t, srv)
			w.token = "" // a status comes before authentication
			for _, op := range []integrations.Op{save, list, token} {
				srv.FailNext(op, c.fault)
			}
			for _, got := range []answer{w.save(oneMail), w.send("GET", "/api/integrations/provider", ""), w.send("POST", "/api/token", "{}")} {
				require.Equal(t, c.fault.Status, got.status)
				require.Equal(t, c.contentType, got.header.Get("Content-Type"))
				require.Equal(t, c.body, sameJSON(c.body, got.body))
			}
			require.Empty(t, srv.Integrations())
		})
	}
}

// sameJSON returns want if got is the same JSON, and otherwise got.
func sameJSON(want, got string) string {
	var a, b any
	if json.Unmarshal([]byte(want), &a) == nil && json.Unmarshal([]byte(got), &b) == nil && fmt.Sprint(a) == fmt.Sprint(b) {
		return want
	}
	return got
}

func TestFaultHeader(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	srv.FailNext(list,
		fake.Fault{Status: 429, Header: http.Header{"retry-after": {"30"}, "X-Limit": {"a", "b"}}},
		fake.Fault{Header: http.Header{"X-Limit": {"c"}, "Content-Type": {"text/json"}}})
	got := w.send("GET", "/api/integrations/provider", "")
	require.Equal(t, 429, got.status)
	require.Equal(t, "30", got.header.Get("Retry-After"))
	require.Equal(t, []string{"a", "b"}, got.header.Values("X-Limit"))
	got = w.send("GET", "/api/integrations/provider", "")
	require.Equal(t, 200, got.status)
	require.Equal(t, "[]", got.body)
	require.Equal(t, []string{"text/json"}, got.header.Values("Content-Type"))
	require.Equal(t, []string{"c"}, got.header.Values("X-Limit"))
}

// A raw body is the body of a proxy that knows nothing of the reply's type.
func TestRawBodyReplacesTheHeadersToo(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	srv.FailNext(list, fake.Fault{RawBody: []byte("<html>")}, fake.Fault{RawBody: []byte("[]"), Header: http.Header{"Content-Type": {"application/json"}}})
	require.Equal(t, []string{"text/html; charset=utf-8"}, w.send("GET", "/api/integrations/provider", "").header.Values("Content-Type"))
	require.Equal(t, []string{"application/json"}, w.send("GET", "/api/integrations/provider", "").header.Values("Content-Type"))
}

func TestFaultsComeInOrder(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	statuses := func(n int) (list []int) {
		for range n {
			list = append(list, w.send("GET", "/api/integrations/provider", "").status)
		}
		return list
	}
	srv.FailNext(save, fake.Fault{Status: 418})
	srv.FailNext(list, fake.Fault{Status: 500}, fake.Fault{}, fake.Fault{Status: 502})
	srv.FailNext(list, fake.Fault{Status: 503})
	require.Equal(t, []int{500, 200, 502, 503, 200}, statuses(5))
	require.Equal(t, 418, w.save("[]").status)

	srv.FailAlways(list, fake.Fault{Status: 501})
	srv.FailNext(list, fake.Fault{Status: 429})
	require.Equal(t, []int{429, 501, 501}, statuses(3))
	require.Equal(t, 200, w.save("[]").status)
	srv.FailAlways(list, fake.Fault{Status: 504})
	require.Equal(t, []int{504}, statuses(1))

	srv.FailNext(list, fake.Fault{Status: 429})
	srv.ClearFaults()
	require.Equal(t, []int{200}, statuses(1))
	srv.FailAlways(list, fake.Fault{Status: 500}) // no leftover
}

func TestFaultsAreCopied(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	fault := fake.Fault{Status: 500, Header: http.Header{"X-A": {"a"}}, RawBody: []byte("abc")}
	srv.FailNext(list, fault)
	srv.FailAlways(list, fault)
	fault.Header["X-A"][0], fault.RawBody[0] = "z", 'z'
	for range 3 {
		got := w.send("GET", "/api/integrations/provider", "")
		require.Equal(t, "abc", got.body)
		require.Equal(t, "a", got.header.Get("X-A"))
	}
}

// Which faults let a save through to the state.
func TestFaultsAndState(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault fake.Fault
		saved bool
	}{
		"none":     {fake.Fault{}, true},
		"header":   {fake.Fault{Header: http.Header{"X-A": {"a"}}}, true},
		"delay":    {fake.Fault{Delay: 1}, true},
		"status":   {fake.Fault{Status: 500}, false},
		"body":     {fake.Fault{RawBody: []byte("<html>")}, false},
		"drop":     {fake.Fault{Drop: true}, false},
		"truncate": {fake.Fault{Truncate: true}, false},
		"endless":  {fake.Fault{Endless: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, afterCommit := range []bool{false, true} {
				srv := fake.Start(t)
				w := dial(t, srv)
				fault := c.fault
				fault.AfterCommit = afterCommit
				srv.FailNext(save, fault)
				got, err := w.try("POST", "/api/integrations/", oneMail)
				require.Equal(t, fault.Drop || fault.Truncate, err != nil, err)
				if err == nil {
					require.Equal(t, max(200, fault.Status), got.status)
				}
				require.Equal(t, c.saved || afterCommit, len(srv.Integrations()) == 1)
				requests := srv.TakeRequests()
				require.Len(t, requests, 1)
				require.True(t, requests[0].Faulted)
				require.Equal(t, oneMail, string(requests[0].Body))
			}
		})
	}
}

// A request that would have been refused leaves nothing behind, AfterCommit or
// not, and without a status the refusal is what comes back.
func TestFaultOnARefusedRequest(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	w.token = ""
	srv.FailNext(save,
		fake.Fault{AfterCommit: true},
		fake.Fault{AfterCommit: true, RawBody: []byte("!")},
		fake.Fault{AfterCommit: true, Status: 502})
	require.Equal(t, 401, w.save(oneMail).status)
	got := w.save(oneMail)
	require.Equal(t, 401, got.status)
	require.Equal(t, "!", got.body)
	require.Equal(t, 502, w.save(oneMail).status)
	require.Empty(t, srv.Integrations())
}

// What the SDK's client makes of each fault, in no time.
func TestFaultsSeenByTheClient(t *testing.T) {
	t.Parallel()
	items := []integrations.Integration{mail("a")}
	for name, c := range map[string]struct {
		faults []fake.Fault
		opts   []integrations.Option
		err    error         // nil: the call succeeds in the end
		waited time.Duration // 0: whatever the client chose
		tries  int
	}{
		"Retry-After":     {faults: []fake.Fault{{Status: 429, Header: http.Header{"Retry-After": {"30"}}}}, waited: 30 * time.Second, tries: 2},
		"unavailable":     {faults: []fake.Fault{{Status: 503}, {Status: 502}, {Status: 504}}, tries: 4},
		"dropped":         {faults: []fake.Fault{{Drop: true}}, tries: 2},
		"lost reply":      {faults: []fake.Fault{{Drop: true, AfterCommit: true}}, tries: 2},
		"truncated":       {faults: []fake.Fault{{Truncate: true, AfterCommit: true}, {Truncate: true}}, tries: 3},
		"stalled":         {faults: []fake.Fault{{Delay: time.Hour}}, tries: 2},
		"expired":         {faults: []fake.Fault{{Status: 401, Code: "EXPIRED_TOKEN"}}, tries: 2},
		"invalid, 403":    {faults: []fake.Fault{{Status: 403, Code: "INVALID_TOKEN"}}, tries: 2},
		"no permission":   {faults: []fake.Fault{{Status: 403}}, err: integrations.ErrForbidden, tries: 1},
		"server error":    {faults: []fake.Fault{{Status: 500, RawBody: []byte("<html>")}}, err: integrations.ErrServer, tries: 1},
		"redirect":        {faults: []fake.Fault{{Status: 307, Header: http.Header{"Location": {"http://elsewhere.invalid/"}}}}, err: integrations.ErrRedirect, tries: 1},
		"endless":         {faults: []fake.Fault{{Endless: true}}, opts: []integrations.Option{integrations.WithMaxResponseBytes(1 << 20)}, err: integrations.ErrResponseTooLarge, tries: 1},
		"endless refusal": {faults: []fake.Fault{{Status: 400, Endless: true}}, err: integrations.ErrBadRequest, tries: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for op, call := range map[integrations.Op]func(*integrations.Client) error{
				save: func(c *integrations.Client) error { return c.SaveAll(context.Background(), items) },
				list: func(c *integrations.Client) error { _, err := c.ListProviders(context.Background()); return err },
			} {
				synctest.Test(t, func(t *testing.T) {
					srv := fake.Start(t)
					client := srv.Client(c.opts...)
					srv.FailNext(op, c.faults...)
					start := time.Now()
					err := call(client)
					if c.err == nil {
						require.NoError(t, err, op)
					} else {
						require.ErrorIs(t, err, c.err, op)
					}
					if c.waited != 0 {
						require.Equal(t, c.waited, time.Since(start))
					}
					requests := srv.Requests(op)
					require.Len(t, requests, c.tries, op)
					for _, r := range requests {
						require.Equal(t, requests[0].Body, r.Body)
					}
				})
			}
		})
	}
}

func TestFaultsOfTheTokenExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(token, fake.Fault{Status: 503, Header: http.Header{"Retry-After": {"7"}}}, fake.Fault{Drop: true}, fake.Fault{Delay: time.Minute})
		_, err := srv.Client().ListProviders(t.Context())
		require.NoError(t, err)
		require.Len(t, srv.Requests(token), 4)

		srv.FailNext(token, fake.Fault{RawBody: []byte("<html>log in")})
		_, err = srv.Client().ListProviders(t.Context())
		require.Error(t, err)
		require.Len(t, srv.Requests(list), 1, "nothing goes without a token")
	})
}

func TestMisusedFaults(t *testing.T) {
	t.Parallel()
	for want, misuse := range map[string]func(*fake.Server){
		`fake: FailNext: unknown operation "save"`:                           func(s *fake.Server) { s.FailNext("save", fake.Fault{}) },
		`fake: FailNext: unknown operation "saveAll", did you mean SaveAll?`: func(s *fake.Server) { s.FailNext("saveAll") },
		`fake: FailNext: unknown operation ""`:                               func(s *fake.Server) { s.FailNext("", fake.Fault{Status: 500}) },
		`fake: FailAlways: unknown operation "x"`:                            func(s *fake.Server) { s.FailAlways("x", fake.Fault{}) },
		"fake: FailNext: 42 is not the status of a reply":                    func(s *fake.Server) { s.FailNext(save, fake.Fault{Status: 42}) },
		"fake: FailAlways: 100 is not the status of a reply":                 func(s *fake.Server) { s.FailAlways(save, fake.Fault{Status: 100}) },
		"fake: FailNext: fault 2: 600 is not the status of a reply": func(s *fake.Server) {
			s.FailNext(save, fake.Fault{Status: 500}, fake.Fault{Status: 600}) // the good fault is not kept either
		},
		"fake: FailNext: Code or Message without a Status":      func(s *fake.Server) { s.FailNext(save, fake.Fault{Code: "EXPIRED_TOKEN"}) },
		"fake: FailAlways: Code or Message without a Status":    func(s *fake.Server) { s.FailAlways(save, fake.Fault{Message: "m", RawBody: []byte{}}) },
		"fake: FailNext: Code or Message with a RawBody":        func(s *fake.Server) { s.FailNext(save, fake.Fault{Status: 500, Code: "C", RawBody: []byte{}}) },
		"fake: FailAlways: Code or Message with a RawBody":      func(s *fake.Server) { s.FailAlways(save, fake.Fault{Status: 500, Message: "m", RawBody: []byte("x")}) },
		"fake: FailNext: negative Delay":                        func(s *fake.Server) { s.FailNext(save, fake.Fault{Delay: -1}) },
		"fake: FailNext: a reply with status 304 has no body":   func(s *fake.Server) { s.FailNext(save, fake.Fault{Status: 304, Endless: true}) },
		"fake: FailAlways: a reply with status 304 has no body": func(s *fake.Server) { s.FailAlways(save, fake.Fault{Status: 304, RawBody: []byte("x")}) },
		"fake: FailAlways: a reply with status 204 has no body": func(s *fake.Server) { s.FailAlways(save, fake.Fault{Status: 204, Truncate: true}) },
	} {
		run := runTest(func(t fake.T) { misuse(fake.Start(t)) })
		require.Equal(t, []string{want}, run.errors)
		require.False(t, run.fatal)
		srv := fake.NewServer()
		require.PanicsWithValue(t, want, func() { misuse(srv) })
		srv.Close()
	}
}
