package plan

import (
	"cmp"
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

// serverSet reports whether the server sets the value of key by itself. Pinecone
// requires a project name, so that the file's counts where live has none.
func serverSet(t integrations.Type, key integrations.ConfigKey, live integrations.Configuration) bool {
	isProject := t == integrations.TypePineconeDB && key == integrations.KeyProjectName
	return oAuth(key) || isProject && !canonical(live[key]).empty()
}

// oAuth reports whether the server fills key after somebody has logged in. A file's
// value is sent when the integration is created. An update sends it only where live
// has a value that nobody can read and send back.
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

// hiddenKey reports whether no value of key is shown.
func hiddenKey(key integrations.ConfigKey) bool {
	return key == integrations.KeyUser || key == integrations.KeyHeader
}

// hide hides any text.
func hide(s string) string {
	if s == "" {
		return ""
	}
	return hidden
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

// withoutSecrets returns s without the long secrets of the file and of the listing.
// It leaves a short secret: a text may be equal to it by chance, and a digest must
// not depend on the secrets.
func (v *viewer) withoutSecrets(s string) string {
	if v.secrets == nil {
		v.collect()
	}
	for _, long := range v.long {
		s = strings.ReplaceAll(s, long, "")
	}
	return s
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
	slices.SortFunc(v.long, func(a, b string) int { // a secret before its parts, and always the same order
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
}

// add adds the secrets of config. A mask is no secret.
func (v *viewer) add(t integrations.Type, config integrations.Configuration) {
	for key, raw := range config {
		if key.SecretIn(t) {
			for _, s := range canonical(raw).texts() {
				v.addText(s)
			}
		}
	}
}

// addText adds a text, but for a switch: every key that is not known counts as a
// secret, and its true must not hide all that is true.
func (v *viewer) addText(s string) {
	s = strings.TrimSpace(s)
	if s == "" || s == "true" || s == "false" || secret.Masked(s) || v.secrets[s] {
		return
	}
	v.secrets[s] = true
	if minContained <= len(s) && len(s) <= maxShown {
		v.long = append(v.long, s)
	}
}
