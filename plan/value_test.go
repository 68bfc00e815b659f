package plan

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEqualValuesHaveOneCanonicalForm(t *testing.T) {
	t.Parallel()
	text := func(s string) value { return value{text: s} }
	type named string
	pointer := "p"
	for want, values := range map[value][]any{
		{}:                           {nil, "", (*string)(nil), named(""), json.RawMessage("null"), json.RawMessage(`""`)},
		text("5672"):                 {5672, int64(5672), uint16(5672), 5672.0, float32(5672), "5672", json.Number("5672.0"), json.RawMessage("5.672e3"), named("5672")},
		text("true"):                 {true, "true", json.RawMessage(" true ")},
		text("1.5"):                  {1.5, "1.5", json.Number("1.50")},
		text("0"):                    {0, 0.0, math.Copysign(0, -1), "0", json.Number("-0"), json.Number("0e9")},
		text("p"):                    {&pointer, "p"},
		text("0.1"):                  {0.1, json.Number("0.1000000000000000055")},
		{text: "{}", compound: true}: {map[string]any{}, struct{}{}, json.RawMessage(" { } ")},
		{text: `{"a":["1","1","true",null],"b":{"c":"0.5"}}`, compound: true}: {
			map[string]any{"b": map[string]float64{"c": 0.5}, "a": []any{1.0, "1", true, nil}},
			json.RawMessage(`{"b":{"c":5e-1},"a":[1.0,"1",true,null]}`),
			map[string]any{"b": map[string]string{"c": "0.5"}, "a": []any{"1", "1", "true", nil}},
		},
		{text: "9007199254740992", inexact: true}:                           {int64(1 << 53), float64(1 << 53), json.Number("9007199254740992")},
		{text: "9007199254740993", inexact: true}:                           {int64(1<<53 + 1)},
		{text: `["-9007199254740993"]`, compound: true, inexact: true}:      {[]int64{-1<<53 - 1}},
		{text: "1e999", inexact: true}:                                      {json.Number("1e999")},
		{text: "xxxxx", masked: true}:                                       {"xxxxx"},
		{text: "a***b", masked: true}:                                       {"a***b"},
		{text: `["***"]`, compound: true, masked: true}:                     {[]string{"***"}},
		{text: `{"k":{"l":"\u003cK\u003e"}}`, compound: true, masked: true}: {json.RawMessage(`{"k":{"l":"<K>"}}`)},
		{compound: true, inexact: true}:                                     {make(chan int), math.NaN()},
	} {
		for _, v := range values {
			require.Equal(t, want, canonical(v), "%T %v", v, v)
		}
	}
}

func TestKindsThatAreNotEqual(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]any{
		{"{}", map[string]any{}}, {" a", "a"}, {"null", nil}, {0, ""}, {false, ""}, {[]any{}, nil}, {[]any{1}, []any{"2"}}, {[]any{nil}, []any{""}}, {"8080.0", 8080}, {1e-7, 2e-7},
	} {
		require.False(t, canonical(pair[0]).equal(canonical(pair[1])), "%v", pair)
	}
}

// A listing reads numbers as float64, a file may hold them as they are written.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		`8080`, `"8080"`, `-0.0`, `1e21`, `0.1000000000000000055`, `9007199254740993`, `{"b":[1.0,{"c":"xxx"}],"a":null}`, `"a***"`, `[]`, `"é\u0000"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var live any
		if json.Unmarshal([]byte(text), &live) != nil {
			t.Skip()
		}
		read, written := canonical(live), canonical(json.RawMessage(text))
		if read.masked != written.masked {
			t.Fatal("a mask depends on how a value was read")
		}
		if !written.inexact && !read.equal(written) {
			t.Fatal("an exact value depends on how it was read")
		}
		if read.inexact && !written.inexact {
			t.Fatal("a value is inexact only after it was read")
		}
		again := canonical(read.text)
		if read.compound {
			again = canonical(json.RawMessage(read.text))
		}
		if !again.equal(read) || again.masked != read.masked {
			t.Fatal("a canonical form has another canonical form")
		}
		sent, err := json.Marshal(sendable(live))
		if err != nil || !canonical(json.RawMessage(sent)).equal(read) {
			t.Fatal("what is sent is another value")
		}
	})
}
