package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The work for the problems of a file is bounded by the size of the file.
func TestTheFirstProblemsOfAFileAreListed(t *testing.T) {
	cluster(t)
	var file strings.Builder
	file.WriteString("- name: a\n  type: openai\n  configuration:\n    api_key: k\n")
	for i := range 100_000 {
		fmt.Fprintf(&file, "    k%d: xxxxx\n", i)
	}
	_, stderr, code := start(t, file.String(), "validate", "-")
	require.Equal(t, exitInput, code)
	require.Equal(t, 1000, strings.Count(stderr, "<stdin>:"))
	require.Contains(t, stderr, "The first 1000 of 200001 problems are listed.\n")
}

// The hint of -lenient stands only where the flag helps.
func TestLenientIsNamedWhereItHelps(t *testing.T) {
	cluster(t)
	const hint = "With -lenient"
	mode := "- {name: a, type: amqp, configuration: {protocol: x, endpoint: e, port: 1, namespace: /, user: u, password: p}}\n"
	for _, row := range []struct {
		args, file string
		want       bool
	}{
		{"validate -", mode, true},
		{"validate -", unknown, true},
		{"validate -lenient -", unknown + "- {name: b, type: amqp, configuration: {portt: 1}}\n", false},
		{"validate -", mailOf(`"${BYTES}"`), false},
		{"validate -lenient -", mailOf(`"${BYTES}"`), false},
	} {
		t.Setenv("BYTES", "\xff")
		_, stderr, code := start(t, row.file, strings.Fields(row.args)...)
		require.Equal(t, exitInput, code, stderr)
		require.Equal(t, row.want, strings.Contains(stderr, hint), stderr)
	}
}

// A pull request may name a file. A pipeline obeys a line that begins with ::.
func TestTheNameOfAFileGivesNoCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a name has no such characters there")
	}
	cluster(t)
	t.Chdir(t.TempDir())
	for _, name := range []string{"a\n::error::forged\x1b[31m.yaml", "::error::forged.yaml"} {
		require.NoError(t, os.WriteFile(name, []byte("- {name: a}\n"), 0o600))
		for _, command := range []string{"validate", "plan", "apply"} {
			for _, file := range []string{name, name + ".txt", "::absent" + name} {
				_, stderr, code := start(t, "", command, file)
				require.Equal(t, exitInput, code)
				require.NotContains(t, stderr, "\x1b")
				for line := range strings.Lines(stderr) {
					require.False(t, strings.HasPrefix(line, "::"), stderr)
				}
			}
		}
	}
}
