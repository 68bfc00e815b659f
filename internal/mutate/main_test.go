package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A mutation whose text has gone from its file breaks nothing.
func TestEveryMutationFindsItsTextOnce(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, mutations)
	seen := map[string]bool{}
	for _, m := range mutations {
		text, err := os.ReadFile(filepath.Join("../..", m.file))
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(text), m.old), "%s: %s", m.promise, m.file)
		require.NotEqual(t, m.old, m.new)
		require.False(t, seen[m.promise], m.promise)
		seen[m.promise] = true
	}
}
