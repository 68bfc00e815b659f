package integrations

import (
	"encoding/json"
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

// decoded returns value as encoding/json reads its JSON, or nil. Switches and
// numbers are not of interest.
func decoded(value any) any {
	switch value.(type) {
	case bool, int, int64, float64:
		return nil
	}
	encoded, err := json.Marshal(value)
	var decoded any
	if err != nil || json.Unmarshal(encoded, &decoded) != nil {
		return nil
	}
	return decoded
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
