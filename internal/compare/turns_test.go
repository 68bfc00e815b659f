package compare

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// side is one SDK's way to do a job, and what a server sees of it once.
type side struct {
	job traffic
	// prepare sets the server up before each job, and is not timed. It may be nil.
	prepare func()
	do      func(context.Context) error
}

// result holds the measurements of the two sides.
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
	var took time.Duration
	for range n {
		if s.prepare != nil {
			s.prepare()
		}
		begun := time.Now()
		if err := s.do(b.Context()); err != nil {
			b.Fatal(err)
		}
		took += time.Since(begun)
	}
	got, _ := c.take()
	require.Equal(b, traffic{s.job.requests * n, s.job.bytes * n}, got)
	return took / time.Duration(n)
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
