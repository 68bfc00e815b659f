package main

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/pagetypes"
)

func TestHelpFitsAnOldTerminal(t *testing.T) {
	texts := map[string]string{"integrations": usage()}
	for _, c := range commands {
		stdout, stderr, code := start(t, "", c.name, "-h")
		require.Zero(t, code)
		require.Empty(t, stderr)
		texts[c.name] = stdout
	}
	for _, name := range pagetypes.All {
		texts[string(name)], _, _ = start(t, "", "types", string(name))
	}
	texts["the plan of the README"], _, _ = start(t, "", "plan", "-try", "-owner", "payments", "-prune", "1")
	for name, text := range texts {
		for line := range strings.Lines(text) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 80, "%s: %s", name, line)
			require.Equal(t, strings.TrimRight(line, " \n")+"\n", line, name)
		}
	}
}

func TestHelpIsComplete(t *testing.T) {
	var f planFlags
	p := newFlagSet("plan", planHelp)
	f.register(p, "keep")
	for name, words := range map[string][]string{
		"validate": {"-lenient", "-try"},
		"plan":     {"-json", "-detailed-exitcode", "CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET", "CONDUCTOR_AUTH_TOKEN", "NO_COLOR", "keep by default"},
		"apply":    {"-expect", "CONDUCTOR_SERVER_URL", "rewrite by default"},
		"export":   {"-category", "-json", "-timeout", "-try", "CONDUCTOR_SERVER_URL"},
		"types":    {},
	} {
		if name == "plan" || name == "apply" {
			p.VisitAll(func(f *flag.Flag) { words = append(words, "-"+f.Name) })
		}
		text, _, _ := start(t, "", name, "-h")
		for _, word := range append(words, "usage: integrations "+name, "exit codes:\n  0  ", "examples:\n  integrations "+name) {
			require.Contains(t, text, word, name)
		}
	}
}

// What public sources say of values stands in the comments of the keys, and here
// again for people who ask for a type.
func TestTheOpenEnumerationsAreThoseOfTheKeysComments(t *testing.T) {
	t.Parallel()
	var open []integrations.ConfigKey
	eachConstant(t, "../../config_keys.go", "ConfigKey", func(doc, value string) {
		doc = strings.Join(strings.Fields(doc), " ")
		if strings.Contains(doc, "Public sources do not list the values") {
			open = append(open, integrations.ConfigKey(value))
		}
	})
	require.ElementsMatch(t, open, openEnumerations)
}

func TestEveryTypeIsListed(t *testing.T) {
	t.Parallel()
	var all []integrations.Type
	eachConstant(t, "../../types.go", "Type", func(_, value string) { all = append(all, integrations.Type(value)) })
	require.NotEmpty(t, all)
	require.Equal(t, all, pagetypes.All)
	for _, name := range pagetypes.All {
		category, ok := name.Category()
		require.True(t, ok)
		require.Equal(t, 1, strings.Count(typeList(), string(category)+"\n"), "the types of a category stand together")
	}
}

// eachConstant visits the constants of a type in a file of the root.
func eachConstant(t *testing.T, file, typeName string, visit func(doc, value string)) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	require.NoError(t, err)
	for node := range ast.Preorder(parsed) {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			continue
		}
		name, isIdent := spec.Type.(*ast.Ident)
		literal, isLiteral := spec.Values[0].(*ast.BasicLit)
		if isIdent && isLiteral && name.Name == typeName {
			visit(spec.Doc.Text(), strings.Trim(literal.Value, `"`))
		}
	}
}

// The example of -try and the example in examples/manifest are one file: a program
// can carry only files below itself.
func TestTheExamplesAreTheSame(t *testing.T) {
	t.Parallel()
	inside, err := exampleFiles.ReadFile(exampleFile)
	require.NoError(t, err)
	outside, err := os.ReadFile("../../examples/manifest/integrations.yaml")
	require.NoError(t, err)
	require.Equal(t, string(outside), string(inside))
}

// The command is read as an example of the packages, so it uses nothing else.
func TestImports(t *testing.T) {
	t.Parallel()
	const self = "github.com/seed4e9a5e42/integrations"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	require.NoError(t, err)
	var own []string
	for _, path := range strings.Fields(string(out)) {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") {
			own = append(own, path)
		}
	}
	require.Equal(t, []string{self, self + "/fake", self + "/internal/buildversion", self + "/internal/pagetypes", self + "/internal/spell", self + "/internal/terminal", self + "/manifest", self + "/plan"}, own)

	out, err = exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".").Output()
	require.NoError(t, err)
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	require.Subset(t, []string{
		"github.com/google/go-cmp", "github.com/hashicorp/go-cleanhttp", self, "go.yaml.in/yaml/v4",
	}, slices.Compact(modules))
}
