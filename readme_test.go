package integrations_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

var update = flag.Bool("update", false, "write the key table of the README anew")

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	return string(text)
}

// The README's key table is what KeysFor says of the page's types.
func TestREADMEKeyTable(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| type | category | required | optional |\n|---|---|---|---|\n")
	for _, row := range pageRows(t) {
		rules, _ := in.KeysFor(row.typ)
		required := codes(rules.Required)
		if rules.Conditional != nil {
			required += " \\*"
		}
		category, _ := row.typ.Category()
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", row.typ, category, required, codes(rules.Optional))
	}
	text := readme(t)
	flat := strings.Join(strings.Fields(text), " ")
	for value, keys := range awsConditional {
		also := "`" + value + "` nothing more"
		if len(keys) > 0 {
			also = "`" + value + "` also requires " + strings.ReplaceAll(codes(keys), ", ", " and ")
		}
		require.Contains(t, flat, also)
	}
	const begin, end = "<!-- key table: kept equal to the code by a test -->\n\n", "\n<!-- end of key table -->"
	before, rest, ok := strings.Cut(text, begin)
	require.True(t, ok)
	got, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(before+begin+table.String()+end+after), 0o644))
		return
	}
	require.Equal(t, table.String(), got)
}

func codes(keys []in.ConfigKey) string {
	var list []string
	for _, key := range keys {
		list = append(list, "`"+string(key)+"`")
	}
	return strings.Join(list, ", ")
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// The README's Go files make one program in a module of its own, which compiles
// and whose test passes.
func TestREADMEProgram(t *testing.T) {
	t.Parallel()
	blocks := goBlock.FindAllStringSubmatch(readme(t), -1)
	require.Len(t, blocks, 3)
	dir := t.TempDir()
	for i, block := range blocks {
		name := fmt.Sprintf("file%d.go", i)
		if strings.Contains(block[1], "*testing.T") {
			name = fmt.Sprintf("file%d_test.go", i)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(block[1]), 0o600))
	}
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	own := strings.Replace(string(mod), "module github.com/seed4e9a5e42/integrations", "module example", 1) +
		"\nrequire github.com/seed4e9a5e42/integrations v0.0.0\n" +
		"replace github.com/seed4e9a5e42/integrations => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o600))
	sum, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))

	formatted := exec.CommandContext(t.Context(), "gofmt", "-l", ".")
	formatted.Dir = dir
	out, err := formatted.CombinedOutput()
	require.NoError(t, err)
	require.Empty(t, string(out))
	tests := exec.CommandContext(t.Context(), "go", "test", "-mod=mod", "./...")
	tests.Dir = dir
	out, err = tests.CombinedOutput()
	require.NoError(t, err, string(out))
}

// What the README says that the quickstart prints is what it prints.
func TestREADMEQuickstart(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", "./examples/quickstart").Output()
	require.NoError(t, err)
	blocks := textBlock.FindAllStringSubmatch(readme(t), 2)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		require.Contains(t, string(out), block[1])
	}
}

var textBlock = regexp.MustCompile("(?s)```text\n(.*?)```")
