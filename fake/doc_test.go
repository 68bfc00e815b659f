package fake_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The package doc shows a part of ExampleStart, which compiles and runs.
func TestDocSnippet(t *testing.T) {
	t.Parallel()
	var snippet strings.Builder
	for line := range strings.Lines(read(t, "doc.go")) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			snippet.WriteString("\t" + code)
		}
	}
	require.Contains(t, snippet.String(), "fake.Start(t)")
	require.Contains(t, read(t, "example_test.go"), snippet.String())
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}
