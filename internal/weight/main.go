// Command weight measures what the SDK adds to a program: the bytes of its binary,
// and the time before main.
//
//	go run ./internal/weight [-goals]
//
// It builds three programs of testdata. The first lists integrations with the
// standard library alone, the second with the client, the third also has a plan.
// With -goals it fails where a goal is missed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// runs is the number of times that a program starts. The median counts.
const runs = 20

// Goals: the size beyond the program before, and the time before main. The goals of
// the size are missed. The client brings log/slog and html, which are a third of the
// growth. A plan brings the code that validates and saves.
const (
	goalClient = 1.05
	goalPlan   = 1.02
	goalInit   = 200 * time.Microsecond
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Weight builds three programs, and measures what the client and a plan add to the
size of a program and to the time before main.

	go run ./internal/weight

Exit codes: 0 measured, 1 failed or a goal is missed (-goals), 2 wrong flags.

`

// command carries out the command line and returns the exit code.
func command(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("weight", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	goals := flags.Bool("goals", false, "fail where a goal is missed")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	w, err := measure()
	if err != nil {
		fmt.Fprintln(stderr, "weight:", err)
		return 1
	}
	w.print(stdout)
	if err := w.missed(); *goals && err != nil {
		fmt.Fprintln(stderr, "weight:", err)
		return 1
	}
	return 0
}

// weight is the result of one measurement.
type weight struct {
	bare, client, plan   int64         // bytes
	clientInit, planInit time.Duration // before main, of the packages that the SDK adds
}

// measure builds and starts the programs.
func measure() (w weight, err error) {
	dir, err := os.MkdirTemp("", "weight")
	if err != nil {
		return weight{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, program := range []struct {
		name string
		size *int64
		init *time.Duration
	}{
		{"bare", &w.bare, new(time.Duration)},
		{"list", &w.client, &w.clientInit},
		{"plan", &w.plan, &w.planInit},
	} {
		file := filepath.Join(dir, program.name)
		if *program.size, err = build(file, program.name); err != nil {
			return weight{}, err
		}
		if *program.init, err = startUp(file); err != nil {
			return weight{}, err
		}
	}
	return w, nil
}

func (w weight) print(out io.Writer) {
	fmt.Fprintf(out, "%s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(out, "net/http alone  %9d bytes\n", w.bare)
	fmt.Fprintf(out, "with the client %9d bytes, %+.1f %%, %s before main\n", w.client, percent(w.client, w.bare), w.clientInit)
	fmt.Fprintf(out, "with a plan     %9d bytes, %+.1f %% more, %s before main\n", w.plan, percent(w.plan, w.client), w.planInit)
}

func percent(size, over int64) float64 { return 100 * (float64(size)/float64(over) - 1) }

// missed names the goals that are missed.
func (w weight) missed() error {
	var errs []error
	if float64(w.client) > goalClient*float64(w.bare) {
		errs = append(errs, errors.New("the client is too large"))
	}
	if float64(w.plan) > goalPlan*float64(w.client) {
		errs = append(errs, errors.New("the plan is too large"))
	}
	if max(w.clientInit, w.planInit) > goalInit {
		errs = append(errs, errors.New("the start takes too long"))
	}
	return errors.Join(errs...)
}
