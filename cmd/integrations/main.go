// Integrations keeps the integrations of an Orkes Conductor cluster as code. Files
// in YAML or JSON say what the cluster should have. The command says what would
// change, applies the change, and looks for drift.
//
//	go install github.com/seed4e9a5e42/integrations/cmd/integrations@latest
//	integrations plan -try      # a first look: a fake cluster, nothing is needed
//	integrations plan -h        # flags, environment, exit codes, an example
//
// The subcommands:
//
//	validate   check files without a cluster
//	plan       show what apply would change; never writes
//	apply      make the cluster what the files say
//	export     print what a cluster has, as a file without secrets
//	types      print the types and their configuration keys
//	version    print the version of the command
//
// The results go to standard output, and messages go to standard error. No output
// holds a secret. The exit code does not depend on the form of the output:
//
//	0  done, or nothing to do
//	1  failed, refused, or in conflict
//	2  there are changes (plan -detailed-exitcode only)
//	3  the input is wrong: flags, files, variables, environment
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
)

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitChanges = 2
	exitInput   = 3
)

// command is a subcommand.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

var commands = []command{
	{"validate", "check files without a cluster", validate},
	{"plan", "show what apply would change; never writes", planChanges},
	{"apply", "make the cluster what the files say", apply},
	{"export", "print what a cluster has, as a file without secrets", export},
	{"types", "print the types and their configuration keys", types},
	{"version", "print the version of the command", version},
}

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage())
		return exitInput
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		return write(stdout, stderr, "integrations", usage())
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(stderr, "integrations: there is no subcommand %q\nusage: integrations SUBCOMMAND [flags] [file...]\nintegrations -h lists the subcommands.\n", args[0])
		return exitInput
	}
	return commands[i].run(ctx, args[1:], stdin, stdout, stderr)
}
