package integrations_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// exchanges are the three requests that the SDK makes, each as a call that
// makes it.
var exchanges = map[in.Op]func(context.Context, *in.Client) error{
	in.OpSaveAll: func(ctx context.Context, c *in.Client) error { return c.SaveAll(ctx, []in.Integration{openAI()}) },
	in.OpListProviders: func(ctx context.Context, c *in.Client) error {
		_, err := c.ListProviders(ctx)
		return err
	},
	in.OpToken: func(ctx context.Context, c *in.Client) error {
		_, err := c.ListProviders(ctx)
		return err
	},
}

var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
	http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// A redirect is an error on every call, and the place it points to hears of
// nothing, be it another host, another port, or http in place of https.
func TestRedirectsAreNeverFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed: %s %s", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	otherHost := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)

	for op, call := range exchanges {
		for _, status := range redirects {
			for _, to := range []string{elsewhere.URL, otherHost} {
				t.Run(fmt.Sprint(op, status, to), func(t *testing.T) {
					t.Parallel()
					srv := fake.Start(t)
					tls := httptest.NewTLSServer(srv.Handler())
					t.Cleanup(tls.Close)
					id, secret := srv.Credentials()
					client, err := in.NewClient(tls.URL, in.WithHTTPClient(tls.Client()), in.WithKeySecret(id, secret))
					require.NoError(t, err)

					srv.FailNext(op, fake.Fault{Status: status, Header: http.Header{"Location": {
						strings.Replace(to, "://", "://user:canary@", 1) + "/login?token=canary"}}})
					err = call(t.Context(), client)
					require.ErrorIs(t, err, in.ErrRedirect)
					var api *in.APIError
					require.ErrorAs(t, err, &api)
					require.Equal(t, op, api.Op)
					require.Equal(t, status, api.StatusCode)
					require.Contains(t, err.Error(), "it points to "+to+"/login")
					require.NotContains(t, err.Error(), "canary")
					require.Len(t, srv.Requests(op), 1)
				})
			}
		}
	}
}

// A Location that does not parse, points nowhere, or quotes a secret is not
// shown, and the client's own policy is not asked.
func TestRedirectLocations(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"":                              "",
		"https://user:canary@host:port": "",
		"https://canary canary":         "",
		"https://host/sk-canary-value":  "it points to https://host/[redacted]",
	} {
		srv := fake.Start(t)
		client := srv.Client(in.WithHTTPClient(&http.Client{
			Transport: handlerTransport{srv.Handler()},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				t.Error("the redirect policy was asked")
				return nil
			},
		}))
		srv.FailNext(in.OpSaveAll, fake.Fault{Status: http.StatusFound, Header: http.Header{"Location": {location}}})
		item := openAI(func(i *in.Integration) { i.Configuration[in.KeyAPIKey] = "sk-canary-value" })
		err := client.SaveAll(t.Context(), []in.Integration{item})
		require.ErrorIs(t, err, in.ErrRedirect)
		if want == "" {
			require.NotContains(t, err.Error(), "points to")
		}
		require.Contains(t, err.Error(), want)
		require.NotContains(t, err.Error(), "canary")
	}
}

// What the error shows of a Location may be the first half of a secret.
func TestARedirectShowsNoPartOfASecret(t *testing.T) {
	t.Parallel()
	for token, location := range map[string]string{
		"canary-a?b/cdef":  "https://host/canary-a?b/cdef",
		"canary-a#b-cdef":  "https://canary-a#b-cdef",
		"xyzxyz@canary.io": "https://xyzxyz@canary.io/",
	} {
		var logs bytes.Buffer
		srv := fake.Start(t)
		client := srv.Client(in.WithToken(token), in.WithLogger(slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		srv.FailNext(in.OpListProviders, fake.Fault{Status: http.StatusFound, Header: http.Header{"Location": {location}}})
		err := list(t.Context(), client)
		require.ErrorIs(t, err, in.ErrRedirect)
		require.NotContains(t, err.Error(), "canary")
		require.Contains(t, logs.String(), "status=302")
		require.NotContains(t, logs.String(), "canary")
	}
}

// handlerTransport answers a request by calling a handler.
type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Result(), nil
}
