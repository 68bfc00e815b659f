package terminal_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/internal/terminal"
)

func TestEscapeKeepsWhatJSONMeans(t *testing.T) {
	t.Parallel()
	const odd = "a\u202eb\u009bc\u2028d\x7fe\x1bf\u0085g é 😀"
	body, err := json.Marshal(odd)
	require.NoError(t, err)
	text := terminal.Escape(string(body))
	for _, r := range text {
		require.False(t, terminal.Obeys(r), "%q", r)
	}
	var back string
	require.NoError(t, json.Unmarshal([]byte(text), &back))
	require.Equal(t, odd, back)
	require.Equal(t, "é 😀\n", terminal.Escape("é 😀\n"))
}

func TestAFileNameThatControlsSomethingIsInQuotes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "", "a b.yaml": "a b.yaml", "./é:1#2.yaml": "./é:1#2.yaml", "C:\\a.yaml": "C:\\a.yaml",
		"a\nb": `"a\nb"`, "\x1b[31m": `"\x1b[31m"`, "a\u202eb": `"a\u202eb"`, "a\x9bb": `"a\x9bb"`, "::error::": `"::error::"`, " ##[error]": `" ##[error]"`,
	} {
		require.Equal(t, want, terminal.FileName(name))
	}
}
