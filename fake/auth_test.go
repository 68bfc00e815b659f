package fake_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	srv := fake.Start(t, fake.WithClock(func() time.Time { return now }), fake.WithTokenTTL(time.Minute))
	w := dial(t, srv)
	first := w.token
	refused := func(token, code, message string) {
		t.Helper()
		w.token = token
		for _, got := range []answer{w.save(`[{"name": "a", "type": "git"}]`), w.send("GET", "/api/integrations/provider", "")} {
			require.Equal(t, 401, got.status)
			require.JSONEq(t, fmt.Sprintf(`{"error": %q, "message": %q}`, code, message), got.body)
		}
	}
	refused("", "INVALID_TOKEN", "there is no token in the header X-Authorization")
	refused("Bearer "+first, "INVALID_TOKEN", "the token is not valid")
	refused("nobody's", "INVALID_TOKEN", "the token is not valid")

	now = now.Add(time.Minute - 1)
	w.token = first
	require.Equal(t, "[]", w.list(""))
	now = now.Add(1)
	refused(first, "EXPIRED_TOKEN", "the token has expired")

	second := w.mint(srv.Credentials())
	require.NotEqual(t, first, second)
	w.token = second
	require.Equal(t, "[]", w.list(""))
	srv.ExpireTokens()
	refused(second, "EXPIRED_TOKEN", "the token has expired")
	refused(first, "EXPIRED_TOKEN", "the token has expired")
	require.Empty(t, srv.Integrations())

	w.token = w.mint(srv.Credentials())
	require.Equal(t, "[]", w.list(""))
}

func TestTokenIsAJWT(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	tokens := map[string]bool{}
	for range 2 {
		srv := fake.Start(t, fake.WithClock(func() time.Time { return now }))
		w := dial(t, srv)
		token := w.token
		tokens[token] = true
		parts := strings.Split(token, ".")
		require.Len(t, parts, 3)
		require.JSONEq(t, `{"alg": "HS256", "typ": "JWT"}`, part(t, parts[0]))
		require.JSONEq(t, `{"jti": "1", "iat": 1700000000, "exp": 1700003600}`, part(t, parts[1]))
		require.NotEmpty(t, part(t, parts[2]))
		require.NotEqual(t, token, w.mint(srv.Credentials()))
	}
	require.Len(t, tokens, 1, "each server counts for itself")
}

func part(t *testing.T, text string) string {
	t.Helper()
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	return string(decoded)
}

func TestTokenExchange(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithKeySecret("the-id", "the-secret"))
	w := dial(t, srv)
	for body, want := range map[string]answer{
		`{"keyId": "the-id", "keySecret": "another"}`:     {status: 401, body: applicationError(401, "the key id and the key secret do not fit")},
		`{"keyId": "another", "keySecret": "the-secret"}`: {status: 401, body: applicationError(401, "the key id and the key secret do not fit")},
		`{}`:                    {status: 401, body: applicationError(401, "the key id and the key secret do not fit")},
		``:                      {status: 400, body: applicationError(400, "the body is not JSON, see byte 0")},
		`null`:                  {status: 400, body: applicationError(400, "the body must be an object")},
		`["the-id"]`:            {status: 400, body: applicationError(400, "the body must be an object")},
		`{"keyId": "the-id"} {`: {status: 400, body: applicationError(400, "the body is not JSON, see byte 21")},
	} {
		got := w.send("POST", "/api/token", body)
		require.Equal(t, want.status, got.status, body)
		require.JSONEq(t, want.body, got.body, body)
		require.NotContains(t, got.body, "the-secret")
	}
	got := w.send("POST", "/api/token", `{"keyId": 7, "keySecret": "the-secret", "expiration": "soon"}`)
	require.Equal(t, 400, got.status)
	require.JSONEq(t, `{"status": 400, "message": "the token request is refused", "instance": "fake", "retryable": false, "validationErrors": [
		{"path": "keyId", "message": "must be a string", "invalidValue": null},
		{"path": "expiration", "message": "must be a whole number", "invalidValue": null}]}`, got.body)
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	srv := fake.Start(t, fake.WithClock(func() time.Time { return now }))
	for expiration, want := range map[int64]string{
		5000:    `{"iat": 1700000000, "exp": 1700000005}`,
		0:       `{"iat": 1700000000, "exp": 1700003600}`,
		-1:      `{"iat": 1700000000}`,
		1 << 62: `{"iat": 1700000000, "exp": 10923372036}`,
	} {
		id, secret := srv.Credentials()
		got := dial(t, srv).send("POST", "/api/token", fmt.Sprintf(`{"keyId": %q, "keySecret": %q, "expiration": %d}`, id, secret, expiration))
		require.Equal(t, 200, got.status)
		var reply struct{ Token string }
		require.NoError(t, json.Unmarshal([]byte(got.body), &reply))
		var claims map[string]any
		require.NoError(t, json.Unmarshal([]byte(part(t, strings.Split(reply.Token, ".")[1])), &claims))
		delete(claims, "jti")
		shown, err := json.Marshal(claims)
		require.NoError(t, err)
		require.JSONEq(t, want, string(shown))
	}
}

func TestStaticToken(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithToken("t0ken"))
	w := dial(t, srv)
	minted := w.token
	w.token = "t0ken"
	srv.ExpireTokens()
	require.Equal(t, "[]", w.list(""))
	w.token = minted
	require.Equal(t, 401, w.send("GET", "/api/integrations/provider", "").status)
}

func TestWithoutAuth(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithoutAuth())
	w := dial(t, srv)
	for _, token := range []string{"", "anything", w.mint("any", "pair")} {
		w.token = token
		require.Equal(t, "[]", w.list(""))
	}
	srv.TakeRequests()
	_, err := srv.Client().ListProviders(t.Context())
	require.NoError(t, err)
	requests := srv.Requests()
	require.Len(t, requests, 1)
	require.Empty(t, requests[0].Header.Get("X-Authorization"))
}
