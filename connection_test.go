package integrations_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithoutAuth())
	client, err := in.NewClient(srv.URL())
	require.NoError(t, err)
	reused := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if info.Reused {
			reused++
		}
	}})
	require.NoError(t, list(ctx, client))
	require.NoError(t, list(ctx, client))
	require.Equal(t, 1, reused)
	client.CloseIdleConnections()
	require.NoError(t, list(ctx, client))
	require.Equal(t, 1, reused)
	client.CloseIdleConnections()
}

// One client serves any number of goroutines, and neither their arguments nor
// their results have anything to do with each other.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client()
	shared := batchOf(20)
	for i := range shared {
		shared[i].APIs[0].IntegrationName = ""
	}
	before, err := json.Marshal(shared)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 5 {
				if err := client.SaveAll(t.Context(), shared); err != nil {
					t.Error(err)
				}
				got, err := client.ListProviders(t.Context())
				if err != nil || len(got) != 20 {
					t.Error(len(got), err)
				}
				for i := range got {
					got[i].Configuration["spoilt"] = i
					got[i].Tags = append(got[i].Tags, in.Tag{Key: "spoilt"})
				}
			}
		})
	}
	wg.Wait()
	after, err := json.Marshal(shared)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	first, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	second, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(first, second))
	require.NotContains(t, first[0].Configuration, in.ConfigKey("spoilt"))
	require.Len(t, srv.Requests(in.OpToken), 1)
}

// A stalled answer is cut by the default timeout, each time it is tried.
func TestAStalledAnswerIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithoutAuth())
		srv.FailAlways(in.OpListProviders, fake.Fault{Delay: time.Hour})
		begun := time.Now()
		err := list(t.Context(), srv.Client(in.WithRetry(in.RetryPolicy{})))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "no whole answer within 30s, see WithTimeout")
		require.Equal(t, 30*time.Second, time.Since(begun))
	})
}

// A server that switches protocols and then keeps silent delays nobody: an
// upgraded connection obeys neither the timeout nor the context, so it is not read.
func TestSwitchingProtocolsIsFinal(t *testing.T) {
	t.Parallel()
	for op, call := range exchanges {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				switching := true
				hc := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/api/token" && op != in.OpToken {
						_, _ = io.WriteString(w, `{"token":"minted"}`)
						return
					}
					if !switching {
						_, _ = io.WriteString(w, map[bool]string{true: `{"token":"minted"}`, false: "[]"}[r.URL.Path == "/api/token"])
						return
					}
					conn, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: canary\r\n\r\n")
					_, _ = io.Copy(io.Discard, conn) // until the client closes it
				})
				client, err := in.NewClient("http://cluster", in.WithHTTPClient(hc), in.WithKeySecret("id", "the-secret"))
				require.NoError(t, err)
				begun := time.Now()
				err = call(t.Context(), client)
				require.Zero(t, time.Since(begun))
				var api *in.APIError
				require.ErrorAs(t, err, &api)
				require.Equal(t, op, api.Op)
				require.Equal(t, http.StatusSwitchingProtocols, api.StatusCode)

				switching = false
				time.Sleep(time.Second) // a failed mint is on hold as long
				require.NoError(t, call(t.Context(), client))
			})
		})
	}
}

// A caller's own code that panics, panics in the goroutine of the caller.
func TestAPanicReachesTheCaller(t *testing.T) {
	t.Parallel()
	boom := func(*http.Request) (*http.Response, error) { panic("boom") }
	noBody := func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusFound, Header: header("Location", "https://elsewhere/")}, nil
	}
	for name, tt := range map[string]struct {
		trip   roundTrip
		opts   []in.Option
		panics bool
	}{
		"transport":                      {boom, []in.Option{in.WithToken("the-token")}, true},
		"transport in a mint":            {boom, []in.Option{in.WithKeySecret("id", "the-secret")}, true},
		"token source":                   {noBody, []in.Option{in.WithTokenSource(sourceFunc(func(context.Context) (string, error) { panic("boom") }))}, true},
		"log handler":                    {noBody, []in.Option{in.WithLogger(slog.New(panicking{}))}, true},
		"log handler in a mint":          {noBody, []in.Option{in.WithKeySecret("id", "the-secret"), in.WithLogger(slog.New(panicking{}))}, true},
		"a redirect without a body":      {noBody, nil, false},
		"a redirect of a mint without a": {noBody, []in.Option{in.WithKeySecret("id", "the-secret")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := in.NewClient("https://cluster", append(tt.opts, in.WithHTTPClient(&http.Client{Transport: tt.trip}))...)
			require.NoError(t, err)
			call := func() { require.ErrorIs(t, list(t.Context(), client), in.ErrRedirect) }
			if tt.panics {
				require.PanicsWithValue(t, "boom", call)
			} else {
				call()
			}
		})
	}
}

// panicking is a log handler that panics.
type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("boom") }
