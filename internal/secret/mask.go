package secret

import (
	"maps"
	"slices"
	"strings"
)

// MaskedSecret reports whether s, a text in a secret's place, is a mask or a
// placeholder, or has a mask inside, such as sk-****abcd: three or more *, • or ●
// in a row. The texts that this module shows in a secret's place are masks too, in
// any case. No secret is likely to look so, but any other text may.
func MaskedSecret(s string) bool {
	return Masked(s) || marker(s) || starsInside(s)
}

func starsInside(s string) bool {
	return strings.Contains(s, "***") || strings.Contains(s, "•••") || strings.Contains(s, "●●●")
}

// markers are the texts that this module shows in a secret's place: in errors, in
// plans, in the diffs and requests of the fake.
var markers = []string{"[redacted]", "(hidden)", "(secret)", "[hidden]", "[secret]", "[differs]"}

func marker(s string) bool {
	s = strings.TrimSpace(s)
	return slices.ContainsFunc(markers, func(marker string) bool { return strings.EqualFold(s, marker) })
}

// Ordinary reports whether s is for certain nothing that Masked, MaskedSecret or
// Unfilled looks for. It is fast, and true for most texts.
func Ordinary(s string) bool {
	const bullet = '\xe2' // the first byte of • and of ●
	return s != "" && plain(s[0]) && s[0] != '$' && s[0] != '[' && s[0] != '(' &&
		strings.IndexByte(s, '*') < 0 && strings.IndexByte(s, bullet) < 0
}

// HasMask reports whether decoded, a value that encoding/json has decoded, is or
// has a text that MaskedSecret or Unfilled reports. The keys of an object do not
// count.
func HasMask(decoded any) bool {
	switch d := decoded.(type) {
	case string:
		return MaskedSecret(d) || Unfilled(d)
	case []any:
		return slices.ContainsFunc(d, HasMask)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(d)), HasMask)
	}
	return false
}
