package compare

import (
	"net/http"
	"slices"
	"testing"

	"github.com/antihax/optional"
	"github.com/conductor-sdk/conductor-go/sdk/client"
	"github.com/conductor-sdk/conductor-go/sdk/model"
	"github.com/conductor-sdk/conductor-go/sdk/model/integration"
	"github.com/conductor-sdk/conductor-go/sdk/settings"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// officialClient is the official SDK's API client for srv, over a socket and with
// the credentials of srv.
func officialClient(srv *fake.Server) *client.APIClient {
	id, secret := srv.Credentials()
	return client.NewAPIClient(settings.NewAuthenticationSettings(id, secret), settings.NewHttpSettings(srv.URL()+"/api"))
}

// life is the official SDK at work on a fake, step by step.
type life struct {
	t       *testing.T
	c       client.IntegrationClient
	prompts client.PromptClient
}

// done checks what a call that returns no value has returned.
func (l life) done(reply *http.Response, err error) {
	l.t.Helper()
	require.NoError(l.t, err)
	require.Equal(l.t, http.StatusOK, reply.StatusCode)
}

// missing checks that a call has met a 404.
func (l life) missing(err error) {
	l.t.Helper()
	var refused client.GenericSwaggerError
	require.ErrorAs(l.t, err, &refused)
	require.Equal(l.t, http.StatusNotFound, refused.StatusCode())
	require.Contains(l.t, string(refused.Body()), "No such")
}

// The official SDK's client finds what it needs on the fake, from the first save
// to the last delete. The second half of the test names the operations that the
// official SDK does not have.
func TestLifeWithTheOfficialSDK(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	api := officialClient(srv)
	l := life{t, client.NewIntegrationClient(api), client.NewPromptClient(api)}
	l.saveAndRead()
	l.models()
	l.tags()
	l.promptsOfAModel()
	l.remove()
	srv.AssertSaved(t)

	reached := map[in.Op]bool{}
	for _, r := range srv.Requests() {
		reached[r.Op] = true
	}
	lost := slices.DeleteFunc(in.Ops(), func(op in.Op) bool { return reached[op] })
	require.Equal(t, []in.Op{
		in.OpSaveAll, in.OpListIntegrations, in.OpListRefs, in.OpListAvailableModels, in.OpListDefinitions, in.OpGetDefinition,
		in.OpRegisterDefinitions, in.OpGetTokenLimit, in.OpSaveTokenLimit, in.OpListTokenUsage, in.OpRecordEvents,
	}, lost, "operations that the official integration client has no call for")
}

func (l life) saveAndRead() {
	ctx := l.t.Context()
	_, _, err := l.c.GetIntegrationProvider(ctx, "ai")
	l.missing(err)
	l.done(l.c.SaveIntegrationProvider(ctx, integration.IntegrationUpdate{
		Type_: "openai", Category: "AI_MODEL", Description: "For the support desk", Enabled: true,
		Configuration: map[integration.ConfigKey]any{integration.APIKey: apiKey, integration.Endpoint: "https://api.openai.com"},
	}, "ai"))
	got, _, err := l.c.GetIntegrationProvider(ctx, "ai")
	require.NoError(l.t, err)
	require.Equal(l.t, integration.Integration{
		Name: "ai", Type_: "openai", Category: "AI_MODEL", Description: "For the support desk", Enabled: true,
		Configuration: map[string]any{"api_key": "xxxxx", "endpoint": "https://api.openai.com"},
		CreatedBy:     "user@example.com", UpdatedBy: "user@example.com", Tags: []model.TagObject{},
	}, got)
	for category, want := range map[string]int{"AI_MODEL": 1, "EMAIL": 0} {
		list, _, err := l.c.GetIntegrationProviders(ctx, &client.GetIntegrationProvidersOpts{
			Category: optional.NewString(category), ActiveOnly: optional.NewBool(false),
		})
		require.NoError(l.t, err)
		require.Len(l.t, list, want)
	}
}

func (l life) models() {
	ctx := l.t.Context()
	_, _, err := l.c.GetIntegrationApi(ctx, "ai", "gpt-4o")
	l.missing(err)
	_, err = l.c.SaveIntegrationApi(ctx, integration.IntegrationApiUpdate{Description: "d"}, "none", "gpt-4o")
	l.missing(err)
	for _, name := range []string{"gpt-4o", "gpt-4o-mini"} {
		l.done(l.c.SaveIntegrationApi(ctx, integration.IntegrationApiUpdate{Description: "A model", Enabled: true}, "ai", name))
	}
	list, _, err := l.c.GetIntegrationApis(ctx, "ai", optional.NewBool(true))
	require.NoError(l.t, err)
	require.Len(l.t, list, 2)
	for _, entry := range list {
		alone, _, err := l.c.GetIntegrationApi(ctx, "ai", entry.Api)
		require.NoError(l.t, err)
		require.Equal(l.t, entry, alone)
		require.Equal(l.t, "ai", alone.IntegrationName)
		require.Equal(l.t, "A model", alone.Description)
		require.True(l.t, alone.Enabled)
	}
}

func (l life) tags() {
	ctx := l.t.Context()
	tags := []model.TagObject{{Key: "team", Value: "docs", Type_: "METADATA"}, {Key: "stage", Value: "live"}}
	kept := []model.TagObject{{Key: "stage", Value: "live"}}
	l.done(l.c.UpdateTagForIntegrationProvider(ctx, tags, "ai"))
	l.done(l.c.DeleteTagForIntegrationProvider(ctx, tags[:1], "ai"))
	got, _, err := l.c.GetTagsForIntegrationProvider(ctx, "ai")
	require.NoError(l.t, err)
	require.Equal(l.t, kept, got)
	l.done(l.c.UpdateTagForIntegration(ctx, tags, "ai", "gpt-4o"))
	l.done(l.c.DeleteTagForIntegration(ctx, tags[:1], "ai", "gpt-4o"))
	got, _, err = l.c.GetTagsForIntegration(ctx, "ai", "gpt-4o")
	require.NoError(l.t, err)
	require.Equal(l.t, kept, got)
	item, _, err := l.c.GetIntegrationProvider(ctx, "ai")
	require.NoError(l.t, err)
	require.Equal(l.t, kept, item.Tags)
}

func (l life) promptsOfAModel() {
	ctx := l.t.Context()
	_, err := l.c.AssociatePromptWithIntegration(ctx, "ai", "gpt-4o", "greeting")
	l.missing(err)
	l.done(l.prompts.SaveMessageTemplate(ctx, "Hello ${name}", "Says hello", "greeting", nil))
	l.done(l.prompts.PutTagForPromptTemplate(ctx, []model.Tag{{Key: "team", Value: "docs"}}, "greeting"))
	l.done(l.c.AssociatePromptWithIntegration(ctx, "ai", "gpt-4o", "greeting"))
	list, _, err := l.c.GetPromptsWithIntegration(ctx, "ai", "gpt-4o")
	require.NoError(l.t, err)
	require.Len(l.t, list, 1)
	require.Equal(l.t, []string{"ai:gpt-4o"}, list[0].Integrations)
	alone, _, err := l.prompts.GetMessageTemplate(ctx, "greeting")
	require.NoError(l.t, err)
	require.Equal(l.t, []model.TagObject{{Key: "team", Value: "docs"}}, alone.Tags)
	alone.Tags = nil
	require.Equal(l.t, list[0], *alone)
	require.Equal(l.t, "Hello ${name}", alone.Template)
	require.Equal(l.t, "Says hello", alone.Description)
	require.Equal(l.t, []string{"name"}, alone.Variables)
}

func (l life) remove() {
	ctx := l.t.Context()
	l.done(l.c.DeleteIntegrationApi(ctx, "ai", "gpt-4o-mini"))
	_, err := l.c.DeleteIntegrationApi(ctx, "ai", "gpt-4o-mini")
	l.missing(err)
	l.done(l.c.DeleteIntegrationProvider(ctx, "ai"))
	_, _, err = l.c.GetIntegrationProvider(ctx, "ai")
	l.missing(err)
	_, err = l.c.DeleteIntegrationProvider(ctx, "ai")
	l.missing(err)
	alone, _, err := l.prompts.GetMessageTemplate(ctx, "greeting")
	require.NoError(l.t, err)
	require.Empty(l.t, alone.Integrations, "the link is gone with the integration")
	l.done(l.prompts.DeleteMessageTemplate(ctx, "greeting"))
	_, _, err = l.prompts.GetMessageTemplate(ctx, "greeting")
	l.missing(err)
}
