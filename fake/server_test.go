package fake_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// Everything that a test may be is a T.
var (
	_ fake.T = (*testing.T)(nil)
	_ fake.T = (*testing.B)(nil)
	_ fake.T = testing.TB(nil)
)

func TestOneStateBehindEveryDoor(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	require.NoError(t, srv.Client().SaveAll(t.Context(), []integrations.Integration{mail("by client")}))
	w := dial(t, srv)
	require.Equal(t, []string{"by client"}, w.names(""))
	require.Equal(t, srv.URL(), w.url, "one socket")

	mounted := httptest.NewTLSServer(http.StripPrefix("/conductor", srv.Handler()))
	t.Cleanup(mounted.Close)
	id, secret := srv.Credentials()
	client, err := integrations.NewClient(mounted.URL+"/conductor",
		integrations.WithHTTPClient(mounted.Client()), integrations.WithKeySecret(id, secret))
	require.NoError(t, err)
	require.NoError(t, client.SaveAll(t.Context(), []integrations.Integration{mail("by handler")}))
	require.Equal(t, []string{"by client", "by handler"}, w.names(""))
}

func TestClientOptionsComeAfterTheWiring(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithToken("t0ken"))
	_, err := srv.Client(integrations.WithToken("t0ken"), integrations.WithUserAgent("billing/1")).ListProviders(t.Context())
	require.NoError(t, err)
	requests := srv.Requests()
	require.Len(t, requests, 1, "no token exchange")
	require.True(t, strings.HasPrefix(requests[0].Header.Get("User-Agent"), "billing/1 "))

	_, err = srv.Client(integrations.WithToken("another")).ListProviders(t.Context())
	require.ErrorIs(t, err, integrations.ErrUnauthorized)
}

func TestLeftovers(t *testing.T) {
	t.Parallel()
	require.Empty(t, runTest(func(t fake.T) {
		srv := fake.Start(t)
		srv.FailNext(list, fake.Fault{Status: 500})
		srv.FailAlways(save, fake.Fault{Status: 500})
		_, _ = srv.Client().ListProviders(context.Background())
	}).errors)

	require.Empty(t, runTest(func(t fake.T) {
		srv := fake.Start(t)
		srv.FailNext(list, fake.Fault{Status: 500})
		srv.ClearFaults()
	}).errors)

	run := runTest(func(t fake.T) {
		srv := fake.Start(t)
		srv.FailNext(list, fake.Fault{}, fake.Fault{Status: 503, Message: "canary"}, fake.Fault{Drop: true, AfterCommit: true})
		srv.FailNext(list, fake.Fault{AfterCommit: true}, fake.Fault{RawBody: []byte("canary"), Truncate: true})
		srv.FailNext(token, fake.Fault{}, fake.Fault{Status: 500, Delay: time.Minute, Endless: true})
		_, _ = srv.Client().ListProviders(context.Background())
		for _, path := range []string{"/integrations", "/integrations", "/api/integrations/providers/a?token=secret", "/a%0Aforged"} {
			resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(srv.URL() + path)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			_ = resp.Body.Close()
		}
		srv.TakeRequests() // hides nothing
		srv.Close()
	})
	require.Equal(t, []string{
		"fake: never used: ListProviders faults 503; drop after commit; normal reply after commit; raw body, truncate",
		"fake: never used: Token faults 500, delay 1m0s, endless",
		"fake: request to a route that the fake does not have: GET /integrations, did you mean /api/integrations?; " + routes,
		"fake: request to a route that the fake does not have: GET /api/integrations/providers/a; " + routes,
		"fake: request to a route that the fake does not have: GET /a%0Aforged; " + routes,
	}, run.errors)
	require.False(t, run.fatal)
}

func TestAfterClose(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{}))
	require.NoError(t, client.SaveAll(t.Context(), []integrations.Integration{mail("a")}))
	url := srv.URL()
	srv.Close()
	srv.Close()

	for _, c := range []*integrations.Client{client, srv.Client(integrations.WithRetry(integrations.RetryPolicy{}))} {
		_, err := c.ListProviders(t.Context())
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorContains(t, err, "the fake is closed")
	}
	require.Equal(t, url, srv.URL())
	srv.AssertSaved(t, mail("a"))
	require.Len(t, srv.Requests(save), 1)

	srv.FailAlways(list, fake.Fault{Delay: time.Hour, Header: http.Header{"X-A": {"a"}}})
	reply := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), "GET", "/api/integrations/provider", nil)
	srv.Handler().ServeHTTP(reply, request)
	require.Equal(t, 401, reply.Code, "the handler goes on, without delays")
	require.Equal(t, "a", reply.Header().Get("X-A"))

	unopened := fake.NewServer()
	unopened.Close()
	require.Empty(t, unopened.URL())
}

// Not parallel itself, as above.
func TestAHundredFakes(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("parallel", func(t *testing.T) {
		for i := range 100 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				oneOfMany(t, fmt.Sprint("mail ", i))
			})
		}
	})
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

func oneOfMany(t *testing.T, name string) {
	srv := fake.Start(t)
	srv.FailNext(list, fake.Fault{Status: 503, Header: http.Header{"Retry-After": {"0"}}})
	client := srv.Client()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			assert.NoError(t, client.SaveAll(t.Context(), []integrations.Integration{mail(name)}))
			_, err := client.ListProviders(t.Context())
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	srv.AssertSaved(t, mail(name))
	require.Len(t, srv.Requests(token), 1)
	require.Len(t, srv.Requests(save), 4)
	require.Len(t, srv.Requests(list), 5)
}

// Not parallel: it sets the environment.
func TestEnvironmentIsNotUsed(t *testing.T) {
	var elsewhere atomic.Int32
	ts := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer ts.Close()
	for name, value := range map[string]string{
		"CONDUCTOR_SERVER_URL": ts.URL, "CONDUCTOR_AUTH_KEY": "k", "CONDUCTOR_AUTH_SECRET": "s", "CONDUCTOR_AUTH_TOKEN": "t",
		"HTTP_PROXY": ts.URL, "HTTPS_PROXY": ts.URL, "ALL_PROXY": ts.URL,
	} {
		t.Setenv(name, value)
	}
	srv := fake.Start(t)
	_, err := srv.Client().ListProviders(t.Context())
	require.NoError(t, err)
	require.Zero(t, elsewhere.Load())
}

// Transport serves clients of the caller's own, whatever the host and scheme.
func TestTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithToken("t0ken"))
		client := &http.Client{Transport: srv.Transport()}
		for _, url := range []string{"http://conductor.example.com", "https://conductor.example.com", "https://localhost:7001", "http://[::1]:80"} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/api/integrations/provider", nil)
			require.NoError(t, err)
			req.Header.Set("X-Authorization", "t0ken")
			resp, err := client.Do(req)
			require.NoError(t, err, url)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, "[]", string(body))
		}
		own, err := integrations.NewClient("https://cluster.example.com/api", integrations.WithToken("t0ken"),
			integrations.WithHTTPClient(&http.Client{Transport: srv.Transport()}))
		require.NoError(t, err)
		require.NoError(t, own.SaveAll(t.Context(), []integrations.Integration{mail("own")}))
		srv.AssertSaved(t, mail("own"))
	})
}
