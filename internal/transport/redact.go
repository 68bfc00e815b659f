package transport

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	redacted = "[redacted]"
	// maxText bounds what an error shows of the server's text.
	maxText = 1 << 10
	// minSecret is the length below which a value is no secret: replacing it
	// would make words unreadable.
	minSecret = 6
)

// redact makes text from outside fit to be shown: without the secrets of this
// call, on one line, and short. Where the secrets cannot be told, nothing is shown.
func (x *exchange) redact(text string) string {
	if text == "" {
		return ""
	}
	if x.secrets == nil && x.call.Secrets != nil {
		secrets, err := x.call.Secrets()
		if err != nil {
			return redacted
		}
		secrets = slices.DeleteFunc(secrets, func(s string) bool { return len(s) < minSecret })
		x.secrets = forms(secrets)
	}
	own := forms(append([]string{x.token, x.t.cfg.Credentials.KeySecret}, x.former...))
	hidden := hide(text, own, x.secrets)
	if line := oneLine(hidden); line != hidden {
		// What is on one line may hold what it did not hold before.
		hidden = hide(line, own, x.secrets)
	}
	return cut(hidden)
}

// hide replaces every form that text has of a secret, the longest first, so that
// none is left in part because another is the beginning of it.
func hide(text string, lists ...[]string) string {
	var found []string
	for _, list := range lists {
		for _, form := range list {
			if strings.Contains(text, form) {
				found = append(found, form)
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := []string{redacted, redacted} // what has been replaced stays
	for _, form := range found {
		pairs = append(pairs, form, redacted)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// forms returns the forms in which a server may quote secrets: as a whole or
// line by line, as they are or as they stood in the request's JSON, and either
// of them escaped for a URL or for HTML.
func forms(secrets []string) []string {
	list := []string{}
	for _, secret := range secrets {
		for i, s := range append([]string{secret}, strings.Split(secret, "\n")...) {
			s = strings.TrimSpace(s)
			if s == "" || i > 0 && len(s) < minSecret {
				continue
			}
			list = append(list, s)
			if strings.ContainsFunc(s, isEscaped) {
				list = append(list, escaped(s)...)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// isEscaped reports whether some form of quoting writes r in another way.
func isEscaped(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
}

func escaped(s string) []string {
	var list []string
	quoted := []string{s}
	for _, escapeHTML := range []bool{false, true} {
		once := inJSON(s, escapeHTML)
		quoted = append(quoted, once, strings.ReplaceAll(once, "/", `\/`), inJSON(once, escapeHTML))
	}
	for _, form := range quoted {
		query, path, text := url.QueryEscape(form), url.PathEscape(form), html.EscapeString(form)
		list = append(list, form, query, path, lowerHex(query), lowerHex(path), text, strings.ReplaceAll(text, "&#34;", "&quot;"))
	}
	return list
}

// inJSON returns what stands between the quotes.
func inJSON(s string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	_ = enc.Encode(s) // a string always encodes
	return b.String()[1 : b.Len()-2]
}

var hex = regexp.MustCompile("%[0-9A-F]{2}")

func lowerHex(s string) string { return hex.ReplaceAllStringFunc(s, strings.ToLower) }

func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	text = text[:maxText]
	for !utf8.ValidString(text) && len(text) > maxText-utf8.UTFMax {
		text = text[:len(text)-1]
	}
	return text
}
