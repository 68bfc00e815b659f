package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// The program as it is installed.
func TestProgram(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs signals")
	}
	program := filepath.Join(t.TempDir(), "integrations")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))

	t.Run("the exit code reaches the shell", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), program, "plan", "-try", "-detailed-exitcode")
		stdout, err := cmd.Output()
		require.Equal(t, exitChanges, exitCode(t, err))
		require.True(t, strings.HasPrefix(string(stdout), "http://fake/api: 1 to create"))
	})
	t.Run("a signal ends the requests", func(t *testing.T) {
		srv := cluster(t, hasOpenAI...)
		srv.FailAlways(integrations.OpListIntegrations, fake.Fault{Delay: time.Hour})
		cmd := exec.CommandContext(t.Context(), program, "export")
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		require.NoError(t, cmd.Start())
		require.Eventually(t, func() bool { return len(srv.Requests(integrations.OpListIntegrations)) > 0 }, 30*time.Second, time.Millisecond)
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.Equal(t, exitFailed, exitCode(t, cmd.Wait()))
		require.Contains(t, stderr.String(), "interrupt")
		require.Empty(t, stdout.String())
	})
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	return exit.ExitCode()
}
