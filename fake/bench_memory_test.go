package fake_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// BenchmarkMemory reports how many bytes a fake holds for each integration, of
// 10,000 with two models, and for each recorded request, of 100,000 lists and
// 100,000 saves:
//
//	go test -run '^$' -bench Memory -benchtime 1x ./fake
func BenchmarkMemory(b *testing.B) {
	b.Run("integration", func(b *testing.B) {
		held(b, 10_000, func(srv *fake.Server, n int) { srv.Put(many(n)...) })
	})
	b.Run("list request", func(b *testing.B) {
		held(b, 100_000, func(srv *fake.Server, n int) { repeat(b, srv, n, http.MethodGet, "/api/integrations/provider", "") })
	})
	b.Run("save request", func(b *testing.B) {
		held(b, 100_000, func(srv *fake.Server, n int) { repeat(b, srv, n, http.MethodPost, "/api/integrations/", oneSave) })
	})
}

// oneSave is the body of a small save.
const oneSave = `[{"name": "mail", "type": "sendgrid", "category": "EMAIL", "description": "transactional mail", "enabled": true,
	"configuration": {"api_key": "SG.0123456789"}, "tags": [{"key": "team", "value": "docs"}]}]`

// held reports the bytes that are alive after fill, for each of n.
func held(b *testing.B, n int, fill func(srv *fake.Server, n int)) {
	b.Helper()
	var bytes, body float64
	for b.Loop() {
		before := alive()
		srv := fake.NewServer(fake.WithoutAuth())
		fill(srv, n)
		bytes += float64(alive() - before)
		for _, r := range srv.Requests() {
			body += float64(len(r.Body))
		}
		srv.Close()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(bytes/float64(b.N)/float64(n), "bytes/each")
	b.ReportMetric(body/float64(b.N)/float64(n), "of-it-body")
}

// alive returns the bytes of the heap that are in use.
func alive() int64 {
	runtime.GC()
	runtime.GC() // the second collection empties what a sync.Pool has kept
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return int64(memory.HeapAlloc)
}

// many returns n integrations with two models each.
func many(n int) []integrations.Integration {
	items := make([]integrations.Integration, n)
	for i := range items {
		items[i] = integrations.Integration{
			Name: fmt.Sprintf("ai-%d", i), Type: integrations.TypeOpenAI, Description: "OpenAI integration for LLM tasks",
			Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-0123456789", integrations.KeyEndpoint: "https://api.openai.com"},
			Tags:          []integrations.Tag{{Key: "team", Value: "docs"}},
			APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "large"}, {API: "gpt-4o-mini", Description: "small"}},
		}
	}
	return items
}

// repeat sends a request n times, past the network.
func repeat(b *testing.B, srv *fake.Server, n int, method, path, body string) {
	b.Helper()
	for range n {
		req := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
		req.Header = http.Header{
			"Accept": {"application/json, */*;q=0.8"}, "Content-Type": {"application/json"},
			"User-Agent": {"conductor-integrations-go/1.0.0"}, "X-Authorization": {"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.dW5zaWduZWQ"},
		}
		answer := httptest.NewRecorder()
		srv.Handler().ServeHTTP(answer, req)
		if answer.Code != http.StatusOK {
			b.Fatal(answer.Code)
		}
	}
}
