package fake_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

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

// To touch a channel of a bubble from outside would end the whole test program.
func TestAServerOfAnotherBubble(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{false, true} {
		var srv *fake.Server
		synctest.Test(t, func(t *testing.T) {
			srv = fake.NewServer()
			if closed {
				require.NoError(t, quiet(srv).SaveAll(t.Context(), []integrations.Integration{mail("a")}))
				srv.Close()
			}
		})
		synctest.Test(t, func(t *testing.T) {
			_, err := quiet(srv).ListProviders(t.Context())
			require.ErrorContains(t, err, "the server was started outside this synctest bubble: call Start inside it")
		})
		_, err := quiet(srv).ListProviders(t.Context())
		require.ErrorContains(t, err, "the server was started inside a synctest bubble: it works in that bubble only")
		require.Equal(t, closed, len(srv.Integrations()) == 1, "the state stays readable")

		srv.FailAlways(integrations.OpListProviders, fake.Fault{Delay: time.Millisecond})
		answer := httptest.NewRecorder()
		srv.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/integrations/provider", nil))
		require.Equal(t, 500, answer.Code)
		require.Contains(t, answer.Body.String(), "it works in that bubble only")
		require.PanicsWithValue(t, "fake: the server was started inside a synctest bubble: it works in that bubble only", func() { _ = srv.URL() })
	}
}

// However far the clock of a bubble jumps, the server is in the bubble.
func TestABubbleStaysABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithoutAuth())
		time.Sleep(50 * 365 * 24 * time.Hour)
		_, err := srv.Client().ListProviders(t.Context())
		require.NoError(t, err)
	})
}

// The cleanups of an outer T come after the bubble, too late for Close.
func TestStartWithTheTOfAnotherTest(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{false, true} {
		outer := &testRun{}
		synctest.Test(t, func(*testing.T) {
			if srv := fake.Start(outer); closed {
				srv.Close()
			}
		})
		require.Len(t, outer.cleanups, 1)
		outer.cleanups[0]()
		var want []string
		if !closed {
			want = []string{"fake: the server was started inside a synctest bubble and not closed there: " +
				"give Start the T of the bubble, or call Close inside it"}
		}
		require.Equal(t, want, outer.errors)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// A socket would hang in a bubble, and the test with it.
func TestURLInABubbleFailsAtOnce(t *testing.T) {
	t.Parallel()
	const want = "fake: URL: a socket does not work inside a synctest bubble: use Client or Transport"
	synctest.Test(t, func(t *testing.T) {
		run := runTest(func(t fake.T) { fake.Start(t).URL() })
		require.Equal(t, []string{want}, run.errors)
		require.True(t, run.fatal)
		srv := fake.NewServer()
		defer srv.Close()
		require.PanicsWithValue(t, want, func() { _ = srv.URL() })
	})
}
