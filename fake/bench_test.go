package fake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// BenchmarkSave has 16 goroutines save into 10,000 integrations, beside a bare
// handler that decodes the same body. The two take turns. The benchmark reports
// the median of the ratio of their saves per second:
//
//	go test -run '^$' -bench Save -benchtime 20x ./fake
func BenchmarkSave(b *testing.B) {
	srv := fake.NewServer(fake.WithoutAuth())
	defer srv.Close()
	var many []integrations.Integration
	for i := range 10_000 {
		many = append(many, mail(fmt.Sprintf("mail-%d", i)))
	}
	srv.Put(many...)
	ours := httptest.NewServer(srv.Handler())
	defer ours.Close()
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var items []integrations.Integration
		if json.NewDecoder(r.Body).Decode(&items) != nil {
			w.WriteHeader(400)
		}
	}))
	defer bare.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	var ratios []float64
	for turn := 0; b.Loop(); turn++ {
		urls := []string{ours.URL, bare.URL}
		if turn%2 == 1 {
			slices.Reverse(urls)
		}
		took := map[string]time.Duration{}
		for _, url := range urls {
			took[url] = saves(b, client, url)
		}
		srv.TakeRequests()
		ratios = append(ratios, float64(took[bare.URL])/float64(took[ours.URL]))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "x-bare")
}

// saves sends 2,000 saves from 16 goroutines.
func saves(b *testing.B, client *http.Client, url string) time.Duration {
	const goroutines, each = 16, 125
	var wg sync.WaitGroup
	var next atomic.Int64
	start := time.Now()
	for range goroutines {
		wg.Go(func() {
			for range each {
				name := fmt.Sprintf("mail-%d", next.Add(1)*7%10_000)
				body := fmt.Sprintf(`[{"name": %q, "type": "openai", "category": "AI_MODEL", "description": "OpenAI integration for LLM tasks", "enabled": true,
					"configuration": {"api_key": "sk-0123456789", "endpoint": "https://api.openai.com"}, "tags": [{"key": "team", "value": "docs"}],
					"apis": [{"integrationName": %[1]q, "api": "gpt-4o", "description": "GPT-4o model", "enabled": true}]}]`, "ai-"+name)
				resp, err := client.Post(url+"/api/integrations/", "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Error(resp.Status)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// BenchmarkLifecycle compares the whole life of a fake, with a save and a list, to
// the life of the barest test server, with one GET. A machine's speed drifts.
// Therefore the two take turns, and the benchmark reports the median of each and
// of the ratio.
// Sockets in TIME_WAIT spoil longer runs:
//
//	go test -run '^$' -bench Lifecycle -benchtime 500x -count 5 ./fake
func BenchmarkLifecycle(b *testing.B) {
	var ours, bare, ratios []float64
	for turn := 0; b.Loop(); turn++ {
		var a, c time.Duration
		if turn%2 == 0 {
			a, c = timed(b, lifeOfFake), timed(b, lifeOfBareServer)
		} else {
			c, a = timed(b, lifeOfBareServer), timed(b, lifeOfFake)
		}
		ours = append(ours, float64(a)/1e3)
		bare = append(bare, float64(c)/1e3)
		ratios = append(ratios, float64(a)/float64(c))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours), "fake-µs")
	b.ReportMetric(median(bare), "httptest-µs")
	b.ReportMetric(median(ratios), "x-httptest")
}

func lifeOfFake(ctx context.Context) error {
	srv := fake.NewServer()
	defer srv.Close()
	client := srv.Client()
	if err := client.SaveAll(ctx, []integrations.Integration{mail("mail")}); err != nil {
		return err
	}
	_, err := client.ListProviders(ctx)
	return err
}

func lifeOfBareServer(context.Context) error {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	return resp.Body.Close()
}

func timed(b *testing.B, f func(context.Context) error) time.Duration {
	start := time.Now()
	if err := f(b.Context()); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
