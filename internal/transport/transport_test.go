package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newTransport(t *testing.T, serverURL string) *Transport {
	t.Helper()
	base, err := url.Parse(serverURL)
	require.NoError(t, err)
	tr := New(Config{BaseURL: base, Timeout: time.Minute, MaxBytes: 1 << 20, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func TestHTTP2IsNegotiated(t *testing.T) {
	t.Parallel()
	var protocol string
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol = r.Proto }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	tr := newTransport(t, srv.URL)
	tr.own.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	tr.own.TLSClientConfig.RootCAs.AddCert(srv.Certificate())
	discard := func(body io.Reader) error {
		_, err := io.Copy(io.Discard, body)
		return err
	}
	require.Nil(t, tr.Do(t.Context(), Call{Op: "Test", Method: http.MethodGet, Path: "/", Decode: discard}))
	require.Equal(t, "HTTP/2.0", protocol)
}

// Idle connections of a client that nobody holds any more end by themselves.
func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	timeout := newTransport(t, "https://host").own.IdleConnTimeout
	require.Positive(t, timeout)
	require.LessOrEqual(t, timeout, 2*time.Minute)
}

// answers is a RoundTripper that gives one answer after the other, and keeps the
// requests.
type answers struct {
	list []func() (*http.Response, error)
	sent []*http.Request
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.sent = append(a.sent, r)
	next := a.list[min(len(a.sent), len(a.list))-1]
	return next()
}

func status(code int) func() (*http.Response, error) {
	return func() (*http.Response, error) { return &http.Response{StatusCode: code, Body: http.NoBody}, nil }
}

func noAnswer() (*http.Response, error) { return nil, errors.New("the network is down") }

// answered returns a transport that the RoundTripper a answers.
func answered(t *testing.T, a *answers, cfg Config) *Transport {
	t.Helper()
	base, err := url.Parse("https://cluster/a%2Fb/api")
	require.NoError(t, err)
	cfg.BaseURL, cfg.HTTPClient, cfg.Logger, cfg.MaxBytes = base, &http.Client{Transport: a}, slog.New(slog.DiscardHandler), 1<<20
	cfg.Retry = RetryPolicy{MaxRetries: 3, MinWait: 1, MaxWait: 1}
	return New(cfg)
}

type respond = func() (*http.Response, error)

// A DELETE whose outcome was unknown, and that then finds nothing, has succeeded.
func TestADeleteThatWasCarriedOutBefore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method    string
		list      []respond
		succeeded bool
	}{
		"no answer":           {http.MethodDelete, []respond{noAnswer, status(404)}, true},
		"503":                 {http.MethodDelete, []respond{status(503), status(404)}, true},
		"503, then 429":       {http.MethodDelete, []respond{status(503), status(429), status(404)}, true},
		"429":                 {http.MethodDelete, []respond{status(429), status(404)}, false},
		"at once":             {http.MethodDelete, []respond{status(404)}, false},
		"another method":      {http.MethodGet, []respond{noAnswer, status(404)}, false},
		"another final error": {http.MethodDelete, []respond{noAnswer, status(400)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &answers{list: tt.list}
			f := answered(t, a, Config{}).Do(t.Context(), Call{Op: "Test", Method: tt.method, Path: "/p", Decode: func(io.Reader) error {
				t.Error("the body of no success was decoded")
				return nil
			}})
			require.Equal(t, tt.succeeded, f == nil)
			require.Len(t, a.sent, len(tt.list))
		})
	}
}

// A call that is not idempotent is sent once, whatever happens, unless the token
// is refused.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]respond{"no answer": {noAnswer}, "429": {status(429)}, "503": {status(503)}} {
		a := &answers{list: list}
		f := answered(t, a, Config{}).Do(t.Context(), Call{Op: "Test", Method: http.MethodPost, Path: "/p", Once: true})
		require.NotNil(t, f, name)
		require.Zero(t, f.Attempts)
		require.Len(t, a.sent, 1)
	}
	refused := func() (*http.Response, error) {
		return &http.Response{StatusCode: 401, Body: io.NopCloser(strings.NewReader(`{"error":"EXPIRED_TOKEN"}`))}, nil
	}
	a := &answers{list: []respond{refused, status(200)}}
	require.Nil(t, answered(t, a, Config{Credentials: Credentials{Source: &counter{}}}).
		Do(t.Context(), Call{Op: "Test", Method: http.MethodPost, Path: "/p", Once: true}))
	require.Len(t, a.sent, 2)
}

// counter is a Source whose every token is another.
type counter struct{ n int }

func (c *counter) Token(context.Context) (string, error) {
	c.n++
	return fmt.Sprintf("token-%d", c.n), nil
}

// An attempt's header is its own: an earlier connection may still be reading the
// old one.
func TestAttemptsShareNoHeader(t *testing.T) {
	t.Parallel()
	a := &answers{list: []respond{status(503), status(200)}}
	require.Nil(t, answered(t, a, Config{Credentials: Credentials{Source: &counter{}}}).
		Do(t.Context(), Call{Op: "Test", Method: http.MethodGet, Path: "/p"}))
	require.Equal(t, "token-1", a.sent[0].Header.Get("X-Authorization"))
	require.Equal(t, "token-2", a.sent[1].Header.Get("X-Authorization"))
}

func TestAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list     []respond
		attempts int
	}{
		"no answer": {[]respond{noAnswer}, 4},
		"503":       {[]respond{status(503)}, 4},
		"then 400":  {[]respond{status(503), status(400)}, 2},
		"at once":   {[]respond{status(400)}, 0},
	} {
		f := answered(t, &answers{list: tt.list}, Config{}).Do(t.Context(), Call{Op: "Test", Method: http.MethodGet, Path: "/p"})
		require.NotNil(t, f)
		require.Equal(t, tt.attempts, f.Attempts, name)
	}
}

// A path is sent exactly as it is escaped.
func TestThePathIsSentAsItIs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/p/a%2Fb", "/p/%2e%2E/x", "/p/a+b%20c%3F%25", "/p/%E2%98%83", "/p//x", "/p/a;b"} {
		a := &answers{list: []respond{status(200)}}
		require.Nil(t, answered(t, a, Config{}).Do(t.Context(), Call{Op: "Test", Method: http.MethodGet, Path: path, Query: "a=b"}))
		require.Equal(t, "/a%2Fb/api"+path+"?a=b", a.sent[0].URL.RequestURI())
	}
}

// A final 1xx fails at once, and its body, an upgraded connection, is closed and
// never read.
func TestAFinal1xxIsNotRead(t *testing.T) {
	t.Parallel()
	for _, code := range []int{100, 101, 103, 199} {
		body := &untouched{t: t}
		a := &answers{list: []respond{func() (*http.Response, error) { return &http.Response{StatusCode: code, Body: body}, nil }}}
		f := answered(t, a, Config{}).Do(t.Context(), Call{Op: "Test", Method: http.MethodGet, Path: "/p"})
		require.NotNil(t, f)
		require.Equal(t, code, f.Status)
		require.ErrorIs(t, f, errInterim)
		require.Len(t, a.sent, 1)
		require.True(t, body.closed)
	}
}

type untouched struct {
	t      *testing.T
	closed bool
}

func (u *untouched) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func (u *untouched) Close() error {
	u.closed = true
	return nil
}

// A RoundTripper's answer may have no body, be it a redirect or not.
func TestAnAnswerWithoutABody(t *testing.T) {
	t.Parallel()
	for _, code := range []int{101, 200, 301, 307, 400} {
		a := &answers{list: []respond{func() (*http.Response, error) { return &http.Response{StatusCode: code}, nil }}}
		f := answered(t, a, Config{Timeout: time.Minute}).Do(t.Context(), Call{Op: "Test", Method: http.MethodGet, Path: "/p"})
		if code != 200 {
			require.Equal(t, code, f.Status)
		}
	}
}

// A failure that would repeat is final.
func TestFinalErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"the network is down":              false,
		"unsupported protocol scheme \"\"": true,
		"net/http: invalid header field":   true,
		"stopped after 10 redirects":       true,
		"x509: certificate is not trusted": true,
	} {
		wrapped := &url.Error{Op: "Get", URL: "https://invalid header/", Err: errors.New(text)}
		require.Equal(t, want, final(wrapped), text)
	}
	require.True(t, final(fmt.Errorf("wrapped: %w", x509.UnknownAuthorityError{})))
	require.True(t, final(&tls.CertificateVerificationError{Err: errors.New("expired")}))
}
