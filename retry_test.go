package integrations_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
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
