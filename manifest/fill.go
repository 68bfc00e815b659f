package manifest

import (
	"cmp"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// fill replaces each ${NAME} in the text of a configuration, and each $$ by $.
// Any other $ stays. The value of a variable is not looked at again. Fill works
// on texts that are decoded already, so that a value cannot change the
// structure of the file.
//
// With KeepMissing, fill notes in d.unset what a secret lacks.
func (d *decoder) fill(s string, line int, isSecret bool) string {
	if !strings.Contains(s, "$") {
		return s
	}
	filled, missing, ok := d.expand(s, d.lookup)
	if d.grown > maxBytes {
		d.add(line, "is not filled in, because the variables of the file stand for more than 16 MiB")
		return ""
	}
	if !ok { // what stands in the braces may be a secret
		d.add(line, "has a ${ that does not begin a ${NAME}; write $${ where ${ is meant")
	}
	if len(missing) > 0 && isSecret && d.keepMissing {
		d.unset = cmp.Or(d.unset, missing[0])
		return ""
	}
	for _, name := range missing {
		d.add(line, "needs the variable "+secret.Printable(name)+", which is not set")
	}
	return filled
}

// literal returns a text from outside a configuration, with each $$ as $. A
// ${NAME} is a mistake there: with its value, a name would be the name of
// another integration in each environment.
func (d *decoder) literal(s string, line int) string {
	if !strings.Contains(s, "$") {
		return s
	}
	nothing := func(string) (string, bool) { return "", false }
	text, variables, ok := d.expand(s, nothing)
	if len(variables) > 0 || !ok {
		d.add(line, "has a ${, but variables stand in configurations only; write $${ where ${ is meant")
		return s
	}
	return text
}

// expand returns s with its variables filled in, and the names that are not
// set. It is not ok if a ${ begins no ${NAME}.
func (d *decoder) expand(s string, lookup func(name string) (string, bool)) (string, []string, bool) {
	var filled strings.Builder
	var missing []string
	var noted map[string]bool // missing, as a set: a text may name a million variables
	allOK := true
	for d.grown <= maxBytes {
		before, after, found := strings.Cut(s, "$")
		filled.WriteString(before)
		if !found {
			return filled.String(), missing, allOK
		}
		name, rest, ok := variable(after)
		switch {
		case ok:
			value, set := lookup(name)
			if !set && !noted[name] {
				if noted == nil {
					noted = map[string]bool{}
				}
				noted[name] = true
				missing = append(missing, name)
			}
			if set {
				d.grown += len(value)
				filled.WriteString(value)
			}
			s = rest
		case strings.HasPrefix(after, "{"):
			allOK = false
			s = after
		default:
			filled.WriteByte('$')
			s = strings.TrimPrefix(after, "$")
		}
	}
	return "", nil, allOK
}

// variable reads {NAME} at the beginning of s, and returns the name and the
// rest of s.
func variable(s string) (name, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "{")
	if !ok {
		return "", "", false
	}
	name, rest, ok = strings.Cut(s, "}")
	return name, rest, ok && isVariable(name)
}

// isVariable reports whether s is a name that a variable of the environment can
// have in every shell.
func isVariable(s string) bool {
	for i, c := range []byte(s) {
		switch {
		case c == '_', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
		case '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

// escape makes a text into what fill turns into the text again. The placeholder
// <NAME> becomes ${NAME}.
func escape(s string) string {
	if name, ok := strings.CutPrefix(s, "<"); ok {
		if name, ok = strings.CutSuffix(name, ">"); ok && isVariable(name) {
			return "${" + name + "}"
		}
	}
	return escapeLiteral(s)
}

// escapeLiteral makes a text into what literal turns into the text again.
func escapeLiteral(s string) string { return strings.ReplaceAll(s, "$", "$$") }
