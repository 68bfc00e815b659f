package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// eventLog has the outcome of each event that was sent, by the event's ID.
type eventLog struct {
	mu   sync.Mutex
	sure map[string]bool // the call succeeded
}

// sent notes events whose call ended.
func (l *eventLog) sent(events []integrations.Event, succeeded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sure == nil {
		l.sure = map[string]bool{}
	}
	for _, e := range events {
		l.sure[e.ID] = succeeded
	}
}

// check compares the log with what the server has counted. The events of a call
// that failed may be there once.
func (l *eventLog) check(counted []integrations.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	times := make(map[string]int, len(counted))
	for _, e := range counted {
		times[e.ID]++
		if _, sent := l.sure[e.ID]; !sent {
			return fmt.Errorf("event %s was counted and never sent", e.ID)
		}
	}
	for id, sure := range l.sure {
		switch {
		case times[id] > 1:
			return fmt.Errorf("event %s was counted %d times", id, times[id])
		case sure && times[id] == 0:
			return fmt.Errorf("event %s is lost", id)
		}
	}
	return nil
}

// ledger counts, for each kind of fault that no retry mends, how often it was
// injected and how many calls failed by it.
type ledger struct {
	mu               sync.Mutex
	injected, failed map[string]int
}

func (l *ledger) inject(kind string) { l.count(&l.injected, kind) }
func (l *ledger) fail(kind string)   { l.count(&l.failed, kind) }

func (l *ledger) count(in *map[string]int, kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if *in == nil {
		*in = map[string]int{}
	}
	(*in)[kind]++
}

// unexplained reports failures that outnumber the faults of their kind.
func (l *ledger) unexplained() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for kind, failed := range l.failed {
		if injected := l.injected[kind]; failed > injected {
			return fmt.Errorf("%d calls failed by %q, which was injected %d times", failed, kind, injected)
		}
	}
	return nil
}

// left reports what stayed behind.
func left(what string, now, before int) error {
	if now > before {
		return fmt.Errorf("%d %s were left behind", now-before, what)
	}
	return nil
}

// settled waits for the goroutines that are about to end.
func settled(want int, count func() int) int {
	for range 500 {
		if count() <= want {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return count()
}

// flat reports a heap that grew after the first round, which fills the caches.
func flat(heaps []uint64) error {
	first, last := heaps[0], heaps[len(heaps)-1]
	if last > first+first/4+256<<10 {
		return fmt.Errorf("the heap grew from %d to %d KiB", first>>10, last>>10)
	}
	return nil
}

// heapInUse is the memory that is alive.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // the second collection empties what a sync.Pool has kept
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}
