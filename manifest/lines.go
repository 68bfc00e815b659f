package manifest

import (
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// Lines knows the lines of a file that was read, see [WithLines]. The zero
// value returns 0 for every line.
type Lines struct {
	// find is a function, so that nothing that dumps a Lines reaches a value of
	// the file.
	find func(index int, field string) int
}

// Line returns the line of a field, from 1. index and field are those of an
// [integrations.Problem]. If the file lacks the field, Line returns the line of
// the object around the field. If the file has no such integration, Line
// returns 0.
func (l *Lines) Line(index int, field string) int {
	if l.find == nil {
		return 0
	}
	return l.find(index, field)
}

// linesOf returns the lines of the integrations that were read from items.
func linesOf(items []node) Lines {
	return Lines{find: func(index int, field string) int {
		if index < 0 || index >= len(items) {
			return 0
		}
		return items[index].lineOf(field)
	}}
}

// lineOf returns the line of the field, or of the innermost node around the
// field.
func (n node) lineOf(field string) int {
	for i, m := range n.members {
		step := "[" + strconv.Itoa(i) + "]"
		if n.kind == object {
			step = secret.Printable(m.key)
		}
		rest, ok := strings.CutPrefix(field, step)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return m.value.lineOf(strings.TrimPrefix(rest, "."))
		}
	}
	return n.line
}
