package integrations_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const recipesFile = "docs/recipes.md"

func recipes(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(recipesFile)
	require.NoError(t, err)
	return string(text)
}

// The Go blocks of the recipes make one package in a module of its own. The tests
// in them pass, and so do the tests of testdata/recipes, which use the other
// recipes.
func TestRecipesWork(t *testing.T) {
	t.Parallel()
	blocks := goBlock.FindAllStringSubmatch(recipes(t), -1)
	require.Greater(t, len(blocks), 8)
	dir := t.TempDir()
	for i, block := range blocks {
		require.LessOrEqual(t, strings.Count(block[1], "\n"), 20, "a recipe is short:\n%s", block[1])
		name := fmt.Sprintf("block%d.go", i)
		if strings.Contains(block[1], "*testing.T") {
			name = fmt.Sprintf("block%d_test.go", i)
		}
		text := "package recipes\n\n" + importsOf(block[1]) + "\n" + block[1]
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	uses, err := os.ReadFile("testdata/recipes/recipes_test.go")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "recipes_test.go"), uses, 0o600))
	testModule(t, dir)
}

// packages are the imports of the recipes, by name.
var packages = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "integrations": self, "fake": self + "/fake",
	"io": "io", "manifest": self + "/manifest", "os": "os", "plan": self + "/plan", "slices": "slices", "slog": "log/slog", "sync": "sync", "synctest": "testing/synctest",
	"testing": "testing", "time": "time", "tls": "crypto/tls", "url": "net/url", "x509": "crypto/x509",
}

const self = "github.com/seed4e9a5e42/integrations"

var qualifier = regexp.MustCompile(`\b([a-z]+[0-9]*)\.[A-Z]`)

// importsOf returns the import declaration that goimports would add.
func importsOf(block string) string {
	var paths []string
	for _, m := range qualifier.FindAllStringSubmatch(block, -1) {
		if path, ok := packages[m[1]]; ok {
			paths = append(paths, fmt.Sprintf("\t%q\n", path))
		}
	}
	slices.Sort(paths)
	return "import (\n" + strings.Join(slices.Compact(paths), "") + ")\n"
}

// testModule makes a module of the Go files in dir, which uses this module as it
// stands. The files must be formatted, and their tests must pass.
func testModule(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	own := strings.Replace(string(mod), "module "+self, "module example", 1) +
		"\nrequire " + self + " v0.0.0\nreplace " + self + " => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o600))
	sum, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	require.Empty(t, output(t, dir, "gofmt", "-l", "."))
	output(t, dir, "go", "test", "-mod=mod", "./...")
}

// output runs a command in dir. The command must succeed.
func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

var link = regexp.MustCompile(`\]\(([^)]+)\)`)

// A link of the recipes leads to a heading of the file or to a file that exists.
func TestRecipesLinkToWhatExists(t *testing.T) {
	t.Parallel()
	text := recipes(t)
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		file, heading, _ := strings.Cut(m[1], "#")
		target := text
		if file != "" {
			path := filepath.Join(filepath.Dir(recipesFile), file)
			require.True(t, exists(path), m[1])
			if heading == "" {
				continue
			}
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			target = string(content)
		}
		require.Contains(t, headings(target), heading)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// headings returns the headings of a Markdown text as links name them.
func headings(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			list = append(list, strings.ReplaceAll(strings.ToLower(strings.TrimSpace(title)), " ", "-"))
		}
	}
	return list
}
