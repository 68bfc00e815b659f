package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// fill replaces ${NAME} in the strings of every configuration, in place. It
// works on decoded values, so that a variable's value needs no JSON escapes, and
// cannot become anything but a part of its string.
func fill(items []integrations.Integration, lookup func(string) (string, bool)) []integrations.Problem {
	var problems []integrations.Problem
	for i, item := range items {
		for _, key := range slices.Sorted(maps.Keys(item.Configuration)) {
			f := filler{lookup: lookup}
			item.Configuration[key] = f.value(item.Configuration[key])
			for _, reason := range f.reasons {
				problems = append(problems, integrations.Problem{
					Index: i, Name: item.Name, Field: fieldOf("configuration", string(key)), Reason: reason,
				})
			}
		}
	}
	return problems
}

// filler fills one value of a configuration, and collects what is wrong with it.
type filler struct {
	lookup  func(string) (string, bool)
	reasons []string
}

func (f *filler) value(value any) any {
	switch v := value.(type) {
	case string:
		return f.text(v)
	case []any:
		for i := range v {
			v[i] = f.value(v[i])
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = f.value(v[key])
		}
	}
	return value
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// text fills a string from left to right. What comes from a variable is not
// looked at again.
func (f *filler) text(s string) string {
	var filled strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		filled.WriteString(before)
		if !found {
			return filled.String()
		}
		s = after
		switch {
		case strings.HasPrefix(s, "$"):
			filled.WriteString("$")
			s = s[1:]
		case strings.HasPrefix(s, "{"):
			name, rest, closed := strings.Cut(s[1:], "}")
			if !closed {
				f.fail("has a ${ without its }")
				return filled.String()
			}
			filled.WriteString(f.variable(name))
			s = rest
		default:
			// More likely a forgotten brace than a dollar.
			f.fail("has a lone $: write ${NAME} for a variable, and $$ for a $")
		}
	}
}

func (f *filler) variable(name string) string {
	if !variableName.MatchString(name) {
		f.fail("has a ${...} that does not hold a variable's name") // but perhaps a secret
		return ""
	}
	value, ok := f.lookup(name)
	switch {
	case !ok:
		f.fail(fmt.Sprintf("needs the environment variable %s, which is not set", name))
	case strings.TrimSpace(value) == "": // such as a secret that a build has no access to
		f.fail(fmt.Sprintf("needs the environment variable %s, which is set but blank", name))
	}
	return value
}

// fail takes a reason once, however often the value has it.
func (f *filler) fail(reason string) {
	if !slices.Contains(f.reasons, reason) {
		f.reasons = append(f.reasons, reason)
	}
}
