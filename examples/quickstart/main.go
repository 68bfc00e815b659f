// Quickstart saves integrations, reads them back with their models, changes
// them, removes them, and has a batch refused.
//
//	go run ./examples/quickstart
//
// It needs nothing: it talks to a fake Conductor inside the program, and
// nothing leaves the machine, whatever the environment. With -cluster it does
// the same on the cluster that CONDUCTOR_SERVER_URL and the CONDUCTOR_AUTH_...
// variables name:
//
//	go run ./examples/quickstart -cluster [-prefix quickstart-]
//
// There, every name gets the prefix, and everything is saved disabled. The
// program removes its integrations at the end, also after a failure and after
// Ctrl-C. If the cluster already has a foreign integration of such a name, the
// program stops before it saves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `Quickstart saves integrations, reads them back, changes them, removes them, and
has a batch refused. It runs on a fake Conductor inside the program.

	go run ./examples/quickstart
	go run ./examples/quickstart -cluster -prefix my-

With -cluster it reads CONDUCTOR_SERVER_URL, and CONDUCTOR_AUTH_KEY with
CONDUCTOR_AUTH_SECRET, or else CONDUCTOR_AUTH_TOKEN. It saves everything
disabled, and removes everything at the end.
Exit codes: 0 done, 1 something failed, 2 wrong flags.

`

// run returns the exit code: 0, 1 where something failed, 2 for a wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	cluster := flags.Bool("cluster", false, "use the cluster that CONDUCTOR_SERVER_URL names instead of a fake")
	prefix := flags.String("prefix", "quickstart-", "the `TEXT` in front of every name on a cluster")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintln(stderr, "quickstart: there are no arguments besides the flags; -h explains the flags")
		return 2
	case strings.TrimSpace(*prefix) == "":
		fmt.Fprintln(stderr, "quickstart: -prefix is blank")
		return 2
	}

	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	work := onFake
	if *cluster {
		work = func(ctx context.Context, out io.Writer) error { return onCluster(ctx, *prefix, out) }
	}
	if err := work(ctx, stdout); err != nil {
		fmt.Fprintln(stderr, "quickstart:", err)
		return 1
	}
	return 0
}

func onFake(ctx context.Context, out io.Writer) error {
	srv := fake.NewServer()
	defer srv.Close()
	fmt.Fprintln(out, "This runs on a fake Conductor inside the program: nothing leaves the machine.")
	t := tour{client: srv.Client(), out: out, enabled: true}
	return t.run(ctx)
}

func onCluster(ctx context.Context, prefix string, out io.Writer) error {
	client, err := integrations.NewClientFromEnv()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	fmt.Fprintf(out, "This runs on the cluster of CONDUCTOR_SERVER_URL. Every name begins with %s,\n"+
		"everything is saved disabled, and nothing stays behind.\n", prefix)
	t := tour{client: client, out: out, prefix: prefix, tags: []integrations.Tag{ownTag}}
	return t.run(ctx)
}
