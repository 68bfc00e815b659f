package plan_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

func TestAnExportIsDesiredState(t *testing.T) {
	t.Parallel()
	live := openAI(owned("payments"), set("nested", map[string]any{"password": "p"}), set(in.KeyPort, 8080),
		set(in.KeyProjectName, "xxxxx"), set(in.KeyVersion, ""), set(in.KeyDimensions, int64(1<<60)), set(in.KeyOAuth2RefreshToken, "t"),
		func(i *in.Integration) {
			i.Enabled = in.Bool(false)
			i.APIs[0].Configuration = in.Configuration{in.KeyAPIKey: "sk-model", in.KeyEndpoint: "https://m"}
		})
	for name, behaviour := range map[string]fake.Behaviour{"masked": {}, "clear": {ClearSecrets: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server(t, list(live), fake.WithBehaviour(behaviour))
			require.NoError(t, s.Client().SaveModel(t.Context(), "openai", in.IntegrationAPI{API: "bare"}, in.WithValidation(in.Off)))
			exported, err := plan.Export(t.Context(), s.Client())
			require.NoError(t, err)
			want := in.Integration{
				Name: "openai", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "chat", Enabled: in.Bool(false),
				Configuration: in.Configuration{
					in.KeyAPIKey: "<OPENAI_API_KEY>", in.KeyEndpoint: "https://api.openai.com", "nested": "<OPENAI_NESTED>",
					in.KeyPort: 8080.0, in.KeyProjectName: "<OPENAI_PROJECT_NAME>", in.KeyDimensions: "<OPENAI_DIMENSIONS>",
				},
				Tags: []in.Tag{{Key: "team", Value: "ml"}},
				APIs: []in.IntegrationAPI{
					{API: "bare", Description: "bare", Enabled: in.Bool(true)},
					{API: "gpt-4o", Description: "GPT-4o", Enabled: in.Bool(false),
						Configuration: in.Configuration{in.KeyAPIKey: "<OPENAI_GPT_4O_API_KEY>", in.KeyEndpoint: "https://m"}},
				},
			}
			require.Empty(t, cmp.Diff(list(want), exported))
		})
	}
}

func TestAnExportWritesNoValueThatAPlanHides(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		key   in.ConfigKey
		value any
		want  any
	}{
		{"a URL with user info", in.KeyEndpoint, "amqp://guest:pw@rabbit", "<OPENAI_ENDPOINT>"},
		{"a URL with a query", in.KeyEndpoint, "https://host/?token=tok", "<OPENAI_ENDPOINT>"},
		{"a connection string", in.KeyEndpoint, "sb://acme/;SharedAccessKey=c3Vw", "<OPENAI_ENDPOINT>"},
		{"a text with a secret within", in.KeyEndpoint, "https://host/sk-0123456789", "<OPENAI_ENDPOINT>"},
		{"a secret of another key", in.KeyRegion, "sk-0123456789", "<OPENAI_REGION>"},
		{"a list with a URL within", in.KeyEndpoint, []any{"a", map[string]any{"b": "amqp://guest:pw@rabbit"}}, "<OPENAI_ENDPOINT>"},
		{"a header", in.KeyHeader, "Bearer", "<OPENAI_HEADER>"},
		{"a user", in.KeyUser, "jane", "jane"},
		{"a list", in.KeyEndpoint, []any{"a", true}, []any{"a", true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, list(openAI(set(in.KeyAPIKey, "sk-0123456789"), set(row.key, row.value))), clearSecrets)
			exported, err := plan.Export(t.Context(), s.Client())
			require.NoError(t, err)
			require.Equal(t, row.want, exported[0].Configuration[row.key])
			require.Empty(t, newPlan(t, s.Client(), exported).Changes())
		})
	}
}

// The command takes no variable CONDUCTOR_AUTH_... for a file, see its help.
func TestNoPlaceholderHasTheNameOfTheProgramsCredentials(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(func(i *in.Integration) { i.Name = "conductor-auth" })))
	exported, err := plan.Export(t.Context(), s.Client())
	require.NoError(t, err)
	require.Equal(t, "<_CONDUCTOR_AUTH_API_KEY>", exported[0].Configuration[in.KeyAPIKey])
}

func TestPlaceholdersOfAnExportAreUnique(t *testing.T) {
	t.Parallel()
	named := func(name string) in.Integration {
		return in.Integration{Name: name, Type: in.TypeKafka, Configuration: in.Configuration{"sk-0123456789012345678901234567890": "key", in.KeyKeyStorePassword: "p"}}
	}
	s := server(t, list(named("open ai"), named("open-ai"), named("Open_AI"), named("1é")))
	exported, err := plan.Export(t.Context(), s.Client())
	require.NoError(t, err)
	var found []any
	for _, item := range exported {
		found = append(found, item.Name, item.Configuration[in.KeyKeyStorePassword], item.Configuration["sk-0123456789012345678901234567890"])
	}
	require.Equal(t, []any{
		"1é", "<_1___KEY_STORE_PASSWORD>", "<_1____34_BYTES_>",
		"Open_AI", "<OPEN_AI_KEY_STORE_PASSWORD>", "<OPEN_AI__34_BYTES_>",
		"open ai", "<OPEN_AI_KEY_STORE_PASSWORD_2>", "<OPEN_AI__34_BYTES__2>",
		"open-ai", "<OPEN_AI_KEY_STORE_PASSWORD_3>", "<OPEN_AI__34_BYTES__3>",
	}, found)
}

func TestAnExportTakesListOptions(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(), in.Integration{Name: "mail", Type: in.TypeSendGrid}))
	exported, err := plan.Export(t.Context(), s.Client(), in.InCategory(in.CategoryEmail))
	require.NoError(t, err)
	require.Len(t, exported, 1)
	require.Nil(t, exported[0].APIs)
	require.Nil(t, exported[0].Tags)
	exported, err = plan.Export(t.Context(), server(t, nil).Client())
	require.NoError(t, err)
	body, _ := json.Marshal(exported)
	require.Equal(t, "[]", string(body))
}

func TestAnExportThatCannotListFails(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	s.FailNext(in.OpListIntegrations, fake.Fault{Status: http.StatusForbidden})
	exported, err := plan.Export(t.Context(), s.Client())
	require.ErrorIs(t, err, in.ErrForbidden)
	require.Nil(t, exported)
}

func TestAnExportWithItsSecretsFilledInCanBeApplied(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(owned("a"))))
	exported, err := plan.Export(t.Context(), s.Client())
	require.NoError(t, err)
	require.ErrorIs(t, plan.Ensure(t.Context(), s.Client(), exported), in.ErrMaskedSecret)
	exported[0].Configuration[in.KeyAPIKey] = "sk-1"
	require.NoError(t, plan.Ensure(t.Context(), s.Client(), exported))
	s.AssertSaved(t, openAI(owned("a")))
}
