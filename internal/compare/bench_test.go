package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
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
		for _, job := range stateJobs {
			run(job.name, latency, func(b *testing.B, c *cluster) result { return job.bench(b, c) })
		}
	}
	fmt.Printf("\n%s %s/%s:\n\n| times as fast | lowest–highest | job | server latency | official SDK | this SDK |\n"+
		"|---:|---:|---|---:|---:|---:|\n%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(rows, ""))
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
		sides = append(sides, side{job: job, do: save})
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
		sides = append(sides, side{job: job, do: func(ctx context.Context) error {
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

// stateJobs are about 50 integrations of two models each, on a server that keeps
// its state. To ensure is to make sure that they exist. The official SDK
// asks for the integrations, one by one or in a list, and for the models of each
// integration. It saves the missing ones one after the other. This SDK calls plan.Ensure, which compares every
// field too. A server that masks secrets makes plan.Ensure save them again.
var stateJobs = []stateJob{
	{name: "ensure 50, nothing to do", there: true, clear: true},
	{name: "ensure 50 from a list, nothing to do", there: true, clear: true, list: true},
	{name: "ensure 50, secrets masked", there: true},
	{name: "ensure 50, all to do", again: true},
	{name: "remove 50", there: true, again: true, remove: true},
}

type stateJob struct {
	name   string
	there  bool // the integrations exist before the job
	again  bool // every job begins with a new server
	clear  bool // the server shows secrets
	list   bool // the official SDK lists the integrations first
	remove bool // the job is to remove; otherwise it is to ensure
}

func (j stateJob) bench(b *testing.B, c *cluster) result {
	items := batchOf(50)
	before, after := items, items
	if !j.there {
		before = nil
	}
	if j.remove {
		after = nil
	}
	begin := func() { c.begin(before, fake.Behaviour{ClearSecrets: j.clear}) }
	var sides []side
	for _, s := range sdks {
		made := s.make(b, setup{url: c.url})
		do := made.ensure(items)
		switch {
		case j.remove:
			do = made.remove(items)
		case j.list:
			do = made.ensureFromList(items)
		}
		begin()
		require.NoError(b, do(b.Context()))
		c.fake.AssertSaved(b, after...)
		job, _ := c.take()
		one := side{job: job, do: do}
		if j.again {
			one.prepare = begin
		}
		sides = append(sides, one)
	}
	return takeTurns(b, c, sides[0], sides[1])
}
