package integrations_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestManyColdCallersMintOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(in.OpToken, fake.Fault{Delay: time.Second})
		client := srv.Client()
		leader, cancel := context.WithCancel(t.Context())
		led := make(chan error)
		go func() { led <- list(leader, client) }()
		synctest.Wait()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := list(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-led, context.Canceled)
		wg.Wait()
		require.Len(t, srv.Requests(in.OpToken), 1)
		require.Len(t, srv.Requests(in.OpListProviders), 100)
	})
}

// A server that refuses every token is asked for no more than one a second. The
// calls go on with the token in hand and report what the server says of them.
func TestRefusedTokensAreNotMintedAllTheTime(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"INVALID_TOKEN", ""} {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			srv.FailAlways(in.OpListProviders, fake.Fault{Status: http.StatusUnauthorized, Code: code})
			client := srv.Client()
			for range 100 {
				require.ErrorIs(t, list(t.Context(), client), in.ErrUnauthorized)
				time.Sleep(100 * time.Millisecond)
			}
			require.LessOrEqual(t, len(srv.Requests(in.OpToken)), 11, "in 10 seconds")
			srv.ClearFaults()
			time.Sleep(time.Second)
			require.NoError(t, list(t.Context(), client))
		})
	}
}

// A renewal that hangs delays one call, once, while the old token is good.
func TestARenewalThatHangsDelaysOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithTokenTTL(time.Hour))
		client := srv.Client()
		require.NoError(t, list(t.Context(), client))
		srv.FailAlways(in.OpToken, fake.Fault{Delay: time.Hour})
		time.Sleep(59*time.Minute + time.Second)
		begun := time.Now()
		for range 50 {
			require.NoError(t, list(t.Context(), client))
		}
		require.LessOrEqual(t, time.Since(begun), time.Second)
		time.Sleep(40 * time.Second) // the timeout has ended that renewal
		begun = time.Now()
		require.NoError(t, list(t.Context(), client))
		require.Zero(t, time.Since(begun))
	})
}

// All tokens are revoked while many calls are under way: they share one mint.
func TestManyCallersReplaceARevokedTokenOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		client := srv.Client()
		require.NoError(t, list(t.Context(), client))
		srv.TakeRequests()
		srv.ExpireTokens()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := list(t.Context(), client); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(t, srv.Requests(in.OpToken), 1)
	})
}

func TestATokenIsRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithTokenTTL(time.Hour))
		client := srv.Client()
		for range 3 {
			require.NoError(t, list(t.Context(), client))
			time.Sleep(59 * time.Minute)
		}
		for _, r := range srv.Requests(in.OpListProviders) {
			require.Equal(t, http.StatusOK, r.Status)
		}
		require.Len(t, srv.Requests(in.OpToken), 3)
	})
}

// A mint that fails is the call's error: the API is never called, the server is
// not flooded with mints, and it mends itself.
func TestAMintThatFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  fake.Fault
		status int // 0: no answer
		text   string
		mints  int // in 100 calls within the first second
	}{
		"500":         {fake.Fault{Status: 500}, 500, "integrations: Token: status 500", 1},
		"401":         {fake.Fault{Status: 401, Message: "no such key"}, 401, "no such key; check the credentials", 1},
		"expired":     {fake.Fault{Status: 401, Code: "EXPIRED_TOKEN"}, 401, "(EXPIRED_TOKEN)", 1},
		"404":         {fake.Fault{Status: 404}, 404, "; check the server URL", 1},
		"empty token": {fake.Fault{Status: 200, RawBody: []byte(`{"token":""}`)}, 200, "the answer has no token", 1},
		"html":        {fake.Fault{Status: 200, RawBody: []byte(" <html>")}, 200, "the answer is a page of HTML, check the server URL", 1},
		"empty":       {fake.Fault{Status: 200, RawBody: []byte{}}, 200, "the answer is not a token: the body is empty", 1},
		"dropped":     {fake.Fault{Drop: true}, 0, "integrations: Token: Post", 4},
		"503":         {fake.Fault{Status: 503}, 503, "integrations: Token: status 503", 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := fake.Start(t)
				srv.FailAlways(in.OpToken, tt.fault)
				client := srv.Client()
				for range 100 {
					err := list(t.Context(), client)
					require.ErrorContains(t, err, tt.text)
					var api *in.APIError
					require.Equal(t, tt.status != 0, errors.As(err, &api))
					if api != nil {
						require.Equal(t, in.OpToken, api.Op)
						require.Equal(t, tt.status, api.StatusCode)
					}
				}
				require.Len(t, srv.Requests(in.OpToken), tt.mints)
				require.Empty(t, srv.Requests(in.OpListProviders))

				srv.ClearFaults()
				require.Error(t, list(t.Context(), client), "minting is on hold")
				time.Sleep(time.Second)
				require.NoError(t, list(t.Context(), client))
			})
		})
	}
}

// A mint that hangs past the context of 100 calls, one after the other, is still
// the same mint, and its token serves the call after.
func TestAMintThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(in.OpToken, fake.Fault{Delay: 20 * time.Second})
		client := srv.Client()
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			begun := time.Now()
			err := list(ctx, client)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.EqualError(t, err, "integrations: ListProviders: waiting for a token: context deadline exceeded")
			require.Equal(t, 100*time.Millisecond, time.Since(begun))
			cancel()
		}
		require.Empty(t, srv.Requests(in.OpListProviders))
		require.NoError(t, list(t.Context(), client))
		require.Len(t, srv.Requests(in.OpToken), 1)
	})
}

// Who waits for a mint hears of a Retry-After that is too long for it at once,
// and of the last answer when its context ends.
func TestAMintThatHasToWait(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault fake.Fault
		is    error
		takes time.Duration
		ended error
	}{
		"too long":          {fake.Fault{Status: 429, Header: header("Retry-After", "20")}, in.ErrRateLimited, 0, nil},
		"of its own accord": {fake.Fault{Status: 503}, in.ErrServer, 5 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := fake.Start(t)
				srv.FailAlways(in.OpToken, tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				begun := time.Now()
				err := list(ctx, srv.Client(in.WithRetry(in.RetryPolicy{MaxRetries: 100})))
				require.Equal(t, tt.takes, time.Since(begun))
				require.ErrorIs(t, err, tt.is)
				if tt.ended != nil {
					require.ErrorIs(t, err, tt.ended)
				}
				var api *in.APIError
				require.ErrorAs(t, err, &api)
				require.Equal(t, in.OpToken, api.Op)
				require.Empty(t, srv.Requests(in.OpListProviders))
			})
		})
	}
}

// A mint that nobody waits for any more does not go on waiting itself, and the
// next caller hears why it failed, not that another caller's context ended.
func TestAMintThatIsAbandoned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailAlways(in.OpToken, fake.Fault{Status: 503})
		client := srv.Client(in.WithRetry(in.RetryPolicy{MaxRetries: 9, MinWait: 10 * time.Second}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, list(ctx, client), context.DeadlineExceeded)
		synctest.Wait()
		err := list(t.Context(), client)
		require.ErrorIs(t, err, in.ErrServer)
		require.NotErrorIs(t, err, context.Canceled)
		require.Len(t, srv.Requests(in.OpToken), 1)
	})
}

// A caller that comes as the one before it gives up gets the mint's own failure,
// or its token.
func TestJoiningAMintThatIsAbandoned(t *testing.T) {
	t.Parallel()
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			srv := fake.Start(t)
			srv.FailNext(in.OpToken, fake.Fault{Status: 503, Header: header("Retry-After", "1")})
			client := srv.Client()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			left := make(chan error)
			go func() { left <- list(ctx, client) }()
			time.Sleep(time.Second)
			if err := list(t.Context(), client); err != nil {
				require.ErrorIs(t, err, in.ErrServer)
			}
			if err := <-left; err != nil {
				require.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, in.ErrServer), err)
			}
		})
	}
}

// A mint that fails and is repeated at once is not taken for a mint without
// waiting calls.
func TestAMintThatIsRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	for range 200 {
		tries := 0
		client, err := in.NewClient("https://cluster", in.WithKeySecret("id", "secret"),
			in.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				w := httptest.NewRecorder()
				if tries++; tries == 1 {
					w.Header().Set("Retry-After", "0")
					w.WriteHeader(http.StatusServiceUnavailable)
				} else if r.URL.Path == "/api/token" {
					_, _ = w.WriteString(`{"token":"minted"}`)
				} else {
					_, _ = w.WriteString("[]")
				}
				return w.Result(), nil
			})}))
		require.NoError(t, err)
		require.NoError(t, list(t.Context(), client))
	}
}
