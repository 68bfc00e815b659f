package integrations_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

func TestSaveAllSendsThePagesBodies(t *testing.T) {
	t.Parallel()
	tests := map[string][]in.Integration{
		"save_batch.json": {
			{
				Name:          "open-ai-test",
				Type:          in.TypeOpenAI,
				Category:      in.CategoryAIModel,
				Description:   "OpenAI integration for LLM tasks",
				Enabled:       in.Bool(true),
				Configuration: in.Configuration{in.KeyAPIKey: "sk-..."},
				APIs:          []in.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o model", Enabled: in.Bool(true)}},
			},
			{
				Name:          "sendgrid-test",
				Type:          in.TypeSendGrid,
				Category:      in.CategoryEmail,
				Description:   "SendGrid integration for email tasks",
				Enabled:       in.Bool(true),
				Configuration: in.Configuration{in.KeyAPIKey: "SG...."},
				APIs:          []in.IntegrationAPI{},
			},
		},
		"save_openai.json": {{
			Name:          "my-openai",
			Type:          in.TypeOpenAI,
			Category:      in.CategoryAIModel,
			Description:   "My OpenAI account",
			Enabled:       in.Bool(true),
			Configuration: in.Configuration{in.KeyAPIKey: "sk-example"},
			APIs:          []in.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o model", Enabled: in.Bool(true)}},
		}},
		"save_anthropic.json": {{
			Name:        "my-claude",
			Type:        in.TypeAnthropic,
			Category:    in.CategoryAIModel,
			Description: "My Anthropic account",
			Enabled:     in.Bool(true),
			Configuration: in.Configuration{
				in.KeyAPIKey:   "sk-ant-example",
				in.KeyEndpoint: "https://api.anthropic.com/v1",
			},
			APIs: []in.IntegrationAPI{{API: "claude-sonnet-4-6", Description: "claude-sonnet-4-6 model", Enabled: in.Bool(true)}},
		}},
	}
	for file, items := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			client, requests := answering(t, http.StatusOK, "", in.WithToken("the-token"))
			require.NoError(t, client.SaveAll(t.Context(), items))
			require.Len(t, *requests, 1)
			r := (*requests)[0]
			require.Equal(t, http.MethodPost, r.Method)
			require.Equal(t, "/api/integrations/", r.Path)
			require.Empty(t, r.Query)
			require.Equal(t, "application/json", r.Header.Get("Content-Type"))
			require.Equal(t, "the-token", r.Header.Get("X-Authorization"))
			require.JSONEq(t, golden(t, file), r.Body)
			require.Empty(t, items[0].APIs[0].IntegrationName, "the caller's slice was touched")
		})
	}
}

// The three states of enabled, and absent against empty.
func TestSaveAllSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		item in.Integration
		want string
	}{
		"all absent": {in.Integration{}, `{}`},
		"all empty": {
			in.Integration{Configuration: in.Configuration{}, Tags: []in.Tag{}, APIs: []in.IntegrationAPI{}},
			`{"configuration":{},"tags":[],"apis":[]}`,
		},
		"enabled":  {in.Integration{Enabled: in.Bool(true)}, `{"enabled":true}`},
		"disabled": {in.Integration{Enabled: in.Bool(false)}, `{"enabled":false}`},
		"tag":      {in.Integration{Tags: []in.Tag{{Key: "team"}}}, `{"tags":[{"key":"team","value":""}]}`},
		"models": {
			in.Integration{APIs: []in.IntegrationAPI{{API: "m", Description: "d"}, {IntegrationName: "n", API: "o", Description: "d", Enabled: in.Bool(false)}}},
			`{"apis":[{"integrationName":"n","api":"m","description":"d"},{"integrationName":"n","api":"o","description":"d","enabled":false}]}`,
		},
		"values": {
			in.Integration{Configuration: in.Configuration{"s": "a<&>\n", "n": 5672, "b": true, "nil": nil, "o": map[string]any{"k": []int{1}}}},
			`{"configuration":{"s":"a<&>\n","n":5672,"b":true,"nil":null,"o":{"k":[1]}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, requests := answering(t, http.StatusOK, "")
			tt.item.Name, tt.item.Type = "n", "t"
			require.NoError(t, client.SaveAll(t.Context(), []in.Integration{tt.item}, in.WithValidation(in.Lenient)))
			var got []map[string]any
			require.NoError(t, json.Unmarshal([]byte((*requests)[0].Body), &got))
			require.Equal(t, "n", got[0]["name"])
			require.Equal(t, "t", got[0]["type"])
			delete(got[0], "name")
			delete(got[0], "type")
			rest, err := json.Marshal(got[0])
			require.NoError(t, err)
			require.JSONEq(t, tt.want, string(rest))
		})
	}
}

func TestSaveAllWithoutCredentialsSendsNoToken(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	require.NoError(t, client.SaveAll(t.Context(), []in.Integration{openAI()}))
	require.NotContains(t, (*requests)[0].Header, "X-Authorization")
}

func TestListProvidersDecodesThePagesAnswers(t *testing.T) {
	t.Parallel()
	openAI := in.Provider{
		Name:          "openAI",
		Type:          in.TypeOpenAI,
		Category:      in.CategoryAIModel,
		Description:   "Please remember to set your api key",
		Enabled:       true,
		Configuration: in.Configuration{"api_key": "xxxxx", "endpoint": "https://api.openai.com", "organizationId": ""},
		Tags:          []in.Tag{},
		ModelsCount:   3,
		CreateTime:    1772787470214,
		UpdateTime:    1773839434450,
		CreatedBy:     "john.doe@orkes.io",
		UpdatedBy:     "john.doe@orkes.io",
	}
	active, aiModel := openAI, openAI
	active.Configuration = in.Configuration{"api_key": "xxxxxxxx", "endpoint": "https://api.openai.com", "organizationId": ""}
	aiModel.Configuration = in.Configuration{"api_key": "xxxxxxx", "endpoint": "https://api.openai.com", "organizationId": ""}
	tests := map[string]struct {
		opts  []in.ListOption
		query string
		want  []in.Provider
	}{
		"list_all.json": {
			opts:  []in.ListOption{in.IncludeInactive()},
			query: "activeOnly=false",
			want: []in.Provider{openAI, {
				Name:          "SendGrid",
				Type:          in.TypeSendGrid,
				Category:      in.CategoryEmail,
				Description:   "SendGrid integration",
				Enabled:       true,
				Configuration: in.Configuration{"api_key": "xxxxx"},
				Tags:          []in.Tag{},
				CreateTime:    1750752182767,
				UpdateTime:    1763713203291,
				CreatedBy:     "john.doe@orkes.io",
				UpdatedBy:     "john.doe@orkes.io",
			}, {
				Name:          "Pinecone",
				Type:          in.TypePineconeDB,
				Category:      in.CategoryVectorDB,
				Description:   "Test",
				Enabled:       true,
				Configuration: in.Configuration{"api_key": "xxxxx", "projectName": "xxxxx", "environment": "us-east-1"},
				Tags:          []in.Tag{},
				ModelsCount:   1,
				CreateTime:    1764313295504,
				UpdateTime:    1764313295504,
				CreatedBy:     "john.doe@orkes.io",
				UpdatedBy:     "john.doe@orkes.io",
			}},
		},
		"list_active.json": {query: "activeOnly=true", want: []in.Provider{active}},
		"list_ai_model.json": {
			opts:  []in.ListOption{in.InCategory(in.CategoryAIModel), in.IncludeInactive()},
			query: "activeOnly=false&category=AI_MODEL",
			want:  []in.Provider{aiModel},
		},
	}
	for file, tt := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			client, requests := answering(t, http.StatusOK, golden(t, file), in.WithToken("the-token"))
			got, err := client.ListProviders(t.Context(), tt.opts...)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(tt.want, got))
			r := (*requests)[0]
			require.Equal(t, http.MethodGet, r.Method)
			require.Equal(t, "/api/integrations/provider", r.Path)
			require.Equal(t, tt.query, r.Query)
			require.Equal(t, "the-token", r.Header.Get("X-Authorization"))
			require.Empty(t, r.Body)
		})
	}
}

// A cluster may know more than the page, and say less than it.
func TestListProvidersToleratesTheUnknown(t *testing.T) {
	t.Parallel()
	body := `[{"name":"m","type":"kafka_msk","category":"MCP","ownerApp":"a","apis":[],"new":{"x":[1]},
		"configuration":{"n":1.5,"o":{"k":[true,null]}}},{"name":"n"},{"name":"o","configuration":null,"tags":null,"createTime":0,"enabled":null}]`
	client, _ := answering(t, http.StatusOK, body)
	got, err := client.ListProviders(t.Context(), in.InCategory("MCP & more"))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]in.Provider{
		{Name: "m", Type: "kafka_msk", Category: "MCP", Enabled: true, Configuration: in.Configuration{"n": 1.5, "o": map[string]any{"k": []any{true, nil}}}},
		{Name: "n", Enabled: true}, {Name: "o", Enabled: true},
	}, got))
}

func TestListProvidersIsNeverNil(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, http.StatusOK, " [ ] \n")
	got, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	require.NotNil(t, got)
	require.Empty(t, got)
}

// Blocks of providers are put together in order, whatever their number.
func TestListProvidersKeepsOrder(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 511, 512, 513, 2000} {
		client, _ := answering(t, http.StatusOK, string(listOf(n)))
		got, err := client.ListProviders(t.Context())
		require.NoError(t, err)
		var want []in.Provider
		require.NoError(t, json.Unmarshal(listOf(n), &want))
		require.Empty(t, cmp.Diff(want, got))
	}
}

func TestCategoryIsEscapedInTheQuery(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "[]")
	_, err := client.ListProviders(t.Context(), in.InCategory("a&b=c d"))
	require.NoError(t, err)
	require.Equal(t, "activeOnly=true&category=a%26b%3Dc+d", (*requests)[0].Query)
}

func TestTimestamp(t *testing.T) {
	t.Parallel()
	require.True(t, in.Timestamp(0).Time().IsZero())
	require.Equal(t, time.Date(2026, 3, 6, 8, 57, 50, 214e6, time.UTC), in.Timestamp(1772787470214).Time())
}

func TestABatchIsOneRequest(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	require.NoError(t, client.SaveAll(t.Context(), batchOf(1000)))
	require.Len(t, *requests, 1)
	var got []in.Integration
	require.NoError(t, json.Unmarshal([]byte((*requests)[0].Body), &got))
	require.Empty(t, cmp.Diff(batchOf(1000), got))
}

func TestNothingIsSentForNothing(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	require.NoError(t, client.SaveAll(t.Context(), nil))
	require.NoError(t, client.SaveAll(t.Context(), []in.Integration{}))
	require.Empty(t, *requests)
}

func TestNothingIsSentOfABatchWithProblems(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	batch := batchOf(5)
	batch[1].Type = "opnai"
	batch[2].Configuration = in.Configuration{"apiKey": "sk-canary"}
	batch[4].APIs = nil
	requireProblems(t, client.SaveAll(t.Context(), batch),
		problem{1, "type", in.ErrUnknownType, "did you mean openai?"},
		problem{2, "configuration.api_key", in.ErrMissing, ""},
		problem{2, "configuration.apiKey", in.ErrUnknownKey, "did you mean api_key?"},
		problem{4, "apis", in.ErrMissing, ""},
	)
	require.Empty(t, *requests)
}

// Text that is not UTF-8 is not sent as something else.
func TestNothingIsSentThatEncodingWouldChange(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	batch := batchOf(2)
	batch[1].Name = "b\xff"
	batch[1].APIs[0].IntegrationName, batch[1].APIs[1].IntegrationName = "", ""
	batch[1].Description = "a\xff"
	batch[1].Configuration = in.Configuration{"api_key": "\xff\xfe", "endpoint": []string{"ok", "\xff"}}
	batch[1].Tags = []in.Tag{{Key: "\xff", Value: "\xff"}}
	batch[1].APIs[1].API = "\xff"
	batch[1].APIs[1].Description = "\xff"
	for _, mode := range []in.ValidationMode{in.Strict, in.Lenient, in.Off} {
		requireProblems(t, client.SaveAll(t.Context(), batch, in.WithValidation(mode)),
			problem{1, "name", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "description", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "configuration.api_key", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "configuration.endpoint", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "tags[0].key", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "tags[0].value", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "apis[1].api", in.ErrUnknownValue, "is not valid UTF-8"},
			problem{1, "apis[1].description", in.ErrUnknownValue, "is not valid UTF-8"},
		)
	}
	odd := openAI(func(i *in.Integration) { i.Configuration["\xff"] = "" })
	requireProblems(t, client.SaveAll(t.Context(), []in.Integration{odd}, in.WithValidation(in.Off)),
		problem{0, "configuration.[1 bytes]", in.ErrUnknownValue, "is not valid UTF-8"})
	require.Empty(t, *requests)

	batch = batchOf(1)
	batch[0].Configuration[in.KeyEndpoint] = []string{`\ufffd`, `\\ufffd`, "\ufffd"}
	batch[0].Description = `\ufffd and \\ufffd and ` + "\ufffd"
	require.NoError(t, client.SaveAll(t.Context(), batch))
	var got []in.Integration
	require.NoError(t, json.Unmarshal([]byte((*requests)[0].Body), &got))
	require.Equal(t, batch[0].Description, got[0].Description)
}

// An encoder that changes its mind is not quoted.
func TestAnEncoderThatFailsLate(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	item := openAI(func(i *in.Integration) { i.Configuration[in.KeyEndpoint] = &fickle{} })
	err := client.SaveAll(t.Context(), []in.Integration{item})
	require.EqualError(t, err, "integrations: SaveAll: the body cannot be encoded")
	require.Empty(t, *requests)
}

// fickle encodes once.
type fickle struct{ encoded bool }

func (f *fickle) MarshalJSON() ([]byte, error) {
	if f.encoded {
		return nil, errors.New("canary")
	}
	f.encoded = true
	return []byte(`"https://endpoint"`), nil
}
