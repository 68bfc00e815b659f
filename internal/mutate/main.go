// Mutate breaks the promises of this module one by one, each in a copy of the
// source, and demands that a test falls.
//
//	go run ./internal/mutate [-run regexp]
//
// It exits with 1 if a test suite passes with a broken promise, if a text to be
// replaced is not in its file exactly once, or if a mutation does not compile.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// mutation is one promise and the change that breaks it.
type mutation struct {
	promise  string // what must hold
	file     string
	old, new string
	packages string // the packages whose tests must notice, the fastest first
}

const usage = `Mutate breaks the promises of this module one by one, each in a copy of the
source, and demands that a test falls.

	go run ./internal/mutate
	go run ./internal/mutate -run redact

Exit codes: 0 a test holds each promise, 1 a promise can be broken unseen, 2 wrong
flags.

`

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	only := flag.String("run", "", "break only the promises that match this regular expression")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	if err == nil {
		err = run(pattern)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(pattern *regexp.Regexp) error {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copySource(dir); err != nil {
		return err
	}
	var broken, kept int
	for _, m := range mutations {
		if !pattern.MatchString(m.promise) {
			continue
		}
		verdict, err := m.try(dir)
		if err != nil {
			fmt.Printf("ERROR    %s: %v\n", m.promise, err)
			broken++
			continue
		}
		fmt.Printf("%-8s %s\n", verdict, m.promise)
		if verdict == survived {
			broken++
		} else {
			kept++
		}
	}
	fmt.Printf("%d of %d promises are held by a test\n", kept, kept+broken)
	if broken > 0 || kept == 0 {
		return errors.New("a promise can be broken unseen")
	}
	return nil
}

// copySource copies the files that git tracks.
func copySource(dir string) error {
	list, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		return fmt.Errorf("listing the source: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// The verdicts on a mutation.
const (
	killed   = "held"
	survived = "SURVIVED"
)

// try applies m in dir, runs the tests and takes m back.
func (m mutation) try(dir string) (string, error) {
	file := filepath.Join(dir, m.file)
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if n := bytes.Count(text, []byte(m.old)); n != 1 {
		return "", fmt.Errorf("%s has the text to replace %d times", m.file, n)
	}
	changed := bytes.Replace(text, []byte(m.old), []byte(m.new), 1)
	if err := os.WriteFile(file, changed, 0o644); err != nil {
		return "", err
	}
	defer func() { _ = os.WriteFile(file, text, 0o644) }()
	for _, pkg := range strings.Fields(m.packages) {
		// The skipped tests build programs or read the source. They take long.
		out, err := goCommand(dir, "test", "-failfast", "-timeout", "2m", "-skip", "README|Dependencies|ExportedAPI", pkg)
		switch {
		case err == nil:
		case strings.Contains(out, "[build failed]"):
			return "", fmt.Errorf("the mutation does not compile: %s", out)
		default:
			return killed, nil
		}
	}
	return survived, nil
}

func goCommand(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
