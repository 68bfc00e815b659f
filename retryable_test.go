package integrations_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestRetryableByStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: false, 302: false, 400: false, 401: false, 403: false, 404: false, 429: true, 500: false, 501: false, 502: true, 503: true, 504: true} {
		require.Equal(t, want, in.Retryable(&in.APIError{StatusCode: status}), status)
		require.Equal(t, want, in.Retryable(fmt.Errorf("wrapped: %w", &in.APIError{StatusCode: status})), status)
	}
}

func TestRetryableWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	redirecting := httptest.NewServer(http.RedirectHandler("https://elsewhere.example", http.StatusFound))
	t.Cleanup(redirecting.Close)
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(busy.Close)
	for name, tt := range map[string]struct {
		ctx  context.Context
		url  string
		want bool
	}{
		"refused connection":    {t.Context(), closed.URL, true},
		"context that ended":    {ended, busy.URL, false},
		"untrusted certificate": {t.Context(), untrusted.URL, false},
		"redirect":              {t.Context(), redirecting.URL, false},
		"busy server":           {t.Context(), busy.URL, true},
	} {
		client, err := in.NewClient(tt.url, in.WithRetry(in.RetryPolicy{}))
		require.NoError(t, err)
		t.Cleanup(client.CloseIdleConnections)
		err = list(tt.ctx, client)
		require.Error(t, err)
		require.Equal(t, tt.want, in.Retryable(err), "%s: %v", name, err)
	}
}

// A success whose body breaks off is no success. The client retries it, and so
// may the caller.
func TestABodyThatBreaksOffIsRetryable(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	srv.FailAlways(in.OpListProviders, fake.Fault{Truncate: true})
	err := list(t.Context(), srv.Client(in.WithRetry(in.RetryPolicy{})))
	var api *in.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, http.StatusOK, api.StatusCode)
	require.True(t, in.Retryable(err), err)
}

// The context may also end while a body is read.
func TestABodyThatTheContextCutsIsNotRetryable(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := clientOf(t, http.StatusOK, nil, func() io.Reader {
		cancel()
		return iotest.ErrReader(ctx.Err())
	})
	err := list(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, in.Retryable(err), err)
	var api *in.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, http.StatusOK, api.StatusCode)
}

// A call that the context ended between two attempts is over, whatever the last
// attempt met.
func TestACallThatTheContextEndedIsNotRetryable(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, err := in.NewClient("https://host", in.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel()
		return w.Result(), nil
	})}))
	require.NoError(t, err)
	err = list(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, in.Retryable(err))
}

// A token source may itself be a client of this package. Its own answer decides.
func TestATokenSourceThatFailsForGoodIsNotRetryable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"another error":    {errors.New("the vault is sealed"), true},
		"not found":        {fmt.Errorf("wrapped: %w", &in.APIError{StatusCode: 404}), false},
		"busy":             {&in.APIError{StatusCode: 503}, true},
		"a refused batch":  {in.Validate([]in.Integration{{}}), false},
		"an inner client":  {list(t.Context(), clientOf(t, 404, nil, text(""))), false},
		"an inner failure": {list(t.Context(), failing(t, &in.APIError{StatusCode: 404})), false},
		"an inner outage":  {list(t.Context(), failing(t, errors.New("the vault is sealed"))), true},
	} {
		err := list(t.Context(), failing(t, tt.err))
		require.ErrorIs(t, err, tt.err, name)
		require.Equal(t, tt.want, in.Retryable(err), "%s: %v", name, err)
	}
}

// failing returns a client whose token source fails with err.
func failing(t *testing.T, err error) *in.Client {
	source := sourceFunc(func(context.Context) (string, error) { return "", err })
	return clientOf(t, 200, nil, text("[]"), in.WithTokenSource(source), in.WithRetry(in.RetryPolicy{}))
}

// The error of a token source is its own: a call adds nothing to it.
func TestTheErrorOfATokenSourceIsNotChanged(t *testing.T) {
	t.Parallel()
	for _, op := range []in.Op{in.OpListProviders, in.OpRecordEvents} {
		theirs := &in.APIError{Op: op, StatusCode: 404, Code: "GONE", Message: "theirs"}
		before := theirs.Error()
		client := failing(t, theirs)
		require.ErrorIs(t, list(t.Context(), client), theirs)
		require.ErrorIs(t, client.RecordEvents(t.Context(), "kafka", in.Event{ID: "1"}), theirs)
		require.EqualError(t, theirs, before)
	}
}

func TestOtherErrorsAreNotRetryable(t *testing.T) {
	t.Parallel()
	require.False(t, in.Retryable(nil))
	require.False(t, in.Retryable(errors.New("foreign")))
	require.False(t, in.Retryable(&tls.CertificateVerificationError{}))
	require.False(t, in.Retryable(in.Validate([]in.Integration{{}})))
	var none *in.Client
	require.False(t, in.Retryable(list(t.Context(), none)))
}
