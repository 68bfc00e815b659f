package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/seed4e9a5e42/integrations"
)

// worker is one goroutine. It alone writes under its names, so that it knows
// what must be there.
type worker struct {
	*soak
	random *rand.Rand
	id     string // of the worker and the fake
	serial int    // of the texts

	home   string // an integration that is always there, with the model
	guest  string // an integration that comes and goes
	prompt string
	kind   integrations.Type // a type of the worker's own
}

// The models of home. The second comes and goes.
const model, guestModel = "gpt-4o", "gpt-guest"

func newWorker(s *soak, g int, random *rand.Rand) *worker {
	id := strconv.Itoa(g)
	w := &worker{
		soak: s, random: random, id: id,
		home: "home-" + id, guest: "guest-" + id, prompt: "prompt-" + id, kind: integrations.Type("type-" + id),
	}
	s.srv.Put(w.item(w.text()))
	s.srv.PutPrompts(integrations.Prompt{Name: w.prompt, Template: "Hello"})
	s.srv.PutTokenUsage(integrations.TokenUsage{
		IntegrationName: w.home, API: model, TotalTokens: 42, PeriodStart: usageStart,
	})
	return w
}

// usageStart is later than every clock, and so within every window.
const usageStart integrations.Timestamp = 1 << 42

// item is home as a save of everything sends it.
func (w *worker) item(description string) integrations.Integration {
	return integrations.Integration{
		Name: w.home, Type: integrations.TypeOpenAI, Description: description,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-soak"},
		Tags:          []integrations.Tag{{Key: "worker", Value: w.id}},
		APIs:          []integrations.IntegrationAPI{{API: model, Description: description}},
	}
}

// text returns a text that no earlier write of the worker had.
func (w *worker) text() string {
	w.serial++
	return fmt.Sprintf("text %s-%d", w.id, w.serial)
}

// work does jobs until the run has made so many calls.
func (w *worker) work(ctx context.Context, calls int64) error {
	for ctx.Err() == nil && w.counts.calls.Load() < calls {
		job := jobs[w.random.IntN(len(jobs))]
		if err := job.do(w, ctx); err != nil {
			return fmt.Errorf("%s: %w", job.name, err)
		}
	}
	return nil
}

// call makes one call, now and then with a fault, and makes it again as long as
// it fails as a fault demands.
func (w *worker) call(op integrations.Op, do func() error) error {
	w.counts.calls.Add(1)
	for range 20 {
		w.disturb(op)
		err := do()
		if err == nil {
			return nil
		}
		name := nameOf(err)
		if name == "" {
			return err
		}
		w.ledger.fail(name)
		w.counts.again.Add(1)
	}
	return fmt.Errorf("%s failed 20 times, as faults demand", op)
}

// read makes a call that returns something, as call does.
func read[T any](w *worker, op integrations.Op, do func() (T, error)) (T, error) {
	var result T
	err := w.call(op, func() (err error) {
		result, err = do()
		return err
	})
	return result, err
}
