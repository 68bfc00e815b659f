package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// connect returns a client of the cluster that the environment names, or of the
// fake cluster of -try. The caller calls done at the end.
func connect(try bool) (client *integrations.Client, done func(), err error) {
	if try {
		client, done = tryCluster()
		return client, done, nil
	}
	client, err = integrations.NewClientFromEnv(integrations.WithUserAgent("integrations-command"))
	if err != nil {
		return nil, nil, fmt.Errorf("%w; -try needs no cluster", err)
	}
	return client, client.CloseIdleConnections, nil
}

// requests returns the context of all requests. A signal ends the context, and a
// second signal ends the program. Before the first request there is nothing to
// cancel: a signal ends the program at once, also while it waits for standard
// input.
func requests(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	return ctx, func() {
		cancel()
		stop()
	}
}
