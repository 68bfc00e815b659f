package manifest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/manifest"
)

// The work that a file causes is bounded by the size of the file.
func TestASmallFileCausesLittleWork(t *testing.T) {
	t.Parallel()
	const head = "- name: a\n  type: openai\n  configuration:\n"
	var names strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&names, "${A%d}", i)
	}
	document := "---\n- configuration:\n    a: &a [" + strings.Repeat("1,", 500) + "1]\n    b: [" + strings.Repeat("*a,", 400) + "1]\n"
	tests := map[string]struct{ file, want string }{
		"aliases in many documents": {strings.Repeat(document, 2),
			"line 7: the aliases of the file stand for more than 250000 values"},
		"aliases of a long text": {head + "    a: &a \"$$" + strings.Repeat("x", 1<<20) + "\"\n    b: [" + strings.Repeat("*a,", 100) + "1]\n",
			"line 4: the aliases of the file stand for more than 250000 values"},
		"many variables":       {head + "    endpoint: \"" + names.String() + "\"\n", "the file has more mistakes; the first 1000 are listed"},
		"variables of a value": {head + "    endpoint: \"" + strings.Repeat("${LONG}", 1<<10) + "\"\n", "the variables of the file stand for more than 16 MiB"},
		"many mistakes":        {"[" + strings.Repeat("1,", 10_000) + "1]", "the file has more mistakes; the first 1000 are listed"},
	}
	long := strings.Repeat("x", 1<<16)
	lookup := manifest.WithLookup(func(name string) (string, bool) { return long, name == "LONG" })
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manifest.Read(strings.NewReader(tt.file), lookup)
			require.ErrorContains(t, err, tt.want)
			var invalid *manifest.Error
			require.ErrorAs(t, err, &invalid)
			require.LessOrEqual(t, len(invalid.Problems), 1001)
		})
	}
}
