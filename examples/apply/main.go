// Apply keeps integrations as code: it saves what a JSON file describes, in one
// request, and shows what the cluster then has.
//
//	go run ./examples/apply [-dry-run] [-lenient] [-timeout 1m] examples/apply/integrations.json
//
// The file is an array in the API's own shape; - reads it from standard input.
// A field that the API does not have is an error. Secrets do not belong in it:
// ${NAME} in a string of a configuration is filled from the environment, and $$
// stands for a $. A variable's value is taken as it is, and must not be blank.
//
// The cluster is the one that CONDUCTOR_SERVER_URL and the CONDUCTOR_AUTH_...
// variables name. With -dry-run nothing is sent and no cluster is needed: the
// file is read, filled and validated. With -lenient, types, categories, keys
// and values that the SDK does not know, and models left out, are for the
// cluster to judge.
//
// A save is an upsert, so applying a file again is safe, also after a failure
// half-way. What the file does not mention is left alone.
//
// Every problem of the file is reported at once, on standard error, and no
// configuration value is ever shown. The exit code is
//
//	0  everything is done
//	1  the cluster refused or failed, or the time was up
//	2  the input is wrong: usage, file, variables, validation, server URL, credentials' form
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitInput  = 2
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("apply", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: apply [-dry-run] [-lenient] [-timeout 1m] file.json")
		flags.PrintDefaults()
	}
	dryRun := flags.Bool("dry-run", false, "stop after validation: send nothing")
	lenient := flags.Bool("lenient", false, "let types, categories, keys and values pass that the SDK does not know")
	timeout := flags.Duration("timeout", time.Minute, "time for all requests together")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitInput
	case flags.NArg() != 1:
		fmt.Fprintln(stderr, "apply: one file is needed, after the flags")
		flags.Usage()
		return exitInput
	case *timeout <= 0:
		fmt.Fprintln(stderr, "apply: -timeout must be positive")
		return exitInput
	}

	validation := integrations.WithValidation(integrations.Strict)
	if *lenient {
		validation = integrations.WithValidation(integrations.Lenient)
	}
	file := flags.Arg(0)
	source := file // for messages
	if file == "-" {
		source = "standard input"
	}
	items, err := load(file, stdin, validation)
	if err != nil {
		report(stderr, source, err)
		return exitInput
	}
	if *dryRun {
		fmt.Fprintf(stdout, "%s is valid. These would be saved:\n\n", source)
		return finish(stderr, showItems(stdout, items))
	}

	client, err := integrations.NewClientFromEnv()
	if err != nil {
		fmt.Fprintln(stderr, "apply:", err)
		return exitInput
	}
	defer client.CloseIdleConnections()

	// From here on there is something to cancel. Until here a signal may end the
	// program right away, also while it waits for standard input.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	return finish(stderr, apply(ctx, client, items, validation, stdout))
}

// apply saves items and shows what the cluster has.
func apply(
	ctx context.Context, client *integrations.Client, items []integrations.Integration,
	validation integrations.SaveOption, out io.Writer,
) error {
	if err := client.SaveAll(ctx, items, validation); err != nil {
		return fmt.Errorf("the save failed: %w", err)
	}
	fmt.Fprintf(out, "Saved: %d. The cluster has:\n\n", len(items))
	providers, err := client.ListProviders(ctx, integrations.IncludeInactive())
	if err != nil {
		return fmt.Errorf("saved, but the listing failed: %w", err)
	}
	return showProviders(out, providers, items)
}

func finish(stderr io.Writer, err error) int {
	if err != nil {
		fmt.Fprintln(stderr, "apply:", err)
		return exitFailed
	}
	return exitDone
}

// report prints a problem a line, for people and for the log of a build.
func report(stderr io.Writer, source string, err error) {
	var invalid *integrations.ValidationError
	if !errors.As(err, &invalid) {
		fmt.Fprintf(stderr, "apply: %s: %v\n", source, err)
		return
	}
	for _, p := range invalid.Problems {
		text := p.String()
		if p.Field == "" { // the integration as a whole
			text = fmt.Sprintf("integration %d %s", p.Index, p.Reason)
		}
		fmt.Fprintf(stderr, "apply: %s: %s\n", source, text)
	}
}

// showItems leaves out the configuration: filled, it holds secrets.
func showItems(out io.Writer, items []integrations.Integration) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tTYPE\tACTIVE\tMODELS")
	for _, item := range items {
		active := "unset" // the server decides
		if item.Enabled != nil {
			active = fmt.Sprint(*item.Enabled)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\n", item.Name, item.Type, active, len(item.APIs))
	}
	return table.Flush()
}

func showProviders(out io.Writer, providers []integrations.Provider, items []integrations.Integration) error {
	inFile := make(map[string]bool, len(items))
	for _, item := range items {
		inFile[item.Name] = true
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tTYPE\tCATEGORY\tACTIVE\tMODELS\tIN THE FILE")
	for _, p := range providers {
		fmt.Fprintf(table, "%s\t%s\t%s\t%t\t%d\t%t\n",
			p.Name, p.Type, p.Category, p.Enabled, p.ModelsCount, inFile[p.Name])
	}
	return table.Flush()
}
