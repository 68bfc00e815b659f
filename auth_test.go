package integrations_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// A token that is refused in mid run costs one mint and one replay.
func TestARefusedTokenIsReplaced(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		for _, code := range []string{"EXPIRED_TOKEN", "INVALID_TOKEN"} {
			t.Run(fmt.Sprint(status, code), func(t *testing.T) {
				t.Parallel()
				srv := fake.Start(t)
				client := srv.Client(in.WithRetry(in.RetryPolicy{}))
				require.NoError(t, list(t.Context(), client))
				srv.TakeRequests()

				srv.FailNext(in.OpSaveAll, fake.Fault{Status: status, Code: code})
				require.NoError(t, client.SaveAll(t.Context(), []in.Integration{openAI()}))
				require.Len(t, srv.Requests(in.OpToken), 1)
				saves := srv.Requests(in.OpSaveAll)
				require.Len(t, saves, 2)
				require.Equal(t, saves[0].Body, saves[1].Body)
				require.NotEqual(t, saves[0].Header.Get("X-Authorization"), saves[1].Header.Get("X-Authorization"))
			})
		}
	}
}

func TestATokenRefusedTwiceIsAnError(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	srv.FailAlways(in.OpListProviders, fake.Fault{Status: http.StatusUnauthorized, Code: "INVALID_TOKEN", Message: "no"})
	err := list(t.Context(), srv.Client())
	require.ErrorIs(t, err, in.ErrUnauthorized)
	require.EqualError(t, err, "integrations: ListProviders: status 401 Unauthorized (INVALID_TOKEN): no; check the credentials")
	require.Len(t, srv.Requests(in.OpListProviders), 2)
	require.Len(t, srv.Requests(in.OpToken), 2)
}

// A refusal that another token does not mend costs one request.
func TestRefusalsThatCostOneRequest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault     fake.Fault
		is        error
		nextMints int // by the call after
	}{
		"permission":                {fake.Fault{Status: 403, Message: "not yours"}, in.ErrForbidden, 0},
		"user not found":            {fake.Fault{Status: 401, Code: "USER_NOT_FOUND"}, in.ErrUnauthorized, 0},
		"email not verified":        {fake.Fault{Status: 403, Code: "EMAIL_NOT_VERIFIED"}, in.ErrForbidden, 0},
		"error while fetching":      {fake.Fault{Status: 401, Code: "ERROR_WHILE_FETCHING"}, in.ErrUnauthorized, 0},
		"401 without a code":        {fake.Fault{Status: 401}, in.ErrUnauthorized, 1},
		"401 of a proxy":            {fake.Fault{Status: 401, RawBody: []byte("<html>")}, in.ErrUnauthorized, 1},
		"a code in the wrong place": {fake.Fault{Status: 400, Code: "EXPIRED_TOKEN"}, in.ErrBadRequest, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := fake.Start(t)
			client := srv.Client()
			require.NoError(t, list(t.Context(), client))
			srv.TakeRequests()
			srv.FailNext(in.OpListProviders, tt.fault)
			err := list(t.Context(), client)
			require.ErrorIs(t, err, tt.is)
			require.Len(t, srv.TakeRequests(), 1)

			require.NoError(t, list(t.Context(), client))
			require.Len(t, srv.Requests(in.OpToken), tt.nextMints)
		})
	}
}

// A replay that is refused without a code drops the new token too.
func TestAReplayThatIsRefusedDropsItsToken(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client()
	srv.FailNext(in.OpListProviders, fake.Fault{Status: 401, Code: "EXPIRED_TOKEN"}, fake.Fault{Status: 401})
	require.ErrorIs(t, list(t.Context(), client), in.ErrUnauthorized)
	require.Len(t, srv.TakeRequests(), 4)
	require.NoError(t, list(t.Context(), client))
	require.Len(t, srv.Requests(in.OpToken), 1)
}

// A source that fails when an attempt is repeated ends the call.
func TestATokenSourceThatFailsOnARetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		errVault := errors.New("the vault is sealed")
		srv := fake.Start(t, fake.WithToken("good"))
		srv.FailNext(in.OpListProviders, fake.Fault{Status: 503})
		src := &countingSource{token: func(n int64) (string, error) {
			if n > 1 {
				return "", errVault
			}
			return "good", nil
		}}
		require.ErrorIs(t, list(t.Context(), srv.Client(in.WithTokenSource(src))), errVault)
		require.Len(t, srv.Requests(), 1)
	})
}

// tokens is a TokenSource whose token is given by a function.
type tokens func(n int64) (string, error)

type countingSource struct {
	asked atomic.Int64
	token tokens
}

func (s *countingSource) Token(context.Context) (string, error) { return s.token(s.asked.Add(1)) }

func TestTokenSource(t *testing.T) {
	t.Parallel()
	errVault := errors.New("the vault is sealed")
	fixed := func(int64) (string, error) { return "good", nil }
	tests := map[string]struct {
		token   tokens
		faults  []fake.Fault
		is      error
		text    string
		asked   int64
		repeats bool // the same would happen again
		sent    int
	}{
		"asked for each attempt": {token: fixed, faults: []fake.Fault{{Status: 503}, {Status: 429}}, asked: 3, sent: 3},
		"a changed token is replayed": {
			token: func(n int64) (string, error) { return map[int64]string{1: "old", 2: "good"}[n], nil },
			asked: 2, sent: 2,
		},
		"the same token is not": {
			token:  fixed,
			faults: []fake.Fault{{Status: 401, Code: "EXPIRED_TOKEN"}},
			is:     in.ErrUnauthorized, text: "(EXPIRED_TOKEN)", asked: 2, sent: 1,
		},
		"its error is the call's": {
			token: func(int64) (string, error) { return "", errVault },
			is:    errVault, text: "integrations: ListProviders: the vault is sealed", asked: 1,
		},
		"no token": {
			token: func(int64) (string, error) { return " \n", nil },
			text:  "integrations: ListProviders: the token source gave no token", asked: 1, repeats: true,
		},
		"a broken token": {
			token: func(int64) (string, error) { return "can\nary", nil },
			text:  "integrations: ListProviders: the token has a control character inside", asked: 1, repeats: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := fake.Start(t, fake.WithToken("good"))
				srv.FailNext(in.OpListProviders, tt.faults...)
				src := &countingSource{token: tt.token}
				opts := []in.Option{in.WithTokenSource(src)}
				if len(tt.faults) < 2 { // a replay is no retry
					opts = append(opts, in.WithRetry(in.RetryPolicy{}))
				}
				err := list(t.Context(), srv.Client(opts...))
				if tt.text == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, tt.text)
				}
				if tt.is != nil {
					require.ErrorIs(t, err, tt.is)
				}
				require.False(t, tt.repeats && in.Retryable(err))
				require.Equal(t, tt.asked, src.asked.Load())
				require.Len(t, srv.Requests(in.OpListProviders), tt.sent)
				require.Empty(t, srv.Requests(in.OpToken))
			})
		})
	}
}

func TestAStaticTokenIsNotReplayed(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client(in.WithToken("nonsense"))
	require.ErrorIs(t, list(t.Context(), client), in.ErrUnauthorized)
	require.Len(t, srv.Requests(), 1)
}

func TestA401WithoutCredentialsNamesTheOptions(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusUnauthorized, `{"error":"INVALID_TOKEN","message":"Token cannot be null or empty"}`)
	err := list(t.Context(), client)
	require.ErrorIs(t, err, in.ErrUnauthorized)
	for _, name := range []string{"WithKeySecret", "WithToken", "WithTokenSource", "CONDUCTOR_AUTH_KEY"} {
		require.ErrorContains(t, err, name)
	}
	require.Len(t, *requests, 1)
}
