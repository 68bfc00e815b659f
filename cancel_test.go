package integrations_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

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

// A connection over HTTP/2, or a caller's transport, may only say that a context
// ended, or end the body as if it were whole. The error says which time was over.
func TestWhatEndedAnAttempt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body bool  // the time is over within the body
		end  error // what the transport says then; nil: the context's error
	}{
		"before the answer": {}, "within the body": {body: true}, "as the end of the body": {body: true, end: io.EOF},
	} {
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			ended := func() error {
				<-r.Context().Done()
				if tt.end != nil {
					return tt.end
				}
				return r.Context().Err()
			}
			if !tt.body {
				return nil, ended()
			}
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader(`[{"name":`), readerOf(ended)))}, nil
		})
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, err := in.NewClient("https://cluster", in.WithHTTPClient(&http.Client{Transport: transport}),
					in.WithTimeout(time.Second), in.WithRetry(in.RetryPolicy{}))
				require.NoError(t, err)
				err = list(t.Context(), client)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "no whole answer within 1s, see WithTimeout")
				require.True(t, in.Retryable(err))

				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Millisecond, cancel)
				err = list(ctx, client)
				require.ErrorIs(t, err, context.Canceled)
				require.NotContains(t, err.Error(), "WithTimeout")
			})
		})
	}
}

// readerOf is a reader that only fails.
type readerOf func() error

func (f readerOf) Read([]byte) (int, error) { return 0, f() }

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
