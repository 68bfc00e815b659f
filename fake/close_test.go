package fake_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
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
