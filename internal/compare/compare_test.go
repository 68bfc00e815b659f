package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// BenchmarkOfficial times this SDK and the official one at the same job, against
// the same server on loopback, which waits before each answer as a distant one
// would. As a machine's speed drifts, the two take turns, and the figure is the
// median of ten ratios. The official SDK's calls come one after the other.
func BenchmarkOfficial(b *testing.B) {
	var rows []string
	run := func(job string, latency time.Duration, bench func(*testing.B, *cluster) result) {
		var r result
		b.Run(fmt.Sprintf("%s/%s", strings.ReplaceAll(job, " ", "-"), latency), func(b *testing.B) {
			r = bench(b, newCluster(b, latency))
			r.report(b)
		})
		if r != (result{}) {
			rows = append(rows, r.row(job, latency))
		}
	}
	for _, latency := range []time.Duration{0, 5 * time.Millisecond} {
		for _, n := range []int{1, 10, 100} {
			run(fmt.Sprintf("save %d", n), latency, func(b *testing.B, c *cluster) result { return benchSave(b, c, n) })
		}
		for _, n := range []int{1, 100, 1000} {
			run(fmt.Sprintf("list %d", n), latency, func(b *testing.B, c *cluster) result { return benchList(b, c, n) })
		}
	}
	fmt.Printf("\n| times as fast | lowest–highest | job | server latency | official SDK | this SDK |\n"+
		"|---:|---:|---|---:|---:|---:|\n%s\n", strings.Join(rows, ""))
}

// benchSave saves n integrations of two models each, after a look at the
// server that everything sent arrived, on both sides.
func benchSave(b *testing.B, c *cluster, n int) result {
	items := batchOf(n)
	var sides []side
	for _, s := range sdks {
		save := s.make(b, setup{url: c.url}).save(items)
		c.look()
		require.NoError(b, save(b.Context()))
		job, saved := c.take()
		require.Equal(b, items, saved)
		sides = append(sides, side{job, save})
	}
	return takeTurns(b, c, sides[0], sides[1])
}

// benchList lists n providers, after a look that both sides return them all,
// with everything that both have a field for.
func benchList(b *testing.B, c *cluster, n int) result {
	c.listing = listOf(n)
	var sides []side
	for _, s := range sdks {
		list := s.make(b, setup{url: c.url}).list
		got, err := list(b.Context())
		require.NoError(b, err)
		job, _ := c.take()
		require.Equal(b, common(b, c.listing), common(b, encode(b, got)))
		sides = append(sides, side{job, func(ctx context.Context) error {
			got, err := list(ctx)
			if err == nil && reflect.ValueOf(got).Len() != n {
				return fmt.Errorf("%d providers in place of %d", reflect.ValueOf(got).Len(), n)
			}
			return err
		}})
	}
	return takeTurns(b, c, sides[0], sides[1])
}

// common is the part of a listing that both SDKs decode.
func common(tb testing.TB, listing []byte) (providers []struct {
	Name, Type, Category, Description, CreatedBy, UpdatedBy string
	Enabled                                                 bool
	Configuration                                           map[string]any
	ModelsCount                                             int
}) {
	require.NoError(tb, json.Unmarshal(listing, &providers))
	return providers
}

func encode(tb testing.TB, v any) []byte {
	text, err := json.Marshal(v)
	require.NoError(tb, err)
	return text
}

// side is one SDK's way to do a job, and what a server sees of it once.
type side struct {
	job traffic
	do  func(context.Context) error
}

// result is what came of taking turns.
type result struct {
	ratio, lowest, highest float64
	official, ours         time.Duration // medians, of one job
	calls                  [2]int
}

func takeTurns(b *testing.B, c *cluster, official, ours side) result {
	const (
		rounds = 10
		turn   = 100 * time.Millisecond
	)
	// The sides differ by orders of magnitude: each repeats its job until it
	// takes long enough to be timed.
	repeat := func(s side) int {
		n := 1
		for measure(b, c, s, n) < turn/time.Duration(n) {
			n *= 2
		}
		return n
	}
	officialN, oursN := repeat(official), repeat(ours)

	var ratios []float64
	var officialTimes, oursTimes []time.Duration
	for round := range rounds {
		var o, own time.Duration
		if round%2 == 0 {
			o = measure(b, c, official, officialN)
			own = measure(b, c, ours, oursN)
		} else {
			own = measure(b, c, ours, oursN)
			o = measure(b, c, official, officialN)
		}
		ratios = append(ratios, float64(o)/float64(own))
		officialTimes = append(officialTimes, o)
		oursTimes = append(oursTimes, own)
	}

	slices.Sort(ratios)
	slices.Sort(officialTimes)
	slices.Sort(oursTimes)
	const middle = rounds / 2
	return result{
		ratio:    (ratios[middle-1] + ratios[middle]) / 2,
		lowest:   ratios[0],
		highest:  ratios[rounds-1],
		official: (officialTimes[middle-1] + officialTimes[middle]) / 2,
		ours:     (oursTimes[middle-1] + oursTimes[middle]) / 2,
		calls:    [2]int{official.job.requests, ours.job.requests},
	}
}

// measure returns the time of one job out of n, and fails if the server did not
// get n jobs to do.
func measure(b *testing.B, c *cluster, s side, n int) time.Duration {
	runtime.GC()
	begun := time.Now()
	for range n {
		if err := s.do(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(begun) / time.Duration(n)
	got, _ := c.take()
	require.Equal(b, traffic{s.job.requests * n, s.job.bytes * n}, got)
	return took
}

func (r result) report(b *testing.B) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(r.ratio, "as-fast-x") // printed in the order of the names
	b.ReportMetric(r.highest, "highest-x")
	b.ReportMetric(r.lowest, "lowest-x")
	b.ReportMetric(float64(r.calls[0]), "official-requests")
	b.ReportMetric(float64(r.official.Microseconds()), "official-µs")
	b.ReportMetric(float64(r.calls[1]), "ours-requests")
	b.ReportMetric(float64(r.ours.Microseconds()), "ours-µs")
}

func (r result) row(job string, latency time.Duration) string {
	requests := func(n int) string {
		if n == 1 {
			return "1 request"
		}
		return fmt.Sprintf("%d requests", n)
	}
	return fmt.Sprintf("| **%s** | %s–%s | %s | %s | %s, %s | %s, %s |\n",
		times(r.ratio), times(r.lowest), times(r.highest), job, spaced(latency),
		spaced(r.official), requests(r.calls[0]), spaced(r.ours), requests(r.calls[1]))
}

// times is a ratio with three digits or so.
func times(ratio float64) string {
	if ratio < 10 {
		return fmt.Sprintf("%.2f", ratio)
	}
	return fmt.Sprintf("%.0f", ratio)
}

// spaced is d with three digits or so, as in 1.22 ms.
func spaced(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

// cluster is the server of both SDKs. It answers any save with 200, and counts
// what reaches it.
type cluster struct {
	url     string
	latency time.Duration
	listing []byte

	mu      sync.Mutex
	got     traffic
	looking bool
	saved   []in.Integration
}

type traffic struct{ requests, bytes int }

func newCluster(tb testing.TB, latency time.Duration) *cluster {
	c := &cluster{latency: latency}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/integrations/provider", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(c.listing)
	})
	save := func(w http.ResponseWriter, r *http.Request) {
		if err := c.save(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
	mux.HandleFunc("POST /api/integrations/{$}", save)
	mux.HandleFunc("POST /api/integrations/provider/{name}", save)
	mux.HandleFunc("POST /api/integrations/provider/{name}/integration/{model}", save)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Authorization") != token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c.mu.Lock()
		c.got.requests++
		c.mu.Unlock()
		time.Sleep(c.latency)
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(srv.Close)
	c.url = srv.URL + "/api"
	return c
}

// save takes a batch, an integration or a model, as the path says.
func (c *cluster) save(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got.bytes += len(body)
	if !c.looking {
		return nil
	}
	name, model := r.PathValue("name"), r.PathValue("model")
	switch {
	case model != "":
		last := &c.saved[len(c.saved)-1]
		api := in.IntegrationAPI{IntegrationName: name, API: model}
		err = json.Unmarshal(body, &api)
		last.APIs = append(last.APIs, api)
	case name != "":
		item := in.Integration{Name: name}
		err = json.Unmarshal(body, &item)
		c.saved = append(c.saved, item)
	default:
		err = json.Unmarshal(body, &c.saved)
	}
	return err
}

// look makes the cluster keep what it is sent, until take.
func (c *cluster) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looking = true
}

// take returns what came since the last take.
func (c *cluster) take() (traffic, []in.Integration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got, saved := c.got, c.saved
	c.got, c.saved, c.looking = traffic{}, nil, false
	return got, saved
}

// listOf is a listing of n providers in the shape of the reference page.
func listOf(n int) []byte {
	var list bytes.Buffer
	for i := range n {
		fmt.Fprintf(&list, `,{"createTime":%d,"updateTime":1773839434450,"createdBy":"john.doe@example.com",`+
			`"updatedBy":"jane.doe@example.com","name":"openai-%d","type":"openai","description":"For the support desk",`+
			`"category":"AI_MODEL","configuration":{"api_key":"xxxxx","endpoint":"https://api.openai.com"},`+
			`"enabled":true,"tags":[],"modelsCount":2}`, created, i)
	}
	return append(append([]byte{'['}, bytes.TrimPrefix(list.Bytes(), []byte{','})...), ']')
}

const (
	apiKey  = "sk-0123456789"
	created = 1772787470214
)

// batchOf is a batch of n integrations of two models each.
func batchOf(n int) []in.Integration {
	items := make([]in.Integration, n)
	for i := range items {
		name := fmt.Sprintf("openai-%d", i)
		items[i] = in.Integration{
			Name:          name,
			Type:          in.TypeOpenAI,
			Category:      in.CategoryAIModel,
			Description:   "For the support desk",
			Enabled:       in.Bool(true),
			Configuration: in.Configuration{in.KeyAPIKey: apiKey, in.KeyEndpoint: "https://api.openai.com"},
			APIs: []in.IntegrationAPI{
				{IntegrationName: name, API: "gpt-4o", Description: "The large one", Enabled: in.Bool(true)},
				{IntegrationName: name, API: "gpt-4o-mini", Description: "The small one", Enabled: in.Bool(true)},
			},
		}
	}
	return items
}
