package brokentext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/internal/brokentext"
)

const bad = "bad\xff"

type textKey string

func (k textKey) MarshalText() ([]byte, error) { return []byte(k), nil }

type byPointer struct{ text string }

func (p *byPointer) MarshalJSON() ([]byte, error) { return []byte(p.text), nil }

type inner struct{ Text string }

type outer struct {
	inner
	Named   string `json:"name,omitempty"`
	Skipped string `json:"-"`
	private string
	Any     any
}

func TestBrokenTextIsFoundWhereverItIs(t *testing.T) {
	t.Parallel()
	for want, values := range map[string][]any{
		"": {
			bad, textKey(bad), json.RawMessage(`"` + bad + `"`), json.RawMessage(`"\ud800"`), json.RawMessage(`"a\udc00\ud800"`),
			json.RawMessage(`"\uD800\n"`), json.RawMessage(`"\ud800\ud800\udc00"`), &byPointer{`"` + bad + `"`},
			map[string]any{bad: 1}, map[textKey]int{bad: 1},
		},
		"[1]":     {[]string{"ok", bad}, [2]any{1, bad}, []byPointer{{"1"}, {`"` + bad + `"`}}, []any{1, textKey(bad)}},
		"a.b[0]":  {map[string]any{"a": map[string][]string{"b": {bad}}}},
		"name":    {outer{Named: bad}, &outer{Named: bad}},
		"Any.x":   {outer{Any: map[string]string{"x": bad}}},
		"Text":    {outer{inner: inner{bad}}},
		"[0].Any": {[]outer{{Any: json.RawMessage(`"` + bad + `"`)}}},
	} {
		for _, value := range values {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			path, found := brokentext.Find(value, encoded)
			require.True(t, found, "%#v", value)
			require.Equal(t, want, path, "%#v", value)
		}
	}
}

// The replacement character is valid text, however it is written.
func TestValidTextIsNoFinding(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		nil, 1, true, "\ufffd", `\ufffd`, `\\ufffd`, `\ud800`, "<\u2028\x00>", []byte(bad), [2]byte{0xff, 0xfe},
		json.RawMessage(`"\ufffd \uFFFD \ud83d\ude00 \\ud800 \uf000"`), textKey("\ufffd"), (*byPointer)(nil), (*outer)(nil),
		outer{Named: "\ufffd", Skipped: bad, private: bad}, map[int]string{1: "\ufffd"}, []any{nil, "\ufffd"},
	} {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		_, found := brokentext.Find(value, encoded)
		require.False(t, found, "%#v", value)
	}
}

// Whatever passes, decodes to the text that was encoded.
func FuzzFind(f *testing.F) {
	f.Add(bad, bad)
	f.Add("\ufffd", `\ud800`)
	f.Fuzz(func(t *testing.T, s, raw string) {
		value := []any{s, json.RawMessage(`"` + raw + `"`)}
		encoded, err := json.Marshal(value)
		if err != nil {
			return
		}
		_, found := brokentext.Find(value, encoded)
		var back []string
		require.NoError(t, json.Unmarshal(encoded, &back))
		if !found {
			require.Equal(t, s, back[0])
			require.Equal(t, strings.Count(raw, "\ufffd")+strings.Count(strings.ToLower(strings.ReplaceAll(raw, `\\`, "")), `\ufffd`),
				strings.Count(back[1], "\ufffd"))
		}
	})
}
