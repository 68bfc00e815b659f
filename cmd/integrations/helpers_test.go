package main

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// The tests set the environment, so most of them are not parallel.

var update = flag.Bool("update", false, "write the golden files anew")

// Every secret of the tests. It has a character that is escaped in URLs and JSON.
const canary = "canary<7f3a>"

var (
	saved  = time.Date(2026, 3, 12, 9, 14, 0, 0, time.UTC)
	openAI = integrations.Integration{
		Name:        "openai",
		Type:        integrations.TypeOpenAI,
		Description: "OpenAI",
		Configuration: integrations.Configuration{
			integrations.KeyAPIKey: canary, integrations.KeyEndpoint: "https://api.openai.com",
		},
		Tags: []integrations.Tag{{Key: "iac-owner", Value: "payments"}, {Key: "team", Value: "payments"}},
		APIs: []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
	}
	mail = integrations.Integration{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Description:   "Mail",
		Configuration: integrations.Configuration{integrations.KeyAPIKey: canary},
		Tags:          []integrations.Tag{{Key: "iac-owner", Value: "payments"}},
	}
)

// cluster starts a fake that the environment names.
func cluster(t *testing.T, opts ...fake.Option) *fake.Server {
	t.Helper()
	srv := fake.Start(t, append([]fake.Option{
		fake.WithKeySecret("canary-id", canary),
		fake.WithUser("jane@acme.com"),
		fake.WithClock(func() time.Time { return saved }),
	}, opts...)...)
	point(t, srv.URL())
	return srv
}

// point makes the environment name a cluster.
func point(t *testing.T, serverURL string) {
	t.Helper()
	t.Setenv("CONDUCTOR_SERVER_URL", serverURL)
	t.Setenv("CONDUCTOR_AUTH_KEY", "canary-id")
	t.Setenv("CONDUCTOR_AUTH_SECRET", canary)
	t.Setenv("KEY", canary)
}

// rewriting serves srv, but for one text of its replies that it replaces.
func rewriting(t *testing.T, srv *fake.Server, old, replacement string) {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := httptest.NewRecorder()
		srv.Handler().ServeHTTP(reply, r)
		w.WriteHeader(reply.Code)
		_, _ = w.Write([]byte(strings.ReplaceAll(reply.Body.String(), old, replacement)))
	}))
	t.Cleanup(front.Close)
	point(t, front.URL)
}

// start runs the command as a shell does. No output may hold a secret.
func start(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return startIn(t.Context(), t, stdin, args...)
}

func startIn(ctx context.Context, t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	code = run(ctx, args, strings.NewReader(stdin), &out, &errs)
	for _, text := range []string{out.String(), errs.String()} {
		require.NotContains(t, text, "canary")
		require.NotContains(t, text, url.QueryEscape(canary))
		require.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte(canary)))
		require.NotContains(t, text, "eyJ", "a token")
	}
	return out.String(), errs.String(), code
}

var (
	loopback = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	digest   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
)

// requireGolden compares text with a file of testdata. The port of a server and
// what depends on the port differ from run to run.
func requireGolden(t *testing.T, name, text string) {
	t.Helper()
	text = loopback.ReplaceAllString(text, "http://cluster")
	text = digest.ReplaceAllString(text, "DIGEST")
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(string(want), text))
}

// broken is an output that nobody reads any more.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
