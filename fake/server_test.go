package fake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
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
		"fake: request to a route that the fake does not have: GET /integrations; " + routes,
		"fake: request to a route that the fake does not have: GET /api/integrations/providers/a; " + routes,
		"fake: request to a route that the fake does not have: GET /a%0Aforged; " + routes,
	}, run.errors)
	require.False(t, run.fatal)
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]fake.Option{
		"fake: option 1 is nil":                            {fake.WithoutAuth(), nil},
		"fake: key pair has an empty half":                 {fake.WithKeySecret("id", "")},
		"fake: token is empty":                             {fake.WithToken("")},
		"fake: clock is nil":                               {fake.WithClock(nil)},
		"fake: token life is not positive":                 {fake.WithTokenTTL(0)},
		"fake: token life is not positive\ntoken is empty": {fake.WithTokenTTL(-1), fake.WithToken("")},
		"fake: integrations: unknown validation mode 7":    {fake.WithValidation(7)},
	} {
		run := runTest(func(t fake.T) { fake.Start(t, opts...) })
		require.Equal(t, []string{want}, run.errors)
		require.True(t, run.fatal)
		require.PanicsWithValue(t, want, func() { fake.NewServer(opts...) })
	}
	const want = "fake: Client: integrations: token is blank"
	run := runTest(func(t fake.T) { fake.Start(t).Client(integrations.WithToken("")) })
	require.Equal(t, []string{want}, run.errors)
	require.True(t, run.fatal)
	srv := fake.NewServer()
	defer srv.Close()
	require.PanicsWithValue(t, want, func() { srv.Client(integrations.WithToken("")) })
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
	}
	require.Equal(t, url, srv.URL())
	srv.AssertSaved(t, mail("a"))
	require.Len(t, srv.Requests(save), 1)

	unopened := fake.NewServer()
	unopened.Close()
	require.Empty(t, unopened.URL())
}

// A bubble ends only when every goroutine in it has ended, so that these tests
// find any leak there is.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fake.Fault{
		"idle":          {},
		"delay":         {Delay: time.Hour},
		"delayed reply": {Delay: time.Hour, AfterCommit: true},
		"endless":       {Endless: true},
		"drop":          {Drop: true},
		"truncate":      {Truncate: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := fake.NewServer()
				client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{}), integrations.WithTimeout(0),
					integrations.WithMaxResponseBytes(1<<40))
				require.NoError(t, client.SaveAll(t.Context(), []integrations.Integration{mail("a")}))
				srv.FailNext(save, fault, fault)
				start := time.Now()
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() {
						err := client.SaveAll(t.Context(), []integrations.Integration{mail("a")})
						assert.Equal(t, name != "idle", err != nil, err)
					})
				}
				if !fault.Endless {
					synctest.Wait() // an endless reply never comes to rest
				}
				for fault.Endless && len(srv.Requests(save)) < 3 {
					runtime.Gosched()
				}
				srv.Close()
				wg.Wait()
				require.Zero(t, time.Since(start))
			})
		})
	}
}

// Not parallel: it counts the goroutines of the process.
func TestCloseWithStalledClients(t *testing.T) {
	before := runtime.NumGoroutine()
	srv := fake.NewServer(fake.WithToken("t0ken"))
	address := strings.TrimPrefix(srv.URL(), "http://")
	const head = "POST /api/integrations/ HTTP/1.1\r\nHost: fake\r\nX-Authorization: t0ken\r\nContent-Length: 100\r\n\r\n"
	srv.FailNext(list, fake.Fault{Delay: time.Hour}, fake.Fault{Endless: true})
	var conns []net.Conn
	for _, begin := range []string{
		"",
		"POST /api/integ",
		head,
		head + `[{"name": "a"`,
		"GET /api/integrations/provider HTTP/1.1\r\nHost: fake\r\n\r\n", // delayed
		"GET /api/integrations/provider HTTP/1.1\r\nHost: fake\r\n\r\n", // endless, and nobody reads
	} {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		_, err = io.WriteString(conn, begin)
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	waitFor(t, "the two whole requests", func() bool { return len(srv.Requests()) == 2 })
	srv.Close()
	for i, conn := range conns[:len(conns)-1] {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		_, err := io.ReadAll(conn)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, i)
		require.NoError(t, conn.Close())
	}
	require.NoError(t, conns[len(conns)-1].Close())
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
	require.Len(t, srv.Requests(), 2, "half a request is none")
}

// On a server of the caller's own, closing the fake frees its handlers.
// Not parallel, as above.
func TestCloseFreesHandlers(t *testing.T) {
	before := runtime.NumGoroutine()
	srv := fake.NewServer()
	ts := httptest.NewServer(srv.Handler())
	srv.FailNext(list, fake.Fault{Delay: time.Hour}, fake.Fault{Endless: true})
	var conns []net.Conn
	for range 2 {
		conn, err := net.Dial("tcp", ts.Listener.Addr().String())
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET /api/integrations/provider HTTP/1.1\r\nHost: fake\r\n\r\n")
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	waitFor(t, "the requests", func() bool { return len(srv.Requests()) == 2 })
	srv.Close()
	ts.Close() // waits for the handlers
	for _, conn := range conns {
		require.NoError(t, conn.Close())
	}
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

// The same with a flood over HTTP/2, whose stream nobody reads.
func TestCloseFreesAnHTTP2Flood(t *testing.T) {
	before := runtime.NumGoroutine()
	srv := fake.NewServer(fake.WithoutAuth())
	handler, ended := srv.Handler(), make(chan struct{})
	var begun atomic.Int64
	ts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		handler.ServeHTTP(&counter{w, &begun}, r)
	}))
	ts.EnableHTTP2 = true
	ts.StartTLS()
	const window = 64 << 10
	ts.Client().Transport.(*http.Transport).HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: window}
	srv.FailNext(list, fake.Fault{Endless: true})
	resp, err := ts.Client().Get(ts.URL + "/api/integrations/provider")
	require.NoError(t, err)
	require.Equal(t, 2, resp.ProtoMajor)
	waitFor(t, "a write that cannot end", func() bool { return begun.Load() > window })
	srv.Close()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		require.Fail(t, "the handler goes on")
	}
	_, err = io.Copy(io.Discard, resp.Body)
	require.Error(t, err)
	require.NoError(t, resp.Body.Close())
	ts.Close()
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

// counter counts the bytes of the writes that have begun.
type counter struct {
	http.ResponseWriter
	begun *atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.begun.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Not parallel, as above.
func TestCloseWhileURLAndClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		srv := fake.NewServer()
		client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{}))
		urls := make([]string, 3)
		var wg sync.WaitGroup
		for i := range urls {
			wg.Go(func() { urls[i] = srv.URL() })
			wg.Go(srv.Close)
			wg.Go(func() { _, _ = client.ListProviders(t.Context()) })
		}
		wg.Wait()
		url := srv.URL()
		for _, got := range urls {
			require.Contains(t, []string{"", url}, got, "one socket at most")
		}
	}
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

// waitFor gives other goroutines ten seconds.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("waited in vain for %s\n%s", what, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestCloseWhileClientsCall(t *testing.T) {
	t.Parallel()
	for range 5 {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.NewServer()
			client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{}))
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					for {
						if _, err := client.ListProviders(t.Context()); err != nil {
							return
						}
					}
				})
			}
			for len(srv.Requests(list)) < 30 {
				runtime.Gosched()
			}
			srv.Close()
			wg.Wait()
		})
	}
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

// What a consumer's test of slow things needs: nothing but Start and Client.
func TestInABubble(t *testing.T) {
	t.Parallel()
	t.Run("a Retry-After of 30 seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			srv.FailNext(save, fake.Fault{Status: 503, Header: http.Header{"Retry-After": {"30"}}})
			start := time.Now()
			require.NoError(t, srv.Client().SaveAll(t.Context(), []integrations.Integration{mail("a")}))
			require.Equal(t, 30*time.Second, time.Since(start))
		})
	})
	t.Run("a token that expires in an hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			client := srv.Client()
			for _, mints := range []int{1, 1, 2} {
				_, err := client.ListProviders(t.Context())
				require.NoError(t, err)
				require.Len(t, srv.Requests(token), mints)
				time.Sleep(35 * time.Minute)
			}
		})
	})
	t.Run("a token that is over early", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			client := srv.Client()
			for range 2 {
				_, err := client.ListProviders(t.Context())
				require.NoError(t, err)
				srv.ExpireTokens()
			}
			require.Len(t, srv.Requests(token), 2)
			require.Len(t, srv.Requests(list), 3)
		})
	})
	t.Run("a stalled reply", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			srv.FailAlways(list, fake.Fault{Delay: time.Hour})
			client := srv.Client(integrations.WithTimeout(10*time.Second), integrations.WithRetry(integrations.RetryPolicy{}))
			start := time.Now()
			_, err := client.ListProviders(t.Context())
			require.True(t, errors.Is(err, context.DeadlineExceeded) || isTimeout(err), err)
			require.Equal(t, 10*time.Second, time.Since(start))
		})
	})
}

// A server from outside the bubble would hang in it without a word.
func TestStartedOutsideTheBubble(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	outside := srv.Client()
	synctest.Test(t, func(t *testing.T) {
		for _, client := range []*integrations.Client{outside, srv.Client()} {
			_, err := client.ListProviders(t.Context())
			require.ErrorContains(t, err, "the server was started outside this synctest bubble: call Start inside it")
		}
	})
	require.Empty(t, srv.Requests())
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
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

// BenchmarkLifecycle sets a fake's whole life, with a save and a list, beside
// that of the barest test server with one GET. As a machine's speed drifts, the
// two take turns, and what is reported is the median of each and of the ratio.
// Sockets in TIME_WAIT spoil longer runs:
//
//	go test -run '^$' -bench Lifecycle -benchtime 500x -count 5 ./fake
func BenchmarkLifecycle(b *testing.B) {
	var ours, bare, ratios []float64
	for turn := 0; b.Loop(); turn++ {
		var a, c time.Duration
		if turn%2 == 0 {
			a, c = timed(b, lifeOfFake), timed(b, lifeOfBareServer)
		} else {
			c, a = timed(b, lifeOfBareServer), timed(b, lifeOfFake)
		}
		ours = append(ours, float64(a)/1e3)
		bare = append(bare, float64(c)/1e3)
		ratios = append(ratios, float64(a)/float64(c))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours), "fake-µs")
	b.ReportMetric(median(bare), "httptest-µs")
	b.ReportMetric(median(ratios), "x-httptest")
}

func lifeOfFake(ctx context.Context) error {
	srv := fake.NewServer()
	defer srv.Close()
	client := srv.Client()
	if err := client.SaveAll(ctx, []integrations.Integration{mail("mail")}); err != nil {
		return err
	}
	_, err := client.ListProviders(ctx)
	return err
}

func lifeOfBareServer(context.Context) error {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	return resp.Body.Close()
}

func timed(b *testing.B, f func(context.Context) error) time.Duration {
	start := time.Now()
	if err := f(b.Context()); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
