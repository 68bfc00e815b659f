package secret_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

func TestMasksAndPlaceholdersAreRecognised(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"xxx", "xxxxx", "XXXXX", "xXx", " xxxxx\n", "***", "••••• ", "•••", "<K>", "<YOUR-API-KEY>", "<your key>"} {
		require.True(t, secret.Masked(s), s)
	}
	for _, s := range []string{"", "xx", "**", "••", " xx ", "xxx-y", "xx*", "***•", "x•x", "•", "<>", "<a></a>", "<<a>>", "a<b>", "<a> b", "key"} {
		require.False(t, secret.Masked(s), s)
	}
}

func TestReferencesThatNobodyFilledAreRecognised(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"${KEY}", " ${KEY}\n", "${vault:kv/openai#key}"} {
		require.True(t, secret.Unfilled(s), s)
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
