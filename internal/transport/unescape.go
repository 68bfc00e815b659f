package transport

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxRounds bounds how many layers of escapes are undone in turn.
	maxRounds = 8
	// maxVersions bounds the orders in which layers of escapes are undone. A text
	// with four kinds of escapes has about 30 versions.
	maxVersions = 128
)

// unescapes are the layers that a server may put around a text. The encoding of a
// query is two of them.
var unescapes = [...]func(string) string{unescapeSlashes, unescapePlus, unescapePercent, html.UnescapeString}

// versions returns text on one line, and all that text becomes when layers of
// escapes are undone, in any order. A secret may hold escapes of its own, and only
// one order undoes the escapes of the server and leaves these. If there are too many
// versions, versions returns none.
func versions(text string) (all []string) {
	known := map[string]bool{}
	add := func(version string) {
		if !known[version] {
			known[version] = true
			all = append(all, version)
		}
	}
	unescapeAll(text, func(version string) string {
		add(version)
		return version
	})
	for i := 0; i < len(all); i++ {
		for _, unescape := range unescapes {
			add(oneLine(unescape(all[i])))
		}
		if len(all) > maxVersions {
			return nil
		}
	}
	return all
}

// unescapeAll calls visit with text on one line, and then with the text after
// each layer of escapes that it undoes, until no escape is left. It goes on with
// what visit returns.
func unescapeAll(text string, visit func(version string) string) {
	text = visit(oneLine(text))
	unchanged := 0
	for i := 0; unchanged < len(unescapes) && i < maxRounds*len(unescapes); i++ {
		next := oneLine(unescapes[i%len(unescapes)](text))
		if next == text {
			unchanged++
			continue
		}
		text, unchanged = visit(next), 0
	}
}

// canonical returns text without any escapes.
func canonical(text string) string {
	unescapeAll(text, func(version string) string {
		text = version
		return version
	})
	return text
}

// unescapePlus undoes the + of a query.
func unescapePlus(text string) string { return strings.ReplaceAll(text, "+", " ") }

// unescapePercent undoes the percent signs of a URL, and the %uXXXX of old
// scripts. It keeps the rest of the text.
func unescapePercent(text string) string {
	at := strings.IndexByte(text, '%')
	if at < 0 {
		return text
	}
	b := []byte(text[:at])
	for i := at; i < len(text); {
		n, ok := hex(text[i:], "%", 2)
		r, size := utf16Escape(text[i:], "%u")
		switch {
		case ok:
			b = append(b, byte(n))
			i += 3
		case size > 0:
			b = utf8.AppendRune(b, r)
			i += size
		default:
			b = append(b, text[i])
			i++
		}
	}
	return string(b)
}

// unescapeSlashes undoes one layer of the escapes that begin with a backslash: the
// escapes of JSON, programming languages, logs and regular expressions. It keeps
// the rest of the text.
func unescapeSlashes(text string) string {
	at := strings.IndexByte(text, '\\')
	if at < 0 {
		return text
	}
	b := []byte(text[:at])
	for i := at; i < len(text); {
		size := 0
		if text[i] == '\\' {
			b, size = appendEscape(b, text[i:])
		}
		if size == 0 {
			b, size = append(b, text[i]), 1
		}
		i += size
	}
	return string(b)
}

// appendEscape appends what the escape at the beginning of text means. The size
// of text that is no escape is 0.
func appendEscape(b []byte, text string) ([]byte, int) {
	if len(text) < 2 {
		return b, 0
	}
	if at := strings.IndexByte("bfnrtav", text[1]); at >= 0 {
		return append(b, "\b\f\n\r\t\a\v"[at]), 2
	}
	if n, ok := hex(text, `\x`, 2); ok {
		return append(b, byte(n)), 4
	}
	if n, err := strconv.ParseUint(text[1:min(len(text), 4)], 8, 8); err == nil && len(text) >= 4 {
		return append(b, byte(n)), 4
	}
	if r, size := utf16Escape(text, `\u`); size > 0 {
		return utf8.AppendRune(b, r), size
	}
	if n, ok := hex(text, `\U`, 8); ok {
		return utf8.AppendRune(b, rune(n)), 10
	}
	if r, size := bracedEscape(text); size > 0 {
		return utf8.AppendRune(b, r), size
	}
	if c := text[1]; c >= ' ' && c < 0x7f && !isWord(c) {
		return append(b, c), 2
	}
	return b, 0
}

// bracedEscape decodes \u{X} and \x{X} with up to 8 hexadecimal digits.
func bracedEscape(text string) (r rune, size int) {
	if text[1] != 'u' && text[1] != 'x' {
		return 0, 0
	}
	digits, _, ok := strings.Cut(text[2:min(len(text), 12)], "}")
	if !ok || len(digits) < 2 || digits[0] != '{' {
		return 0, 0
	}
	n, err := strconv.ParseUint(digits[1:], 16, 32)
	if err != nil {
		return 0, 0
	}
	return rune(n), len(digits) + 3
}

// utf16Escape decodes prefix and four hexadecimal digits, or two of them that are
// one character together.
func utf16Escape(text, prefix string) (r rune, size int) {
	high, ok := hex(text, prefix, 4)
	if !ok {
		return 0, 0
	}
	if low, ok := hex(text[6:], prefix, 4); ok {
		if r := utf16.DecodeRune(rune(high), rune(low)); r != utf8.RuneError {
			return r, 12
		}
	}
	return rune(high), 6
}

// hex decodes prefix and a number of hexadecimal digits.
func hex(text, prefix string, digits int) (uint64, bool) {
	if len(text) < len(prefix)+digits || text[:len(prefix)] != prefix {
		return 0, false
	}
	n, err := strconv.ParseUint(text[len(prefix):len(prefix)+digits], 16, 32)
	return n, err == nil
}

// isWord reports whether c is a letter or a digit of ASCII.
func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
