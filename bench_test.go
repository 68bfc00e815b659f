package integrations_test

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// BenchmarkList and BenchmarkSave time a call against the floor: bare net/http
// and encoding/json, with the same transport, headers and timeout, doing the
// same work. As a machine's speed drifts, the two take turns, and what is
// reported is the median of ten ratios, with bytes and allocations of each.
//
//	go test -run '^$' -bench 'List|Save' -benchtime 1x .
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			body := listOf(n)
			f := newFloor(b, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(body)
			})
			report(b, func() error {
				got, err := f.list(b.Context())
				return expect(n, len(got), err)
			}, func() error {
				got, err := f.client.ListProviders(b.Context())
				return expect(n, len(got), err)
			})
		})
	}
}

func BenchmarkSave(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			items := batchOf(n)
			f := newFloor(b, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
			})
			report(b, func() error {
				return f.save(b.Context(), items)
			}, func() error {
				return f.client.SaveAll(b.Context(), items)
			})
			shares, _, _ := takeTurns(b, func() error {
				return f.client.SaveAll(b.Context(), items)
			}, func() error {
				return in.Validate(items)
			})
			b.ReportMetric(100*median(shares), "%-validation")
		})
	}
}

// BenchmarkRefusedSave times a save of service accounts of 2 KB that the server
// refuses, against the same save when the server takes it. The difference is
// the cost of keeping the request out of the error.
//
//	go test -run '^$' -bench RefusedSave -benchtime 1x .
func BenchmarkRefusedSave(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			items := serviceAccounts(n)
			refuse := false
			f := newFloor(b, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if refuse {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"message":"the private key of the integration cannot be read"}`)
				}
			})
			report(b, func() error {
				refuse = false
				return f.client.SaveAll(b.Context(), items)
			}, func() error {
				refuse = true
				if err := f.client.SaveAll(b.Context(), items); !errors.Is(err, in.ErrBadRequest) {
					return fmt.Errorf("not refused: %w", err)
				}
				return nil
			})
		})
	}
}

// serviceAccounts is a batch of n GCP integrations with an account file of 2 KB.
func serviceAccounts(n int) []in.Integration {
	items := make([]in.Integration, n)
	for i := range items {
		var lines strings.Builder
		for n := range 24 {
			key := sha512.Sum384([]byte(fmt.Sprint(i, n)))
			lines.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n")
		}
		account, _ := json.MarshalIndent(map[string]string{ // strings always encode
			"type": "service_account", "project_id": "my-project", "private_key_id": fmt.Sprintf("%040x", i),
			"private_key":  "-----BEGIN PRIVATE KEY-----\n" + lines.String() + "-----END PRIVATE KEY-----\n",
			"client_email": "worker@my-project.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
		}, "", "  ")
		items[i] = in.Integration{Name: fmt.Sprintf("gcp-%d", i), Type: in.TypeVertexAI, Configuration: in.Configuration{
			in.KeyFile: string(account), in.KeyProjectName: fmt.Sprintf("project-%d", i), in.KeyEnvironment: "us-central1", in.KeyPublisher: "google",
		}, APIs: []in.IntegrationAPI{{API: "gemini-pro", Description: "Gemini Pro"}}}
	}
	return items
}

// BenchmarkValidate times validation alone, an item.
func BenchmarkValidate(b *testing.B) {
	for _, n := range []int{1, 100, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			items := batchOf(n)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, in.Validate(items))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/item")
		})
	}
}

func expect(want, got int, err error) error {
	if err == nil && got != want {
		return fmt.Errorf("%d providers in place of %d", got, want)
	}
	return err
}

// report reports what ours costs as a multiple of the floor.
func report(b *testing.B, floor, ours func() error) {
	ratios, base, own := takeTurns(b, floor, ours)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "x-floor")
	b.ReportMetric(ratios[0], "x-min")
	b.ReportMetric(ratios[len(ratios)-1], "x-max")
	b.ReportMetric(base.time, "floor-µs")
	b.ReportMetric(own.time, "µs")
	b.ReportMetric(float64(base.bytes), "floor-B")
	b.ReportMetric(float64(own.bytes), "B")
	b.ReportMetric(float64(base.allocs), "floor-allocs")
	b.ReportMetric(float64(own.allocs), "allocs")
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// takeTurns measures the two in ten rounds, and returns the sorted ratios of the
// second to the first and what each cost in the last round.
func takeTurns(b *testing.B, first, second func() error) (ratios []float64, one, two cost) {
	n, m := enough(b, first), enough(b, second)
	for round := range 10 {
		if round%2 == 0 {
			one = measure(b, n, first)
			two = measure(b, m, second)
		} else {
			two = measure(b, m, second)
			one = measure(b, n, first)
		}
		ratios = append(ratios, two.time/one.time)
	}
	slices.Sort(ratios)
	return ratios, one, two
}

// enough returns how many calls take a tenth of a second.
func enough(b *testing.B, call func() error) int {
	n := 1
	for measure(b, n, call).time*float64(n) < 100_000 {
		n *= 2
	}
	return n
}

// cost is that of one call, the server's share included on both sides.
type cost struct {
	time          float64 // µs
	bytes, allocs uint64
}

func measure(b *testing.B, n int, call func() error) cost {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	for range n {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	c := cost{time: float64(time.Since(begun).Nanoseconds()) / 1000 / float64(n)}
	runtime.ReadMemStats(&after)
	c.bytes = (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	c.allocs = (after.Mallocs - before.Mallocs) / uint64(n)
	return c
}

// floor is what a program would do without the SDK.
type floor struct {
	url    string
	http   *http.Client
	client *in.Client
}

func newFloor(b testing.TB, handler http.HandlerFunc) *floor {
	srv := httptest.NewServer(handler)
	b.Cleanup(srv.Close)
	client, err := in.NewClient(srv.URL, in.WithToken("token"))
	require.NoError(b, err)
	b.Cleanup(client.CloseIdleConnections)
	transport := cleanhttp.DefaultPooledTransport()
	b.Cleanup(transport.CloseIdleConnections)
	return &floor{srv.URL, &http.Client{Transport: transport, Timeout: 30 * time.Second}, client}
}

func (f *floor) do(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, f.url+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json, */*;q=0.8")
	req.Header.Set("User-Agent", "conductor-integrations-go/0.1.0")
	req.Header.Set("X-Authorization", "token")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.http.Do(req)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return resp, err
}

func (f *floor) list(ctx context.Context) ([]in.Provider, error) {
	resp, err := f.do(ctx, http.MethodGet, "/api/integrations/provider?activeOnly=true", nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var providers []in.Provider
	err = json.NewDecoder(resp.Body).Decode(&providers)
	return providers, err
}

func (f *floor) save(ctx context.Context, items []in.Integration) error {
	body, err := json.Marshal(items)
	if err != nil {
		return err
	}
	resp, err := f.do(ctx, http.MethodPost, "/api/integrations/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
