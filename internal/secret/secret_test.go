package secret_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

func TestMasksAndPlaceholdersAreRecognised(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"xxx", "xxxxx", "XXXXX", "xXx", " xxxxx\n", "***", "••••• ", "•••", "<K>", "<YOUR-API-KEY>", "<your key>"} {
		require.True(t, secret.Masked(s), s)
		require.False(t, secret.Ordinary(s), s)
	}
	for _, s := range []string{"", "xx", "**", "••", " xx ", "xxx-y", "xx*", "***•", "x•x", "•", "<>", "<a></a>", "<<a>>", "a<b>", "<a> b", "key"} {
		require.False(t, secret.Masked(s), s)
	}
}

func TestMasksOfASecretAreRecognised(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"xxxxx", "<YOUR-API-KEY>", "***", "sk-****abcd", "********abcd", "abcd***", "a\n***\nb", "●●●", " ●●●●●● ", "sk-•••abcd", "sk-●●●●",
		"[redacted]", " [REDACTED]\n", "(hidden)", "(Hidden)", "(secret)", "[secret]", "[Differs]", "[hidden]",
	} {
		require.True(t, secret.MaskedSecret(s), s)
		require.False(t, secret.Ordinary(s), s)
	}
	for _, s := range []string{
		"", "key", "**", "a**b", "*a*b*", "●●", "••", "•●•", "xxx-y", "[redacted", "redacted", "[redacted] key", "hidden", "[key]", "(key)", "{}", "“quoted”",
	} {
		require.False(t, secret.MaskedSecret(s), s)
	}
}

func TestMasksAreFoundInListsAndObjects(t *testing.T) {
	t.Parallel()
	for want, texts := range map[bool][]string{
		true:  {`"***"`, `"${KEY}"`, `["key","xxxxx"]`, `{"a":{"b":[1,"sk-****"]}}`, `{"a":["<KEY>"],"b":"key"}`},
		false: {`"key"`, `7`, `null`, `true`, `[]`, `["key",7,null]`, `{"***":"key"}`},
	} {
		for _, text := range texts {
			var decoded any
			require.NoError(t, json.Unmarshal([]byte(text), &decoded))
			require.Equal(t, want, secret.HasMask(decoded), text)
		}
	}
}

func TestMostTextsAreOrdinary(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"sk-0123456789", "https://host/?a=<b>", "a[0]", "f(x)", "é", "{}", "-----BEGIN PRIVATE KEY-----\n"} {
		require.Equal(t, s[0] < 0x80, secret.Ordinary(s), s)
	}
}

// The quick look and the close look agree on every text of up to five of these.
func TestAnOrdinaryTextIsNoMask(t *testing.T) {
	t.Parallel()
	parts := []string{"x", "*", "<", ">", "$", "{", "}", "•", "●", " ", "a", "[redacted]", "(hidden)"}
	var check func(s string, more int)
	check = func(s string, more int) {
		if secret.Ordinary(s) && (secret.MaskedSecret(s) || secret.Unfilled(s)) {
			t.Errorf("%q is ordinary and a mask", s)
		}
		for _, part := range parts[:len(parts)*min(1, more)] {
			check(s+part, more-1)
		}
	}
	check("", 5)
}

func TestReferencesThatNobodyFilledAreRecognised(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"${KEY}", " ${KEY}\n", "${vault:kv/openai#key}"} {
		require.True(t, secret.Unfilled(s), s)
		require.False(t, secret.Ordinary(s), s)
	}
	for _, s := range []string{"", "${}", "$KEY", "{KEY}", "${KEY", "mongodb://u:${PW}@host", "${A}${B}", "$${KEY}"} {
		require.False(t, secret.Unfilled(s))
	}
}

func TestTextsThatMayCarryASecretAreRecognised(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"https://u:p@host", "https://host/?token=t", "a@b", "why?not", "password=hunter2", "host=db password=hunter2 user=x",
		"Endpoint=sb://acme/;SharedAccessKeyName=Root;SharedAccessKey=c3VwZXI", "amqp://rabbit;password=hunter2", "amqp://rabbit;password=",
		"host;Password = hunter2", "https://host/#access_token=t", "https://host/;token=t",
	} {
		require.True(t, secret.MayCarry(s), s)
	}
	for _, s := range []string{"", "https://host/path", "host:5672", "why? because", "what?", "=", "a = b", "size =5", "a;b", "a=", "=; a"} {
		require.False(t, secret.MayCarry(s), s)
	}
}

func TestOnlyTextsThatLookLikeNamesAreShown(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                             "",
		"api_key":                      "api_key",
		"aws-s3.v2":                    "aws-s3.v2",
		"truststoreAuthenticationType": "truststoreAuthenticationType",
		strings.Repeat("a", 30):        strings.Repeat("a", 30),
		strings.Repeat("a", 31):        "[31 bytes]",
		"api key":                      "[7 bytes]",
		"api/key":                      "[7 bytes]",
		"é":                            "[2 bytes]",
		"\xff":                         "[1 bytes]",
	} {
		require.Equal(t, want, secret.Printable(s))
	}
}

func TestASkeletonHasWhereATextPointsAndNoSecret(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                                    "",
		"hunter2":                             "",
		"p@ssw0rd":                            "",
		"jane@acme.com":                       "",
		"admin:1234":                          "",
		"why?not":                             "",
		"Authorization: Bearer hunter2":       "",
		"https://u:p@host:8080/v1":            "https://host:8080/v1",
		"https://token@host/v1":               "https://host/v1",
		"https://u:p@[::1]:8080/v1":           "https://[::1]:8080/v1",
		"https://host/v1?a=hunter2;b=hunter2": "https://host/v1",
		"https://host/#access_token=hunter2":  "https://host/",
		"u:p@host:9092":                       "host:9092",
		"u:p@a:1,b:2,c":                       "a:1 b:2",
		"mongodb://u:p@a:1,b:2/db?x=y":        "mongodb://a:1 b:2/db",
		"amqp://u:p@a,amqp://u:p@b":           "amqp://a amqp://b",
		"https://u:hun,ter2@host":             "https://",
		"https://u:hun ter2@host":             "https://",
		"https://u:hun#ter2@host":             "https://",
		"https://u:hun/ter2@host":             "https://",
		"https://u:hun=ter2@host":             "https://=",
		"amqp://rabbit;password=hunter2":      "amqp://rabbit password=",
		"https://host/token=hunter2":          "https://host/token=",
		"https://host/a=b":                    "https://host/a=b",
		"host=db password=hun ter2 user=x":    "host=db password= user=x",
		"password=hun,ter2:80":                "password=",
		"url=https://u:p@host/v1":             "url=https://host/v1",
		"Endpoint=sb://acme/;SharedAccessKeyName=Root;SharedAccessKey=c3VwZXI=;EntityPath=q": "Endpoint=sb://acme/ SharedAccessKeyName= SharedAccessKey= EntityPath=q",
	} {
		require.Equal(t, want, secret.Skeleton(s), s)
	}
}

func TestTheNamesOfSecretsAreRecognised(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"password": true, "db_PASSWD": true, "Pwd": true, "clientSecret": true, "token": true, "SharedAccessKey": true, "sig": true,
		"": false, "user": false, "host": false, "pass": false,
	} {
		require.Equal(t, want, secret.NamesSecret(name), name)
	}
}
