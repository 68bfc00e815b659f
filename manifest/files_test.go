package manifest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/manifest"
)

func TestReadFileGoesByTheExtension(t *testing.T) {
	t.Parallel()
	const yaml, json = "- configuration: {k: 5}", `[{"configuration": {"k": 5}}]`
	dir := t.TempDir()
	for _, tc := range []struct {
		name, text, err string
	}{
		{name: "a.yaml", text: yaml},
		{name: "a.yml", text: yaml},
		{name: "a.YAML", text: json},
		{name: "a.json", text: json},
		{name: "b.json", text: yaml, err: "b.json:1: this is not valid JSON"},
		{name: "a.toml", text: yaml, err: "a.toml: the name must end in .yaml, .yml or .json"},
		{name: "yaml", text: yaml, err: "yaml: the name must end in .yaml, .yml or .json"},
		{name: "bom.json", text: "\uFEFF" + json},
		{name: "empty.json", text: ""},
		{name: "empty.yaml", text: ""},
	} {
		file := filepath.Join(dir, tc.name)
		require.NoError(t, os.WriteFile(file, []byte(tc.text), 0o600))
		_, err := manifest.ReadFile(file)
		_, fsErr := manifest.ReadFS(os.DirFS(dir), tc.name)
		if tc.err == "" {
			require.NoError(t, err, tc.name)
			require.NoError(t, fsErr, tc.name)
		} else {
			require.ErrorContains(t, err, tc.err)
			require.ErrorContains(t, fsErr, tc.err)
		}
	}
	_, err := manifest.ReadFile(filepath.Join(dir, "absent.yaml"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = manifest.ReadFS(fstest.MapFS{}, "absent.yaml")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// A pull request may name a file. A pipeline obeys a line that begins with ::.
func TestTheNameOfAFileGivesNoCommand(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]string{
		"a\n::error::forged\x1b[31m": `"a\n::error::forged\x1b[31m`, " ::error::": `" ::error::`, "##[error]": `"##[error]`,
		"a\u202eb": `"a\u202eb`, "a b:c": "a b:c", "é": "é",
	} {
		files := fstest.MapFS{name + ".yaml": {Data: []byte("- nam: a\n- b\n")}}
		_, err := manifest.ReadFS(files, name+".yaml")
		end := ".yaml"
		if shown[0] == '"' {
			end += `"`
		}
		require.ErrorContains(t, err, shown+end+":1: ")
		require.ErrorContains(t, err, shown+end+":2: ")
		for _, err := range []error{err, second(manifest.ReadFS(fstest.MapFS{}, name+".yaml")), second(manifest.ReadFS(files, name))} {
			for _, r := range err.Error() {
				require.False(t, r == 0x1b || r == '\u202e', "%q", err)
			}
			require.NotContains(t, err.Error(), "\n::")
		}
	}
}

func second[T any](_ T, err error) error { return err }
