package transport

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
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
// call, on one line, and short.
func (x *exchange) redact(text string) string {
	if text == "" {
		return ""
	}
	var secrets []string
	if x.call.Secrets != nil {
		for _, s := range x.call.Secrets() {
			secrets = appendForms(secrets, s, minSecret)
		}
	}
	for _, s := range append(x.tokens, x.t.cfg.Credentials.KeySecret) {
		secrets = appendForms(secrets, s, 1)
	}
	// Twice, as a text put on one line may hold what it did not hold before.
	hide := replacer(secrets)
	return cut(hide.Replace(oneLine(hide.Replace(text))))
}

// appendForms appends the forms in which a server may quote a secret: as a
// whole or line by line, as it is or as it stood in the request's JSON, and
// either of them escaped for a URL or for HTML.
func appendForms(forms []string, secret string, shortest int) []string {
	for _, s := range append([]string{secret}, strings.Split(secret, "\n")...) {
		s = strings.TrimSpace(s)
		if len(s) < shortest {
			continue
		}
		for _, form := range []string{s, inJSON(s, false), inJSON(s, true)} {
			forms = append(forms, form, url.QueryEscape(form), url.PathEscape(form), html.EscapeString(form))
		}
	}
	return forms
}

// inJSON returns what stands between the quotes.
func inJSON(s string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	_ = enc.Encode(s) // a string always encodes
	return b.String()[1 : b.Len()-2]
}

// replacer replaces the longest secret first, so that none is left in part
// because another is the beginning of it.
func replacer(secrets []string) *strings.Replacer {
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, s := range secrets {
		pairs = append(pairs, s, redacted)
	}
	return strings.NewReplacer(pairs...)
}

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
