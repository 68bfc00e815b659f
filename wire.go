package integrations

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations/internal/brokentext"
)

// valueKind is the JSON kind of a Go value.
type valueKind int

const (
	text     valueKind = iota
	null               // nil, and what encodes as null
	other              // a number, a boolean, an object, an array
	badValue           // does not encode
	badText            // has text that JSON cannot carry unchanged
)

// wire returns what JSON makes of value, and the text if JSON makes a text of
// it. A pointer to a string is as much of a text as a string.
func wire(value any) (valueKind, string) {
	switch v := value.(type) {
	case string:
		if !validText(v) {
			return badText, ""
		}
		return text, v
	case nil:
		return null, ""
	case bool, int, int64:
		return other, ""
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return badValue, ""
	}
	if _, found := brokentext.Find(value, encoded); found {
		return badText, ""
	}
	if string(encoded) == "null" {
		return null, ""
	}
	var s string
	if json.Unmarshal(encoded, &s) != nil {
		return other, ""
	}
	return text, s
}

// textInside reports whether holds is true for a text in value, which is no text
// itself. The keys of an object do not count.
func textInside(value any, holds func(string) bool) bool {
	switch value.(type) {
	case bool, int, int64, float64:
		return false
	}
	encoded, err := json.Marshal(value)
	var decoded any
	if err != nil || json.Unmarshal(encoded, &decoded) != nil {
		return false
	}
	return anyText(decoded, holds)
}

func anyText(decoded any, holds func(string) bool) bool {
	switch d := decoded.(type) {
	case string:
		return holds(d)
	case []any:
		return slices.ContainsFunc(d, func(element any) bool { return anyText(element, holds) })
	case map[string]any:
		for _, element := range d {
			if anyText(element, holds) {
				return true
			}
		}
	}
	return false
}

// present reports whether value is neither null nor a blank text.
func present(value any) bool {
	kind, s := wire(value)
	return kind != null && (kind != text || !blank(s))
}

// blank reports whether s is empty or white space. Most texts are plainly not
// blank by their first character.
func blank(s string) bool {
	return s == "" || (s[0] <= ' ' || s[0] >= utf8.RuneSelf) && strings.TrimSpace(s) == ""
}

// validText is utf8.ValidString, but faster for a short text of ASCII.
func validText(s string) bool {
	if len(s) > 32 {
		return utf8.ValidString(s)
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return utf8.ValidString(s[i:])
		}
	}
	return true
}
