package transport

import (
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations/internal/terminal"
)

const (
	redacted = "[redacted]"
	// maxText bounds what an error shows of the server's text.
	maxText = 1 << 10
	// maxLook bounds how much of the server's text is looked at.
	maxLook = 4 << 10
	// minHead and maxHead bound how much of a secret must be found, see head.
	minHead, maxHead = 16, 128
	// maxTail bounds the escapes of the beginning of a secret.
	maxTail = 2 << 10
	// maxHidden bounds how often a text is looked at again after a secret in it was
	// hidden.
	maxHidden = 16
	// maxFound bounds the secrets that are held at once.
	maxFound = 256 << 10
	// minSecret is the length below which a value is no secret: replacing it
	// would make words unreadable.
	minSecret = 6
)

// redact makes text from outside fit to be shown: without the secrets of this
// call, on one line, and short.
func (x *exchange) redact(text string) string {
	if len(text) < minSecret {
		return oneLine(text)
	}
	whole := len(text) <= maxLook
	text = text[:min(len(text), maxLook)]
	found, all := x.secretsIn(text)
	switch {
	case !all:
		return redacted
	case len(found) == 0 && whole:
		return cut(oneLine(text), maxText)
	}
	hidden := hideAll(text, found, x.call.Readable)
	if !whole {
		// The end may hold the beginning of a secret, too little to be found.
		hidden = cut(hidden, max(0, len(hidden)-maxTail))
	}
	if hidden == "" {
		return redacted
	}
	return cut(hidden, maxText)
}

// secretsIn returns the secrets of this call that text quotes, and whether these
// are all of them.
func (x *exchange) secretsIn(text string) (found []string, all bool) {
	s := newSearch(text)
	if len(s.versions) == 0 {
		return nil, false
	}
	for _, own := range append([]string{x.token, x.t.cfg.Credentials.KeySecret}, x.former...) {
		s.add(own)
	}
	s.readable = x.call.Readable
	s.scan(x.call.Body)
	return s.found, s.size <= maxFound
}

// hideAll hides the secrets in text, also those that a server escaped.
//
// A server may escape a secret in more ways than a list can name. So hideAll looks
// at every version of the text, and goes on with the version in which it hides the
// most. It ends when no version of the text that it returns has a secret. Secrets
// that are there as a whole come first: the beginning of an escaped secret looks
// like a part of it.
func hideAll(text string, secrets []string, readable func(string) bool) string {
	text = oneLine(text)
	for _, wanted := range []func(string) string{whole, head[string]} {
		for round := 0; ; round++ {
			best, size, ok := hideMost(text, secrets, wanted, readable)
			if !ok || round == maxHidden {
				return redacted
			}
			if size == 0 {
				break
			}
			text = best
		}
	}
	return text
}

// hideMost returns the version of text in which hide replaces the most bytes, and
// how many. It is not ok if text has too many versions.
func hideMost(text string, secrets []string, wanted func(string) string, readable func(string) bool) (best string, size int, ok bool) {
	all := versions(text)
	for _, version := range all {
		if hidden, n := hide(version, secrets, wanted, readable); n > size {
			best, size = hidden, n
		}
	}
	return best, size, len(all) > 0
}

// whole returns secret.
func whole(secret string) string { return secret }

// hide replaces each secret whose wanted beginning is in text, and returns how many
// bytes it replaced. It replaces a secret as far as text equals it. Secrets that
// overlap become one gap. A readable text stays, although a secret may begin with
// it.
func hide(text string, secrets []string, wanted func(string) string, readable func(string) bool) (string, int) {
	var hidden []bool // by byte of text
	for _, secret := range secrets {
		wanted := wanted(secret)
		end := 0 // of the last match
		for begin := 0; ; begin++ {
			at := strings.Index(text[begin:], wanted)
			if at < 0 {
				break
			}
			begin += at
			n := len(wanted) + common(text[begin+len(wanted):], secret[len(wanted):])
			if n < len(secret) && readable != nil && readable(trim(text[begin:begin+n])) {
				continue
			}
			if hidden == nil {
				hidden = make([]bool, len(text))
			}
			for i := max(begin, end); i < begin+n; i++ {
				hidden[i] = true
			}
			end = max(end, begin+n)
		}
	}
	if hidden == nil {
		return text, 0
	}
	return withGaps(text, hidden)
}

// withGaps replaces the hidden bytes of text, and returns their number.
func withGaps(text string, hidden []bool) (string, int) {
	var b strings.Builder
	size := 0
	for i := range len(text) {
		switch {
		case !hidden[i]:
			b.WriteByte(text[i])
			continue
		case i == 0 || !hidden[i-1]:
			b.WriteString(redacted)
		}
		size++
	}
	return b.String(), size
}

// head returns the beginning of a secret that must be found: half of the secret,
// because a server may cut off a quotation. The text that follows is redacted as
// far as it equals the secret.
func head[T string | []byte](secret T) T {
	return secret[:min(len(secret), max(minHead, min(len(secret)/2, maxHead)))]
}

// common returns the length of the common beginning of a and b.
func common(a, b string) int {
	if strings.HasPrefix(a, b) { // much faster than the loop
		return len(b)
	}
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// oneLine replaces by a space what begins a new line, controls a terminal or
// turns the direction of the text.
func oneLine(text string) string {
	if isPrintableASCII(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if terminal.Obeys(r) {
			return ' '
		}
		return r
	}, text)
}

func isPrintableASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// cut shortens text to at most length bytes, and keeps its last character whole.
func cut(text string, length int) string {
	if len(text) <= length {
		return text
	}
	for length > 0 && !utf8.RuneStart(text[length]) {
		length--
	}
	return text[:length]
}
