package plan_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who imports plan depends on nothing that the client does not bring.
func TestPlanBringsNothingNew(t *testing.T) {
	t.Parallel()
	const module = "github.com/seed4e9a5e42/integrations"
	modules := func(pkg string) string { return goList(t, "{{with .Module}}{{.Path}}{{end}}", pkg) }
	require.Equal(t, modules(module), modules(module+"/plan"))
	for _, pkg := range strings.Fields(goList(t, "{{.ImportPath}}", module+"/plan")) {
		own, isOurs := strings.CutPrefix(pkg, module)
		allowed := own == "" || own == "/plan" || strings.HasPrefix(own, "/internal/")
		require.True(t, !isOurs || allowed, pkg)
		require.NotEqual(t, "testing", pkg)
	}
}

// goList lists one thing of every package that pkg is built from, once.
func goList(t *testing.T, format, pkg string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, pkg).Output()
	require.NoError(t, err)
	var lines []string
	seen := map[string]bool{}
	for _, line := range strings.Fields(string(out)) {
		if !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
