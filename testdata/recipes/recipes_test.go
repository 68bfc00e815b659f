package recipes

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// The tests that set the environment are not parallel.

var mail = integrations.Integration{
	Name:          "mail",
	Type:          integrations.TypeSendGrid,
	Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.canary"},
}

// environment names srv, which is reached under address.
func environment(t *testing.T, srv *fake.Server, address string) {
	t.Helper()
	keyID, keySecret := srv.Credentials()
	t.Setenv("CONDUCTOR_SERVER_URL", address)
	t.Setenv("CONDUCTOR_AUTH_KEY", keyID)
	t.Setenv("CONDUCTOR_AUTH_SECRET", keySecret)
}

func TestProxyAndPrivateCA(t *testing.T) {
	srv := fake.Start(t)
	web := httptest.NewTLSServer(srv.Handler())
	t.Cleanup(web.Close)
	environment(t, srv, web.URL)
	var tunnels atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tunnels.Add(1)
		tunnel(w, r.Host)
	}))
	t.Cleanup(proxy.Close)
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})

	client, err := NewInternalClient(proxyURL, ca)
	require.NoError(t, err)
	_, err = client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Positive(t, tunnels.Load())

	_, err = NewInternalClient(proxyURL, []byte("no certificate"))
	require.Error(t, err)
}

// tunnel connects the client with the host, as a proxy does.
func tunnel(w http.ResponseWriter, host string) {
	server, err := net.Dial("tcp", host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(server, client) }()
	_, _ = io.Copy(client, server)
}

func TestLogsAreJSONAndShowNoSecret(t *testing.T) {
	srv := fake.Start(t)
	environment(t, srv, srv.URL())
	var log bytes.Buffer
	client, err := NewLoggingClient(&log, slog.LevelDebug)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	require.NoError(t, client.SaveAll(t.Context(), []integrations.Integration{mail}))
	LogProviders(slog.New(slog.NewJSONHandler(&log, nil)), []integrations.Provider{{Name: "mail", Configuration: mail.Configuration}})
	require.NotContains(t, log.String(), "canary")
	lines := bytes.Split(bytes.TrimSpace(log.Bytes()), []byte("\n"))
	require.Len(t, lines, 3) // the token exchange, the save, the provider
	for _, line := range lines {
		require.True(t, json.Valid(line), string(line))
	}
}

func TestTokensFromTheVaultAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithToken("token"))
		reads := 0
		vault := &VaultTokens{Read: func(context.Context) (string, time.Time, error) {
			if reads++; reads == 3 {
				return "", time.Time{}, errors.New("the vault is sealed")
			}
			return "token", time.Now().Add(time.Hour), nil
		}}
		client := srv.Client(integrations.WithTokenSource(vault))
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := client.ListProviders(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.Equal(t, 1, reads)
		for want := 2; want <= 3; want++ {
			time.Sleep(59*time.Minute + time.Second)
			_, err := client.ListProviders(t.Context())
			require.Equal(t, want, reads)
			require.Equal(t, want == 3, err != nil, err)
		}
	})
}

func TestStart(t *testing.T) {
	srv := fake.Start(t)
	environment(t, srv, srv.URL())
	srv.FailNext(integrations.OpListIntegrations, fake.Fault{Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"0"}}})
	require.NoError(t, Start(t.Context(), []integrations.Integration{mail}))
	srv.AssertSaved(t, mail)
}

func TestWhatNow(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	srv := fake.Start(t, fake.WithReadOnly("mail"))
	client := srv.Client()
	for want, err := range map[string]error{
		"go on":             nil,
		"correct the batch": client.SaveAll(t.Context(), []integrations.Integration{{}}),
		"try again later":   fmt.Errorf("wrapped: %w", &integrations.APIError{StatusCode: http.StatusBadGateway}),
		"stop":              client.SaveAll(ended, []integrations.Integration{mail}),
		"call an operator":  client.SaveAll(t.Context(), []integrations.Integration{mail}),
	} {
		require.Equal(t, want, WhatNow(err), err)
	}
	require.Equal(t, "call an operator", WhatNow(&plan.ConflictError{}))
}

func TestDisableAndDelete(t *testing.T) {
	t.Parallel()
	model := integrations.Integration{
		Name:          "openai",
		Type:          integrations.TypeOpenAI,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-canary"},
		Tags:          []integrations.Tag{{Key: "team", Value: "payments"}},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
	}
	srv := fake.Start(t, fake.WithIntegrations(model))
	client := srv.Client()

	require.NoError(t, Disable(t.Context(), client, model))
	disabled := model
	disabled.Enabled = integrations.Bool(false)
	disabled.Tags = []integrations.Tag{{Key: "team", Value: "payments"}, {Key: "state", Value: "retired"}}
	srv.AssertSaved(t, disabled)

	require.NoError(t, Delete(t.Context(), client, "openai"))
	require.NoError(t, Delete(t.Context(), client, "openai"))
	srv.AssertSaved(t)
}

func TestApplyAFile(t *testing.T) {
	t.Setenv("MAIL_API_KEY", "SG.canary")
	file := filepath.Join(t.TempDir(), "integrations.yaml")
	text := "- {name: mail, type: sendgrid, configuration: {api_key: \"${MAIL_API_KEY}\"}}\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	srv := fake.Start(t)
	require.NoError(t, Apply(t.Context(), srv.Client(), file))
	saved := mail
	saved.Tags = []integrations.Tag{{Key: "iac-owner", Value: "payments"}}
	srv.AssertSaved(t, saved)
}
