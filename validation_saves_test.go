package integrations_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/quick"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

func TestSaveProviderIsCheckedLikeSaveAllButForModels(t *testing.T) {
	t.Parallel()
	single := func(change ...func(*in.Integration)) in.Integration {
		i := openAI(change...)
		i.APIs = nil
		return i
	}
	tests := map[string]struct {
		item        in.Integration
		strict, off []problem
	}{
		"valid":                  {item: single()},
		"an empty configuration": {item: single(func(i *in.Integration) { i.Type, i.Configuration = "kafka_msk", in.Configuration{} }), strict: []problem{{0, "type", in.ErrUnknownType, ""}}},
		"no configuration": {
			item: single(func(i *in.Integration) { i.Configuration = nil }),
			strict: []problem{
				{0, "configuration", in.ErrMissing, "replaces the whole configuration"},
				{0, "configuration.api_key", in.ErrMissing, "is required for type openai"},
			},
			off: []problem{{0, "configuration", in.ErrMissing, "replaces the whole configuration"}},
		},
		"tags and models": {
			item:   openAI(func(i *in.Integration) { i.Tags = []in.Tag{} }),
			strict: []problem{{0, "tags", in.ErrMismatch, "use PutProviderTags"}, {0, "apis", in.ErrMismatch, "use SaveModel"}},
			off:    []problem{{0, "tags", in.ErrMismatch, "use PutProviderTags"}, {0, "apis", in.ErrMismatch, "use SaveModel"}},
		},
		"a mask and a category": {
			item: single(func(i *in.Integration) {
				i.Category, i.Configuration = in.CategoryGit, in.Configuration{"api_key": "xxxxx"}
			}),
			strict: []problem{
				{0, "category", in.ErrMismatch, ""},
				{0, "configuration.api_key", in.ErrMaskedSecret, ""},
			},
		},
		"broken text": {
			item:   single(func(i *in.Integration) { i.Description = "\xff" }),
			strict: []problem{{0, "description", in.ErrUnknownValue, "is not valid UTF-8"}},
			off:    []problem{{0, "description", in.ErrUnknownValue, "is not valid UTF-8"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, requests := answering(t, http.StatusOK, "")
			requireProblems(t, client.SaveProvider(t.Context(), tt.item), tt.strict...)
			require.Len(t, *requests, map[bool]int{true: 1}[tt.strict == nil])
			requireProblems(t, client.SaveProvider(t.Context(), tt.item, in.WithValidation(in.Off)), tt.off...)
		})
	}
}

func TestSaveModelIsChecked(t *testing.T) {
	t.Parallel()
	model := func(change func(*in.IntegrationAPI)) in.IntegrationAPI {
		m := in.IntegrationAPI{API: "gpt-4o", Description: "GPT-4o"}
		change(&m)
		return m
	}
	tests := map[string]struct {
		model                in.IntegrationAPI
		strict, lenient, off []problem
	}{
		"valid":             {model: model(func(m *in.IntegrationAPI) { m.IntegrationName, m.Configuration = "main", in.Configuration{"any": "v"} })},
		"of another parent": {model: model(func(m *in.IntegrationAPI) { m.IntegrationName = "another" }), off: []problem{{0, "integrationName", in.ErrMismatch, "is not the name of the integration"}}},
		"without a name":    {model: model(func(m *in.IntegrationAPI) { m.API = " " }), off: []problem{{0, "api", in.ErrMissing, "is required"}}},
		"without a description": {
			model:  model(func(m *in.IntegrationAPI) { m.Description = "" }),
			strict: []problem{{0, "description", in.ErrMissing, "is required"}},
		},
		"a mask": {
			model:  model(func(m *in.IntegrationAPI) { m.Configuration = in.Configuration{"any": "***", "api_key": "${KEY}"} }),
			strict: []problem{{0, "configuration.any", in.ErrMaskedSecret, ""}, {0, "configuration.api_key", in.ErrMaskedSecret, ""}},
		},
		"broken text": {
			model: model(func(m *in.IntegrationAPI) {
				m.Description, m.Configuration = "\xff", in.Configuration{"any": []string{"\xff"}}
			}),
			off: []problem{
				{0, "description", in.ErrUnknownValue, "is not valid UTF-8"},
				{0, "configuration.any", in.ErrUnknownValue, "is not valid UTF-8"},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.off != nil {
				tt.strict = tt.off
			}
			client, requests := answering(t, http.StatusOK, "")
			err := client.SaveModel(t.Context(), "main", tt.model, in.WithValidation(in.Strict))
			requireProblems(t, err, tt.strict...)
			requireProblems(t, client.SaveModel(t.Context(), "main", tt.model, in.WithValidation(in.Lenient)), tt.strict...)
			require.Len(t, *requests, map[bool]int{true: 2}[tt.strict == nil])
			requireProblems(t, client.SaveModel(t.Context(), "main", tt.model, in.WithValidation(in.Off)), tt.off...)
			var invalid *in.ValidationError
			if errors.As(err, &invalid) {
				require.Equal(t, "main", invalid.Problems[0].Name)
			}
		})
	}
}

func TestTagsWithoutAKeyAreNotSent(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	tags := []in.Tag{{Key: "team"}, {Key: " ", Value: "v"}, {Key: "k", Value: "\xff"}}
	want := []problem{{0, "tags[1].key", in.ErrMissing, "is required"}, {0, "tags[2].value", in.ErrUnknownValue, "is not valid UTF-8"}}
	requireProblems(t, client.PutProviderTags(t.Context(), "main", tags...), want...)
	requireProblems(t, client.DeleteProviderTags(t.Context(), "main", tags...), want...)
	requireProblems(t, client.PutModelTags(t.Context(), "main", "gpt-4o", tags...), want...)
	requireProblems(t, client.DeleteModelTags(t.Context(), "main", "gpt-4o", tags...), want...)
	require.ErrorContains(t, client.PutProviderTags(t.Context(), "main", tags...), `integration 0 "main": tags[1].key: is required`)
	require.Empty(t, *requests)
}

// The other bodies have no check of their own. The error names the field.
func TestBrokenTextOfAnyOtherBodyIsNotSent(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	const bad = "canary\xff"
	err := client.RecordEvents(t.Context(), "kafka", in.Event{ID: "1"}, in.Event{HandlerName: bad})
	require.EqualError(t, err, "integrations: RecordEvents: [1].handlerName has text that is not valid UTF-8")
	err = client.SaveTokenLimit(t.Context(), "main", in.TokenLimit{Period: bad})
	require.EqualError(t, err, "integrations: SaveTokenLimit: tokenLimitPeriod has text that is not valid UTF-8")
	err = client.RegisterDefinitions(t.Context(), in.Definition{APIs: []in.DefinitionAPI{{InputSchema: json.RawMessage(`{"a":"` + bad + `"}`)}}})
	require.EqualError(t, err, "integrations: RegisterDefinitions: [0].apis[0].inputSchema has text that is not valid UTF-8")
	require.Empty(t, *requests)
	require.NoError(t, client.RecordEvents(t.Context(), "kafka", in.Event{ID: "\ufffd"}))
}

// Text that JSON cannot carry is refused in every mode, wherever it is, and the
// replacement character itself passes.
func TestTextThatJSONCannotCarry(t *testing.T) {
	t.Parallel()
	bad := map[string]any{
		"a string":              "\xff",
		"a named string":        in.Type("\xff"),
		"a nested value":        map[string]any{"a": []any{"\xff"}},
		"a nested key":          map[string]any{"\xff": 1},
		"a raw message":         json.RawMessage("\"\xff\""),
		"half a surrogate pair": json.RawMessage(`"\ud800"`),
		"a marshaler":           shouting("\xff"),
	}
	for name, value := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			item := openAI(func(i *in.Integration) { i.Configuration[in.KeyEndpoint] = value })
			model := openAI(func(i *in.Integration) { i.Name, i.APIs[0].Configuration = "other", in.Configuration{"any": value} })
			for _, mode := range []in.ValidationMode{in.Strict, in.Lenient, in.Off} {
				requireProblems(t, in.Validate([]in.Integration{item, model}, in.WithValidation(mode)),
					problem{0, "configuration.endpoint", in.ErrUnknownValue, "is not valid UTF-8"},
					problem{1, "apis[0].configuration.any", in.ErrUnknownValue, "is not valid UTF-8"},
				)
			}
		})
	}
	apart := openAI(func(i *in.Integration) { i.APIs[0].IntegrationName = "\xff" })
	requireProblems(t, in.Validate([]in.Integration{apart}, in.WithValidation(in.Off)),
		problem{0, "apis[0].integrationName", in.ErrUnknownValue, "is not valid UTF-8"})
	for _, value := range []any{"\ufffd", in.Type("\ufffd"), []string{"\ufffd", `\ufffd`}, json.RawMessage(`"\ufffd \ud83d\ude00"`), shouting("\ufffd")} {
		item := openAI(func(i *in.Integration) { i.Configuration[in.KeyEndpoint] = value })
		requireProblems(t, in.Validate([]in.Integration{item}))
	}
}

// shouting encodes itself without a look at its text.
type shouting string

func (s shouting) MarshalJSON() ([]byte, error) { return []byte(`"` + string(s) + `"`), nil }

// What Validate lets through, the server decodes to the same texts.
func TestWhatIsValidArrivesUnchanged(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	arrives := func(name, description, value, nested []byte, tag string) bool {
		item := in.Integration{
			Name: string(name), Type: in.TypeOpenAI, Description: string(description),
			Configuration: in.Configuration{in.KeyAPIKey: string(value), in.ConfigKey(nested): []any{string(nested)}},
			Tags:          []in.Tag{{Key: tag, Value: string(description)}},
			APIs:          []in.IntegrationAPI{{IntegrationName: "i", API: string(value), Description: tag}},
		}
		items := []in.Integration{item}
		before := len(*requests)
		err := in.Validate(items, in.WithValidation(in.Off))
		saved := client.SaveAll(t.Context(), items, in.WithValidation(in.Off))
		require.Equal(t, err, saved, "Validate reports exactly what SaveAll refuses")
		if err != nil {
			return len(*requests) == before
		}
		var got []in.Integration
		require.NoError(t, json.Unmarshal([]byte((*requests)[before].Body), &got))
		require.Equal(t, items, got)
		return true
	}
	require.NoError(t, quick.Check(arrives, &quick.Config{MaxCount: 300}))
	require.NoError(t, quick.Check(func(a, b, c string) bool {
		return arrives([]byte(a), []byte(b), []byte(c), []byte(a+b), c)
	}, &quick.Config{MaxCount: 300}))
	require.Greater(t, len(*requests), 200)
}
