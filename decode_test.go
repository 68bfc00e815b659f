package integrations_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// A field of another kind is an error, and no element is zeroed in silence. The
// error names the element and the field, and never quotes a value. It is the
// same with both decoders, so this table knows no Go version.
func TestKindsInAListOfProviders(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`[{"name":"a"},{"name":"b","enabled":"canary"}]`:          `"b": enabled: string in place of bool`,
		`[{"enabled":"canary","x":{"name":1},"name":"b"}]`:        `"b": enabled: string in place of bool`,
		`[{"name":"a"},{"enabled":"canary"}]`:                     `[1]: enabled: string in place of bool`,
		`[{"name":8642097531}]`:                                   `[0]: name: number in place of string`,
		`[{"name":"a","enabled":8642097531}]`:                     `"a": enabled: number in place of bool`,
		`[{"name":"a","type":true}]`:                              `"a": type: bool in place of string`,
		`[{"name":"a","createTime":"8642097531"}]`:                `"a": createTime: string in place of number`,
		`[{"name":"a","createTime":8642097531.5}]`:                `"a": createTime: number that does not fit`,
		`[{"name":"a","modelsCount":86420975318642097531}]`:       `"a": modelsCount: number that does not fit`,
		`[{"name":"a","configuration":["canary"]}]`:               `"a": configuration: array in place of object`,
		`[{"name":"a","configuration":{"canary":8642e999}}]`:      `"a": configuration: number that does not fit`,
		`[{"name":"a","configuration":{"canary":[8642e999]}}]`:    `"a": configuration: number that does not fit`,
		`[{"name":"a","tags":{"canary":1}}]`:                      `"a": tags: object in place of array`,
		`[{"name":"a","tags":["canary"]}]`:                        `"a": tags: string in place of object`,
		`[{"name":"a","tags":[{"key":["canary"]}]}]`:              `"a": tags.key: array in place of string`,
		`[{"name":"a","tags":[null]}]`:                            `"a": tags[0].key is missing or empty`,
		`[{"name":"a","apis":[{"api":"m","enabled":"canary"}]}]`:  `"a": apis.enabled: string in place of bool`,
		`[{"name":"a","apis":[{"api":"m"},{}]}]`:                  `"a": apis[1].api is missing or empty`,
		`[{"name":"a","apis":[null]}]`:                            `"a": apis[0].api is missing or empty`,
		`[{"name":"a"},null]`:                                     `[1]: it is null`,
		`[{"name":"a"},{}]`:                                       `[1]: name is missing or empty`,
		`[{"name":null,"type":"canary"}]`:                         `[0]: name is missing or empty`,
		`["canary"]`:                                              `[0]: string in place of object`,
		`[["canary"]]`:                                            `[0]: array in place of object`,
		`[{"name":"a"},8642097531]`:                               `[1]: number in place of object`,
		`[{"name":"` + strings.Repeat("n", 101) + `","tags":1}]`:  `[0]: tags: number in place of array`,
		`[{"name":"a\nb\u2028","tags":1}]`:                        `"a\nb\u2028": tags: number in place of array`,
		`[{"name":"a","enabled":["canary",{"name":"canary"}],"`:   "",
		`[{"name":"a","enabled":{"name":"canary"},"tags":[]},{}]`: `"a": enabled: object in place of bool`,
	} {
		client := clientOf(t, http.StatusOK, nil, text(body))
		for op, call := range map[in.Op]func() ([]in.Provider, error){
			in.OpListProviders:    func() ([]in.Provider, error) { return client.ListProviders(t.Context()) },
			in.OpListIntegrations: func() ([]in.Provider, error) { return client.ListIntegrations(t.Context()) },
		} {
			got, err := call()
			require.Nil(t, got, body)
			if want == "" { // not JSON to its end: which problem is found first is open
				require.ErrorContains(t, err, "does not decode", body)
			} else {
				require.EqualError(t, err, fmt.Sprintf("integrations: %s: status 200 OK: the list does not decode: %s", op, want), body)
			}
			require.NotContains(t, err.Error(), "canary", body)
			require.NotContains(t, err.Error(), "8642", body)
		}
	}
}

// The elements of the other lists are named by their own names, or by an index.
func TestKindsInOtherReplies(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	models := func(c *in.Client) error { _, err := c.ListModels(ctx, "p"); return err }
	names := func(c *in.Client) error { _, err := c.ListAvailableModels(ctx, "p"); return err }
	refs := func(c *in.Client) error { _, err := c.ListRefs(ctx); return err }
	tags := func(c *in.Client) error { _, err := c.ListProviderTags(ctx, "p"); return err }
	prompts := func(c *in.Client) error { _, err := c.ListPrompts(ctx, "p", "m"); return err }
	definitions := func(c *in.Client) error { _, err := c.ListDefinitions(ctx); return err }
	usage := func(c *in.Client) error { _, err := c.ListTokenUsage(ctx, "p"); return err }
	provider := func(c *in.Client) error { _, err := c.GetProvider(ctx, "p"); return err }
	model := func(c *in.Client) error { _, err := c.GetModel(ctx, "p", "m"); return err }
	definition := func(c *in.Client) error { _, err := c.GetDefinition(ctx, "d"); return err }
	limit := func(c *in.Client) error { _, err := c.GetTokenLimit(ctx, "p"); return err }
	for _, tt := range []struct {
		call       func(*in.Client) error
		body, want string
	}{
		{models, `[{"api":"m","enabled":1}]`, `list does not decode: "m": enabled: number in place of bool`},
		{models, `[{"api":"m"},{"enabled":"canary","api":"n"}]`, `list does not decode: "n": enabled: string in place of bool`},
		{models, `[{"api":"m"},{"name":"canary"}]`, `list does not decode: [1]: api is missing or empty`},
		{models, `[{"api":"m","tags":[{"value":"canary"}]}]`, `list does not decode: "m": tags[0].key is missing or empty`},
		{models, `[null]`, `list does not decode: [0]: it is null`},
		{names, `["a",7]`, `list does not decode: [1]: number in place of string`},
		{names, `["a",null]`, `list does not decode: [1]: it is null`},
		{names, `{"canary":1}`, `list does not decode: it is not an array`},
		{refs, `["a:b",7]`, `list does not decode: [1]: number in place of string`},
		{refs, `["a:b",{"canary":1}]`, `list does not decode: [1]: object in place of string`},
		{refs, `["a:b",""]`, `list does not decode: [1]: the text of a Ref is empty`},
		{refs, `["a:b",null]`, `list does not decode: [1]: it is null`},
		{tags, `[{"key":"k","value":1}]`, `list does not decode: "k": value: number in place of string`},
		{tags, `[{"value":"canary"}]`, `list does not decode: [0]: key is missing or empty`},
		{tags, `[null]`, `list does not decode: [0]: it is null`},
		{prompts, `[{"name":"q","version":"canary"}]`, `list does not decode: "q": version: string in place of number`},
		{prompts, `[{"name":"q","integrations":["a:b",""]}]`, `list does not decode: "q": the text of a Ref is empty`},
		{prompts, `[{"name":"q","integrations":[7]}]`, `list does not decode: "q": integrations: number in place of string`},
		{prompts, `[{"name":"q","integrations":["a:b",null]}]`, `list does not decode: "q": integrations[1] is missing or empty`},
		{prompts, `[{"template":"canary"}]`, `list does not decode: [0]: name is missing or empty`},
		{definitions, `[{"type":"d","configuration":[{"fieldName":1}]}]`, `list does not decode: "d": configuration.fieldName: number in place of string`},
		{definitions, `[{"type":"d","configuration":[{"dependsOn":[{"optional":"canary"}]}]}]`, `list does not decode: "d": configuration.dependsOn.optional: string in place of bool`},
		{definitions, `[{"type":"acme","apis":[null]}]`, `list does not decode: "acme": apis[0].api is missing or empty`},
		{definitions, `[{"type":"acme","apis":[{"api":"send"},{"description":"canary"}]}]`, `list does not decode: "acme": apis[1].api is missing or empty`},
		{definitions, `[{"name":"canary"}]`, `list does not decode: [0]: type is missing or empty`},
		{usage, `[{"api":"m"},{"totalTokens":"canary"}]`, `list does not decode: [1]: totalTokens: string in place of number`},
		{usage, `[null]`, `list does not decode: [0]: it is null`},
		{provider, `null`, `reply does not decode: it is null`},
		{provider, ``, `reply does not decode: the body is empty`},
		{provider, `{}`, `reply does not decode: name is missing or empty`},
		{provider, `["canary"]`, `reply does not decode: array in place of object`},
		{provider, `{"name":"canary","enabled":"canary"}`, `reply does not decode: enabled: string in place of bool`},
		{provider, `{"name":"canary"`, `reply does not decode: the JSON breaks off`},
		{provider, `{"name":"canary"}{}`, `reply does not decode: there is more after the object`},
		{provider, `{"name":"canary"}canary`, `reply does not decode: invalid JSON at byte`},
		{model, `null`, `reply does not decode: it is null`},
		{model, `{}`, `reply does not decode: api is missing or empty`},
		{model, `{"api":"canary","createTime":"canary"}`, `reply does not decode: createTime: string in place of number`},
		{definition, `null`, `reply does not decode: it is null`},
		{definition, `{"name":"canary"}`, `reply does not decode: type is missing or empty`},
		{limit, `null`, `reply does not decode: it is null`},
		{limit, `{"maxTokens":"canary"}`, `reply does not decode: maxTokens: string in place of number`},
	} {
		err := tt.call(clientOf(t, http.StatusOK, nil, text(tt.body)))
		require.ErrorContains(t, err, "status 200 OK: the "+tt.want, tt.body)
		require.NotContains(t, err.Error(), "canary", tt.body)
		require.NotContains(t, err.Error(), "integrations: the", "an error within an error")
	}
}

// A field of a definition without a key, such as a heading, costs nobody the list.
// [in.WithDefinitions] leaves the field out.
func TestAFieldOfADefinitionWithoutAKeyDecodes(t *testing.T) {
	t.Parallel()
	client := clientOf(t, http.StatusOK, nil, text(`[{"type":"acme","configuration":[{"label":"Server"},null,{"fieldName":"host"}]}]`))
	got, err := client.ListDefinitions(t.Context())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]in.DefinitionField{{Label: "Server"}, {}, {Key: "host"}}, got[0].Configuration))
	item := in.Integration{Name: "a", Type: "acme", Configuration: in.Configuration{"host": "h"}}
	require.NoError(t, in.Validate([]in.Integration{item}, in.WithDefinitions(got...)))
}

// Absent and null mean enabled, wherever a reply says so. Only false is false.
func TestAbsentMeansEnabled(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for state, want := range map[string]bool{`"x":0`: true, `"enabled":null`: true, `"enabled":true`: true, `"enabled":false`: false} {
		body := strings.ReplaceAll(`{"name":"p","api":"m","type":"d",STATE,"apis":[{"api":"n",STATE}]}`, "STATE", state)
		one := clientOf(t, http.StatusOK, nil, text(body))
		many := clientOf(t, http.StatusOK, nil, text("["+body+"]"))

		provider, err := one.GetProvider(ctx, "p")
		require.NoError(t, err)
		model, err := one.GetModel(ctx, "p", "m")
		require.NoError(t, err)
		definition, err := one.GetDefinition(ctx, "d")
		require.NoError(t, err)
		providers, err := many.ListProviders(ctx)
		require.NoError(t, err)
		integrations, err := many.ListIntegrations(ctx)
		require.NoError(t, err)
		models, err := many.ListModels(ctx, "p")
		require.NoError(t, err)
		definitions, err := many.ListDefinitions(ctx)
		require.NoError(t, err)
		got := []bool{
			provider.Enabled, provider.APIs[0].Enabled, model.Enabled, definition.Enabled, providers[0].Enabled,
			integrations[0].Enabled, integrations[0].APIs[0].Enabled, models[0].Enabled, definitions[0].Enabled,
		}
		for i := range got {
			require.Equal(t, want, got[i], "%s, %d", state, i)
		}
	}
}

// ListIntegrations is the list with models, also where a server names none.
func TestModelsOfAListWithModelsAreNeverNil(t *testing.T) {
	t.Parallel()
	client := clientOf(t, http.StatusOK, nil, text(`[{"name":"a"},{"name":"b","apis":null},{"name":"c","apis":[]}]`))
	got, err := client.ListIntegrations(t.Context())
	require.NoError(t, err)
	for _, p := range got {
		require.NotNil(t, p.APIs, p.Name)
		require.Empty(t, p.APIs)
	}
	got, err = client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Nil(t, got[0].APIs)
}

// The memory of a provider's models serves the next provider. Nothing of the
// models is left in it.
func TestModelsDoNotReachTheNextProvider(t *testing.T) {
	t.Parallel()
	full := `{"api":"m","integrationName":"a","description":"d","enabled":false,"configuration":{"k":"v"},"tags":[{"key":"k","value":"v"}],
		"createTime":1,"updateTime":2,"createdBy":"c","updatedBy":"u"}`
	many := strings.Repeat(full+",", 100) + full
	for _, first := range []string{full, full + "," + full, many, full + "," + full + `],"apis":[` + full} {
		body := `[{"name":"a","apis":[` + first + `]},{"name":"b"},{"name":"c","apis":[{"api":"n"},{"api":"o"},{"api":"p"}]},{"name":"d","apis":null}]`
		got, err := clientOf(t, http.StatusOK, nil, text(body)).ListProviders(t.Context())
		require.NoError(t, err)
		require.Equal(t, "v", got[0].APIs[0].Configuration["k"])
		require.Empty(t, cmp.Diff([]in.Provider{
			{Name: "b", Enabled: true},
			{Name: "c", Enabled: true, APIs: []in.Model{{API: "n", Enabled: true}, {API: "o", Enabled: true}, {API: "p", Enabled: true}}},
			{Name: "d", Enabled: true},
		}, got[1:]))
	}
}

// A server's text need not be UTF-8, and may repeat a name.
func TestTextThatIsNotUTF8Decodes(t *testing.T) {
	t.Parallel()
	body := "[{\"name\":\"a\xff\",\"description\":\"\\ud800\",\"configuration\":{\"k\":\"\xfe\",\"k\":\"b\"},\"type\":\"x\",\"type\":\"y\"}]"
	got, err := clientOf(t, http.StatusOK, nil, text(body)).ListProviders(t.Context())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]in.Provider{{
		Name: "a\ufffd", Description: "\ufffd", Type: "y", Enabled: true, Configuration: in.Configuration{"k": "b"},
	}}, got))
}

// manyElements is gzip of a list whose elements are all alike.
func manyElements(t *testing.T, begin, element, end string, n int) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, begin+element+strings.Repeat(","+element, n-1)+end)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.Bytes()
}

// Tiny elements do not become gigabytes: a list is refused past a 64th of
// WithMaxResponseBytes, however short its JSON is. Nested models count too.
func TestListsOfTinyElementsAreRefused(t *testing.T) {
	const elements = 1000
	for name, tt := range map[string]struct {
		begin, element, end string
		n                   int
		large               bool
	}{
		"as many as fit":            {`[`, `{"name":"a"}`, `]`, elements, false},
		"with an object in each":    {`[`, `{"name":"a","configuration":{}}`, `]`, elements, false},
		"one too many":              {`[`, `{"name":"a"}`, `]`, elements + 1, true},
		"empty objects":             {`[`, `{"name":"a"}`, `]`, 5000, true},
		"as many models as fit":     {`[{"name":"p","apis":[`, `{"api":"a"}`, `]}]`, elements - 1, false},
		"one model too many":        {`[{"name":"p","apis":[`, `{"api":"a"}`, `]}]`, elements, true},
		"models of many providers":  {`[`, `{"name":"p","apis":[{"api":"a"},{"api":"b"}]}`, `]`, elements/3 + 1, true},
		"models that nothing names": {`[{"name":"p","apis":[`, `{}`, `]}]`, 20_000, true},
	} {
		t.Run(name, func(t *testing.T) {
			packed := manyElements(t, tt.begin, tt.element, tt.end, tt.n)
			srv := serveGzip(t, packed)
			client, err := in.NewClient(srv, in.WithMaxResponseBytes(64*elements))
			require.NoError(t, err)
			t.Cleanup(client.CloseIdleConnections)
			got, err := client.ListIntegrations(t.Context())
			if !tt.large {
				require.NoError(t, err)
				require.NotEmpty(t, got)
				return
			}
			require.ErrorIs(t, err, in.ErrResponseTooLarge)
			require.Nil(t, got)
		})
	}
}

// With the default limit, 32 KB of gzip cost a bounded amount of memory.
func TestTheMemoryOfABombIsBounded(t *testing.T) {
	for name, packed := range map[string][]byte{
		"providers": manyElements(t, `[`, `{}`, `]`, 11_000_000),
		"named":     manyElements(t, `[`, `{"name":"a"}`, `]`, 2_000_000),
		"models":    manyElements(t, `[{"name":"p","apis":[`, `{}`, `]}]`, 11_000_000),
		"no models": manyElements(t, `[{"name":"p","apis":[`, `0`, `]}]`, 4_000_000),
		"null":      manyElements(t, `[{"name":"p","apis":[`, `null`, `]}]`, 4_000_000),
		"null tags": manyElements(t, `[{"name":"p","tags":[`, `null`, `]}]`, 6_000_000),
		"arrays":    manyElements(t, `[{"name":"p","configuration":{"a":[`, `[]`, `]}}]`, 10_000_000),
	} {
		require.Less(t, len(packed), 100<<10, name)
		client, err := in.NewClient(serveGzip(t, packed))
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = client.ListIntegrations(t.Context())
		runtime.ReadMemStats(&after)
		client.CloseIdleConnections()
		require.Error(t, err, name)
		t.Logf("%s: %d MiB", name, (after.TotalAlloc-before.TotalAlloc)>>20)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<30), name)
	}
}

// serveGzip starts a server whose every answer is packed, and returns its URL.
func serveGzip(t *testing.T, packed []byte) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	})
}
