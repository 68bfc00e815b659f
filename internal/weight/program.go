package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

const module = "github.com/seed4e9a5e42/integrations"

// build builds a program of testdata and returns its size.
func build(file, program string) (int64, error) {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", file, module+"/internal/weight/testdata/"+program)
	if output, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build %s: %w\n%s", program, err, output)
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// startUp starts a program often and returns the median of the time that the
// packages of the SDK need before main.
func startUp(file string) (time.Duration, error) {
	var times []time.Duration
	for range runs {
		cmd := exec.Command(file)
		// Without a server URL the programs end at once.
		cmd.Env = []string{"GODEBUG=inittrace=1"}
		var trace bytes.Buffer
		cmd.Stderr = &trace
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			return 0, err
		}
		total, err := initTime(trace.Bytes())
		if err != nil {
			return 0, err
		}
		times = append(times, total)
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// added are the packages that the SDK brings into a program. A package of the
// module counts with all below it.
var added = []string{module, "github.com/hashicorp/go-cleanhttp", "log/slog", "html", "runtime/debug", "regexp"}

// initTime adds up the lines of the added packages, which look like this:
//
//	init log/slog @0.83 ms, 0.002 ms clock, 176 bytes, 3 allocs
func initTime(trace []byte) (time.Duration, error) {
	var total time.Duration
	found := false
	for lines := bufio.NewScanner(bytes.NewReader(trace)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 5 || words[0] != "init" {
			continue
		}
		found = true
		if !isAdded(words[1]) {
			continue
		}
		ms, err := strconv.ParseFloat(words[4], 64)
		if err != nil {
			return 0, fmt.Errorf("the trace of %s: %w", words[1], err)
		}
		total += time.Duration(ms * float64(time.Millisecond))
	}
	if !found {
		return 0, errors.New("the program printed no trace of its start")
	}
	return total, nil
}

func isAdded(pkg string) bool {
	return slices.ContainsFunc(added, func(a string) bool { return pkg == a || strings.HasPrefix(pkg, a+"/") })
}
