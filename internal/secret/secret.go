// Package secret says which texts are a mask of a secret, and which texts are too
// short and plain to be a secret, so that they may be shown.
package secret

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Masked reports whether s is a mask, as a listing shows in a secret's place, or
// a placeholder. White space around s does not count. A mask is a text of three
// or more characters that are all x or X, all *, or all •. A placeholder is a
// text in angle brackets, such as <YOUR-API-KEY>.
func Masked(s string) bool {
	if len(s) < 3 || plain(s[0]) {
		return false
	}
	s = strings.TrimSpace(s)
	if len(s) < 3 {
		return false
	}
	switch s[0] {
	case 'x', 'X':
		return strings.Trim(s, "xX") == ""
	case '*':
		return strings.Trim(s, "*") == ""
	case '<':
		return strings.LastIndexByte(s, '<') == 0 && strings.IndexByte(s, '>') == len(s)-1
	}
	const bullet = "•"
	return strings.HasPrefix(s, bullet) && strings.Trim(s, bullet) == "" && utf8.RuneCountInString(s) >= 3
}

// plain reports whether c begins no mask, no placeholder and no white space. The
// first byte is enough to tell most texts from a mask.
func plain(c byte) bool {
	return ' ' < c && c < utf8.RuneSelf && c != 'x' && c != 'X' && c != '*' && c != '<'
}

// Unfilled reports whether s is a reference that nobody replaced by its value,
// such as ${OPENAI_API_KEY}. White space around s does not count. A reference
// within a longer text may belong to the text.
func Unfilled(s string) bool {
	if len(s) < 4 || plain(s[0]) && s[0] != '$' {
		return false
	}
	s = strings.TrimSpace(s)
	return len(s) > len("${}") && strings.HasPrefix(s, "${") && strings.IndexByte(s, '}') == len(s)-1
}

// longestName is a little more than the 28 bytes of the longest known
// configuration key. API keys and tokens have 32 bytes and more, many of them of
// letters and digits only.
const longestName = 30

// Printable returns s if s looks like a configuration key, a type or a category:
// at most 30 bytes, all of them letters, digits, _, . or -. Otherwise Printable
// returns the length of s, such as [40 bytes], because key and value may have
// been swapped.
func Printable(s string) string {
	if len(s) > longestName || strings.ContainsFunc(s, notInName) {
		return "[" + strconv.Itoa(len(s)) + " bytes]"
	}
	return s
}

func notInName(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == '-':
		return false
	}
	return true
}

// MayCarry reports whether s has a part that often is a secret: the user info or
// the query of a URL, or a pair name=value, as connection strings have it.
func MayCarry(s string) bool {
	for i, c := range []byte(s) {
		switch c {
		case '@':
			return true
		case '?':
			if i+1 < len(s) && s[i+1] != ' ' {
				return true
			}
		case '=':
			if isPair(s[:i], s[i+1:]) {
				return true
			}
		}
	}
	return false
}

// isPair reports whether an equals sign between before and after makes a pair. The
// sign of a sentence has spaces around it, or it stands at an end. After a
// semicolon every equals sign makes a pair.
func isPair(before, after string) bool {
	if strings.Contains(before, ";") {
		return true
	}
	return before != "" && after != "" && before[len(before)-1] != ' ' && after[0] != ' '
}
