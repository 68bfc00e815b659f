package integrations_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// listed is a Provider as encoding/json reads it, with what decides of Enabled.
type listed struct {
	in.Provider
	Enabled *bool `json:"enabled"`
	APIs    []struct {
		in.Model
		Enabled *bool `json:"enabled"`
	} `json:"apis"`
}

// The decoder returns the same list and the same error as encoding/json. Names
// that differ from a field's name in case only, and repeated names, are left
// out: there the two decoders differ.
func FuzzListProviders(f *testing.F) {
	f.Add([]byte(`[{"createTime":1772787470214,"name":"openAI","type":"openai","configuration":{"api_key":"xxxxx"},"tags":[],"modelsCount":3}]`))
	f.Add([]byte(`[{"name":1}]`))
	f.Add([]byte(`[{},null,{"NAME":"\ud800","configuration":{"a":1e400}}] x`))
	f.Add([]byte("\t<"))
	f.Add([]byte(`[{"name":"a","enabled":false,"apis":[{"api":"m","enabled":null,"tags":null},{"api":"n","enabled":false}]},{"name":"b","apis":[]}]`))
	f.Add([]byte(`[{"name":"a","tags":[{"key":"k","value":"v"},{}]}]`))
	f.Add([]byte("[{\"name\":\"\xff\",\"configuration\":{\"\xff\":[{\"a\":null},1.5,true]}}]"))
	f.Add([]byte(`[{"name":"a","x":{"name":1}}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 64<<10 || !spelledExactly(body) {
			return
		}
		client := clientOf(t, 200, nil, func() io.Reader { return bytes.NewReader(body) })
		got, err := client.ListProviders(t.Context())
		want, ok := expected(body)
		if !ok {
			require.Error(t, err)
			require.Nil(t, got)
			return
		}
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
	})
}

// expected decodes a list with encoding/json, all at once.
func expected(body []byte) ([]in.Provider, bool) {
	var elements []*listed
	if json.Unmarshal(body, &elements) != nil || elements == nil {
		return nil, false
	}
	want := []in.Provider{}
	for _, e := range elements {
		if e == nil || e.Name == "" || !named(e.Tags) {
			return nil, false
		}
		p := e.Provider
		p.Enabled = e.Enabled == nil || *e.Enabled
		for _, m := range e.APIs {
			if m.API == "" {
				return nil, false
			}
			m.Model.Enabled = m.Enabled == nil || *m.Enabled
			p.APIs = append(p.APIs, m.Model)
		}
		want = append(want, p)
	}
	return want, true
}

func named(tags []in.Tag) bool {
	for _, tag := range tags {
		if tag.Key == "" {
			return false
		}
	}
	return true
}

// spelledExactly reports whether a JSON text has only exact names. It is false if
// an object repeats a name, or if a name differs from a known name in case only.
func spelledExactly(body []byte) bool {
	return !json.Valid(body) || exactValue(json.NewDecoder(bytes.NewReader(body)), wireNames())
}

func wireNames() map[string]string {
	names := map[string]string{}
	for _, t := range []reflect.Type{reflect.TypeFor[in.Provider](), reflect.TypeFor[in.Model](), reflect.TypeFor[in.Tag]()} {
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			names[fold(name)] = name
		}
	}
	return names
}

// fold brings a name to the form in which encoding/json compares it.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// exactValue walks over one value of a valid text.
func exactValue(dec *json.Decoder, known map[string]string) bool {
	token, _ := dec.Token()
	open, _ := token.(json.Delim)
	if open != '{' && open != '[' {
		return true
	}
	exactly, seen := true, map[string]bool{}
	for dec.More() {
		if open == '{' {
			token, _ := dec.Token()
			name := token.(string)
			exact, ok := known[fold(name)]
			exactly = exactly && !seen[fold(name)] && (!ok || exact == name)
			seen[fold(name)] = true
		}
		exactly = exactValue(dec, known) && exactly
	}
	_, _ = dec.Token()
	return exactly
}
