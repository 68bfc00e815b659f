package transport

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
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
