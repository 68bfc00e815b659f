package integrations_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve starts a server and returns its URL.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

// record notes each request before handler answers it. The requests must come
// one after the other.
func record(t testing.TB, requests *[]seen, handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		path, _, _ := strings.Cut(r.RequestURI, "?")
		*requests = append(*requests, seen{r.Method, path, r.URL.RawQuery, r.Header.Clone(), string(got)})
		handler(w, r)
	}
}
