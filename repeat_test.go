package integrations_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// step is the answer to one attempt. Status 0 loses the reply.
type step struct {
	status     int
	retryAfter string
}

func steps(list ...step) func(int64, *http.Request) (*http.Response, error) {
	return func(attempt int64, r *http.Request) (*http.Response, error) {
		s := list[attempt-1]
		if s.status == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		resp := reply(r, s.status, "")
		if s.retryAfter != "" {
			resp.Header.Set("Retry-After", s.retryAfter)
		}
		return resp, nil
	}
}

// A DELETE whose outcome is unknown may have removed the item. If it is repeated
// then, a 404 is success.
func TestADeleteThatMayHaveSucceededTakesA404(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		steps   []step
		missing bool
	}{
		"the reply is lost":            {[]step{{}, {status: 404}}, false},
		"502":                          {[]step{{status: 502}, {status: 404}}, false},
		"503":                          {[]step{{status: 503}, {status: 404}}, false},
		"504":                          {[]step{{status: 504}, {status: 404}}, false},
		"a first 404":                  {[]step{{status: 404}}, true},
		"429":                          {[]step{{status: 429, retryAfter: "0"}, {status: 404}}, true},
		"a 429 after a lost reply":     {[]step{{}, {status: 429, retryAfter: "0"}, {status: 404}}, false},
		"a lost reply after a 429":     {[]step{{status: 429, retryAfter: "0"}, {}, {status: 404}}, false},
		"a success after a lost reply": {[]step{{}, {status: 200}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachOp(t, func(t *testing.T, op in.Op) {
				if operations[op].method != http.MethodDelete {
					return
				}
				s := &stub{op: op, fault: steps(tt.steps...)}
				_, err := s.call(t.Context(), t, in.WithRetry(in.RetryPolicy{MaxRetries: 3, MinWait: 1, MaxWait: 1}))
				if tt.missing {
					require.ErrorIs(t, err, in.ErrNotFound)
				} else {
					require.NoError(t, err)
				}
				require.EqualValues(t, len(tt.steps), s.attempts.Load())
			})
		})
	}
}

// Only a DELETE asks for what a 404 says.
func TestOtherOperationsDoNotTakeA404(t *testing.T) {
	t.Parallel()
	forEachOp(t, func(t *testing.T, op in.Op) {
		if operations[op].method == http.MethodDelete || !idempotent(op) {
			return
		}
		s := &stub{op: op, fault: steps(step{status: 503}, step{status: 404})}
		_, err := s.call(t.Context(), t)
		require.ErrorIs(t, err, in.ErrNotFound)
		require.EqualValues(t, 2, s.attempts.Load())
	})
}

// A server might count repeated events twice.
func TestEventsAreSentOnce(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]step{
		"502": {status: 502}, "503": {status: 503}, "504": {status: 504}, "429": {status: 429, retryAfter: "0"}, "the reply is lost": {},
	} {
		s := &stub{op: in.OpRecordEvents, fault: steps(first, step{status: 200})}
		_, err := s.call(t.Context(), t)
		require.Error(t, err, name)
		require.EqualValues(t, 1, s.attempts.Load(), name)
		if first.status == 0 {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}
	}
}

// A request whose token was refused was not carried out.
func TestEventsAreSentAgainWithANewToken(t *testing.T) {
	t.Parallel()
	sent, minted := 0, 0
	client, err := in.NewClient("https://cluster", in.WithKeySecret("the-id", "the-secret"), in.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/token") {
				minted++
				return reply(r, 200, `{"token":"token-`+strings.Repeat("x", minted)+`"}`), nil
			}
			if sent++; sent == 1 {
				return reply(r, 401, `{"error":"EXPIRED_TOKEN"}`), nil
			}
			return reply(r, 200, ""), nil
		}),
	}))
	require.NoError(t, err)
	require.NoError(t, client.RecordEvents(t.Context(), "kafka", in.Event{ID: "e"}))
	require.Equal(t, 2, sent)
	require.Equal(t, 2, minted)
}
