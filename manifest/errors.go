package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/terminal"
)

// Error lists the mistakes of a file: all of them, or the first 1000 and a note
// that there are more. It is returned as a pointer, and holds no value of a
// configuration.
type Error struct {
	// File is the name of the file, or empty where it is not known.
	File string
	// Problems has the mistakes, sorted by line.
	Problems []Problem
}

// Problem is one mistake in a file. It never holds a value of a configuration.
type Problem struct {
	// Line is the line of the file, from 1. It is 0 where the mistake has no
	// line, as in [Write].
	Line int
	// Index is the place of the integration in the file, from 0. It is -1 where
	// the mistake is in no integration.
	Index int
	// Name is the name of the integration, or empty where it is not known.
	Name string
	// Field is the path of the field in the integration, such as
	// configuration.api_key or apis[0].enabled. It is empty where the mistake
	// is in no field. A field name that does not look like a name is shown by
	// its length only.
	Field string
	// Reason describes the mistake, for people.
	Reason string
}

// newError returns nil where there is no problem.
func newError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Error{Problems: problems}
}

// fileError returns the error of one mistake that is in no integration.
func fileError(line int, reason string) error {
	return &Error{Problems: []Problem{{Line: line, Index: -1, Reason: reason}}}
}

// Error lists every mistake, one a line. If the file is known, a line begins as
// in compilers: deploy.yaml:12:. A name that could control a terminal or a pipeline
// is in quotes.
func (e *Error) Error() string {
	lines, file := make([]string, len(e.Problems)), terminal.FileName(e.File)
	for i, p := range e.Problems {
		switch {
		case e.File == "":
			lines[i] = "manifest: " + p.String()
		case p.Line > 0:
			lines[i] = file + ":" + strconv.Itoa(p.Line) + ": " + p.place()
		default:
			lines[i] = file + ": " + p.place()
		}
	}
	return strings.Join(lines, "\n")
}

// String returns the mistake with its place, such as: line 12: integration 0
// "openai": tags[0].key: must be a text.
func (p Problem) String() string {
	if p.Line > 0 {
		return "line " + strconv.Itoa(p.Line) + ": " + p.place()
	}
	return p.place()
}

// place returns what String returns, without the line.
func (p Problem) place() string {
	var b strings.Builder
	if p.Index >= 0 {
		fmt.Fprintf(&b, "integration %d", p.Index)
		if p.Name != "" {
			fmt.Fprintf(&b, " %q", p.Name)
		}
		b.WriteString(": ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	return b.String() + p.Reason
}
