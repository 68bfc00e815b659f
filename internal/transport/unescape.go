package transport

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxRounds bounds how many layers of escapes are undone.
const maxRounds = 8

// unescapes are the layers that a server may put around a text.
var unescapes = [...]func(string) string{unescapeJSON, unescapeURL, html.UnescapeString}

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

// unescapeURL undoes URL encoding, the + of a query included. It keeps what is
// no escape.
func unescapeURL(text string) string {
	at := strings.IndexAny(text, "%+")
	if at < 0 {
		return text
	}
	b := []byte(text[:at])
	for i := at; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			n, _ := strconv.ParseUint(text[i+1:i+3], 16, 8)
			b = append(b, byte(n))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// unescapeJSON undoes one layer of the escapes within a JSON string. It keeps
// what is no escape.
func unescapeJSON(text string) string {
	at := strings.IndexByte(text, '\\')
	if at < 0 {
		return text
	}
	b := []byte(text[:at])
	for i := at; i < len(text); {
		if text[i] != '\\' {
			b = append(b, text[i])
			i++
			continue
		}
		r, size := jsonEscape(text[i:])
		if size == 0 {
			r, size = '\\', 1
		}
		b = utf8.AppendRune(b, r)
		i += size
	}
	return string(b)
}

// jsonEscape decodes the escape at the beginning of text. The size of text that
// is no escape is 0.
func jsonEscape(text string) (r rune, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	if at := strings.IndexByte(`"\/'bfnrt`, text[1]); at >= 0 {
		return rune("\"\\/'\b\f\n\r\t"[at]), 2
	}
	high, ok := unicodeEscape(text)
	if !ok {
		return 0, 0
	}
	if low, ok := unicodeEscape(text[6:]); ok && utf16.IsSurrogate(high) {
		if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
			return r, 12
		}
	}
	return high, 6
}

// unicodeEscape decodes a \u and four hexadecimal digits.
func unicodeEscape(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
