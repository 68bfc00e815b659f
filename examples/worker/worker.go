package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

const providerName = "worker-openai"

type worker struct {
	client  *integrations.Client
	log     *slog.Logger
	poll    time.Duration // between two rounds of work
	startup time.Duration // until the provider must be there
}

// run works until ctx ends, and returns the exit code.
func (w *worker) run(ctx context.Context, apiKey string) int {
	err := w.ensureProvider(ctx, apiKey)
	switch {
	case ctx.Err() != nil: // told to stop, which is no failure
	case err != nil:
		code := exitCode(err)
		w.log.Error("start-up failed", "error", err, "exitCode", code)
		return code
	default:
		w.log.Info("started", "provider", providerName)
		w.work(ctx)
	}
	w.log.Info("stopped")
	return exitStopped
}

// ensureProvider saves the provider without a look at what is there. A save is
// an upsert by name, so any number of replicas may do it at once, and again
// after a lost reply: each writes the same, and none decides by what it has read
// before another one wrote. While two releases start side by side, the later
// save stays.
func (w *worker) ensureProvider(ctx context.Context, apiKey string) error {
	ctx, cancel := context.WithTimeout(ctx, w.startup)
	defer cancel()
	return w.client.SaveAll(ctx, []integrations.Integration{{
		Name:          providerName,
		Type:          integrations.TypeOpenAI,
		Description:   "OpenAI for the worker",
		Configuration: integrations.Configuration{integrations.KeyAPIKey: apiKey},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "The worker's model"}},
	}})
}

// exitCode sorts failures by who can do something about them. There is no loop
// here: the client has repeated what it does repeat (see clientOptions), and
// the next loop, with a back-off of its own, is the orchestrator's.
func exitCode(err error) int {
	var invalid *integrations.ValidationError
	switch {
	case errors.As(err, &invalid):
		return exitBug
	case errors.Is(err, integrations.ErrUnauthorized), // wrong credentials
		errors.Is(err, integrations.ErrForbidden),  // no permission
		errors.Is(err, integrations.ErrBadRequest), // such as: the name is taken by another type
		errors.Is(err, integrations.ErrNotFound),   // wrong server URL
		errors.Is(err, integrations.ErrRedirect):   // wrong server URL
		return exitOperator
	}
	return exitRestart
}

// work does a round of work at once and then whenever it is time, until ctx ends.
func (w *worker) work(ctx context.Context) {
	ticker := time.NewTicker(w.poll)
	defer ticker.Stop()
	for {
		w.round(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// round stands for real work: it reports whether the provider can be used. A
// worker that runs does not end because the cluster is away for a while.
func (w *worker) round(ctx context.Context) {
	listing, cancel := context.WithTimeout(ctx, w.poll) // or it would delay the next round
	defer cancel()
	providers, err := w.client.ListProviders(listing, integrations.InCategory(integrations.CategoryAIModel))
	switch {
	case ctx.Err() != nil: // told to stop
	case err != nil:
		w.log.Warn("health is not known", "error", err)
	case !slices.ContainsFunc(providers, func(p integrations.Provider) bool { return p.Name == providerName }):
		w.log.Warn("provider is missing or inactive", "provider", providerName)
	default:
		w.log.Info("provider is active", "provider", providerName)
	}
}
