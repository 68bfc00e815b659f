package transport

import (
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func redactor(secrets ...string) *exchange {
	return &exchange{t: &Transport{}, call: Call{Secrets: func() ([]string, error) { return secrets, nil }}}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ secret, text, want string }{
		"plain":             {"canary", "a canary, canary", "a [redacted], [redacted]"},
		"short values stay": {"us-1a", "in us-1a", "in us-1a"},
		"white space":       {" canary\n", "a canary", "a [redacted]"},
		"one line":          {"canary", "a\r\nb\x00c", "a  b c"},
		"line by line":      {"-----BEGIN\nMIICanary\n-----END", "read MIICanary and END", "read [redacted] and END"},
		"nothing":           {"canary", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, redactor(tt.secret).redact(tt.text))
		})
	}
}

func TestRedactKnowsTheFormsOfASecret(t *testing.T) {
	t.Parallel()
	secret := "can<a>ry\t\"q\" & \\ü%/+"
	escaped, err := json.Marshal(secret)
	require.NoError(t, err)
	twice, err := json.Marshal(string(escaped[1 : len(escaped)-1]))
	require.NoError(t, err)
	for _, form := range []string{
		secret, string(escaped), strings.ReplaceAll(string(escaped), "/", `\/`), string(twice),
		url.QueryEscape(secret), url.PathEscape(secret), strings.ToLower(url.QueryEscape(secret)),
		html.EscapeString(secret), strings.ReplaceAll(html.EscapeString(secret), "&#34;", "&quot;"),
	} {
		require.Equal(t, "got [redacted]", strings.ReplaceAll(redactor(secret).redact("got "+form), `"`, ""), form)
	}
}

func TestRedactReplacesTheLongestFirst(t *testing.T) {
	t.Parallel()
	require.Equal(t, "[redacted]|[redacted]", redactor("canary", "canary-and-more").redact("canary-and-more|canary"))
}

func TestRedactKnowsTokensAndKeySecretAtAnyLength(t *testing.T) {
	t.Parallel()
	x := &exchange{t: &Transport{cfg: Config{Credentials: Credentials{KeySecret: "ks"}}}, former: []string{"t1"}, token: "t2"}
	require.Equal(t, "[redacted] [redacted] [redacted]", x.redact("t1 t2 ks"))
}

func TestRedactCutsAfterwards(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxText)
	got := redactor().redact("a" + long)
	require.LessOrEqual(t, len(got), maxText)
	require.Greater(t, len(got), maxText-utf8.UTFMax)
	require.True(t, utf8.ValidString(got))
	// A secret that straddles the cut is replaced as a whole.
	got = redactor("canary").redact(strings.Repeat("a", maxText-3) + "canary")
	require.NotContains(t, got, "can")
}
