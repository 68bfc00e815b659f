package plan

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

const (
	hidden   = "(hidden)"
	maxShown = 120 // bytes of a value that is shown
)

// placeholder reports whether v, a value of the file, stands for a value that the
// file does not have.
func placeholder(t integrations.Type, key integrations.ConfigKey, v value) bool {
	if v.compound {
		return false
	}
	return secret.Masked(v.text) || key.SecretIn(t) && secret.Unfilled(v.text)
}

// quoted returns a text of the server or of the file as it is if it is a plain
// word, and in quotes otherwise: a terminal must not obey it.
func quoted(s string) string {
	if s != "" && plain(s) {
		return s
	}
	return strconv.Quote(s)
}

// plain reports whether s has letters, digits, dots, underscores and hyphens only.
func plain(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// serverSet reports whether the server sets the value of key by itself.
func serverSet(t integrations.Type, key integrations.ConfigKey) bool {
	return oAuth(key) || t == integrations.TypePineconeDB && key == integrations.KeyProjectName
}

func oAuth(key integrations.ConfigKey) bool { return strings.HasPrefix(string(key), "oAuth2") }

// token reports whether key holds a token or a code that a save would wipe.
func token(key integrations.ConfigKey) bool {
	switch key {
	case integrations.KeyOAuth2RedirectURI, "oAuth2Scope", "oAuth2Provider":
		return false
	}
	return oAuth(key)
}

// viewer decides which texts a plan shows. It knows all secrets of the file and of
// the listing.
type viewer struct {
	desired []integrations.Integration
	live    []integrations.Provider
	secrets map[string]bool // filled when first needed
	long    []string        // the secrets of at least minContained bytes
}

// minContained is the length from which a secret is looked for within a longer
// text. A shorter secret may be a part of a text by chance.
const minContained = 8

// text returns s, or hidden where s may be or hold a secret.
func (v *viewer) text(s string) string {
	if s == "" || !v.isSecret(s) {
		return shownForm(s)
	}
	return hidden
}

// shownText returns the text of a value, or hidden where the key or the kind of
// the value forbids to show it.
func shownText(key integrations.ConfigKey, v value) string {
	if v.compound || !v.empty() && (key == integrations.KeyUser || key == integrations.KeyHeader) {
		return hidden
	}
	return v.text
}

// shownForm returns s, or hidden where the form of s forbids to show it.
func shownForm(s string) string {
	if len(s) > maxShown || strings.ContainsAny(s, "\n\r\v\f\u0085\u2028\u2029") || !utf8.ValidString(s) || secret.MayCarry(s) {
		return hidden
	}
	return s
}

// isSecret reports whether s is equal to a secret of the file or of the listing,
// or contains a long secret: a file may fill a secret into a URL.
func (v *viewer) isSecret(s string) bool {
	if v.secrets == nil {
		v.collect()
	}
	contained := func(secret string) bool { return strings.Contains(s, secret) }
	return v.secrets[strings.TrimSpace(s)] || slices.ContainsFunc(v.long, contained)
}

func (v *viewer) collect() {
	v.secrets = map[string]bool{}
	for _, item := range v.desired {
		v.add(item.Type, item.Configuration)
		for _, api := range item.APIs {
			v.add(item.Type, api.Configuration)
		}
	}
	for _, provider := range v.live {
		v.add(provider.Type, provider.Configuration)
		for _, model := range provider.APIs {
			v.add(provider.Type, model.Configuration)
		}
	}
}

func (v *viewer) add(t integrations.Type, config integrations.Configuration) {
	for key, raw := range config {
		if val := canonical(raw); key.SecretIn(t) && !val.masked {
			text := strings.TrimSpace(val.text)
			if n := len(text); minContained <= n && n <= maxShown && !v.secrets[text] {
				v.long = append(v.long, text)
			}
			v.secrets[text] = true
		}
	}
}
