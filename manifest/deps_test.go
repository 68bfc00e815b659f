package manifest_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The package stands beside plan and fake, and brings one library.
func TestDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	const root = "github.com/seed4e9a5e42/integrations"
	own := []string{root, root + "/manifest"}
	for _, pkg := range strings.Fields(string(out)) {
		if strings.HasPrefix(pkg, root) && !strings.HasPrefix(pkg, root+"/internal/") {
			require.Contains(t, own, pkg)
		}
		require.NotContains(t, pkg, "testify")
		require.NotContains(t, pkg, "go-cmp")
	}
}
