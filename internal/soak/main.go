// Command soak puts one client under load against a fake that fails at random:
// by default 100,000 calls from 50 goroutines. It fails if a save is lost, if a
// call fails that retries should have mended, or if goroutines or memory grow.
//
//	go run ./internal/soak [-calls n] [-goroutines n] [-seed n]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func main() {
	calls := flag.Int("calls", 100_000, "number of calls")
	goroutines := flag.Int("goroutines", 50, "number of goroutines that make them")
	seed := flag.Uint64("seed", 1, "seed of the faults")
	flag.Parse()
	if *calls < 10 || *goroutines < 1 {
		fmt.Fprintln(os.Stderr, "soak: it takes 10 calls and a goroutine at least")
		os.Exit(2)
	}
	if err := run(*calls, *goroutines, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// soak is one run.
type soak struct {
	srv      *fake.Server
	client   *integrations.Client
	requests atomic.Int64
	faults   atomic.Int64
	mints    atomic.Int64
	refused  atomic.Int64 // calls whose second token was revoked too
}

func run(calls, goroutines int, seed uint64) error {
	before := runtime.NumGoroutine()
	s := &soak{srv: fake.NewServer()}
	s.client = s.srv.Client(integrations.WithRetry(integrations.RetryPolicy{
		MaxRetries: 100, MinWait: time.Microsecond, MaxWait: time.Millisecond,
	}))
	begun := time.Now()
	heapEarly, err := s.phase(calls/10, goroutines, seed)
	if err != nil {
		return err
	}
	heapLate, err := s.phase(calls-calls/10, goroutines, seed+1)
	if err != nil {
		return err
	}
	took := time.Since(begun)
	s.srv.Close()
	after := settled(before)
	fmt.Printf("%d calls in %s: %d requests, %d faults, %d mints, %d refused twice\n",
		calls, took.Round(time.Millisecond), s.requests.Load(), s.faults.Load(), s.mints.Load(), s.refused.Load())
	fmt.Printf("heap after a tenth %d KiB, at the end %d KiB; goroutines before %d, after %d\n",
		heapEarly>>10, heapLate>>10, before, after)
	switch {
	case s.requests.Load() < int64(calls):
		return errors.New("there are fewer requests than calls")
	case after > before:
		return fmt.Errorf("%d goroutines were left behind", after-before)
	case heapLate > 2*heapEarly+1<<20:
		return errors.New("the heap grew")
	}
	return nil
}

// phase makes calls and returns the heap in use after them.
func (s *soak) phase(calls, goroutines int, seed uint64) (uint64, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var left atomic.Int64
	left.Store(int64(calls))
	var wg sync.WaitGroup
	for g := range goroutines {
		random := rand.New(rand.NewPCG(seed, uint64(g)))
		wg.Go(func() {
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				if err := s.call(ctx, g, random); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	s.srv.ClearFaults()
	s.drain()
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc, context.Cause(ctx)
}

// call makes one call, now and then after having arranged for a fault.
func (s *soak) call(ctx context.Context, g int, random *rand.Rand) error {
	switch random.IntN(1000) {
	case 0:
		s.srv.ExpireTokens()
	case 1:
		s.drain()
	}
	op := integrations.OpListProviders
	if random.IntN(2) == 0 {
		op = integrations.OpSaveAll
	}
	if random.IntN(5) == 0 {
		s.faults.Add(1)
		s.srv.FailNext(op, faults[random.IntN(len(faults))])
	}
	if op == integrations.OpSaveAll {
		return s.save(ctx, g, random)
	}
	return s.again(func() error {
		_, err := s.client.ListProviders(ctx, integrations.IncludeInactive())
		return err
	})
}

var faults = []fake.Fault{
	{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
	{Status: http.StatusServiceUnavailable},
	{Status: http.StatusBadGateway, RawBody: []byte("<html>")},
	{Status: http.StatusGatewayTimeout, RawBody: []byte{}},
	{Drop: true},
	{Drop: true, AfterCommit: true},
	{Truncate: true},
	{Truncate: true, AfterCommit: true},
	{Delay: time.Millisecond},
}

// save saves an integration of this goroutine's own and looks whether it is there.
func (s *soak) save(ctx context.Context, g int, random *rand.Rand) error {
	item := integrations.Integration{
		Name:          "mail-" + strconv.Itoa(g),
		Type:          integrations.TypeSendGrid,
		Description:   strconv.FormatUint(random.Uint64(), 36),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.soak"},
	}
	if err := s.again(func() error { return s.client.SaveAll(ctx, []integrations.Integration{item}) }); err != nil {
		return err
	}
	if saved, _ := s.srv.Integration(item.Name); saved.Description != item.Description {
		return fmt.Errorf("the save of %s is lost", item.Name)
	}
	return nil
}

// again repeats a call whose token was revoked a second time, by another
// goroutine, between the mint and the replay.
func (s *soak) again(call func() error) error {
	for try := 0; ; try++ {
		err := call()
		if try == 10 || !errors.Is(err, integrations.ErrUnauthorized) {
			return err
		}
		s.refused.Add(1)
	}
}

// drain counts and forgets what the fake has recorded.
func (s *soak) drain() {
	for _, r := range s.srv.TakeRequests() {
		s.requests.Add(1)
		if r.Op == integrations.OpToken {
			s.mints.Add(1)
		}
	}
}

// settled waits for goroutines that are on their way out.
func settled(want int) int {
	for range 100 {
		if runtime.NumGoroutine() <= want {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}
