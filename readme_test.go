package integrations_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

var update = flag.Bool("update", false, "write the tables of the README anew")

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	return string(text)
}

// requireTable compares a table between two comments of the README with want, or
// writes it there.
func requireTable(t *testing.T, name, want string) {
	t.Helper()
	begin, end := "<!-- "+name+": kept equal to the code by a test -->\n\n", "\n<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(readme(t), begin)
	require.True(t, ok, name)
	got, after, ok := strings.Cut(rest, end)
	require.True(t, ok, name)
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(before+begin+want+end+after), 0o644))
		return
	}
	require.Equal(t, want, got)
}

// These tests may write the README, so they are not parallel.

func TestREADMEKeyTable(t *testing.T) {
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
	requireTable(t, "key table", table.String())
	flat := strings.Join(strings.Fields(readme(t)), " ")
	for value, keys := range awsConditional {
		also := "`" + value + "` nothing more"
		if len(keys) > 0 {
			also = "`" + value + "` also requires " + strings.ReplaceAll(codes(keys), ", ", " and ")
		}
		require.Contains(t, flat, also)
	}
}

// The operations are in the table as their doc comments describe them.
func TestREADMEOperations(t *testing.T) {
	docs := methodDocs(t)
	table := "| method of `Client` | HTTP |\n|---|---|\n"
	for _, op := range in.Ops() {
		if op == in.OpToken {
			continue // no method: the client calls it by itself
		}
		http := httpLine.FindString(docs[string(op)])
		require.NotEmpty(t, http, "the doc comment of %s has no line with method and path", op)
		table += fmt.Sprintf("| %s | `%s` |\n", linked(t, op, docs[string(op)]), http)
	}
	requireTable(t, "operations", table)
}

var (
	httpLine  = regexp.MustCompile(`(?m)(GET|POST|PUT|DELETE) /[a-zA-Z/{}]+`)
	pageTitle = regexp.MustCompile(`Source: reference page\s+("[^"]+"|[a-z-]+)`)
)

// linked returns the operation, with a link to the reference page that its doc
// comment names.
func linked(t *testing.T, op in.Op, doc string) string {
	t.Helper()
	doc = strings.Join(strings.Fields(doc), " ")
	if strings.Contains(doc, "no reference page") {
		return "`" + string(op) + "`"
	}
	m := pageTitle.FindStringSubmatch(doc)
	require.NotNil(t, m, "the doc comment of %s has no source", op)
	page := strings.ReplaceAll(strings.ToLower(strings.Trim(m[1], `"`)), " ", "-")
	return "[`" + string(op) + "`](https://orkes.io/content/reference-docs/api/integrations/" + page + ")"
}

// methodDocs returns the doc comments of the methods of Client.
func methodDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, decl := range declarationsOf(t, ".") {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil && receiver(f.Recv.List[0].Type) == "Client" {
			docs[f.Name.Name] = f.Doc.Text()
		}
	}
	return docs
}

// An option that the README does not name is an option that nobody finds.
func TestREADMENamesEveryOption(t *testing.T) {
	t.Parallel()
	text, found := readme(t), 0
	for _, decl := range declarationsOf(t, ".") {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
			continue
		}
		if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && strings.HasSuffix(result.Name, "Option") {
			require.Contains(t, text, "`"+f.Name.Name+"`")
			found++
		}
	}
	require.Greater(t, found, 10)
}

func declarationsOf(t *testing.T, dir string) []ast.Decl {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var decls []ast.Decl
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		decls = append(decls, file.Decls...)
	}
	return decls
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
	require.Len(t, blocks, 4)
	dir := t.TempDir()
	for i, block := range blocks {
		name := fmt.Sprintf("file%d.go", i)
		if strings.Contains(block[1], "*testing.T") {
			name = fmt.Sprintf("file%d_test.go", i)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(block[1]), 0o600))
	}
	testModule(t, dir)
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

// The README shows the plan as the command prints it.
func TestREADMEPlan(t *testing.T) {
	t.Parallel()
	text := readme(t)
	_, after, ok := strings.Cut(text, "```text\nintegrations plan -try ")
	require.True(t, ok)
	flags, after, _ := strings.Cut(after, "\n")
	args := append([]string{"run", "./cmd/integrations", "plan", "-try"}, strings.Fields(flags)...)
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	require.NoError(t, err)
	block := textBlock.FindStringSubmatch(after)
	require.Contains(t, string(out), block[1])
	require.Contains(t, block[1], "to create")
}

// The file in the README is valid.
func TestREADMEManifest(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(readme(t))
	require.NotNil(t, block)
	items, err := manifest.Read(strings.NewReader(block[1]), manifest.WithLookup(func(string) (string, bool) { return "a value", true }))
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.NoError(t, in.Validate(items))
}

// A placeholder that nobody filled is the first thing that a stranger sees.
func TestREADMEHasNoPlaceholder(t *testing.T) {
	t.Parallel()
	require.NotRegexp(t, `@@|TODO|TBD|XXX`, readme(t))
}
