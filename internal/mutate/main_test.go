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

// The verdicts are told apart on a module of two functions. Only one function has a
// test.
func TestAMutationIsHeldOnlyIfATestFalls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module example\n\ngo 1.26\n",
		"a.go":      "package a\n\nfunc tested() int { return 1 }\n\nfunc untested() int { return 2 }\n",
		"a_test.go": "package a\n\nimport \"testing\"\n\nfunc TestTested(t *testing.T) {\n\tif tested() != 1 {\n\t\tt.Error()\n\t}\n}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	verdict, err := mutation{file: "a.go", old: "return 1", new: "return 3", packages: "."}.try(dir)
	require.NoError(t, err)
	require.Equal(t, killed, verdict)
	verdict, err = mutation{file: "a.go", old: "return 2", new: "return 3", packages: "."}.try(dir)
	require.NoError(t, err)
	require.Equal(t, survived, verdict)
	_, err = mutation{file: "a.go", old: "return 4", new: "return 3", packages: "."}.try(dir)
	require.ErrorContains(t, err, "0 times")
	_, err = mutation{file: "a.go", old: "return 1", new: "return \"\"", packages: "."}.try(dir)
	require.ErrorContains(t, err, "does not compile")
}
