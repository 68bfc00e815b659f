package transport

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// redactor redacts for a request whose body is a JSON array of secrets.
func redactor(secrets ...string) *exchange {
	body, _ := json.Marshal(secrets) // strings always encode
	return &exchange{t: &Transport{}, call: Call{Body: body}}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ secret, text, want string }{
		"plain":             {"canary", "a canary, canary", "a [redacted], [redacted]"},
		"short values stay": {"us-1a", "in us-1a", "in us-1a"},
		"white space":       {" canary\n", "a canary", "a [redacted]"},
		"one line":          {"canary", "a\r\nb\x00c", "a  b c"},
		"nothing":           {"canary", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, redactor(tt.secret).redact(tt.text))
		})
	}
}

func TestRedactUndoesEscapes(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"can<a>ry\t\"q\" & \\ü%/+", "canary=*~ '(!)", "sk-canary", "100%41canary", "a&amp;lt;canary", `C:\new\canary`,
		"&canary;%zz", "%%%%%%", "++++canary", "cafébar😀canary", "&#39canary", "    canary 1",
	} {
		for name, escape := range escapes(t) {
			if name == "query, lower case" && secret != strings.ToLower(secret) {
				continue
			}
			got := redactor("other", secret).redact("got " + escape(secret) + " here")
			require.Equal(t, "got [redacted] here", strings.Join(strings.Fields(got), " "), "%s: %s", name, escape(secret))
		}
	}
}

// A secret is found, whatever text is around it.
func TestRedactWhateverIsAround(t *testing.T) {
	t.Parallel()
	for _, around := range []string{"%", `\`, "&", "&#", `\u00`, "%2", `"`, "+", "a", ";"} {
		for _, secret := range []string{"abcdef-canary", "25canary", "u0041canary", "ncanary", "ampcanary", "41;canary", `\u0041canary+`, "canary%"} {
			got := redactor(secret).redact("x" + around + secret + around + "x")
			require.NotContains(t, got, "canary", around)
			require.Contains(t, got, redacted)
		}
	}
}

func TestRedactMergesWhatOverlaps(t *testing.T) {
	t.Parallel()
	require.Equal(t, "[redacted]|[redacted]", redactor("canary", "canary-and-more").redact("canary-and-more|canary"))
	require.Equal(t, "a [redacted] b", redactor("canary-one", "one-canary").redact("a canary-one-canary b"))
	require.Equal(t, "a [redacted]", redactor("aaaaaa").redact("a aaaaaaaaaa"))
}

// A text that holds no secret is shown as the server wrote it.
func TestRedactShowsTheOriginal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"50%25 of &lt;b&gt; \\u0041 1+1", "short", "us-1a", "[redacted]"} {
		require.Equal(t, text, redactor("canary", "us-1a", "    e    ", "redacted").redact(text))
	}
}

// Parts of a value count on their own.
func TestRedactParts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ secret, text, want string }{
		"URL":             {"mongodb://user:canary@host/db", "no canary, user", "no [redacted], user"},
		"white space":     {" \n mongodb://user:canary@host/db\n ", "no canary", "no [redacted]"},
		"JDBC parameter":  {"jdbc:postgresql://host/db?user=u&password=canary&sslmode=require", "no canary, require", "no [redacted], require"},
		"SQL Server":      {"jdbc:sqlserver://host;user=sa;PWD=canary;encrypt=require", "no canary, require", "no [redacted], require"},
		"shared key":      {"Endpoint=sb://host/;SharedAccessKey=canary1=", "no canary1=", "no [redacted]"},
		"many hosts":      {"amqp://u:p@a,amqp://u:p@b,amqp://u:p@c,amqp://u:p@d,amqp://u:canary@e", "no canary", "no [redacted]"},
		"comma":           {"host:6380,password=canary1,ssl=True", "no canary1", "no [redacted]"},
		"with a comma":    {"password=can,ary1;ssl=True", "no can,ary1", "no [redacted]"},
		"in quotes":       {"user=sa password='can ary, 1' ssl=true", "no can ary, 1", "no [redacted]"},
		"numbered name":   {"key1=canary1\tkey2=canary2", "no canary1 or canary2", "no [redacted] or [redacted]"},
		"JDBC":            {"jdbc:postgresql://user:canary@host/db", "no canary", "no [redacted]"},
		"space":           {"amqp://user:can ary@host", "no can ary", "no [redacted]"},
		"number sign":     {"amqp://user:can#ary@host", "no can#ary", "no [redacted]"},
		"slash":           {"amqp://user:can/ary@host", "no can/ary", "no [redacted]"},
		"at":              {"amqp://user:can@ry1@host/?a=b@c", "no can@ry1", "no [redacted]"},
		"quote":           {`amqp://user:can"ary@host`, `no can"ary`, "no [redacted]"},
		"escaped":         {"amqp://user:can%2Fary@host", "no can/ary", "no [redacted]"},
		"token of a user": {"https://canary1@host/repo", "no canary1", "no [redacted]"},
		"escaped slashes": {`{"url":"https:\/\/user:canary@host"}`, "no canary", "no [redacted]"},
		"user":            {"https://canary-user:x-oauth@host/repo", "no canary-user", "no [redacted]"},
		"JSON":            {`{"a":[{"key":"canary"}]}`, "no canary", "no [redacted]"},
		"JSON with BOM":   {"\ufeff{\"key\":\"canary\"}", "no canary", "no [redacted]"},
		"JSON in JSON":    {`{"a":"{\"b\":\"{\\\"c\\\":\\\"canary\\\"}\"}"}`, "no canary", "no [redacted]"},
		"JSON number":     {`{"a": [12, 8642097531]}`, "no 8642097531", "no [redacted]"},
		"pretty number":   {"{\n  \"a\": 8642097531,\n \"b\":1}", "no 8642097531", "no [redacted]"},
		"lines":           {"-----BEGIN\nMIICanary\r\nMIIMore", "no MIICanary or MIIMore", "no [redacted] or [redacted]"},
		"JSON lines":      {`{"key":"-----BEGIN\nMIICanary\n"}`, "no MIICanary", "no [redacted]"},
		"ends in slashes": {`canary\`, `no canary\ here`, `no [redacted] here`},
		"slash after all": {`0000"\`, `no 0000"\ 0000&#34;\ here`, "no [redacted] [redacted] here"},
		"half escaped":    {"canary-0123456789-0123456789<canary", "no canary-0123456789-0123456789&lt;canary", "no [redacted]"},
		"byte order mark": {"\ufeffcanary", "no canary", "no [redacted]"},
		"decoded plus":    {"ca+naries", "no ca naries", "no [redacted]"},
		"padded short":    {"   e   ", "nothing here", "nothing here"},
		"short in JSON":   {`{"a":"here"}`, "nothing here", "nothing here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, redactor("other", tt.secret, "another").redact(tt.text))
		})
	}
}

func TestRedactNumbers(t *testing.T) {
	t.Parallel()
	x := &exchange{t: &Transport{}, call: Call{Body: []byte(`{"a":8642097531,"b":[1, -1234567.5e9 ],"c":12}`)}}
	require.Equal(t, "[redacted] [redacted] 12", x.redact("8642097531 -1234567.5e9 12"))
	x.call.Body = []byte(`86420975`)
	require.Equal(t, "[redacted]", x.redact("86420975"))
}

func TestRedactKnowsTokensAndKeySecret(t *testing.T) {
	t.Parallel()
	x := &exchange{t: &Transport{cfg: Config{Credentials: Credentials{KeySecret: "secret"}}}, former: []string{"token-1"}, token: "token-2"}
	x.call.Readable = func(string) bool { return true }
	require.Equal(t, "[redacted] [redacted] [redacted]", x.redact("token-1 token-2 secret"))
	x.t.cfg.Credentials.KeySecret, x.token = "e", " k "
	require.Equal(t, "the key", x.redact("the key"))
}

func TestRedactLeavesWhatIsReadable(t *testing.T) {
	t.Parallel()
	x := redactor(" main-openai ", "canary")
	x.call.Readable = func(s string) bool { return s == "main-openai" }
	require.Equal(t, "main-openai has [redacted]", x.redact("main-openai has canary"))
}

func TestRedactKeepsOneLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a b c d e f g", redactor().redact("a\u2028b\u2029c\u202ed\u2066e\u0085f\x1bg"))
	// Cleaning the text does not make a secret of it.
	require.Equal(t, "a [redacted]", redactor("can ary").redact("a can\u2028ary"))
	require.Equal(t, "a [redacted]", redactor("can\u2028ary").redact("a can ary"))
}

// Many secrets that overlap everywhere leave one gap. This once took seconds.
func TestRedactWhatMatchesEverywhere(t *testing.T) {
	t.Parallel()
	secrets := make([]string, 700)
	for n := range secrets {
		secrets[n] = strings.Repeat("a", minSecret+n)
	}
	require.Equal(t, redacted, redactor(secrets...).redact(strings.Repeat("a", maxLook)))
}

// When an answer quotes more secrets than are held at once, none of it is shown.
func TestRedactTooManySecrets(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for n := range 400 {
		text.WriteString(strconv.Itoa(1000 + n))
	}
	var secrets []string
	for n := range 300 {
		secrets = append(secrets, text.String()[n:n+1000])
	}
	require.Equal(t, redacted, redactor(append(secrets, "the-canary")...).redact(text.String()+" the-canary"))
}

// A long secret that a long text breaks off is not shown in part.
func TestRedactALongSecretInALongText(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("canary", 20_000)
	require.Equal(t, "[redacted] end", redactor(secret[:3000]).redact(secret[:3000]+" end"))
	require.Equal(t, redacted, redactor(secret).redact(secret))
	for _, before := range []int{1, 1000, maxLook - 2000, maxLook - 700, maxLook - 100} {
		got := redactor(secret).redact(strings.Repeat("x", before) + secret)
		require.NotContains(t, got, "can")
	}
	// A long secret that is hidden makes room for the end of the text.
	short := strings.Repeat("0123456789", 100)
	got := redactor(secret, short).redact(short + " " + short + " " + short + " " + short + secret)
	require.Contains(t, got, redacted)
	require.NotContains(t, got, "can")
}

// A server may cut off a quotation.
func TestRedactTheBeginningOfASecret(t *testing.T) {
	t.Parallel()
	const secret = "sk-canary-0123456789-0123456789"
	for _, text := range []string{secret[:len(secret)-1], secret[:20] + "...", `"` + secret[:16] + `"`} {
		require.NotContains(t, redactor(secret).redact("bad key "+text), "canary")
	}
	require.Equal(t, "no sk-canary", redactor(secret).redact("no sk-canary"), "too little to be a secret")
	// A description may begin with the name that the answer is about.
	x := redactor("main-openai-production serves all of us")
	x.call.Readable = func(s string) bool { return s == "main-openai-production" }
	for _, text := range []string{"no such integration: main-openai-production", "main-openai-production is locked"} {
		require.Equal(t, text, x.redact(text))
	}
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

// serviceAccounts is a batch of n configurations of 2 KB each.
func serviceAccounts(n int) []byte {
	items := make([]map[string]any, n)
	for i := range items {
		var lines strings.Builder
		for n := range 24 {
			key := sha512.Sum384([]byte(fmt.Sprint(i, n)))
			lines.WriteString(base64.StdEncoding.EncodeToString(key[:]) + "\n")
		}
		account, _ := json.MarshalIndent(map[string]string{
			"type": "service_account", "project_id": "my-project", "private_key_id": fmt.Sprintf("%040x", i),
			"private_key":  "-----BEGIN PRIVATE KEY-----\n" + lines.String() + "-----END PRIVATE KEY-----\n",
			"client_email": "worker@my-project.iam.gserviceaccount.com", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
			"token_uri": "https://oauth2.googleapis.com/token",
		}, "", "  ")
		items[i] = map[string]any{"name": fmt.Sprint("gcp-", i), "type": "gcp", "configuration": map[string]any{
			"connectionType": "ACCESS_KEY", "file": string(account), "projectId": fmt.Sprint("project-", i),
		}}
	}
	body, _ := json.Marshal(items) // strings always encode
	return body
}

// BenchmarkRedact redacts what a server says to 1,000 service accounts.
func BenchmarkRedact(b *testing.B) {
	x := &exchange{t: &Transport{}, call: Call{Body: serviceAccounts(1000)}, token: "token-of-the-request"}
	for name, text := range map[string]string{
		"short":  "no",
		"plain":  "the integration gcp-17 has a private key that cannot be read, see the documentation",
		"quotes": "cannot read -----BEGIN PRIVATE KEY----- of \\\"project-17\\\"",
		"echo":   string(x.call.Body[:maxErrorBytes]),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(x.call.Body)))
			for b.Loop() {
				x.redact(text)
			}
		})
	}
}
