package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/plan"
)

const providerName = "worker-openai"

// provider is the provider that the worker needs. Its Enabled is nil, so an
// operator may switch the provider off.
func provider(apiKey string) integrations.Integration {
	return integrations.Integration{
		Name:          providerName,
		Type:          integrations.TypeOpenAI,
		Description:   "OpenAI for the worker",
		Configuration: integrations.Configuration{integrations.KeyAPIKey: apiKey},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "The worker's model"}},
	}
}

type worker struct {
	client     *integrations.Client
	log        *slog.Logger
	poll       time.Duration // between two rounds of work
	startup    time.Duration // until the provider must be there
	createOnly bool          // leave a provider alone that exists
}

// run works until ctx ends, and returns the exit code.
func (w *worker) run(ctx context.Context, needed integrations.Integration) int {
	err := w.ensure(ctx, needed)
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

// ensure makes the cluster have the needed provider. Any number of replicas may
// call it at one time, and again after a lost reply: each replica writes the same.
//
// Two releases that overlap do not write the same. An old replica that starts
// again, after a crash for example, writes the old provider back: the last start
// wins. The next start of a new replica mends that. If that is not good enough,
// start the workers with createOnly, and update the provider in a pipeline: the
// workers then create what is missing, and change nothing.
func (w *worker) ensure(ctx context.Context, needed integrations.Integration) error {
	ctx, cancel := context.WithTimeout(ctx, w.startup)
	defer cancel()
	var opts []plan.Option
	if w.createOnly {
		opts = append(opts, plan.CreateOnly())
	}
	return plan.Ensure(ctx, w.client, []integrations.Integration{needed}, opts...)
}

// exitCode sorts failures by who can do something about them. There is no loop
// here: the client has repeated what it does repeat (see clientOptions), and
// the next loop, with a back-off of its own, is the orchestrator's.
func exitCode(err error) int {
	var (
		invalid  *integrations.ValidationError
		conflict *plan.ConflictError
	)
	switch {
	case errors.Is(err, integrations.ErrMaskedSecret): // OPENAI_API_KEY is a mask or a placeholder
		return exitOperator
	case errors.As(err, &invalid):
		return exitBug
	case errors.As(err, &conflict), // such as: the name is taken by another type
		errors.Is(err, integrations.ErrUnauthorized), // wrong credentials
		errors.Is(err, integrations.ErrForbidden),    // no permission
		errors.Is(err, integrations.ErrBadRequest),   // the cluster does not accept the provider
		errors.Is(err, integrations.ErrNotFound),     // wrong server URL
		errors.Is(err, integrations.ErrRedirect):     // wrong server URL
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
