package manifest

import (
	"strconv"
	"strings"
	"sync"

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
	f := finder{members: map[*node]map[string]*node{}}
	return Lines{find: func(index int, field string) int {
		if index < 0 || index >= len(items) {
			return 0
		}
		return f.lineOf(&items[index], field)
	}}
}

// finder finds the members of a node by name. It makes a map of each node once,
// because a file may have as many problems as members.
type finder struct {
	mu      sync.Mutex
	members map[*node]map[string]*node
}

// lineOf returns the line of the field, or of the innermost node around the
// field.
func (f *finder) lineOf(n *node, field string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	for field != "" {
		member, rest := f.member(n, field)
		if member == nil {
			break
		}
		n, field = member, strings.TrimPrefix(rest, ".")
	}
	return n.line
}

// member returns the member of n that field begins with, and the rest of field. A
// name may hold a dot or a bracket too, so the longest name counts.
func (f *finder) member(n *node, field string) (member *node, rest string) {
	byName := f.byName(n)
	for end := len(field); end > 0; end = strings.LastIndexAny(field[:end], ".[") {
		if member = byName[field[:end]]; member != nil {
			return member, field[end:]
		}
	}
	return nil, field
}

func (f *finder) byName(n *node) map[string]*node {
	if names, ok := f.members[n]; ok {
		return names
	}
	names := make(map[string]*node, len(n.members))
	for i := range n.members {
		m := &n.members[i]
		name := "[" + strconv.Itoa(i) + "]"
		if n.kind == object {
			name = secret.Printable(m.key)
		}
		if names[name] == nil {
			names[name] = &m.value
		}
	}
	f.members[n] = names
	return names
}
