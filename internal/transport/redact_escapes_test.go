package transport

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// escapes are ways in which servers escape a quotation.
func escapes(t *testing.T) map[string]func(string) string {
	t.Helper()
	inJSON := func(s string) string {
		b, err := json.Marshal(s)
		require.NoError(t, err)
		return string(b[1 : len(b)-1])
	}
	each := func(escape func(r rune) string, keep string) func(string) string {
		return func(s string) string {
			var b strings.Builder
			for _, r := range s {
				if strings.ContainsRune(keep, r) {
					b.WriteRune(r)
				} else {
					b.WriteString(escape(r))
				}
			}
			return b.String()
		}
	}
	const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	percent := func(r rune) string {
		var b strings.Builder
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	form := func(s string) string { return strings.ReplaceAll(each(percent, alnum+"*-._")(s), "%20", "+") }
	ascii := each(func(r rune) string {
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			return fmt.Sprintf("\\u%04x\\u%04x", high, low)
		}
		return fmt.Sprintf("\\u%04x", r)
	}, alnum+" -._/:")
	// Both take a character at a time, as the languages do that have them.
	bytewise := func(format string) func(string) string {
		return each(func(r rune) string {
			var b strings.Builder
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, format, c)
			}
			return b.String()
		}, alnum+" ")
	}
	runewise := func(format string) func(string) string {
		return each(func(r rune) string { return fmt.Sprintf(format, r) }, alnum+" ")
	}
	return map[string]func(string) string{
		"bytes, nginx": bytewise(`\x%02X`),
		"octal, C":     bytewise(`\%03o`),
		"braces, Rust": runewise(`\u{%x}`),
		"braces, Perl": runewise(`\x{%x}`),
		"long, Python": runewise(`\U%08x`),
		"regular expression": func(s string) string {
			return each(func(r rune) string {
				if r > '~' {
					return string(r)
				}
				return `\` + string(r)
			}, alnum+" \t")(s)
		},
		"escape, JavaScript": each(func(r rune) string {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "%%u%04X", unit)
			}
			return b.String()
		}, alnum+"@*_-./"),
		"as it is":           func(s string) string { return s },
		"JSON":               inJSON,
		"JSON with slashes":  func(s string) string { return strings.ReplaceAll(inJSON(s), "/", `\/`) },
		"ASCII JSON, Gson":   ascii,
		"query":              url.QueryEscape,
		"query, lower case":  func(s string) string { return strings.ToLower(url.QueryEscape(strings.ToLower(s))) },
		"path":               url.PathEscape,
		"URLEncoder":         form,
		"encodeURIComponent": each(percent, alnum+"-_.!~*'()"),
		"RFC 3986":           each(percent, alnum+"-_.~"),
		"reserved kept":      each(percent, alnum+"-_.~:/?#[]@!$&'()*+,;="),
		"HTML":               html.EscapeString,
		"HTML hex":           each(func(r rune) string { return fmt.Sprintf("&#x%x;", r) }, alnum+" "),
		"HTML decimal":       each(func(r rune) string { return fmt.Sprintf("&#%03d;", r) }, alnum+" "),
		"HTML apos":          strings.NewReplacer("&", "&amp;", "'", "&apos;", `"`, "&quot;", "<", "&lt;", ">", "&gt;", "+", "&#43;").Replace,
		"JSON in JSON":       func(s string) string { return inJSON(inJSON(s)) },
		"URL in JSON":        func(s string) string { return inJSON(url.QueryEscape(s)) },
		"JSON in URL":        func(s string) string { return url.QueryEscape(inJSON(s)) },
		"HTML in JSON":       func(s string) string { return inJSON(html.EscapeString(s)) },
		"URL twice":          func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"HTML in URL in it":  func(s string) string { return inJSON(url.QueryEscape(html.EscapeString(s))) },
	}
}

// A secret may hold escapes of its own, and stand among others.
func TestRedactASecretFullOfEscapes(t *testing.T) {
	t.Parallel()
	pieces := strings.Fields("\\ \\ \" & &amp; &lt &# &#92; &#x5c; &#38; ; # % %25 %5C %26 %u0041 %u 4 1 0 u u0041 x x41 { } + n A é 😀 d83d de00 lt; < ' / 101 x{41} u{41} U00000041 amp quot; canary abcdefgh")
	pieces = append(pieces, " ", "\n")
	random := rand.New(rand.NewPCG(1, 2))
	some := func(n int) string {
		var b strings.Builder
		for range random.IntN(n) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 20_000 {
		requireRedacted(t, some(12), some(4), some(4), random.Int())
	}
}

// Two secrets, each escaped in another way. The address is longest where its own
// escapes are kept, and the key is whole where the server's escape is undone.
func TestRedactTwoSecrets(t *testing.T) {
	t.Parallel()
	const (
		address = "https://acme.blob.example.com/c?sv=2022-11-02&se=2030-01-01T00%3A00%3A00Z&st=2024-01-01T00%3A00%3A00Z&spr=https&sig=a1B2%2Bc3D4%2Fe5F6g7%3D"
		key     = "correct-horse-battery-staple&Tr0ub4dor"
	)
	require.Equal(t, "cannot read [redacted] with [redacted]",
		redactor(address, key).redact("cannot read "+address+" with "+url.QueryEscape(key)))
	require.Equal(t, "bad [redacted]", redactor(address+" secret").redact("bad "+address+"%20secret"))
	random := rand.New(rand.NewPCG(3, 4))
	forms := escapes(t)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(forms)), func(name string) bool { return name == "query, lower case" })
	const alphabet = "abcdefghABCDEFGH0123456789-_&/+=%<\"\\ é"
	some := func() string {
		runes := []rune(alphabet)
		b := []rune("s")
		for range 8 + random.IntN(50) {
			b = append(b, runes[random.IntN(len(runes))])
		}
		return string(append(b, 's'))
	}
	for range 3_000 {
		one, two := some(), some()
		text := "a " + forms[names[random.IntN(len(names))]](one) + " b " + forms[names[random.IntN(len(names))]](two) + " c"
		got := redactor(one, two).redact(text)
		for _, secret := range []string{one, two} {
			require.NotContains(t, got, canonical(secret)[len(canonical(secret))/2:], "%q", text)
		}
		require.GreaterOrEqual(t, strings.Count(got, redacted), 2, "%q %q", text, got)
	}
}

// A text with more versions than are looked at may hide a secret in one of the
// others.
func TestRedactATextWithTooManyVersions(t *testing.T) {
	t.Parallel()
	const text = "&#92;%u0041+ \\\\\n&amp;amp;lt;%2541 s\\U0000005c\\U0000005cu0026amp\\U0000003b\\U000000252525414t n+101%2541 &#x5c;%255Cu0041 \\\\u0025u0041"
	require.Empty(t, versions(text))
	require.Equal(t, redacted, redactor("s&%2525414t").redact(text))
}

// A value of a megabyte may look like parameters from end to end. This once took
// minutes.
func TestRedactAValueFullOfParameters(t *testing.T) {
	t.Parallel()
	x := redactor(strings.Repeat("key=", 256<<10))
	require.Equal(t, "no such thing", x.redact("no such thing"))
	require.Equal(t, "no [redacted]", x.redact("no "+strings.Repeat("key=", 200)))
}

func FuzzRedact(f *testing.F) {
	f.Add("can<a>ry\t\"q\" & \\ü%/+", "got ", "%", uint8(3))
	f.Add("100%41canary", "%", "\\", uint8(0))
	f.Add("    canary  &amp", "&", ";lt", uint8(12))
	f.Add("0\\GGGG\\\\\\&AA\\", "0", "\xb0", uint8(2))
	f.Fuzz(func(t *testing.T, secret, before, after string, how uint8) {
		requireRedacted(t, secret, before, after, int(how))
	})
}

// requireRedacted requires that a text does not reveal a secret that it quotes,
// whatever the escape and whatever stands around the secret.
func requireRedacted(t *testing.T, secret, before, after string, how int) {
	t.Helper()
	forms := escapes(t)
	names := slices.Sorted(maps.Keys(forms))
	name := names[how%len(names)]
	secret = strings.TrimSpace(secret)
	if name == "query, lower case" {
		secret = strings.ToLower(secret)
	}
	if len(before)+6*len(secret) > 512 || len(oneLine(secret)) < minSecret || !utf8.ValidString(secret) || strings.Contains(redacted, secret) {
		return
	}
	if strings.ContainsFunc(secret, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) || r == 0x85 }) {
		return // HTML has no escape for these
	}
	got := redactor(secret).redact(before + " " + forms[name](secret) + " " + after)
	require.NotContains(t, strings.ReplaceAll(got, redacted, "\x00"), oneLine(secret), name)
	require.Contains(t, got, redacted, name)
	require.LessOrEqual(t, len(got), maxText)
}
