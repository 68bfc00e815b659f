package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// write writes text to stdout as a whole. A subcommand whose output cannot be
// written has failed.
func write(stdout, stderr io.Writer, name, text string) int {
	if _, err := io.WriteString(stdout, text); err != nil {
		complain(stderr, name, fmt.Errorf("the output cannot be written: %w", err))
		return exitFailed
	}
	return exitDone
}

// complain prints an error in the name of a subcommand, which replaces the name
// of the package that the error begins with.
func complain(stderr io.Writer, name string, err error) {
	if name != "integrations" {
		name = "integrations " + name
	}
	text := err.Error()
	for _, pkg := range []string{"integrations: ", "plan: ", "manifest: "} {
		text = strings.TrimPrefix(text, pkg)
	}
	fmt.Fprintf(stderr, "%s: %s\n", name, text)
}

// colours has the colour of each sign that a line of a plan begins with.
var colours = map[string]string{
	"+": "\x1b[32m",   // green
	"~": "\x1b[33m",   // yellow
	"-": "\x1b[31m",   // red
	"!": "\x1b[1;31m", // bold red
	"?": "\x1b[36m",   // cyan
}

// coloured paints the lines of a plan by their signs.
func coloured(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		sign, _, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		colour, ok := colours[sign]
		if !ok {
			b.WriteString(line)
			continue
		}
		b.WriteString(colour + strings.TrimSuffix(line, "\n") + "\x1b[0m\n")
	}
	return b.String()
}

// wantsColour reports whether w is a terminal whose user has not switched the
// colours off, see https://no-color.org.
func wantsColour(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
