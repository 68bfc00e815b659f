package service

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

var keys = Keys{OpenAI: "sk-canary", Anthropic: "sk-ant-canary"}

func TestAStartSavesBothProviders(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	svc := New(srv.Client())

	require.NoError(t, svc.Start(t.Context(), keys))
	srv.AssertSaved(t,
		integrations.Integration{
			Name:          "service-openai",
			Type:          integrations.TypeOpenAI,
			Description:   "OpenAI for the service",
			Configuration: integrations.Configuration{"api_key": "sk-canary"},
			APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "Answers questions"}},
		},
		integrations.Integration{
			Name:        "service-anthropic",
			Type:        integrations.TypeAnthropic,
			Description: "Anthropic for the service",
			Configuration: integrations.Configuration{
				"api_key":  "sk-ant-canary",
				"endpoint": "https://api.anthropic.com/v1",
			},
			APIs: []integrations.IntegrationAPI{{API: "claude-sonnet-4-6", Description: "Checks answers"}},
		},
	)
}

func TestAStartMayBeRepeated(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	svc := New(srv.Client())

	require.NoError(t, svc.Start(t.Context(), Keys{OpenAI: "sk-old", Anthropic: "sk-ant-old"}))
	require.NoError(t, svc.Start(t.Context(), keys))
	srv.AssertSaved(t, providers(keys)...)
}

// What an operator switched off stays off, and the service says so.
func TestAProviderThatIsSwitchedOffIsNotReady(t *testing.T) {
	t.Parallel()
	existing := providers(keys)[0]
	existing.Enabled = integrations.Bool(false)
	srv := fake.Start(t, fake.WithIntegrations(existing))
	svc := New(srv.Client())

	err := svc.Start(t.Context(), keys)
	require.ErrorIs(t, err, ErrNotReady)
	require.ErrorContains(t, err, "service-openai:gpt-4o")
}

func TestAModelThatIsRemovedIsNotReady(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client()
	svc := New(client)
	require.NoError(t, svc.Start(t.Context(), keys))
	require.NoError(t, client.DeleteModel(t.Context(), Anthropic, "claude-sonnet-4-6"))

	err := svc.Ready(t.Context())
	require.ErrorIs(t, err, ErrNotReady)
	require.ErrorContains(t, err, "service-anthropic:claude-sonnet-4-6")
}

func TestAStartWithoutPermissionSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithReadOnly(Anthropic))
	svc := New(srv.Client())

	err := svc.Start(t.Context(), keys)
	require.ErrorIs(t, err, integrations.ErrForbidden)
	require.ErrorContains(t, err, "needs update permission")
	requireNoSecret(t, err)
	require.Len(t, srv.Requests(integrations.OpSaveAll), 1, "another attempt would not help")
	srv.AssertSaved(t)
}

// In a bubble the clock jumps over every wait, so 20 seconds take no time.
func TestAStartWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		svc := New(srv.Client())
		srv.FailNext(integrations.OpSaveAll, fake.Fault{
			Status: http.StatusTooManyRequests,
			Header: http.Header{"Retry-After": {"20"}},
		})

		begun := time.Now()
		require.NoError(t, svc.Start(t.Context(), keys))
		require.Equal(t, 20*time.Second, time.Since(begun))
		srv.AssertSaved(t, providers(keys)...)
	})
}

// The server saves and the reply never arrives: the client saves the same again.
func TestALostReplyIsOvercome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		svc := New(srv.Client())
		srv.FailNext(integrations.OpSaveAll, fake.Fault{AfterCommit: true, Drop: true})

		require.NoError(t, svc.Start(t.Context(), keys))
		saves := srv.Requests(integrations.OpSaveAll)
		require.Len(t, saves, 2)
		require.Equal(t, saves[0].Body, saves[1].Body)
		srv.AssertSaved(t, providers(keys)...)
	})
}

func TestAServerThatIsDownFailsTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t)
		svc := New(srv.Client())
		srv.FailAlways(integrations.OpSaveAll, fake.Fault{Status: http.StatusServiceUnavailable})

		err := svc.Start(t.Context(), keys)
		require.ErrorIs(t, err, integrations.ErrServer)
		requireNoSecret(t, err)

		srv.ClearFaults()
		require.NoError(t, svc.Start(t.Context(), keys))
	})
}

// A mistake in the batch ends before anything is sent, the token included.
func TestAMistakeIsFoundBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	svc := New(srv.Client())

	err := svc.Start(t.Context(), Keys{OpenAI: " ", Anthropic: "<canary>"})
	var invalid *integrations.ValidationError
	require.ErrorAs(t, err, &invalid)
	require.Len(t, invalid.Problems, 2)
	require.ErrorIs(t, invalid.Problems[0].Err, integrations.ErrMissing)
	require.ErrorIs(t, invalid.Problems[1].Err, integrations.ErrMaskedSecret)
	requireNoSecret(t, err)
	require.Empty(t, srv.Requests())
}

func TestReadyFailsWithTheListing(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	svc := New(srv.Client())
	srv.FailNext(integrations.OpListRefs, fake.Fault{Status: http.StatusForbidden})

	require.ErrorIs(t, svc.Ready(t.Context()), integrations.ErrForbidden)
}

func requireNoSecret(t *testing.T, err error) {
	t.Helper()
	require.NotContains(t, err.Error(), "canary")
}
