package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

var saved = integrations.Integration{
	Name:          "worker-openai",
	Type:          integrations.TypeOpenAI,
	Description:   "OpenAI for the worker",
	Configuration: integrations.Configuration{"api_key": "canary-openai"},
	APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "The worker's model"}},
}

// The whole program, over a socket and with its configuration from the
// environment, until it is told to stop.
func TestProgram(t *testing.T) {
	srv := cluster(t)
	logs := &logbook{}
	ctx, cancel := context.WithCancel(t.Context())
	logs.stopAt("provider is active", cancel)

	require.Equal(t, exitStopped, run(ctx, []string{"-debug"}, logs))
	require.Empty(t, cmp.Diff([]string{
		"DEBUG conductor request", // the token
		"DEBUG conductor request", // the listing
		"DEBUG conductor request", // the save
		"INFO started",
		"DEBUG conductor request",
		"INFO provider is active",
		"INFO stopped",
	}, logs.lines(t)))
	srv.AssertSaved(t, saved)
	require.Contains(t, srv.Requests(integrations.OpSaveAll)[0].Header.Get("User-Agent"), "example-worker/1.0")
}

func TestProgramFails(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		env  map[string]string
		opts []fake.Option
		code int
		log  string
	}{
		"help":            {args: []string{"-h"}, code: exitStopped, log: "also after wrong flags"},
		"unknown flag":    {args: []string{"-nope"}, code: exitOperator, log: "-nope"},
		"no time":         {args: []string{"-poll", "0s"}, code: exitOperator, log: "-poll and -startup must be positive"},
		"argument":        {args: []string{"canary"}, code: exitOperator, log: "worker -h explains the flags"},
		"no provider key": {env: map[string]string{"OPENAI_API_KEY": "\n"}, code: exitOperator, log: "OPENAI_API_KEY"},
		"no server URL":   {env: map[string]string{"CONDUCTOR_SERVER_URL": ""}, code: exitOperator, log: `"invalid configuration","error":"integrations: CONDUCTOR_SERVER_URL`},
		"half a key pair": {env: map[string]string{"CONDUCTOR_AUTH_SECRET": ""}, code: exitOperator, log: "CONDUCTOR_AUTH_SECRET"},
		"401":             {env: map[string]string{"CONDUCTOR_AUTH_SECRET": "canary-wrong"}, code: exitOperator, log: "401"},
		"403":             {opts: []fake.Option{fake.WithReadOnly("worker-openai")}, code: exitOperator, log: "403"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, tc.opts...)
			for key, value := range tc.env {
				t.Setenv(key, value)
			}
			logs := &logbook{}
			require.Equal(t, tc.code, run(t.Context(), tc.args, logs))
			require.Contains(t, logs.text(t), tc.log)
			srv.AssertSaved(t)
		})
	}
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const replicas = 20
		srv := fake.Start(t)
		logs := &logbook{}
		srv.FailNext(integrations.OpSaveAll,
			fake.Fault{Status: http.StatusServiceUnavailable},
			fake.Fault{AfterCommit: true, Drop: true}, // saved, but the reply is lost
		)
		ctx, stop := context.WithTimeout(t.Context(), 45*time.Second)
		defer stop()

		var wg sync.WaitGroup
		codes := make([]int, replicas)
		for i := range codes {
			wg.Go(func() { codes[i] = newWorker(srv, logs).run(ctx, provider("canary-openai")) })
		}
		wg.Wait()

		require.Equal(t, make([]int, replicas), codes, "all are stopped gracefully")
		srv.AssertSaved(t, saved)
		counts := map[string]int{}
		for _, line := range logs.lines(t) {
			counts[line]++
		}
		require.Empty(t, cmp.Diff(map[string]int{
			"WARN conductor request will be repeated": 2,
			"INFO started":            replicas,
			"INFO provider is active": 2 * replicas, // at the start and 30 s later
			"INFO stopped":            replicas,
		}, counts))
	})
}

// An operator may switch the provider off. A restart does not undo that.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		off := saved
		off.Enabled = integrations.Bool(false)
		srv := fake.Start(t, fake.WithIntegrations(off))
		logs := &logbook{}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()

		require.Equal(t, exitStopped, newWorker(srv, logs).run(ctx, provider("canary-openai")))
		require.Contains(t, logs.lines(t), "WARN provider is missing or inactive")
		srv.AssertSaved(t, off)
	})
}

// At start-up, failures that may soon pass are repeated until the deadline, and
// others end it at once. Their kind decides the exit code.
func TestStartup(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		op    integrations.Op
		fault fake.Fault
		key   string
		code  int
		takes time.Duration
	}{
		"unavailable":         {fault: fake.Fault{Status: http.StatusServiceUnavailable}, code: exitRestart, takes: time.Minute},
		"connections break":   {fault: fake.Fault{Drop: true}, code: exitRestart, takes: time.Minute},
		"no answer":           {fault: fake.Fault{Delay: time.Hour}, code: exitRestart, takes: time.Minute},
		"come back later":     {fault: fake.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"31"}}}, code: exitRestart},
		"beyond the deadline": {fault: fake.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"25"}}}, code: exitRestart, takes: 50 * time.Second},
		"server error":        {fault: fake.Fault{Status: http.StatusInternalServerError}, code: exitRestart},
		"no token":            {op: integrations.OpToken, fault: fake.Fault{Status: http.StatusForbidden}, code: exitOperator},
		"refused":             {fault: fake.Fault{Status: http.StatusBadRequest, Message: "canary-openai: not accepted"}, code: exitOperator},
		"no listing":          {op: integrations.OpListIntegrations, fault: fake.Fault{Status: http.StatusForbidden}, code: exitOperator},
		"listing unavailable": {op: integrations.OpListIntegrations, fault: fake.Fault{Status: http.StatusServiceUnavailable}, code: exitRestart, takes: time.Minute},
		"wrong path":          {fault: fake.Fault{Status: http.StatusNotFound}, code: exitOperator},
		"redirect":            {fault: fake.Fault{Status: http.StatusMovedPermanently, Header: http.Header{"Location": {"/login"}}}, code: exitOperator},
		"placeholder":         {key: "<canary>", code: exitOperator},
		"mask":                {key: "xxxxx", code: exitOperator},
		"bug":                 {key: " ", code: exitBug},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := fake.Start(t)
				if tc.op == "" {
					tc.op = integrations.OpSaveAll
				}
				if tc.key == "" {
					tc.key = "canary-openai"
				}
				srv.FailAlways(tc.op, tc.fault)
				logs := &logbook{}

				begun := time.Now()
				require.Equal(t, tc.code, newWorker(srv, logs).run(t.Context(), provider(tc.key)))
				require.Equal(t, tc.takes, time.Since(begun))
				require.Contains(t, logs.lines(t), "ERROR start-up failed")
				srv.AssertSaved(t)
			})
		})
	}
}

// Somebody else's provider of the same name is left alone.
func TestNameIsTaken(t *testing.T) {
	t.Parallel()
	other := integrations.Integration{
		Name:          providerName,
		Type:          integrations.TypeAnthropic,
		Configuration: integrations.Configuration{"api_key": "canary-other", "endpoint": "https://api.anthropic.com/v1"},
		APIs:          []integrations.IntegrationAPI{{API: "claude-sonnet-4", Description: "Claude"}},
	}
	srv := fake.Start(t, fake.WithIntegrations(other))
	logs := &logbook{}
	require.Equal(t, exitOperator, newWorker(srv, logs).run(t.Context(), provider("canary-openai")))
	require.Contains(t, logs.text(t), "worker-openai")
	srv.AssertSaved(t, other)
}

// A new release starts while an old release still runs, and then an old replica
// crashes and starts again.
func TestReleasesOverlap(t *testing.T) {
	t.Parallel()
	oldRelease, newRelease := provider("canary-old"), provider("canary-new")
	newRelease.APIs = []integrations.IntegrationAPI{{API: "gpt-5", Description: "The worker's model"}}
	newRelease.Description = "Second release"

	for name, tc := range map[string]struct {
		createOnly bool
		after      []string // the description after each start
	}{
		"the last start wins": {
			after: []string{"OpenAI for the worker", "Second release", "OpenAI for the worker"},
		},
		"with createOnly nothing changes, and a pipeline updates": {
			createOnly: true,
			after:      []string{"OpenAI for the worker", "OpenAI for the worker", "OpenAI for the worker"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := fake.Start(t)
			w := newWorker(srv, &logbook{})
			w.createOnly = tc.createOnly
			for i, release := range []integrations.Integration{oldRelease, newRelease, oldRelease} {
				require.NoError(t, w.ensure(t.Context(), release))
				item, ok := srv.Integration(providerName)
				require.True(t, ok)
				require.Equal(t, tc.after[i], item.Description, "start %d", i)
			}
			if !tc.createOnly {
				return
			}
			// The pipeline updates, and an old replica that starts again keeps the update.
			require.NoError(t, plan.Ensure(t.Context(), srv.Client(), []integrations.Integration{newRelease}))
			require.NoError(t, w.ensure(t.Context(), oldRelease))
			item, _ := srv.Integration(providerName)
			require.Equal(t, "Second release", item.Description)
			require.Equal(t, "canary-new", item.Configuration[integrations.KeyAPIKey])
		})
	}
}

// A replica that finds the provider with createOnly saves nothing.
func TestCreateOnlyLeavesTheProviderAlone(t *testing.T) {
	srv := cluster(t, fake.WithIntegrations(saved))
	t.Setenv("OPENAI_API_KEY", "canary-rotated")
	logs := &logbook{}
	ctx, cancel := context.WithCancel(t.Context())
	logs.stopAt("provider is active", cancel)

	require.Equal(t, exitStopped, run(ctx, []string{"-create-only"}, logs))
	require.Empty(t, srv.Requests(integrations.OpSaveAll))
	srv.AssertSaved(t, saved)
}

func TestStartupOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailAlways(integrations.OpSaveAll, fake.Fault{Status: http.StatusServiceUnavailable})
		time.AfterFunc(20*time.Second, srv.ClearFaults)
		logs := &logbook{}
		ctx, cancel := context.WithCancel(t.Context())
		logs.stopAt("provider is active", cancel)

		require.Equal(t, exitStopped, newWorker(srv, logs).run(ctx, provider("canary-openai")))
		srv.AssertSaved(t, saved)
	})
}

// A worker that is told to stop while it starts has not failed.
func TestStoppedWhileStarting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailAlways(integrations.OpSaveAll, fake.Fault{Delay: time.Hour})
		logs := &logbook{}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)

		begun := time.Now()
		require.Equal(t, exitStopped, newWorker(srv, logs).run(ctx, provider("canary-openai")))
		require.Equal(t, 5*time.Second, time.Since(begun))
		require.Equal(t, []string{"INFO stopped"}, logs.lines(t))
	})
}

// A worker that runs outlives an outage of the cluster.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		srv.FailNext(integrations.OpListProviders, fake.Fault{Status: http.StatusForbidden})
		logs := &logbook{}
		ctx, cancel := context.WithCancel(t.Context())
		logs.stopAt("provider is active", cancel)

		require.Equal(t, exitStopped, newWorker(srv, logs).run(ctx, provider("canary-openai")))
		require.Equal(t, []string{
			"INFO started", "WARN health is not known", "INFO provider is active", "INFO stopped",
		}, logs.lines(t))
	})
}

// newWorker makes a worker of the program's own set-up on srv.
func newWorker(srv *fake.Server, logs io.Writer) *worker {
	log := slog.New(slog.NewJSONHandler(logs, nil))
	return &worker{client: srv.Client(clientOptions(log)...), log: log, poll: 30 * time.Second, startup: time.Minute}
}

// cluster starts a fake that the environment names.
func cluster(t *testing.T, opts ...fake.Option) *fake.Server {
	t.Helper()
	srv := fake.Start(t, append(opts, fake.WithKeySecret("canary-id", "canary-secret"))...)
	t.Setenv("CONDUCTOR_SERVER_URL", srv.URL())
	t.Setenv("CONDUCTOR_AUTH_KEY", "canary-id")
	t.Setenv("CONDUCTOR_AUTH_SECRET", "canary-secret")
	t.Setenv("OPENAI_API_KEY", "canary-openai\n")
	return srv
}

// logbook keeps what is logged, and may stop the worker when it has read enough.
type logbook struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	word string
	stop func()
}

func (l *logbook) stopAt(word string, stop func()) { l.word, l.stop = word, stop }

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil && bytes.Contains(p, []byte(l.word)) {
		l.stop()
	}
	return l.buf.Write(p)
}

// text returns everything logged, which must hold no secret.
func (l *logbook) text(t *testing.T) string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	require.NotContains(t, l.buf.String(), "canary")
	require.NotContains(t, l.buf.String(), "eyJ", "a token")
	return l.buf.String()
}

// lines returns level and message of every line.
func (l *logbook) lines(t *testing.T) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(l.text(t)) {
		var record struct{ Level, Msg string }
		require.NoError(t, json.Unmarshal([]byte(line), &record), line)
		lines = append(lines, record.Level+" "+record.Msg)
	}
	return lines
}
