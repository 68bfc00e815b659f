package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/spell"
	"github.com/seed4e9a5e42/integrations/internal/terminal"
	"github.com/seed4e9a5e42/integrations/manifest"
)

// mistake is a mistake in the files, or a file that cannot be read.
type mistake struct {
	file, line int    // where a reader looks for it
	item       int    // of all files together, or -1
	field      string // of the item
	text       string
	err        error // in the place of text: the file cannot be read
}

// refuse adds what reading the next file found. The items of the file come next.
func (d *desired) refuse(file int, err error) {
	var invalid *manifest.Error
	switch {
	case err == nil:
		return
	case !errors.As(err, &invalid):
		d.mistakes = append(d.mistakes, mistake{file: file, item: -1, err: err})
		return
	}
	for i, p := range invalid.Problems {
		one := manifest.Error{File: invalid.File, Problems: invalid.Problems[i : i+1]}
		found := mistake{file: file, line: p.Line, item: -1, field: p.Field, text: one.Error()}
		if p.Index >= 0 {
			found.item = len(d.items) + p.Index
		}
		d.mistakes = append(d.mistakes, found)
	}
}

// maxProblems is how many problems of validation are listed: a file of 16 MiB can
// have millions of them.
const maxProblems = 1000

// report prints an error and what reading found, and returns the exit code. A
// mistake in a file is printed with the place, as compilers do it.
func (d *desired) report(stderr io.Writer, name string, err error) int {
	var invalid *integrations.ValidationError
	if err != nil && !errors.As(err, &invalid) {
		complain(stderr, name, err)
		return exitFailed
	}
	total := 0
	if invalid != nil {
		total = len(invalid.Problems)
		invalid = &integrations.ValidationError{Problems: invalid.Problems[:min(total, maxProblems)]}
	}
	all, problems := slices.Clone(d.mistakes), d.more(invalid)
	for _, p := range problems {
		all = append(all, d.mistake(p))
	}
	slices.SortStableFunc(all, func(a, b mistake) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	for _, m := range all {
		if m.err != nil {
			complain(stderr, name, m.err)
			continue
		}
		fmt.Fprintln(stderr, m.text)
	}
	if total > maxProblems {
		fmt.Fprintf(stderr, "The first %d of %d problems are listed.\n", maxProblems, total)
	}
	d.advise(stderr, problems)
	return exitInput
}

// advise prints what may help with the mistakes of reading and with problems.
func (d *desired) advise(stderr io.Writer, problems []integrations.Problem) {
	namesCredentials := func(m mistake) bool { return strings.Contains(strings.ToUpper(m.text), "THE VARIABLE "+credentials) }
	if slices.ContainsFunc(d.mistakes, namesCredentials) {
		fmt.Fprintf(stderr, "A file cannot use the variables %s...; they count as not set.\n", credentials)
	}
	if d.lenientHelps(problems) {
		fmt.Fprintln(stderr, "With -lenient, what the reference page does not know is accepted.")
	}
	if i := slices.IndexFunc(problems, d.needsKeys); i >= 0 {
		fmt.Fprintf(stderr, "The keys of a type: integrations types %s\n", d.items[problems[i].Index].Type)
	}
}

// more returns the problems that no mistake of reading explains.
func (d *desired) more(invalid *integrations.ValidationError) []integrations.Problem {
	if invalid == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(invalid.Problems), func(p integrations.Problem) bool {
		return slices.ContainsFunc(d.mistakes, func(m mistake) bool {
			return m.item >= 0 && m.item == p.Index && explains(m.field, p.Field)
		})
	})
}

// explains reports whether a mistake in the field misread may be the cause of a
// problem in field. This is so if one of the fields is a part of the other, or if
// misread is a misspelling of field.
func explains(misread, field string) bool {
	if misread == "" { // the item as a whole
		return true
	}
	a, b := strings.Split(misread, "."), strings.Split(field, ".")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return spell.Suggest(a[i], b[i:i+1]) != ""
		}
	}
	return true
}

// without returns err without the problems that do not count.
func without(err error, forgiven func(integrations.Problem) bool) error {
	var invalid *integrations.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	problems := slices.DeleteFunc(slices.Clone(invalid.Problems), forgiven)
	if len(problems) == 0 {
		return nil
	}
	return &integrations.ValidationError{Problems: problems}
}

func isMask(p integrations.Problem) bool { return errors.Is(p.Err, integrations.ErrMaskedSecret) }

// lenientHelps reports whether -lenient accepts at least one of the problems. The
// cluster may know more than this program.
func (d *desired) lenientHelps(problems []integrations.Problem) bool {
	type where struct {
		index int
		field string
	}
	stays := map[where]bool{}
	var left *integrations.ValidationError
	if errors.As(integrations.Validate(d.items, validation(true)), &left) {
		for _, p := range left.Problems {
			stays[where{p.Index, p.Field}] = true
		}
	}
	return slices.ContainsFunc(problems, func(p integrations.Problem) bool {
		return isUnknown(p) && !stays[where{p.Index, p.Field}]
	})
}

// isUnknown reports whether p is about something that is not on the reference page.
func isUnknown(p integrations.Problem) bool {
	return errors.Is(p.Err, integrations.ErrUnknownType) || errors.Is(p.Err, integrations.ErrUnknownCategory) ||
		errors.Is(p.Err, integrations.ErrUnknownKey) || errors.Is(p.Err, integrations.ErrUnknownValue)
}

// needsKeys reports whether the list of the type's keys helps with p.
func (d *desired) needsKeys(p integrations.Problem) bool {
	if !strings.HasPrefix(p.Field, "configuration.") || p.Index < 0 || p.Index >= len(d.items) {
		return false
	}
	_, known := integrations.KeysFor(d.items[p.Index].Type)
	return known && (errors.Is(p.Err, integrations.ErrMissing) || errors.Is(p.Err, integrations.ErrUnknownKey))
}

// mistake describes a problem of an integration, with its place in the file.
func (d *desired) mistake(p integrations.Problem) mistake {
	if p.Index < 0 || p.Index >= len(d.places) {
		return mistake{item: -1, text: p.String()}
	}
	at := d.places[p.Index]
	if p.Field == "name" && errors.Is(p.Err, integrations.ErrDuplicate) {
		first := slices.IndexFunc(d.items, func(item integrations.Integration) bool { return item.Name == p.Name })
		other := d.places[first]
		p.Reason = fmt.Sprintf("is also the name of integration %d, %s", other.index, other.line("name"))
	}
	found := mistake{file: at.number, line: at.lines.Line(at.index, p.Field), item: p.Index, field: p.Field}
	p.Index = at.index
	found.text = at.line(p.Field) + ": " + p.String()
	return found
}

// line returns where a field of the integration stands, as compilers say it.
func (p place) line(field string) string {
	return fmt.Sprintf("%s:%d", terminal.FileName(p.file), p.lines.Line(p.index, field))
}
