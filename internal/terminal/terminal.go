// Package terminal keeps text that came from a server or from a file's author from
// controlling the terminal that it is printed on.
package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Obeys reports whether r is a control character, or turns the direction of the
// text, or begins a new line in some programs.
func Obeys(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// FileName returns name as it is, or in quotes. In quotes, a name cannot control a
// terminal, begin a line, or give a command to the pipeline that shows the line:
// GitHub Actions obeys a line that begins with :: or ##.
func FileName(name string) string {
	trimmed := strings.TrimSpace(name)
	isCommand := strings.HasPrefix(trimmed, ":") || strings.HasPrefix(trimmed, "#")
	if isCommand || !utf8.ValidString(name) || strings.ContainsFunc(name, Obeys) {
		return strconv.QuoteToASCII(name)
	}
	return name
}

// Escape returns a JSON text, or a YAML text, in which every such character
// beyond ASCII is an escape. The characters may stand within double quotes only.
func Escape(text string) string {
	if !strings.ContainsFunc(text, beyondASCII) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if beyondASCII(r) {
			fmt.Fprintf(&b, `\u%04x`, r) // none of them needs two units
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// beyondASCII leaves the line breaks between the values alone. Encoders escape
// the controls of ASCII, but for the last one.
func beyondASCII(r rune) bool { return r >= 0x7f && Obeys(r) }
