package integrations_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// emptyList answers every request with an empty array and tells what it was.
func emptyList(r **http.Request) *http.Client {
	return &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		*r = req
		w := httptest.NewRecorder()
		_, err := w.WriteString("[]")
		return w.Result(), err
	})}
}

func TestServerURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://host":                    "https://host/api",
		"https://host/":                   "https://host/api",
		"https://host/api":                "https://host/api",
		"https://host/api/":               "https://host/api",
		"https://host//":                  "https://host/api",
		" \thttps://host/api\n":           "https://host/api",
		"HTTP://host:8080":                "http://host:8080/api",
		"http://[::1]:8080/api":           "http://[::1]:8080/api",
		"https://host/conductor":          "https://host/conductor/api",
		"https://host/conductor/":         "https://host/conductor/api",
		"https://host/conductor/api":      "https://host/conductor/api",
		"https://host/conductor/api/":     "https://host/conductor/api",
		"https://host/a%2Fb/api":          "https://host/a%2Fb/api",
		"https://host/my%20cluster":       "https://host/my%20cluster/api",
		"https://host/myapi":              "https://host/myapi/api",
		"https://host//elsewhere.example": "https://host//elsewhere.example/api",
	} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			var sent *http.Request
			client, err := in.NewClient(raw, in.WithHTTPClient(emptyList(&sent)))
			require.NoError(t, err)
			_, err = client.ListProviders(t.Context())
			require.NoError(t, err)
			require.Equal(t, want+"/integrations/provider?activeOnly=true", sent.URL.String())
			require.Equal(t, "integrations.Client("+want+")", fmt.Sprint(client))
		})
	}
}

func TestServerURLIsRefused(t *testing.T) {
	t.Parallel()
	for raw, reason := range map[string]string{
		"":                               "server URL is not set",
		" \n":                            "server URL is not set",
		"host":                           "server URL must begin with https:// or http://",
		"host:8080":                      "server URL must begin with https:// or http://",
		"localhost:8080":                 "server URL must begin with https:// or http://",
		"127.0.0.1:8080":                 "server URL must begin with https:// or http://",
		"[::1]:8080":                     "server URL must begin with https:// or http://",
		"127.0.0.1:8080/api":             "server URL must begin with https:// or http://",
		"//host":                         "server URL must begin with https:// or http://",
		"ftp://canary":                   "server URL must begin with https:// or http://",
		"https://":                       "server URL has no host",
		"https:///api":                   "server URL has no host",
		"https:canary":                   "server URL has no host",
		"https://:443":                   "server URL has no host",
		"https://user:canary@host":       "server URL must not have user info, use WithKeySecret or WithToken",
		"https://canary@host":            "server URL must not have user info, use WithKeySecret or WithToken",
		"https://host?token=canary":      "server URL must not have a query",
		"https://host?":                  "server URL must not have a query",
		"https://host/#canary":           "server URL must not have a fragment",
		"https://host#":                  "server URL must not have a fragment",
		"https://user:canary@host\x7f/":  "server URL is not a URL",
		"https://user:canary@ho st/":     "server URL is not a URL",
		"https://user:canary@host:port/": "server URL is not a URL",
		"https://host/%zzcanary":         "server URL is not a URL",
	} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			_, err := in.NewClient(raw)
			require.EqualError(t, err, "integrations: "+reason)
		})
	}
}

func FuzzServerURL(f *testing.F) {
	for _, raw := range []string{"https://host", "http://[::1%25eth0]:80/a%2Fb//api/", "https://u:p@h?q#f", "https://h//x/api", "https:h"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var sent *http.Request
		client, err := in.NewClient(raw, in.WithHTTPClient(emptyList(&sent)))
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "integrations: server URL "))
			return
		}
		_, err = client.ListProviders(t.Context())
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(sent.URL.Path, "/api/integrations/provider"), sent.URL)
		require.Nil(t, sent.URL.User)
		require.Equal(t, "activeOnly=true", sent.URL.RawQuery)

		again, err := in.NewClient(strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(client), "integrations.Client("), ")"))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(client), fmt.Sprint(again), "what a client prints names the same endpoints")
	})
}

type noToken struct{}

func (noToken) Token(context.Context) (string, error) { return "", nil }

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for reason, opt := range map[string]in.Option{
		"option 0 is nil":                           nil,
		"token is blank":                            in.WithToken(" \n"),
		"token has a control character inside":      in.WithToken("can\nary"),
		"key id is blank":                           in.WithKeySecret("", "canary"),
		"key secret is blank":                       in.WithKeySecret("canary", "\n"),
		"key secret is not valid UTF-8":             in.WithKeySecret("id", "canary\xff"),
		"key secret has a control character inside": in.WithKeySecret("id", "can\x00ary"),
		"token source is nil":                       in.WithTokenSource(nil),
		"HTTP client is nil":                        in.WithHTTPClient(nil),
		"timeout is negative":                       in.WithTimeout(-1),
		"retry policy has a negative field":         in.WithRetry(in.RetryPolicy{MaxRetries: -1}),
		"retry policy's MinWait 1m0s is over its":   in.WithRetry(in.RetryPolicy{MinWait: time.Minute}),
		"retry policy's MinWait 500ms is over its":  in.WithRetry(in.RetryPolicy{MaxWait: time.Millisecond}),
		"maximum of response bytes is not positive": in.WithMaxResponseBytes(0),
		"user agent is blank":                       in.WithUserAgent(""),
		"user agent has a control character inside": in.WithUserAgent("a\r\nX-Evil: b"),
		"logger is nil":                             in.WithLogger(nil),
		"save option 1 is nil":                      in.WithSaveDefaults(in.WithValidation(in.Off), nil),
		"unknown validation mode 9":                 in.WithSaveDefaults(in.WithValidation(9)),
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			_, err := in.NewClient("https://host", opt)
			require.ErrorContains(t, err, "integrations: "+reason)
			require.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestCallOptionsAreChecked(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "[]")
	_, err := client.ListProviders(t.Context(), nil)
	require.EqualError(t, err, "integrations: list option 0 is nil")
	_, err = client.ListProviders(t.Context(), in.InCategory(""))
	require.EqualError(t, err, "integrations: category is empty")
	require.EqualError(t, client.SaveAll(t.Context(), nil, nil), "integrations: save option 0 is nil")
	require.EqualError(t, client.SaveAll(t.Context(), nil, in.WithValidation(-1)), "integrations: unknown validation mode -1")
	require.EqualError(t, client.SaveProvider(t.Context(), openAI(), nil), "integrations: save option 0 is nil")
	require.EqualError(t, client.SaveModel(t.Context(), "main", openAI().APIs[0], nil), "integrations: save option 0 is nil")
	require.EqualError(t, client.Validate(nil, nil), "integrations: save option 0 is nil")
	require.Empty(t, *requests)
}

func TestCredentialsAreTrimmed(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, `{"token":" minted\n"}`, in.WithKeySecret(" id\n", "\tsecret\r\n"))
	require.NoError(t, client.SaveAll(t.Context(), []in.Integration{openAI()}))
	require.JSONEq(t, `{"keyId":"id","keySecret":"secret"}`, (*requests)[0].Body)
	require.Equal(t, "/api/token", (*requests)[0].Path)
	require.NotContains(t, (*requests)[0].Header, "X-Authorization")
	require.Equal(t, "minted", (*requests)[1].Header.Get("X-Authorization"))
}

func TestTheLastCredentialOptionWins(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "[]", in.WithTokenSource(noToken{}), in.WithKeySecret("i", "s"), in.WithToken("last"))
	_, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Len(t, *requests, 1)
	require.Equal(t, "last", (*requests)[0].Header.Get("X-Authorization"))
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "[]")
	_, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	own := (*requests)[0].Header.Get("User-Agent")
	require.Regexp(t, `^conductor-integrations-go/\d+\.\d+\.\d+$`, own)

	client, requests = answering(t, http.StatusOK, "[]", in.WithUserAgent("billing/1.4"))
	_, err = client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Equal(t, "billing/1.4 "+own, (*requests)[0].Header.Get("User-Agent"))
}

// These read the environment, so they cannot run in parallel.
func TestNewClientFromEnv(t *testing.T) {
	env := func(t *testing.T, pairs ...string) {
		for _, name := range []string{"CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET", "CONDUCTOR_AUTH_TOKEN"} {
			t.Setenv(name, "")
		}
		for i := 0; i < len(pairs); i += 2 {
			t.Setenv(pairs[i], pairs[i+1])
		}
	}
	tokenOf := func(t *testing.T, opts ...in.Option) string {
		var sent *http.Request
		client, err := in.NewClientFromEnv(append(opts, in.WithHTTPClient(emptyList(&sent)))...)
		require.NoError(t, err)
		_, err = client.ListProviders(t.Context())
		require.NoError(t, err)
		require.Equal(t, "/api/integrations/provider", sent.URL.Path)
		return sent.Header.Get("X-Authorization")
	}
	t.Run("no server URL", func(t *testing.T) {
		env(t)
		_, err := in.NewClientFromEnv()
		require.EqualError(t, err, "integrations: CONDUCTOR_SERVER_URL is not set")
	})
	t.Run("a bad option", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://host")
		_, err := in.NewClientFromEnv(in.WithTimeout(-1))
		require.EqualError(t, err, "integrations: timeout is negative")
	})
	t.Run("no credentials", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://host/api")
		require.Empty(t, tokenOf(t))
	})
	t.Run("token", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://host", "CONDUCTOR_AUTH_TOKEN", "from-env\n")
		require.Equal(t, "from-env", tokenOf(t))
	})
	t.Run("an option replaces the environment's", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://host", "CONDUCTOR_AUTH_KEY", "half a pair")
		require.Equal(t, "mine", tokenOf(t, in.WithToken("mine")))
	})
	t.Run("half a pair", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://host", "CONDUCTOR_AUTH_SECRET", "canary", "CONDUCTOR_AUTH_TOKEN", "t")
		_, err := in.NewClientFromEnv()
		require.EqualError(t, err, "integrations: CONDUCTOR_AUTH_KEY is blank")
	})
	t.Run("blank token", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://host", "CONDUCTOR_AUTH_TOKEN", " ")
		_, err := in.NewClientFromEnv()
		require.EqualError(t, err, "integrations: CONDUCTOR_AUTH_TOKEN is blank")
	})
	t.Run("a bad URL names the variable and not its value", func(t *testing.T) {
		env(t, "CONDUCTOR_SERVER_URL", "https://u:canary@host")
		_, err := in.NewClientFromEnv()
		require.ErrorContains(t, err, "CONDUCTOR_SERVER_URL must not have user info")
		require.NotContains(t, err.Error(), "canary")
	})
	t.Run("the pair comes before the token", func(t *testing.T) {
		env(t, "CONDUCTOR_AUTH_KEY", "id", "CONDUCTOR_AUTH_SECRET", "secret", "CONDUCTOR_AUTH_TOKEN", "unused")
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/token" {
				fmt.Fprint(w, `{"token":"minted"}`)
				return
			}
			fmt.Fprintf(w, `[{"name":%q}]`, r.Header.Get("X-Authorization"))
		}))
		t.Cleanup(srv.Close)
		t.Setenv("CONDUCTOR_SERVER_URL", srv.URL)
		client, err := in.NewClientFromEnv()
		require.NoError(t, err)
		t.Cleanup(client.CloseIdleConnections)
		got, err := client.ListProviders(t.Context())
		require.NoError(t, err)
		require.Equal(t, "minted", got[0].Name)
	})
}

func TestTheCallersHTTPClientIsCopied(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	hc := emptyList(&sent)
	hc.Timeout = time.Hour
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return errors.New("not asked") }
	before := *hc
	client, err := in.NewClient("https://host", in.WithHTTPClient(hc), in.WithTimeout(time.Minute))
	require.NoError(t, err)
	_, err = client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%#v", before), fmt.Sprintf("%#v", *hc))

	deadline, ok := sent.Context().Deadline()
	require.True(t, ok)
	require.Less(t, time.Until(deadline), 2*time.Minute, "the shorter of the two bounds counts")
}

// The zero http.Client sends through http.DefaultTransport, and so does its copy.
func TestTheZeroHTTPClient(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "[]", in.WithHTTPClient(&http.Client{Timeout: -1}))
	_, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Len(t, *requests, 1)
	var none context.Context
	_, err = client.ListProviders(none)
	require.EqualError(t, err, "integrations: the context is nil")
}

func TestAClientThatWasNotMadeSaysSo(t *testing.T) {
	t.Parallel()
	var none *in.Client
	for _, client := range []*in.Client{none, {}} {
		err := client.SaveAll(t.Context(), []in.Integration{openAI()})
		require.EqualError(t, err, "integrations: this Client was not made by NewClient")
		_, err = client.ListProviders(t.Context())
		require.EqualError(t, err, "integrations: this Client was not made by NewClient")
		client.CloseIdleConnections()
	}
}

func TestLoggerIsSilentByDefault(t *testing.T) {
	var out strings.Builder
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(old) })
	client, _ := answering(t, http.StatusServiceUnavailable, "", in.WithRetry(in.RetryPolicy{MaxRetries: 1, MinWait: 1, MaxWait: 1}))
	_, err := client.ListProviders(t.Context())
	require.Error(t, err)
	require.Empty(t, out.String())
}
