package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// The tests set the environment, so they are not parallel.

func TestFake(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s has left the program", r.Method, r.URL.Path)
	}))
	t.Cleanup(elsewhere.Close)
	for _, name := range []string{"CONDUCTOR_SERVER_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, elsewhere.URL)
		t.Setenv(strings.ToLower(name), elsewhere.URL)
	}
	t.Setenv("CONDUCTOR_AUTH_KEY", "canary-key")
	t.Setenv("CONDUCTOR_AUTH_SECRET", "canary-secret")
	t.Setenv("CONDUCTOR_AUTH_TOKEN", "canary-token")

	stdout, stderr, code := start(t)
	require.Empty(t, stderr)
	require.Zero(t, code)
	requireGolden(t, "fake.txt", stdout)
}

func TestCluster(t *testing.T) {
	other := integrations.Integration{
		Name:          "open-ai-test",
		Type:          integrations.TypeOpenAI,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "canary-of-others"},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o model"}},
	}
	srv := cluster(t, fake.WithIntegrations(other))

	stdout, stderr, code := start(t, "-cluster")
	require.Empty(t, stderr)
	require.Zero(t, code)
	requireGolden(t, "cluster.txt", stdout)

	saves := srv.Requests(integrations.OpSaveAll)
	require.Len(t, saves, 1)
	for _, item := range decode(t, saves[0].Body) {
		require.True(t, strings.HasPrefix(item.Name, "quickstart-"), item.Name)
		require.Equal(t, integrations.Bool(false), item.Enabled, item.Name)
		for _, api := range item.APIs {
			require.Equal(t, integrations.Bool(false), api.Enabled, item.Name)
		}
	}
	for _, save := range srv.Requests(integrations.OpSaveProvider, integrations.OpSaveModel) {
		require.Contains(t, save.Path, "/quickstart-")
		require.Contains(t, string(save.Body), `"enabled":false`)
	}
	srv.AssertSaved(t, other)

	again, _, code := start(t, "-cluster")
	require.Zero(t, code)
	require.Equal(t, stdout, again)
}

func TestClusterWithAnotherPrefix(t *testing.T) {
	srv := cluster(t)
	stdout, stderr, code := start(t, "-cluster", "-prefix", "tmp.")
	require.Empty(t, stderr)
	require.Zero(t, code)
	require.NotContains(t, stdout, "quickstart-")
	for _, item := range decode(t, srv.Requests(integrations.OpSaveAll)[0].Body) {
		require.True(t, strings.HasPrefix(item.Name, "tmp."), item.Name)
	}
	srv.AssertSaved(t)
}

// A run that was killed has left this behind. The next run goes over it.
func TestClusterHasTheProgramsOwn(t *testing.T) {
	own := integrations.Integration{
		Name:          "quickstart-sendgrid-test",
		Type:          integrations.TypeSendGrid,
		Enabled:       integrations.Bool(false),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "canary"},
		Tags:          []integrations.Tag{ownTag},
	}
	srv := cluster(t, fake.WithIntegrations(own))
	_, stderr, code := start(t, "-cluster")
	require.Empty(t, stderr)
	require.Zero(t, code)
	srv.AssertSaved(t)
}

// Whatever fails or ends the program, nothing stays behind.
func TestClusterIsLeftCleanAfterAFailure(t *testing.T) {
	for op, fault := range map[integrations.Op]fake.Fault{
		integrations.OpSaveAll:          {Status: 500, AfterCommit: true},
		integrations.OpListIntegrations: {Status: 403},
		integrations.OpPutProviderTags:  {Status: 403},
		integrations.OpSaveModel:        {Status: 400},
		integrations.OpSaveProvider:     {Status: 500, AfterCommit: true},
	} {
		t.Run(string(op), func(t *testing.T) {
			srv := cluster(t)
			srv.FailNext(op, fault)
			_, stderr, code := start(t, "-cluster")
			require.Equal(t, 1, code)
			require.Contains(t, stderr, string(op))
			require.NotEmpty(t, srv.Requests(integrations.OpDeleteProvider))
			srv.AssertSaved(t)
		})
	}
}

func TestClusterIsLeftCleanAfterAnInterrupt(t *testing.T) {
	for _, op := range []integrations.Op{integrations.OpSaveAll, integrations.OpPutProviderTags, integrations.OpSaveProvider} {
		t.Run(string(op), func(t *testing.T) {
			srv := cluster(t)
			ctx, interrupt := context.WithCancel(t.Context())
			handler := srv.Handler()
			interrupting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handler.ServeHTTP(w, r)
				if ctx.Err() == nil && len(srv.Requests(op)) > 0 {
					interrupt() // after the server has saved, and before it answers
					<-r.Context().Done()
				}
			}))
			t.Cleanup(interrupting.Close)
			t.Setenv("CONDUCTOR_SERVER_URL", interrupting.URL)
			var stderr strings.Builder
			require.Equal(t, 1, run(ctx, []string{"-cluster"}, io.Discard, &stderr))
			require.Contains(t, stderr.String(), "context canceled")
			srv.AssertSaved(t)
		})
	}
}

// What public sources leave open of a server must not matter. The tags of a bulk
// save, and with them the program's mark, may be dropped.
func TestClustersOfAllKinds(t *testing.T) {
	for name, behaviour := range map[string]fake.Behaviour{
		"clear secrets": {ClearSecrets: true}, "partial saves": {PartialSaves: true}, "models are kept": {KeepModels: true},
		"tags are merged": {MergeTags: true}, "tags are dropped": {DropTags: true}, "empty reply": {EmptySaveReply: true},
		"inactive models are hidden": {InactiveHidden: true},
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, fake.WithBehaviour(behaviour))
			_, stderr, code := start(t, "-cluster")
			require.Empty(t, stderr)
			require.Zero(t, code)
			srv.AssertSaved(t)
		})
	}
}

func TestClusterDoesNotLetGo(t *testing.T) {
	srv := cluster(t)
	srv.FailNext(integrations.OpDeleteProvider, fake.Fault{Status: 403, Message: "not yours"})
	_, stderr, code := start(t, "-cluster")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "quickstart-open-ai-test was not removed")
	require.Contains(t, stderr, "not yours")
	left := srv.Integrations()
	require.Len(t, left, 1, "the other one is removed")
	require.Equal(t, "quickstart-open-ai-test", left[0].Name)
}

// An integration of the name that the program uses may be somebody's.
func TestClusterHasTheName(t *testing.T) {
	stranger := integrations.Integration{
		Name:          "quickstart-sendgrid-test",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "canary-of-others"},
	}
	enabledSince := stranger
	enabledSince.Tags = []integrations.Tag{ownTag}
	disabled := stranger
	disabled.Enabled = integrations.Bool(false)

	for name, existing := range map[string]integrations.Integration{
		"untagged and enabled": stranger, "tagged and enabled": enabledSince, "untagged and disabled": disabled,
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, fake.WithIntegrations(existing))
			_, stderr, code := start(t, "-cluster")
			require.Equal(t, 1, code)
			require.Contains(t, stderr, "choose another -prefix")
			require.Empty(t, srv.Requests(integrations.OpSaveAll))
			srv.AssertSaved(t, existing)
		})
	}
}

func TestFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		args   []string
		env    map[string]string
		code   int
		stderr string
	}{
		"help":           {args: []string{"-h"}, stderr: "Exit codes:"},
		"unknown flag":   {args: []string{"-nope"}, code: 2, stderr: "-nope"},
		"argument":       {args: []string{"cluster"}, code: 2, stderr: "no arguments"},
		"blank prefix":   {args: []string{"-cluster", "-prefix", " "}, code: 2, stderr: "-prefix"},
		"no environment": {args: []string{"-cluster"}, code: 1, stderr: "CONDUCTOR_SERVER_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CONDUCTOR_SERVER_URL", "")
			stdout, stderr, code := start(t, tc.args...)
			require.Equal(t, tc.code, code)
			require.Contains(t, stderr, tc.stderr)
			require.Empty(t, stdout)
		})
	}
}

func TestClusterRefuses(t *testing.T) {
	srv := cluster(t, fake.WithReadOnly("quickstart-open-ai-test"))
	_, stderr, code := start(t, "-cluster")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "403")
	srv.AssertSaved(t)
}

// The first save is the reference page's example to the letter.
func TestBatchIsThePages(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("..", "..", "testdata", "save_batch.json"))
	require.NoError(t, err)
	shown := &tour{enabled: true}
	got, err := json.Marshal([]integrations.Integration{shown.openAI(), shown.sendGrid()})
	require.NoError(t, err)
	// The client fills in the name that the model leaves out.
	got = bytes.Replace(got, []byte(`"integrationName":""`), []byte(`"integrationName":"open-ai-test"`), 1)
	require.JSONEq(t, string(want), string(got))
}

// cluster starts a fake that the environment names.
func cluster(t *testing.T, opts ...fake.Option) *fake.Server {
	t.Helper()
	opts = append(opts, fake.WithKeySecret("canary-key", "canary-secret"))
	srv := fake.Start(t, opts...)
	t.Setenv("CONDUCTOR_SERVER_URL", srv.URL())
	t.Setenv("CONDUCTOR_AUTH_KEY", "canary-key")
	t.Setenv("CONDUCTOR_AUTH_SECRET", "canary-secret")
	return srv
}

// start runs the program and checks that it shows no secret.
func start(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	code = run(t.Context(), args, &out, &errs)
	for _, secret := range []string{"canary", "sk-...", "SG....", "sk-ant-..."} {
		require.NotContains(t, out.String()+errs.String(), secret)
	}
	return out.String(), errs.String(), code
}

func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(string(want), got))
}

func decode(t *testing.T, body []byte) []integrations.Integration {
	t.Helper()
	var items []integrations.Integration
	require.NoError(t, json.Unmarshal(body, &items))
	return items
}
