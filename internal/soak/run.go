package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// rounds is the number of fakes that one run uses. The client stays the same, so
// that between two rounds only the client holds memory.
const rounds = 10

// plan holds the settings of the command line.
type plan struct {
	calls, goroutines int
	seed              uint64
}

// soak is one run.
type soak struct {
	client *integrations.Client
	wire   wire
	ledger ledger
	counts counts

	srv *fake.Server // of the round
	log eventLog     // of the round
}

// counts holds the numbers that a run prints.
type counts struct {
	calls, requests, faults, mints, again atomic.Int64
}

// run carries out all rounds and prints what happened.
func run(p plan, out io.Writer) error {
	s := &soak{}
	if err := s.connect(); err != nil {
		return err
	}
	begun := time.Now()
	before := runtime.NumGoroutine()
	heaps := make([]uint64, 0, rounds)
	for round := range rounds {
		calls := p.calls * (round + 1) / rounds
		if err := s.round(p, uint64(round), int64(calls)); err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
		if err := left("goroutines", settled(before, runtime.NumGoroutine), before); err != nil {
			return err
		}
		heaps = append(heaps, heapInUse())
	}
	s.print(out, time.Since(begun), heaps)
	if err := s.ledger.unexplained(); err != nil {
		return err
	}
	return flat(heaps)
}

// connect makes the client. Every fake has the same credentials.
func (s *soak) connect() error {
	srv := fake.NewServer()
	defer srv.Close()
	id, secret := srv.Credentials()
	var err error
	s.client, err = integrations.NewClient("http://soak.example",
		integrations.WithKeySecret(id, secret),
		integrations.WithHTTPClient(&http.Client{Transport: &s.wire}),
		integrations.WithMaxResponseBytes(1<<20),
		integrations.WithRetry(integrations.RetryPolicy{MaxRetries: 100, MinWait: time.Microsecond, MaxWait: time.Millisecond}))
	return err
}

// round lets the goroutines work on a new fake until the run has made so many
// calls, and then looks at what the fake has.
func (s *soak) round(p plan, round uint64, calls int64) error {
	s.srv, s.log = fake.NewServer(), eventLog{}
	defer func() { s.srv, s.log = nil, eventLog{} }()
	defer s.srv.Close()
	if err := s.wire.use(s.srv); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var wg sync.WaitGroup
	for g := range p.goroutines {
		w := newWorker(s, g, rand.New(rand.NewPCG(p.seed+round, uint64(g))))
		wg.Go(func() {
			if err := w.work(ctx, calls); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	s.srv.ClearFaults()
	s.drain()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return s.inspect()
}

// inspect looks at the events that the fake has counted, and at the connections.
func (s *soak) inspect() error {
	if err := s.log.check(s.srv.Events()); err != nil {
		return err
	}
	s.wire.close()
	open := func() int { return int(s.wire.open.Load()) }
	return left("connections", settled(0, open), 0)
}

// drain counts and forgets what the fake has recorded.
func (s *soak) drain() {
	for _, r := range s.srv.TakeRequests() {
		s.counts.requests.Add(1)
		if r.Faulted {
			s.counts.faults.Add(1)
		}
		if r.Op == integrations.OpToken {
			s.counts.mints.Add(1)
		}
	}
}

func (s *soak) print(out io.Writer, took time.Duration, heaps []uint64) {
	c := &s.counts
	fmt.Fprintf(out, "%d calls in %s: %d requests, %d faults, %d mints, %d connections\n",
		c.calls.Load(), took.Round(time.Millisecond), c.requests.Load(), c.faults.Load(), c.mints.Load(), s.wire.dialed.Load())
	fmt.Fprintf(out, "%d calls failed as their fault demands and were made again\n", c.again.Load())
	fmt.Fprint(out, "KiB of heap after each round:")
	for _, heap := range heaps {
		fmt.Fprintf(out, " %d", heap>>10)
	}
	fmt.Fprintln(out)
}
