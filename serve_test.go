package integrations_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// serve starts a server and returns its URL.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}
