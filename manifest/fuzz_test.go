package manifest_test

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

// canary stands in values only. It does not look like the name of a field or a
// variable, which an error may show.
const canary = "c@nary!"

// FuzzRead holds that no file makes Read panic, and that no error shows a value.
func FuzzRead(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, opts := range [][]manifest.Option{nil, {manifest.KeepMissing()}} {
			opts = append(opts, manifest.WithLookup(func(name string) (string, bool) { return canary, len(name)%2 == 0 }))
			_, err := manifest.Read(bytes.NewReader(data), opts...)
			var invalid *manifest.Error
			if err == nil || !errors.As(err, &invalid) {
				require.NoError(t, err)
				continue
			}
			require.NotEmpty(t, invalid.Problems)
			for _, p := range invalid.Problems {
				require.NotContains(t, p.Reason+p.Field, canary)
				require.NotZero(t, p.Line)
			}
		}
	})
}

// FuzzRoundTrip holds that a file that can be read is written and read again
// without a difference.
func FuzzRoundTrip(f *testing.F) {
	addFiles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		items, err := manifest.Read(bytes.NewReader(data), placeholders)
		if err != nil {
			t.Skip()
		}
		roundTrip(t, items, manifest.AsJSON())
		fromYAML := roundTripOnce(t, items) // numbers and booleans become texts
		roundTrip(t, fromYAML)
	})
}

// FuzzTexts holds that every text survives, whatever is in it.
func FuzzTexts(f *testing.F) {
	for _, s := range oddTexts {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, name, key, value string) {
		// A text of commas counts as so many values, see checkWeight.
		if !utf8.ValidString(name+"|"+key+"|"+value) || len(name)+len(key)+len(value) > 4<<10 {
			t.Skip()
		}
		items := []in.Integration{{
			Name: name, Type: in.Type(value), Description: value, Tags: []in.Tag{{Key: key, Value: value}},
			Configuration: in.Configuration{
				in.ConfigKey(key): value, "n": []any{value, map[string]any{key: value, name: nil}},
			},
			APIs: []in.IntegrationAPI{{API: value, Description: name, Configuration: in.Configuration{in.ConfigKey(name): key}}},
		}}
		roundTrip(t, items)
		roundTrip(t, items, manifest.AsJSON())
	})
}

var oddTexts = []string{
	"", " ", "a", "8080", "on", "null", "~", "true", "2023-06-01", "<<", "=", "-", "- a", "a: b", "a #b", "#", "*a", "&a", "!a", "%a", "@a",
	"`a", "'", `"`, "a\nb", "a\nb\n", "a\n\n", "\n", "\na", " a\nb", "a \nb", "a\n b\n  c\n", "a\tb", "\ta\nb", "a\n\tb\n", "\r", "a\r\nb", "\x00",
	"\x7f", "\u0085", "\u2028", "\uFEFF", "\uFFFD", "\U0001F600", "\uFFFE", "\U0010FFFF", "$", "$$", "${A}", "$A", "$$${", "<A>", "<A-B>", "<>", "{a}", "[a]", "? a",
	"---", "...", "a\n---\nb", "a\n...\n", "0x1F", "1e3", ".inf", "|", ">", "\\", `\n`, strings.Repeat("long ", 50), "-----BEGIN KEY-----\nabc\n-----END KEY-----\n",
}

// placeholders gives ${NAME} the value <NAME>, from which Write makes ${NAME} again.
var placeholders = manifest.WithLookup(func(name string) (string, bool) { return "<" + name + ">", true })

func roundTrip(t *testing.T, items []in.Integration, opts ...manifest.Option) {
	t.Helper()
	again := roundTripOnce(t, items, opts...)
	if !reflect.DeepEqual(items, again) { // cmp takes ages for deeply nested lists
		t.Fatal(cmp.Diff(items, again))
	}
}

func roundTripOnce(t *testing.T, items []in.Integration, opts ...manifest.Option) []in.Integration {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, manifest.Write(&file, items, opts...))
	again, err := manifest.Read(bytes.NewReader(file.Bytes()), placeholders)
	require.NoError(t, err, "%s", file.Bytes())
	return again
}

func addFiles(f *testing.F) {
	f.Helper()
	for _, file := range []string{"good.yaml", "good.json", "wrong.yaml", "wrong.json", "written.yaml", "written.json"} {
		data, err := os.ReadFile("testdata/" + file)
		require.NoError(f, err)
		f.Add(data)
	}
	for _, s := range oddTexts {
		f.Add([]byte("- name: n\n  configuration:\n    api_key: " + s))
		f.Add([]byte(`[{"name": "n", "configuration": {"api_key": "` + s + `"}}]`))
	}
}
