package integrations_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var updateAPI = flag.Bool("update-api", false, "write testdata/api.txt anew; describe the change in CHANGELOG.md")

// A change of what users compile against is a decision: it needs a line in the
// changelog, and the new list in the same commit.
func TestTheExportedAPIIsTheRecordedOne(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, dir := range []string{".", "fake", "manifest", "plan"} {
		lines = append(lines, exported(t, dir)...)
	}
	got := strings.Join(lines, "\n") + "\n"
	const file = "testdata/api.txt"
	if *updateAPI {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the exported API has changed: describe it in CHANGELOG.md, then run\n"+
			"go test -run TestTheExportedAPI -update-api .\n(-recorded +found)\n%s", diff)
	}
}

// exported returns the exported declarations of the package in dir, a line each.
func exported(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	fset := token.NewFileSet()
	var lines []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.FileExports(file)
		for _, decl := range file.Decls {
			lines = append(lines, declarations(t, fset, decl)...)
		}
	}
	slices.Sort(lines)
	for i := range lines {
		lines[i] = packageName(dir) + ": " + lines[i]
	}
	return lines
}

func packageName(dir string) string {
	if dir == "." {
		dir = "integrations"
	}
	return dir
}

// declarations prints the exported names of a declaration, a line each, without bodies, comments and values.
func declarations(t *testing.T, fset *token.FileSet, decl ast.Decl) []string {
	t.Helper()
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && !ast.IsExported(receiver(d.Recv.List[0].Type)) {
			return nil
		}
		d.Body, d.Doc = nil, nil
		return []string{nodeText(t, fset, d)}
	case *ast.GenDecl:
		var lines []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				lines = append(lines, "type "+nodeText(t, fset, s))
			case *ast.ValueSpec:
				for _, name := range s.Names {
					lines = append(lines, d.Tok.String()+" "+name.Name)
				}
			}
		}
		return lines
	}
	return nil
}

func receiver(expr ast.Expr) string {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

func nodeText(t *testing.T, fset *token.FileSet, node ast.Node) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, printer.Fprint(&b, fset, node))
	return strings.Join(strings.Fields(b.String()), " ")
}
