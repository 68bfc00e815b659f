// Command soak puts one client under load against a fake that fails at random:
// by default 200,000 calls of every operation from 50 goroutines. It fails in
// these cases:
//
//   - A write is lost.
//   - An event is counted twice, or not at all.
//   - A call fails that retries should have mended.
//   - A goroutine or a connection stays behind, or the memory grows.
//
// Usage:
//
//	go run ./internal/soak [-calls n] [-goroutines n] [-seed n]
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Soak puts one client under load against a fake that fails at random. It fails if
a write is lost, an event is counted twice, a call fails that retries should have
mended, a goroutine or a connection stays behind, or the memory grows.

	go run ./internal/soak
	go run ./internal/soak -calls 20000 -seed 7

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong flags.

`

// command carries out the command line and returns the exit code.
func command(args []string, stdout, stderr io.Writer) int {
	var p plan
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.IntVar(&p.calls, "calls", 200_000, "number of calls")
	flags.IntVar(&p.goroutines, "goroutines", 50, "number of goroutines that make them")
	flags.Uint64Var(&p.seed, "seed", 1, "seed of the faults")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if p.calls < rounds || p.goroutines < 1 {
		fmt.Fprintf(stderr, "soak: it takes %d calls and a goroutine at least\n", rounds)
		return 2
	}
	if err := run(p, stdout); err != nil {
		fmt.Fprintln(stderr, "soak:", err)
		return 1
	}
	return 0
}
