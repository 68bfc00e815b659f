package integrations_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// operation is one operation with the exchange that is documented for it. The
// bodies are in testdata/golden, as OP.request.json and OP.reply.json. An
// absent file is an empty body.
type operation struct {
	call                func(context.Context, *in.Client) (any, error)
	method, path, query string
	want                any    // what call returns; nil: nothing
	missing             string // what a 404 means
}

const (
	noAPI        = "this server has no integrations API: Conductor's open-source server does not have it; check the server URL"
	noProvider   = `there is no integration "openAI"`
	noModel      = noProvider + `, or it has no model "gpt-4o"`
	noLimit      = noProvider + ", or it has no token limit, or the server is of version 4, which has none"
	noDefinition = `there is no definition "sample_type", or the server is of version 4, which does not have this operation`
	noRegister   = "servers of version 4 do not have this operation"
)

const (
	providerPath = "/api/integrations/provider/openAI"
	modelPath    = providerPath + "/integration/gpt-4o"
)

// nothing makes an operation without a result fit the table.
func nothing(err error) (any, error) { return nil, err }

var gpt4o = in.Model{
	IntegrationName: "openAI", API: "gpt-4o", Description: "Updated description for GPT-4o model", Enabled: true,
	Configuration: in.Configuration{}, Tags: []in.Tag{},
	CreateTime: 1777623244640, UpdateTime: 1777623489870, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
}

// operations has every operation of the client but the token exchange.
var operations = map[in.Op]operation{
	in.OpSaveAll: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.SaveAll(ctx, []in.Integration{{
				Name: "open-ai-test", Type: in.TypeOpenAI, Category: in.CategoryAIModel,
				Description: "OpenAI integration for LLM tasks", Enabled: in.Bool(true),
				Configuration: in.Configuration{in.KeyAPIKey: "sk-..."},
				APIs:          []in.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o model", Enabled: in.Bool(true)}},
			}}))
		},
		method: http.MethodPost, path: "/api/integrations/", missing: noAPI,
	},
	in.OpListProviders: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.ListProviders(ctx) },
		method: http.MethodGet, path: "/api/integrations/provider", query: "activeOnly=true", missing: noAPI,
		want: []in.Provider{{
			Name: "openAI", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "Please remember to set your api key",
			Enabled: true, Tags: []in.Tag{}, ModelsCount: 3,
			Configuration: in.Configuration{"api_key": "xxxxx", "endpoint": "https://api.openai.com", "organizationId": ""},
			CreateTime:    1772787470214, UpdateTime: 1773839434450, CreatedBy: "john.doe@orkes.io", UpdatedBy: "john.doe@orkes.io",
		}},
	},
	in.OpListIntegrations: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return c.ListIntegrations(ctx, in.IncludeInactive(), in.InCategory("AI_MODEL"))
		},
		method: http.MethodGet, path: "/api/integrations/", query: "activeOnly=false&category=AI_MODEL", missing: noAPI,
		want: []in.Provider{{
			Name: "openAI", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "Please remember to set your api key",
			Enabled: true, Tags: []in.Tag{}, ModelsCount: 1,
			Configuration: in.Configuration{"api_key": "<API_KEY>", "endpoint": "https://api.openai.com", "organizationId": ""},
			CreateTime:    1768205768602, UpdateTime: 1768205768602, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
			APIs: []in.Model{{
				IntegrationName: "openAI", API: "chatgpt-4o-latest", Enabled: true, Configuration: in.Configuration{},
				CreateTime: 1768205843203, UpdateTime: 1768205843203, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
			}},
		}, {
			Name: "sendgrid-test", Type: in.TypeSendGrid, Category: in.CategoryEmail, Description: "Test", Tags: []in.Tag{},
			Configuration: in.Configuration{"api_key": "<API_KEY>"}, APIs: []in.Model{},
			CreateTime: 1776769063930, UpdateTime: 1776769133488, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
		}},
	},
	in.OpListRefs: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return c.ListRefs(ctx, in.InCategory(in.CategoryAIModel), in.IncludeInactive())
		},
		method: http.MethodGet, path: "/api/integrations/all", query: "activeOnly=false&type=AI_MODEL", missing: noAPI,
		want: []in.Ref{{"Weaviate", "SampleProducts"}, {"openAI", "gpt-4o"}, {"ollama", "mistral:latest"}, {Provider: "sendgrid-test"}},
	},
	in.OpGetProvider: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.GetProvider(ctx, "openAI") },
		method: http.MethodGet, path: providerPath, missing: noProvider,
		want: in.Provider{
			Name: "openAI", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "Test", Enabled: true, Tags: []in.Tag{}, ModelsCount: 4,
			Configuration: in.Configuration{"api_key": "<API-KEY>", "endpoint": "https://api.openai.com", "organizationId": ""},
			CreateTime:    1764326634134, UpdateTime: 1764326634134, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
		},
	},
	in.OpSaveProvider: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.SaveProvider(ctx, in.Integration{
				Name: "openAI", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "OpenAI account for the marketing team",
				Enabled: in.Bool(true), Configuration: in.Configuration{in.KeyAPIKey: "sk-..."},
			}))
		},
		method: http.MethodPost, path: providerPath, missing: "the server does not know the type openai",
	},
	in.OpDeleteProvider: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return nothing(c.DeleteProvider(ctx, "openAI")) },
		method: http.MethodDelete, path: providerPath, missing: noProvider,
	},
	in.OpListModels: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return c.ListModels(ctx, "openAI", in.IncludeInactive())
		},
		method: http.MethodGet, path: providerPath + "/integration", query: "activeOnly=false", missing: noProvider,
		want: []in.Model{gpt4o},
	},
	in.OpListAvailableModels: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.ListAvailableModels(ctx, "openAI") },
		method: http.MethodGet, path: providerPath + "/integration/all", missing: noProvider,
		want: []string{"gpt-4o", "gpt-4o-mini"},
	},
	in.OpGetModel: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.GetModel(ctx, "openAI", "gpt-4o") },
		method: http.MethodGet, path: modelPath, missing: noModel, want: gpt4o,
	},
	in.OpSaveModel: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.SaveModel(ctx, "openAI", in.IntegrationAPI{API: "gpt-4o", Description: "GPT-4o model", Enabled: in.Bool(true)}))
		},
		method: http.MethodPost, path: modelPath, missing: noProvider,
	},
	in.OpDeleteModel: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.DeleteModel(ctx, "openAI", "gpt-4o"))
		},
		method: http.MethodDelete, path: modelPath, missing: noModel,
	},
	in.OpListProviderTags: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.ListProviderTags(ctx, "openAI") },
		method: http.MethodGet, path: providerPath + "/tags", missing: noProvider,
		want: []in.Tag{{Key: "team", Value: "docs"}, {Key: "team", Value: "marketing"}},
	},
	in.OpPutProviderTags: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.PutProviderTags(ctx, "openAI", in.Tag{Key: "team", Value: "docs"}, in.Tag{Key: "team", Value: "marketing"}))
		},
		method: http.MethodPut, path: providerPath + "/tags", missing: noProvider,
	},
	in.OpDeleteProviderTags: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.DeleteProviderTags(ctx, "openAI", in.Tag{Key: "team", Value: "docs"}))
		},
		method: http.MethodDelete, path: providerPath + "/tags", missing: noProvider,
	},
	in.OpListModelTags: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.ListModelTags(ctx, "openAI", "gpt-4o") },
		method: http.MethodGet, path: modelPath + "/tags", missing: noModel,
		want: []in.Tag{{Key: "test", Value: "tag"}},
	},
	in.OpPutModelTags: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.PutModelTags(ctx, "openAI", "gpt-4o", in.Tag{Key: "test", Value: "tag"}))
		},
		method: http.MethodPut, path: modelPath + "/tags", missing: noModel,
	},
	in.OpDeleteModelTags: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.DeleteModelTags(ctx, "openAI", "gpt-4o", in.Tag{Key: "test", Value: "tag"}))
		},
		method: http.MethodDelete, path: modelPath + "/tags", missing: noModel,
	},
	in.OpListPrompts: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.ListPrompts(ctx, "openAI", "gpt-4o") },
		method: http.MethodGet, path: modelPath + "/prompt", missing: noModel,
		want: []in.Prompt{{
			Name: "population-prompt", Description: "Population prompt", Version: 1, Variables: []string{"country", "year"},
			Template:     "What is the current population of `${country}`? What was the population in `${year}`?",
			Integrations: []in.Ref{{"openAI", "gpt-4o"}, {"openAI", "chatgpt-4o-latest"}},
			CreateTime:   1769502880756, UpdateTime: 1769502880756, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
		}},
	},
	in.OpAssociatePrompt: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.AssociatePrompt(ctx, "openAI", "gpt-4o", "population-prompt"))
		},
		method: http.MethodPost, path: modelPath + "/prompt/population-prompt", missing: noModel + `, or there is no prompt "population-prompt"`,
	},
	in.OpListDefinitions: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.ListDefinitions(ctx) },
		method: http.MethodGet, path: "/api/integrations/def", missing: noAPI,
		want: []in.Definition{{
			Type: in.TypeOpenAI, Name: "OpenAI", Description: "OpenAI models", Category: in.CategoryAIModel, CategoryLabel: "AI / LLM",
			IconName: "openai", Enabled: true, Tags: []string{"AI"},
			Configuration: []in.DefinitionField{
				{Key: in.KeyAPIKey, Type: in.FieldTypePassword, Label: "API key"},
				{Key: in.KeyEndpoint, Type: in.FieldTypeText, Label: "API endpoint", DefaultValue: "https://api.openai.com"},
			},
		}, {
			Type: "slack", Name: "Slack", Category: "MCP", Enabled: true,
			APIs: []in.DefinitionAPI{{
				API: "send_message", Description: "Send a message", IntegrationType: "slack",
				InputSchema: json.RawMessage(`{"name":"send_message_input","type":"JSON"}`),
			}},
		}},
	},
	in.OpGetDefinition: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.GetDefinition(ctx, "sample_type") },
		method: http.MethodGet, path: "/api/integrations/def/sample_type", missing: noDefinition,
		want: in.Definition{
			Type: "sample_type", Name: "sample_name", Description: "sample_description", Category: "API", CategoryLabel: "sample_categoryLabel",
			IconName: "sample_iconName", Enabled: true, Tags: []string{"sample_tags"},
			Configuration: []in.DefinitionField{sampleField([]in.DefinitionField{sampleField([]in.DefinitionField{})})},
		},
	},
	in.OpRegisterDefinitions: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.RegisterDefinitions(ctx, in.Definition{
				Type: "acme_crm", Name: "Acme CRM", Category: "API", CategoryLabel: "API", Enabled: true,
				Configuration: []in.DefinitionField{{Key: in.KeyAPIKey, Type: in.FieldTypePassword, Label: "API key"}},
			}))
		},
		method: http.MethodPost, path: "/api/integrations/def/register", missing: noRegister,
	},
	in.OpGetTokenLimit: {
		call:   func(ctx context.Context, c *in.Client) (any, error) { return c.GetTokenLimit(ctx, "openAI") },
		method: http.MethodGet, path: "/api/integrations/llm/openAI/token", missing: noLimit,
		want: in.TokenLimit{
			IntegrationName: "openAI", API: "gpt-4o", MaxTokens: 1_000_000, Period: in.LimitPeriodMonth,
			CreateTime: 1777623244640, UpdateTime: 1777623244640, CreatedBy: "john.doe@acme.com", UpdatedBy: "john.doe@acme.com",
		},
	},
	in.OpSaveTokenLimit: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.SaveTokenLimit(ctx, "openAI", in.TokenLimit{IntegrationName: "openAI", API: "gpt-4o", MaxTokens: 1_000_000, Period: in.LimitPeriodMonth}))
		},
		method: http.MethodPost, path: "/api/integrations/llm/openAI/token", missing: noLimit,
	},
	in.OpListTokenUsage: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return c.ListTokenUsage(ctx, "openAI", in.OfModel("*"), in.WithinDays(31))
		},
		method: http.MethodGet, path: "/api/integrations/llm/openAI/token/history", query: "lookUpWindow=31&model=%2A", missing: noLimit,
		want: []in.TokenUsage{{IntegrationName: "openAI", API: "gpt-4o", PromptTokens: 1200, CompletionTokens: 300, TotalTokens: 1500, PeriodStart: 1777593600000}},
	},
	in.OpRecordEvents: {
		call: func(ctx context.Context, c *in.Client) (any, error) {
			return nothing(c.RecordEvents(ctx, "kafka", in.Event{
				ID: "e-1", Event: "kafka:acme-kafka:orders", Type: in.EventTypeSend, HandlerName: "orders_handler",
				TaskID: "t-1", WorkerID: "w-1", CreatedAt: 1777623244640,
			}))
		},
		method: http.MethodPost, path: "/api/integrations/eventStats/kafka", query: "type=kafka",
		missing: "this server does not take event statistics; check the server URL",
	},
}

// sampleField is the field of the SDKs' shared fixture.
func sampleField(dependsOn []in.DefinitionField) in.DefinitionField {
	return in.DefinitionField{
		Key: in.KeyAPIKey, Type: in.FieldTypeDropdown, Label: "sample_label", Description: "sample_description",
		Value: "sample_value", DefaultValue: "sample_defaultValue", Optional: true,
		Options: []in.FieldOption{{Label: "sample_label", Value: "sample_value"}}, DependsOn: dependsOn,
	}
}

// body returns a golden body of an operation without its final newline.
func body(t testing.TB, op in.Op, kind string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/" + string(op) + "." + kind + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	require.NoError(t, err)
	return strings.TrimSuffix(string(text), "\n")
}

func TestEveryOperationIsInTheTable(t *testing.T) {
	t.Parallel()
	for _, op := range in.Ops() {
		if _, ok := operations[op]; !ok {
			require.Equal(t, in.OpToken, op, "the exchange is not in the table")
		}
	}
	require.Len(t, operations, len(in.Ops())-1)
}

func TestEveryGoldenFileBelongsToAnOperation(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("testdata/golden")
	require.NoError(t, err)
	for _, file := range files {
		op, kind, _ := strings.Cut(file.Name(), ".")
		require.Contains(t, in.Ops(), in.Op(op))
		require.Contains(t, []string{"request.json", "reply.json"}, kind)
	}
}

func TestEveryOperationMakesItsDocumentedExchange(t *testing.T) {
	t.Parallel()
	for op, tt := range operations {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			client, requests := answering(t, http.StatusOK, body(t, op, "reply"), in.WithToken("the-token"))
			got, err := tt.call(t.Context(), client)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(tt.want, got))
			require.Len(t, *requests, 1)
			r := (*requests)[0]
			require.Equal(t, tt.method, r.Method)
			require.Equal(t, tt.path, r.Path)
			require.Equal(t, tt.query, r.Query)
			require.Equal(t, body(t, op, "request"), r.Body)
			require.Equal(t, []string{"the-token"}, r.Header["X-Authorization"])
			if r.Body == "" {
				require.NotContains(t, r.Header, "Content-Type")
			} else {
				require.Equal(t, []string{"application/json"}, r.Header["Content-Type"])
			}
		})
	}
}

func TestTheTokenExchange(t *testing.T) {
	t.Parallel()
	var requests []seen
	client, err := in.NewClient(serve(t, record(t, &requests, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/token" {
			_, _ = w.Write([]byte(body(t, in.OpToken, "reply")))
			return
		}
		_, _ = w.Write([]byte("[]"))
	})), in.WithKeySecret("the-id", "the-secret"))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	require.NoError(t, list(t.Context(), client))
	require.Len(t, requests, 2)
	require.Equal(t, http.MethodPost, requests[0].Method)
	require.JSONEq(t, body(t, in.OpToken, "request"), requests[0].Body)
	require.NotContains(t, requests[0].Header, "X-Authorization")
	require.Equal(t, []string{"the-token"}, requests[1].Header["X-Authorization"])
}

// A write needs no body in its answer, and takes any but a page of HTML.
func TestWritesTakeAnyAnswerButHTML(t *testing.T) {
	t.Parallel()
	for op, tt := range operations {
		if tt.want != nil {
			continue
		}
		for _, answer := range []string{"", "null", `{"name":"a","enabled":7}`, "saved"} {
			_, err := tt.call(t.Context(), clientOf(t, http.StatusOK, nil, text(answer)))
			require.NoError(t, err, op)
		}
		_, err := tt.call(t.Context(), clientOf(t, http.StatusOK, nil, text("\n<html>canary")))
		require.ErrorContains(t, err, "the answer is a page of HTML", op)
		require.NotContains(t, err.Error(), "canary", op)
		page := http.Header{"Content-Type": {"Text/HTML; charset=utf-16"}}
		_, err = tt.call(t.Context(), clientOf(t, http.StatusOK, page, text("please sign in, canary")))
		require.ErrorContains(t, err, "the answer is a page of HTML", op)
	}
}

func TestListsAreNeverNil(t *testing.T) {
	t.Parallel()
	for op, tt := range operations {
		if strings.HasPrefix(string(op), "List") {
			got, err := tt.call(t.Context(), clientOf(t, http.StatusOK, nil, text("[]")))
			require.NoError(t, err, op)
			text, err := json.Marshal(got)
			require.NoError(t, err)
			require.Equal(t, "[]", string(text), op)
		}
	}
}
