package manifest

import (
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// tracker knows which field is under way, and collects the mistakes.
type tracker struct {
	index    int    // of the integration under way, or -1
	path     []step // of the field under way
	problems []Problem
}

// step is a part of a path: a field, or an element of a list.
type step struct {
	field   string
	element int // -1 for a field
}

func (t *tracker) enter(field string)       { t.path = append(t.path, step{field, -1}) }
func (t *tracker) enterElement(element int) { t.path = append(t.path, step{element: element}) }
func (t *tracker) leave()                   { t.path = t.path[:len(t.path)-1] }

// maxProblems bounds the mistakes that are listed: a file of 16 MiB can have
// millions of them.
const maxProblems = 1000

// full reports whether no further mistake is listed.
func (t *tracker) full() bool { return len(t.problems) > maxProblems }

// add notes a mistake in the field under way.
func (t *tracker) add(line int, reason string) {
	switch {
	case t.full():
		return
	case len(t.problems) == maxProblems:
		t.problems = append(t.problems, Problem{Line: line, Index: -1, Reason: "the file has more mistakes; the first 1000 are listed"})
		return
	}
	t.problems = append(t.problems, Problem{Line: line, Index: t.index, Field: t.field(), Reason: reason})
}

// named gives the integration's name to the problems from number first on. In
// the file, the name may stand behind the mistake.
func (t *tracker) named(first int, name string) {
	for i := first; i < len(t.problems); i++ {
		if t.problems[i].Index >= 0 {
			t.problems[i].Name = name
		}
	}
}

func (t *tracker) field() string {
	var b strings.Builder
	for i, s := range t.path {
		switch {
		case s.element >= 0:
			b.WriteString("[" + strconv.Itoa(s.element) + "]")
		case i > 0:
			b.WriteString("." + secret.Printable(s.field))
		default:
			b.WriteString(secret.Printable(s.field))
		}
	}
	return b.String()
}
