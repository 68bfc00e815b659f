package integrations_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// What is repeated, how often, and after how long a wait: the waits are the
// default policy's, 0.5 to 1 s, 1 to 2 s and 2 to 4 s.
func TestRetries(t *testing.T) {
	t.Parallel()
	inAnHour := func() string { return time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) }
	in20s := func() string { return time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat) }
	tests := map[string]struct {
		faults   func() []fake.Fault
		attempts int
		is       error // nil: success
		min, max time.Duration
	}{
		"429": {func() []fake.Fault { return []fake.Fault{{Status: 429}} }, 2, nil, 500 * time.Millisecond, time.Second},
		"502, 503, 504": {
			func() []fake.Fault { return []fake.Fault{{Status: 502}, {Status: 503}, {Status: 504}} },
			4, nil, 3500 * time.Millisecond, 7 * time.Second,
		},
		"given up": {
			func() []fake.Fault { return []fake.Fault{{Status: 502}, {Status: 503}, {Status: 504}, {Status: 503}} },
			4, in.ErrServer, 3500 * time.Millisecond, 7 * time.Second,
		},
		"500 is final": {func() []fake.Fault { return []fake.Fault{{Status: 500}} }, 1, in.ErrServer, 0, 0},
		"501 is final": {func() []fake.Fault { return []fake.Fault{{Status: 501}} }, 1, in.ErrServer, 0, 0},
		"400 is final": {func() []fake.Fault { return []fake.Fault{{Status: 400}} }, 1, in.ErrBadRequest, 0, 0},
		"404 is final": {func() []fake.Fault { return []fake.Fault{{Status: 404}} }, 1, in.ErrNotFound, 0, 0},
		"dropped before the headers": {
			func() []fake.Fault { return []fake.Fault{{Drop: true}} }, 2, nil, 500 * time.Millisecond, time.Second,
		},
		"cut off after the headers": {
			func() []fake.Fault { return []fake.Fault{{Truncate: true}} }, 2, nil, 500 * time.Millisecond, time.Second,
		},
		"lost reply": {
			func() []fake.Fault { return []fake.Fault{{Drop: true, AfterCommit: true}} }, 2, nil, 500 * time.Millisecond, time.Second,
		},
		"Retry-After in seconds": {
			func() []fake.Fault { return []fake.Fault{{Status: 429, Header: header("Retry-After", "30")}} },
			2, nil, 30 * time.Second, 30 * time.Second,
		},
		"Retry-After 0": {
			func() []fake.Fault { return []fake.Fault{{Status: 503, Header: header("Retry-After", "0")}} },
			2, nil, 0, 0,
		},
		"Retry-After as a date": {
			func() []fake.Fault { return []fake.Fault{{Status: 503, Header: header("Retry-After", in20s())}} },
			2, nil, 20 * time.Second, 20 * time.Second,
		},
		"Retry-After that is nothing": {
			func() []fake.Fault { return []fake.Fault{{Status: 503, Header: header("Retry-After", "soon")}} },
			2, nil, 500 * time.Millisecond, time.Second,
		},
		"Retry-After over the longest wait": {
			func() []fake.Fault { return []fake.Fault{{Status: 429, Header: header("Retry-After", "31")}} },
			1, in.ErrRateLimited, 0, 0,
		},
		"Retry-After as a date over it": {
			func() []fake.Fault { return []fake.Fault{{Status: 503, Header: header("Retry-After", inAnHour())}} },
			1, in.ErrServer, 0, 0,
		},
		"Retry-After absurdly long": {
			func() []fake.Fault {
				return []fake.Fault{{Status: 429, Header: header("Retry-After", "99999999999999999999")}}
			},
			1, in.ErrRateLimited, 0, 0,
		},
	}
	for name, tt := range tests {
		for _, op := range []in.Op{in.OpSaveAll, in.OpListProviders, in.OpToken} {
			t.Run(name+" "+string(op), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := fake.Start(t)
					srv.FailNext(op, tt.faults()...)
					begun := time.Now()
					err := exchanges[op](t.Context(), srv.Client())
					took := time.Since(begun)
					if tt.is == nil {
						require.NoError(t, err)
					} else {
						require.ErrorIs(t, err, tt.is)
					}
					require.GreaterOrEqual(t, took, tt.min)
					require.LessOrEqual(t, took, tt.max)
					sent := srv.Requests(op)
					require.Len(t, sent, tt.attempts)
					for _, r := range sent {
						require.Equal(t, string(sent[0].Body), string(r.Body))
					}
				})
			})
		}
	}
}

func TestMaxRetriesZeroSendsOnce(t *testing.T) {
	t.Parallel()
	for _, fault := range []fake.Fault{{Status: 503}, {Drop: true}, {Truncate: true}} {
		srv := fake.Start(t)
		srv.FailNext(in.OpListProviders, fault)
		require.Error(t, list(t.Context(), srv.Client(in.WithRetry(in.RetryPolicy{}))))
		require.Len(t, srv.Requests(in.OpListProviders), 1)
	}
}

// A wait that would end after the context does not begin.
func TestRetryAfterPastTheDeadlineIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(in.OpListProviders, fake.Fault{Status: 429, Message: "slow down", Header: header("Retry-After", "20")})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		err := list(ctx, srv.Client())
		require.Zero(t, time.Since(begun))
		var api *in.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, 20*time.Second, api.RetryAfter)
		require.EqualError(t, err, "integrations: ListProviders: status 429 Too Many Requests: slow down; retry after 20s")
	})
}

// lateContext is a context in the moment between its deadline and its end.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Microsecond), true }

// Where the server asks for no wait, the end of the context decides, and not its
// deadline: the error of the call must match context.DeadlineExceeded.
func TestADeadlineThatHasJustPassedLeavesTheEndToTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(in.OpListProviders, fake.Fault{Status: 503})
		require.NoError(t, list(lateContext{t.Context()}, srv.Client()))
	})
}

// A cancelled context ends a wait at once, and the error tells both why the call
// ended and what the server said last.
func TestCancelDuringAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailAlways(in.OpSaveAll, fake.Fault{Status: 503, Message: "down", Header: header("Retry-After", "10")})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(15*time.Second, cancel)
		begun := time.Now()
		err := srv.Client().SaveAll(ctx, []in.Integration{openAI()})
		require.Equal(t, 15*time.Second, time.Since(begun))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, in.ErrServer)
		var api *in.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, http.StatusServiceUnavailable, api.StatusCode)
		require.EqualError(t, err, "integrations: SaveAll: context canceled; the last attempt: "+
			"SaveAll: status 503 Service Unavailable: down; retry after 10s; after 2 attempts")
		require.Len(t, srv.Requests(in.OpSaveAll), 2)
	})
}

func TestCancelDuringAnAttempt(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fake.Fault{"before the answer": {Delay: time.Hour}, "within the body": {Endless: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := fake.Start(t)
				srv.FailNext(in.OpListProviders, fake.Fault{Status: 503}, fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if fault.Endless {
					// The body flows without a pause, so no fake time passes in it.
					ctx = cancelOnBody(ctx)
				}
				err := list(ctx, srv.Client(in.WithMaxResponseBytes(256<<20), in.WithTimeout(0)))
				require.ErrorIs(t, err, ctx.Err())
				var api *in.APIError
				require.ErrorAs(t, err, &api)
				require.Len(t, srv.Requests(in.OpListProviders), 2)
			})
		})
	}
}

// cancelOnBody returns a context that is cancelled when the second answer begins.
func cancelOnBody(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	answers := 0
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: func() {
		if answers++; answers == 2 { // after the 503
			cancel()
		}
	}})
}

// A context that ends while an attempt fails for a reason of its own is told
// together with that reason.
func TestCancelAsAnAttemptFails(t *testing.T) {
	t.Parallel()
	errNetwork := errors.New("the network is down")
	for name, tt := range map[string]struct {
		resp *http.Response
		is   error
		text string
	}{
		"without an answer": {nil, errNetwork, "integrations: ListProviders: context canceled: Get \"https://cluster/api/integrations/provider?activeOnly=true\": the network is down"},
		"with one to be repeated": {&http.Response{StatusCode: 503, Body: http.NoBody}, in.ErrServer,
			"integrations: ListProviders: context canceled; the last attempt: ListProviders: status 503 Service Unavailable"},
		"with one that is final": {&http.Response{StatusCode: 400, Body: http.NoBody}, in.ErrBadRequest, "integrations: ListProviders: status 400 Bad Request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client, err := in.NewClient("https://cluster", in.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				cancel()
				if tt.resp == nil {
					return nil, errNetwork
				}
				return tt.resp, nil
			})}))
			require.NoError(t, err)
			err = list(ctx, client)
			require.ErrorIs(t, err, tt.is)
			require.EqualError(t, err, tt.text)
			require.Equal(t, !errors.Is(err, in.ErrBadRequest), errors.Is(err, context.Canceled))
		})
	}
}

// A network that stays down until the deadline is named as the cause.
func TestADeadlineTellsWhatTheCallWasRepeatedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		errNetwork := errors.New("the network is down")
		for _, opt := range []in.Option{in.WithToken("the-token"), in.WithKeySecret("id", "the-secret")} {
			client, err := in.NewClient("https://cluster", opt, in.WithRetry(in.RetryPolicy{MaxRetries: 1000}),
				in.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errNetwork })}))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			err = list(ctx, client)
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, errNetwork)
			require.ErrorContains(t, err, "context deadline exceeded; the last attempt: ")
			require.ErrorContains(t, err, "the network is down")
		}
	})
}

// A context that is over sends nothing, not even for a token.
func TestACancelledContextSendsNothing(t *testing.T) {
	t.Parallel()
	for op, call := range exchanges {
		srv := fake.Start(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, call(ctx, srv.Client()), context.Canceled, op)
		require.Empty(t, srv.Requests())
	}
}

// Every attempt has its own timeout, and a timeout is worth another attempt.
func TestTimeoutIsPerAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(in.OpListProviders, fake.Fault{Delay: time.Minute}, fake.Fault{Delay: 4 * time.Second})
		begun := time.Now()
		require.NoError(t, list(t.Context(), srv.Client(in.WithTimeout(5*time.Second))))
		require.InDelta(t, 10*time.Second, time.Since(begun), float64(time.Second))
	})
}

// The timeout covers a body that goes on flowing, slowly.
func TestTimeoutCoversTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hc := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("["))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Second)
			}
		})
		client, err := in.NewClient("http://cluster", in.WithHTTPClient(hc), in.WithRetry(in.RetryPolicy{MaxRetries: 1, MinWait: 1, MaxWait: 1}))
		require.NoError(t, err)
		begun := time.Now()
		err = list(t.Context(), client)
		require.InDelta(t, time.Minute, time.Since(begun), float64(time.Second), "two attempts of the default 30 seconds")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var api *in.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, http.StatusOK, api.StatusCode)
	})
}

// inMemory serves handler over pipes, which a synctest bubble can follow.
func inMemory(t *testing.T, handler http.HandlerFunc) *http.Client {
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	srv := &http.Server{Handler: handler}
	go func() { _ = srv.Serve(l) }()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		l.conns <- server
		return client, nil
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = srv.Close()
		time.Sleep(time.Minute) // in a bubble: until the handlers are done
	})
	return &http.Client{Transport: transport}
}

type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func TestTransportErrorsStayMatchable(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(nil)
	srv.Close()
	client, err := in.NewClient(srv.URL, in.WithRetry(in.RetryPolicy{}))
	require.NoError(t, err)
	err = list(t.Context(), client)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	var api *in.APIError
	require.False(t, errors.As(err, &api))
	require.ErrorContains(t, err, "integrations: ListProviders: Get ")
}

// What will not be better the next time is not tried again.
func TestACertificateThatIsNotTrustedIsFinal(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithoutAuth())
	tls := httptest.NewUnstartedServer(srv.Handler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	attempts := 0
	client, err := in.NewClient(tls.URL, in.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		attempts++
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		return transport.RoundTrip(r)
	})}))
	require.NoError(t, err)
	require.ErrorContains(t, list(t.Context(), client), "certificate")
	require.Equal(t, 1, attempts)
}

// Answers are read to their end, so that retries and calls share a connection.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	connections := 0
	dialer := &net.Dialer{}
	hc := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		connections++
		return dialer.DialContext(ctx, network, address)
	}}}
	defer hc.CloseIdleConnections()
	id, secret := srv.Credentials()
	client, err := in.NewClient(srv.URL(), in.WithHTTPClient(hc), in.WithKeySecret(id, secret),
		in.WithRetry(in.RetryPolicy{MaxRetries: 5, MinWait: 1, MaxWait: 1}))
	require.NoError(t, err)
	for n := range 5 {
		srv.FailNext(in.OpListProviders, fake.Fault{Status: 503, Message: strconv.Itoa(n)}, fake.Fault{Status: 429, RawBody: make([]byte, 10_000)})
		require.NoError(t, list(t.Context(), client))
		require.NoError(t, client.SaveAll(t.Context(), []in.Integration{openAI()}))
	}
	require.Equal(t, 1, connections)
}

// Giving up does not empty the pool of a client that the caller shares.
func TestTheCallersPoolIsLeftAlone(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithoutAuth())
	pool := &countingPool{Transport: &http.Transport{}}
	defer pool.Transport.CloseIdleConnections()
	client, err := in.NewClient(srv.URL(), in.WithHTTPClient(&http.Client{Transport: pool}), in.WithRetry(in.RetryPolicy{}))
	require.NoError(t, err)
	srv.FailNext(in.OpListProviders, fake.Fault{Status: 503}, fake.Fault{Drop: true})
	require.Error(t, list(t.Context(), client))
	require.Error(t, list(t.Context(), client))
	client.CloseIdleConnections()
	require.Zero(t, pool.closed)
}

type countingPool struct {
	*http.Transport
	closed int
}

func (p *countingPool) CloseIdleConnections() { p.closed++ }
