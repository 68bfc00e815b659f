package integrations_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the package depends on, every user depends on.
func TestDependencies(t *testing.T) {
	t.Parallel()
	const self = "github.com/seed4e9a5e42/integrations"
	http := []string{"github.com/hashicorp/go-cleanhttp", self}
	for pkg, want := range map[string][]string{
		".":      http,
		"./fake": append([]string{"github.com/google/go-cmp"}, http...),
	} {
		require.Equal(t, want, dependencies(t, pkg, "{{with .Module}}{{.Path}}{{end}}"), pkg)
		require.NotContains(t, dependencies(t, pkg, "{{.ImportPath}}"), "testing", pkg)
	}
}

// dependencies lists, sorted, one thing of every package that pkg is built from.
func dependencies(t *testing.T, pkg, format string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, pkg).Output()
	require.NoError(t, err)
	list := strings.Fields(string(out))
	slices.Sort(list)
	return slices.Compact(list)
}
