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
	"github.com/seed4e9a5e42/integrations/manifest"
)

// The program as it is installed.
func TestProgram(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs signals and a shell")
	}
	program := filepath.Join(t.TempDir(), "integrations")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))

	t.Run("the exit code reaches the shell", func(t *testing.T) {
		stdout, err := exec.CommandContext(t.Context(), program, "plan", "-try", "-detailed-exitcode").Output()
		require.Equal(t, exitChanges, exitCode(t, err))
		require.True(t, strings.HasPrefix(string(stdout), "http://fake/api\n1 to create"))
	})
	t.Run("a signal ends the requests", func(t *testing.T) { interrupted(t, program) })
	t.Run("the pipeline of the example", func(t *testing.T) {
		t.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
		pipeline(t)
		digestOfRecipe(t)
	})
}

// digestOfRecipe runs the script of the recipes that takes the digest of a plan.
func digestOfRecipe(t *testing.T) {
	text, err := os.ReadFile("../../docs/recipes.md")
	require.NoError(t, err)
	_, script, ok := strings.Cut(string(text), "```text\nset -o pipefail\n")
	require.True(t, ok)
	script, _, _ = strings.Cut(script, "```")
	run := func(file string) (string, int) {
		t.Chdir(t.TempDir())
		require.NoError(t, os.WriteFile("integrations.yaml", []byte(file), 0o600))
		out, err := exec.CommandContext(t.Context(), "bash", "-e", "-c", "set -o pipefail\n"+script+"echo \"<$DIGEST>\"").Output()
		return string(out), exitCode(t, err)
	}
	cluster(t)
	out, code := run(mailFile)
	require.Zero(t, code)
	require.Regexp(t, `\n<[0-9a-f]{64}>\n$`, out)
	_, code = run("- {name: a}")
	require.Equal(t, exitInput, code, "a plan that fails stops the script")
}

func interrupted(t *testing.T, program string) {
	srv := cluster(t, hasOpenAI...)
	srv.FailAlways(integrations.OpListIntegrations, fake.Fault{Delay: time.Hour})
	cmd := exec.CommandContext(t.Context(), program, "export")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		return len(srv.Requests(integrations.OpListIntegrations)) > 0
	}, 30*time.Second, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Equal(t, exitFailed, exitCode(t, cmd.Wait()))
	require.Contains(t, stderr.String(), "interrupt")
	require.Empty(t, stdout.String())
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return exitDone
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	return exit.ExitCode()
}

// pipeline runs the steps of the example's pipeline, in the order of a pull
// request, a merge and a night.
func pipeline(t *testing.T) {
	live, err := manifest.ReadFS(exampleFiles, liveFile, manifest.WithLookup(func(string) (string, bool) { return canary, true }))
	require.NoError(t, err)
	srv := cluster(t, fake.WithIntegrations(live...))
	file, err := os.ReadFile("../../examples/manifest/integrations.yaml")
	require.NoError(t, err)
	r := newRunner(t, "../../examples/manifest/pipeline.yaml")
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "integrations.yaml"), file, 0o644))

	require.Equal(t, exitDone, r.step("Validate"))
	require.Equal(t, exitDone, r.step("Plan"))
	require.Equal(t, exitDone, r.step("Show"))
	require.Contains(t, r.read("summary"), "1 to create, 1 to update, 1 to delete")
	reviewed, ok := strings.CutPrefix(strings.TrimSpace(r.read("output")), "digest=")
	require.True(t, ok)
	require.Equal(t, exitChanges, r.step("Drift"), "not applied yet")

	require.Equal(t, exitInput, r.step("Apply", "DIGEST="), "there was no plan")
	require.Equal(t, exitInput, r.step("Apply", "DIGEST="+reviewed), "the secrets of the file are not set")
	secrets := []string{"DIGEST=" + reviewed}
	for _, name := range []string{"CLAUDE_API_KEY", "OPENAI_API_KEY", "DOCUMENTS_PASSWORD", "RABBIT_PASSWORD", "ORDERS_DB_PASSWORD", "SENDGRID_API_KEY"} {
		require.Contains(t, r.text, name+": ${{ secrets."+name+" }}")
		secrets = append(secrets, name+"="+canary)
	}
	require.Equal(t, exitDone, r.step("Apply", secrets...))
	require.Equal(t, exitDone, r.step("Drift"))
	require.Len(t, srv.Integrations(), 6)

	// Somebody changes an integration by hand.
	item, _ := srv.Integration("openai")
	item.Description = "changed by hand"
	srv.Put(item)
	require.Equal(t, exitChanges, r.step("Drift"))
	require.Equal(t, exitFailed, r.step("Apply", secrets...), "this plan was not reviewed")
}

// runner runs the steps of a GitHub Actions pipeline as its shell does.
type runner struct {
	t    *testing.T
	text string
	dir  string
}

func newRunner(t *testing.T, file string) *runner {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return &runner{t: t, text: string(text), dir: t.TempDir()}
}

// step runs the script of a step, and returns its exit code.
func (r *runner) step(name string, env ...string) int {
	r.t.Helper()
	_, step, ok := strings.Cut(r.text, "- name: "+name+"\n")
	require.True(r.t, ok, name)
	_, script, ok := strings.Cut(step, "        run: ")
	require.True(r.t, ok, name)
	if rest, many := strings.CutPrefix(script, "|\n"); many {
		script, _, _ = strings.Cut(rest, "\n\n")
	} else {
		script, _, _ = strings.Cut(script, "\n")
	}
	_, flags, ok := strings.Cut(r.text, "\n  FLAGS: ")
	require.True(r.t, ok)
	flags, _, _ = strings.Cut(flags, "\n")

	cmd := exec.CommandContext(r.t.Context(), "bash", "-eo", "pipefail", "-c", script)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "FLAGS="+flags, "GITHUB_STEP_SUMMARY=summary", "GITHUB_OUTPUT=output")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	require.NotContains(r.t, string(out), "canary")
	r.t.Logf("%s:\n%s", name, out)
	return exitCode(r.t, err)
}

func (r *runner) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	require.NoError(r.t, err)
	return string(text)
}
