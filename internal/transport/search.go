package transport

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
)

const (
	// maxRaw bounds how much of one value is decoded.
	maxRaw = 128 << 10
	// plainRun is how many plain bytes in a row show that the last of them
	// belong to no escape, even where escapes were escaped again.
	plainRun = 20
	// maxRunSearch bounds where such a run is looked for.
	maxRunSearch = 512
	// maxPeek is how much of a long value is decoded to see whether the rest is
	// worth it. The last maxEscape bytes of it may belong to an escape that goes on.
	maxPeek   = 256
	maxEscape = 64
	// maxLevels bounds how deep JSON within JSON is looked into.
	maxLevels = 8
)

// search finds the secrets of a request in the versions of a text.
//
// A request may be much longer than the text. So search does not decode the
// request. It skips every value whose first bytes do not occur in the text.
type search struct {
	versions [][]byte
	grams    grams
	readable func(string) bool
	known    map[string]bool
	found    []string
	size     int // of found, in bytes
}

func newSearch(text string) *search {
	s := &search{known: map[string]bool{}}
	for _, version := range versions(text) {
		for i := 0; i+minSecret <= len(version); i++ {
			s.grams.add(version[i : i+minSecret])
		}
		s.versions = append(s.versions, []byte(version))
	}
	return s
}

// scan considers every string and number of a JSON text, and the strings of the
// JSON in its strings. Every quote begins a string of some level: a string of
// level 1 is within a string of level 0. Every line of a string counts on its own.
func (s *search) scan(body []byte) {
	p := parts{search: s, body: body, sign: -1, nextSign: index(body, 0, '@')}
	for at := nextMark(body, 0); at < len(body); at = nextMark(body, at+1) {
		first := at
		for at < len(body)-1 && body[at] == '\\' {
			at++
		}
		switch c := body[at]; {
		case c == '"':
			if level := bits.TrailingZeros(uint(at - first + 1)); level < maxLevels {
				p.quote(at, level)
			}
		case (c == 'n' || c == 'r') && p.inside:
			p.consider(p.begin, first, p.level)
			p.begin = at + 1
		}
	}
	if !p.inside {
		s.numbers(body[p.begin:])
	}
}

// parts are the parts of a JSON text whose end is not reached yet.
type parts struct {
	*search
	body           []byte
	inside         bool           // within a string of level 0
	level          int            // of the last quote
	begin          int            // of the text since the last quote or line
	opens          [maxLevels]int // where the string of each level begins, 0: none
	sign, nextSign int            // the last @ seen and the next one
}

// quote ends the strings that a quote at index at ends, and begins another. Of
// the backslashes in front of the quote, level says how many belong to it.
func (p *parts) quote(at, level int) {
	end := max(p.begin, at-(1<<level-1))
	begins := level > 0 || !p.inside
	if p.inside {
		p.consider(p.begin, end, p.level)
		for l := level; l < maxLevels; l++ {
			if open := p.opens[l]; open > 0 && open < p.begin {
				p.consider(open, end, l)
			}
			p.opens[l] = 0
		}
	} else {
		p.numbers(p.body[p.begin:end])
	}
	p.begin, p.level, p.inside = at+1, level, begins
	if begins {
		p.opens[level] = at + 1
	}
}

// consider adds a string of the request, which is encoded from begin to end, and
// the secret parts of the string.
func (p *parts) consider(begin, end, level int) {
	for p.nextSign < end {
		p.sign, p.nextSign = p.nextSign, index(p.body, p.nextSign+1, '@')
	}
	for begin < end && p.body[begin] == ' ' {
		begin++
	}
	if end-begin < minSecret {
		return
	}
	raw := p.body[begin:end]
	if p.sign >= begin {
		p.userInfos(raw, level)
	}
	p.parameters(raw, level)
	if kinds[raw[0]]&number != 0 {
		p.numbers(raw)
	}
	p.value(raw, level)
}

// value adds a value of the request, as it is encoded there.
func (s *search) value(raw []byte, level int) {
	if len(raw) < minSecret || s.size > maxFound || !s.mayOccur(raw) {
		return
	}
	if allPlain(raw) && (s.known[string(raw)] || !s.occurs(raw)) {
		return
	}
	if len(raw) > maxPeek && !s.anyOccurs(forms(decode(raw[:maxPeek], level)), maxEscape) {
		return
	}
	s.add(decode(raw, level))
}

func allPlain(raw []byte) bool {
	for _, c := range raw {
		if kinds[c]&plain == 0 || c == '+' {
			return false
		}
	}
	return true
}

// mayOccur reports whether raw may occur in the text. It looks for 6 bytes of
// raw that belong to no escape.
func (s *search) mayOccur(raw []byte) bool {
	if kinds[raw[0]]&kinds[raw[1]]&kinds[raw[2]]&kinds[raw[3]]&kinds[raw[4]]&kinds[raw[5]]&plain != 0 {
		return s.grams.has(raw)
	}
	run := 0
	for i, c := range raw[:min(len(raw), maxRunSearch)] {
		if run++; kinds[c]&plain == 0 {
			run = 0
		}
		if run == plainRun {
			return s.grams.has(raw[i+1-minSecret:])
		}
	}
	return true
}

// The kinds of bytes.
const (
	plain  = 1 << iota // belongs to no escape, and is not trimmed
	number             // begins a number, or what a number may follow
)

var kinds = func() (kinds [256]byte) {
	for c := '!'; c <= '~'; c++ {
		if !strings.ContainsRune(`"\%&#;`, c) {
			kinds[c] |= plain
		}
		if strings.ContainsRune("-0123456789:,[{", c) {
			kinds[c] |= number
		}
	}
	return kinds
}()

// decode undoes the escapes of a string of a level. It leaves out the end of a
// very long string.
func decode(raw []byte, level int) string {
	text := string(raw[:min(len(raw), maxRaw)])
	for range level + 1 {
		text = unescapeSlashes(text)
	}
	return text
}

// add adds secret if it occurs in the text, as it is or without escapes.
func (s *search) add(secret string) {
	for _, form := range forms(secret) {
		form = form[:min(len(form), maxLook)]
		if len(form) < minSecret || s.known[form] || strings.Contains(redacted, form) || !s.occurs([]byte(form)) {
			continue
		}
		if s.readable != nil && s.readable(trim(secret)) {
			return
		}
		if s.size += len(form); s.size > maxFound {
			return
		}
		s.known[form] = true
		s.found = append(s.found, form)
	}
}

// forms returns secret as it is and without escapes. A backslash at its end may
// make an escape with the text behind it, so the second form has none there.
func forms(secret string) [2]string {
	secret = trim(secret)
	return [2]string{oneLine(secret), strings.TrimRight(canonical(secret), `\`)}
}

func trim(secret string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(secret), byteOrderMark))
}

// anyOccurs reports whether a text without its last bytes occurs. A text too
// short to tell counts as well.
func (s *search) anyOccurs(texts [2]string, last int) bool {
	for _, text := range texts {
		if len(text) < last+minSecret || s.occurs([]byte(text[:len(text)-last])) {
			return true
		}
	}
	return false
}

func (s *search) occurs(form []byte) bool {
	head := head(form)
	for _, version := range s.versions {
		if bytes.Contains(version, head) {
			return true
		}
	}
	return false
}

// numbers adds the numbers among the brackets and commas of raw. It stops at the
// first word that cannot be a number, true, false or null.
func (s *search) numbers(raw []byte) {
	begin, whole := 0, true // of the current word; whether it is a number so far
	for i, c := range raw {
		switch {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
		case c == ',', c == ':', c == '[', c == ']', c == '{', c == '}', c <= ' ':
			if whole {
				s.value(raw[begin:i], 0)
			}
			begin, whole = i+1, true
		case i-begin >= len("false"):
			return
		default:
			whole = false
		}
	}
	if whole {
		s.value(raw[begin:], 0)
	}
}

// index returns where c is in text from begin on, or the length of text.
func index(text []byte, begin int, c byte) int {
	if i := bytes.IndexByte(text[begin:], c); i >= 0 {
		return begin + i
	}
	return len(text)
}

// nextMark returns the index of the first quote or backslash from begin on, or
// the length of text. It looks at 8 bytes at a time.
func nextMark(text []byte, begin int) int {
	const low, high = 0x0101010101010101, 0x8080808080808080
	i := begin
	for ; i+8 <= len(text); i += 8 {
		word := binary.LittleEndian.Uint64(text[i:])
		quote, slash := word^(low*'"'), word^(low*'\\')
		// The lowest byte that is 0 has its high bit set here.
		if hit := ((quote-low)&^quote | (slash-low)&^slash) & high; hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for i < len(text) && text[i] != '"' && text[i] != '\\' {
		i++
	}
	return i
}

// grams is a set of texts of 6 bytes, in which a + is a space. It may hold more
// than was added.
type grams [1 << 18 / 64]uint64

func (g *grams) add(text string) {
	i, bit := place([]byte(text))
	g[i] |= bit
}

func (g *grams) has(text []byte) bool {
	i, bit := place(text)
	return g[i]&bit != 0
}

// place returns where the first 6 bytes of text are in the set.
func place(text []byte) (index, bit uint64) {
	n := uint64(0)
	for _, c := range text[:minSecret] {
		if c == '+' {
			c = ' '
		}
		n = n<<8 | uint64(c)
	}
	hash := n * 0x9e3779b97f4a7c15 >> (64 - 18)
	return hash / 64, 1 << (hash % 64)
}
