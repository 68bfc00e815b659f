package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// The tests here do not run in parallel, because a soak counts the goroutines of
// the program.

func TestAShortSoakPasses(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := command([]string{"-calls", "3000", "-goroutines", "20"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	require.Contains(t, stdout.String(), " calls in ")
	require.NotContains(t, stdout.String(), " 0 faults", "nothing was put to the test")
	require.Empty(t, stderr.String())
}

func TestTheCommandLineIsChecked(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{"-h"}, 0, "number of calls"},
		{[]string{"-calls", "many"}, 2, "invalid value"},
		{[]string{"-calls", "9"}, 2, "10 calls"},
		{[]string{"-goroutines", "0"}, 2, "a goroutine"},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, tt.code, command(tt.args, &stdout, &stderr), "%q", tt.args)
		require.Contains(t, stderr.String(), tt.text)
	}
}

func TestTheJobsUseEveryOperation(t *testing.T) {
	w := lone(t)
	for _, job := range jobs {
		require.NoError(t, job.do(w, t.Context()), job.name)
	}
	used := map[integrations.Op]bool{}
	for _, r := range w.srv.Requests() {
		used[r.Op] = true
	}
	for _, op := range integrations.Ops() {
		require.True(t, used[op], "no job uses %s", op)
	}
}

// A server that says OK and does nothing loses every write.
func TestALostWriteFailsTheJob(t *testing.T) {
	for op, name := range map[integrations.Op]string{
		integrations.OpSaveAll:             "save all",
		integrations.OpSaveProvider:        "save one",
		integrations.OpDeleteProvider:      "save and delete one",
		integrations.OpSaveModel:           "save a model",
		integrations.OpDeleteModel:         "save, link and delete a model",
		integrations.OpAssociatePrompt:     "save, link and delete a model",
		integrations.OpPutProviderTags:     "tags",
		integrations.OpDeleteProviderTags:  "tags",
		integrations.OpPutModelTags:        "tags of a model",
		integrations.OpDeleteModelTags:     "tags of a model",
		integrations.OpRegisterDefinitions: "definitions",
		integrations.OpSaveTokenLimit:      "token limit",
	} {
		w, job := lone(t), jobNamed(t, name)
		require.NoError(t, job(w, t.Context()), op)
		w.srv.FailAlways(op, fake.Fault{Status: http.StatusOK, RawBody: []byte{}})
		require.ErrorContains(t, job(w, t.Context()), "is lost", op)
	}
}

func TestAPlanThatLosesItsSaveFailsTheJob(t *testing.T) {
	w := lone(t)
	w.srv.FailAlways(integrations.OpSaveAll, fake.Fault{Status: http.StatusOK, RawBody: []byte{}})
	require.ErrorContains(t, w.ensure(t.Context()), "is lost")
}

// A list without home is a lost read.
func TestAnEmptyListFailsTheJob(t *testing.T) {
	for op, name := range map[integrations.Op]string{
		integrations.OpListProviders:       "lists",
		integrations.OpListIntegrations:    "lists",
		integrations.OpListRefs:            "lists",
		integrations.OpListModels:          "models",
		integrations.OpListAvailableModels: "models",
		integrations.OpListPrompts:         "save, link and delete a model",
		integrations.OpListDefinitions:     "definitions",
		integrations.OpListTokenUsage:      "token usage",
	} {
		w := lone(t)
		w.srv.FailAlways(op, fake.Fault{Status: http.StatusOK, RawBody: []byte("[]")})
		require.ErrorContains(t, jobNamed(t, name)(w, t.Context()), "is lost", op)
	}
}

func TestAFailureThatNoFaultExplainsFailsTheJob(t *testing.T) {
	w := lone(t)
	w.srv.FailAlways(integrations.OpGetModel, fake.Fault{Status: http.StatusConflict})
	require.ErrorContains(t, w.models(t.Context()), "409")
	w.srv.FailAlways(integrations.OpGetModel, fake.Fault{Status: http.StatusBadRequest})
	require.ErrorContains(t, w.models(t.Context()), "failed 20 times")
	require.ErrorContains(t, w.ledger.unexplained(), `20 calls failed by "400"`)
}

func TestEventsAreCountedExactly(t *testing.T) {
	event := func(id string) integrations.Event { return integrations.Event{ID: id} }
	for _, tt := range []struct {
		name    string
		counted []integrations.Event
		problem string
	}{
		{"as they should be", []integrations.Event{event("sure")}, ""},
		{"one of a call that failed", []integrations.Event{event("sure"), event("unsure")}, ""},
		{"lost", nil, "event sure is lost"},
		{"twice", []integrations.Event{event("sure"), event("sure")}, "event sure was counted 2 times"},
		{"twice after a failure", []integrations.Event{event("sure"), event("unsure"), event("unsure")}, "event unsure was counted 2 times"},
		{"never sent", []integrations.Event{event("sure"), event("other")}, "event other was counted and never sent"},
	} {
		var log eventLog
		log.sent([]integrations.Event{event("sure")}, true)
		log.sent([]integrations.Event{event("unsure")}, false)
		err := log.check(tt.counted)
		if tt.problem == "" {
			require.NoError(t, err, tt.name)
		} else {
			require.EqualError(t, err, tt.problem, tt.name)
		}
	}
}

func TestLostEventsAreFound(t *testing.T) {
	w := lone(t)
	w.srv.FailAlways(integrations.OpRecordEvents, fake.Fault{Status: http.StatusOK, RawBody: []byte{}})
	require.NoError(t, w.events(t.Context()))
	require.ErrorContains(t, w.log.check(w.srv.Events()), "is lost")
}

func TestAConnectionThatStaysOpenIsFound(t *testing.T) {
	srv := fake.Start(t, fake.WithoutAuth())
	var w wire
	require.NoError(t, w.use(srv))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://soak.example/api/integrations/provider", nil)
	require.NoError(t, err)
	resp, err := w.RoundTrip(req)
	require.NoError(t, err)
	w.close()
	require.EqualError(t, left("connections", int(w.open.Load()), 0), "1 connections were left behind")
	require.NoError(t, resp.Body.Close())
	w.close()
	require.NoError(t, left("connections", settled(0, func() int { return int(w.open.Load()) }), 0))
}

func TestAHeapThatGrowsIsFound(t *testing.T) {
	require.NoError(t, flat([]uint64{1 << 20, 2 << 20, 1<<20 + 1}))
	require.ErrorContains(t, flat([]uint64{1 << 20, 1 << 20, 2 << 20}), "the heap grew")
}

// lone returns a worker whose calls have no faults.
func lone(t *testing.T) *worker {
	t.Helper()
	s := &soak{}
	require.NoError(t, s.connect())
	s.srv = fake.Start(t)
	require.NoError(t, s.wire.use(s.srv))
	t.Cleanup(s.wire.close)
	return newWorker(s, 0, rand.New(calm{}))
}

// calm is a source whose numbers are so large that no fault is drawn.
type calm struct{}

func (calm) Uint64() uint64 { return 1<<64 - 1<<33 }

func jobNamed(t *testing.T, name string) func(*worker, context.Context) error {
	t.Helper()
	for _, job := range jobs {
		if strings.EqualFold(job.name, name) {
			return job.do
		}
	}
	t.Fatalf("there is no job %q", name)
	return nil
}
