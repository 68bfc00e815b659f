// Worker is a long-running program that makes sure its AI provider exists
// before it works, and stops gracefully.
//
//	CONDUCTOR_SERVER_URL=... CONDUCTOR_AUTH_KEY=... CONDUCTOR_AUTH_SECRET=... OPENAI_API_KEY=... \
//		go run ./examples/worker [-create-only] [-debug] [-poll 30s] [-startup 2m]
//
// It logs JSON to standard error. SIGINT and SIGTERM stop it at any time, also
// while it starts. The exit code tells the orchestrator what to do:
//
//	0  it was told to stop
//	1  the cluster could not be reached in time, or failed: start it again
//	2  an operator must act first: flags, configuration, credentials, permissions
//	3  the worker has a bug: the batch it builds is not valid
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// The exit codes.
const (
	exitStopped  = 0
	exitRestart  = 1
	exitOperator = 2
	exitBug      = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

const usage = `Worker makes sure that its AI provider exists on a cluster, and then works in
rounds until a signal stops it. It logs JSON to standard error.

	CONDUCTOR_SERVER_URL=... OPENAI_API_KEY=... \
		CONDUCTOR_AUTH_KEY=... CONDUCTOR_AUTH_SECRET=... \
		go run ./examples/worker

CONDUCTOR_AUTH_TOKEN is a token, used if no key pair is set.
Exit codes: 0 stopped by a signal, 1 the cluster could not be reached in time,
2 an operator must act first, also after wrong flags, 3 the worker has a bug.

`

func newFlagSet(stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = io.WriteString(stderr, usage)
		flags.PrintDefaults()
	}
	return flags
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	flags := newFlagSet(stderr)
	createOnly := flags.Bool("create-only", false, "leave an existing provider alone: a pipeline updates it")
	debug := flags.Bool("debug", false, "log every request")
	poll := flags.Duration("poll", 30*time.Second, "time between two rounds of work")
	startup := flags.Duration("startup", 2*time.Minute, "time until the provider must be there")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitStopped
	case err != nil:
		return exitOperator
	}

	level := slog.LevelInfo
	if *debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: level}))
	switch {
	case flags.NArg() > 0 || *poll <= 0 || *startup <= 0:
		log.Error("takes no arguments; -poll and -startup must be positive; worker -h explains the flags")
		return exitOperator
	case strings.TrimSpace(os.Getenv("OPENAI_API_KEY")) == "":
		log.Error("OPENAI_API_KEY is not set")
		return exitOperator
	}
	client, err := integrations.NewClientFromEnv(clientOptions(log)...)
	if err != nil {
		log.Error("invalid configuration", "error", err)
		return exitOperator
	}
	defer client.CloseIdleConnections()

	w := &worker{client: client, log: log, poll: *poll, startup: *startup, createOnly: *createOnly}
	return w.run(ctx, provider(strings.TrimSpace(os.Getenv("OPENAI_API_KEY"))))
}

// clientOptions sets up a client that repeats what may soon pass until its
// context ends: how long to go on is for the deadline to say, and not for a
// count. A 500 ends the call at once, and so does a server that asks for a wait
// of more than MaxWait (30 s by default) or past the deadline: then the
// orchestrator is the one to wait.
func clientOptions(log *slog.Logger) []integrations.Option {
	return []integrations.Option{
		integrations.WithUserAgent("example-worker/1.0"),
		integrations.WithLogger(log),
		integrations.WithRetry(integrations.RetryPolicy{MaxRetries: 1000}),
	}
}
