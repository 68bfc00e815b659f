package plan

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	valueColumn    = 33 // where values begin, if paths are short
	maxValueColumn = 60
)

// String returns the plan for people: a line for each integration and for each of
// its fields. The signs are + for added, ~ for changed, - for removed, ! for a
// conflict, and ? for a note and for a value that could not be compared.
func (p *Plan) String() string {
	var b strings.Builder
	b.WriteString(p.headline() + "\n")
	lines := p.changeLines()
	if len(lines) > 0 || len(p.conflicts)+len(p.notes) > 0 {
		b.WriteString("\n")
	}
	writeColumns(&b, lines)
	for _, c := range p.conflicts {
		b.WriteString("! " + c.line() + "\n")
	}
	for _, note := range p.notes {
		b.WriteString("? " + note + "\n")
	}
	b.WriteString("digest " + p.Digest() + "\n")
	return b.String()
}

// headline names the server in the first line and counts in the second.
func (p *Plan) headline() string {
	server := p.server()
	if p.owner != "" {
		server += ", owner " + p.owner
	}
	counts := fmt.Sprintf("%d to create, %d to update, %d to delete, %d unchanged",
		p.count(Create), p.count(Update), p.count(Delete), p.unchanged)
	switch n := len(p.conflicts); {
	case n == 1:
		counts += ", 1 conflict"
	case n > 1:
		counts += fmt.Sprintf(", %d conflicts", n)
	}
	return server + "\n" + counts
}

// line is a line of the plan in two columns.
type line struct{ left, right string }

func (p *Plan) changeLines() []line {
	var lines []line
	for _, action := range []Action{Create, Update, Delete} {
		for i := range p.changes {
			if c := &p.changes[i].Change; c.Action == action {
				lines = append(lines, c.line())
				for _, f := range c.Fields {
					lines = append(lines, line{"    " + string(f.Op) + " " + f.Path, f.values()})
				}
			}
		}
	}
	return lines
}

var actionSigns = map[Action]string{Create: "+ ", Update: "~ ", Delete: "- "}

// line is the first line of a change.
func (c *Change) line() line {
	l := line{left: actionSigns[c.Action] + quoted(c.Name) + "  " + quoted(string(c.Type))}
	switch {
	case c.Action == Delete:
		l.right = "owned, not in the file"
	case c.UpdateTime != 0:
		l.right = "saved " + c.UpdateTime.Time().Format("2006-01-02 15:04 MST")
		if c.UpdatedBy != "" {
			l.right += " by " + quoted(c.UpdatedBy)
		}
	}
	return l
}

// values returns the old and the new value of a field.
func (f *Field) values() string {
	switch {
	case f.Sensitive:
		return "(secret)"
	case f.Op == OpChange: // one side may be an empty tag
		return f.shown(f.Old) + " -> " + f.shown(f.New)
	case f.Old != "":
		return f.shown(f.Old)
	case f.New != "":
		return f.shown(f.New)
	}
	return ""
}

func (f *Field) shown(text string) string {
	isSwitch := f.Path == "enabled" || strings.HasSuffix(f.Path, "].enabled")
	if isSwitch || text == hidden {
		return text
	}
	return strconv.Quote(text)
}

// writeColumns writes lines with the right column aligned.
func writeColumns(b *strings.Builder, lines []line) {
	column := valueColumn
	for _, l := range lines {
		if l.right != "" {
			column = max(column, utf8.RuneCountInString(l.left)+2)
		}
	}
	column = min(column, maxValueColumn)
	for _, l := range lines {
		b.WriteString(l.left)
		if l.right != "" {
			b.WriteString(strings.Repeat(" ", max(2, column-utf8.RuneCountInString(l.left))) + l.right)
		}
		b.WriteString("\n")
	}
}

// Format implements [fmt.Formatter]. Every verb prints [Plan.String].
func (p Plan) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// LogValue implements [slog.LogValuer]. It logs the server, the numbers and the
// digest.
func (p Plan) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("server", p.server()),
		slog.Int("create", p.count(Create)),
		slog.Int("update", p.count(Update)),
		slog.Int("delete", p.count(Delete)),
		slog.Int("unchanged", p.unchanged),
		slog.Int("conflicts", len(p.conflicts)),
		slog.Int("notes", len(p.notes)),
		slog.String("digest", p.Digest()),
	)
}
