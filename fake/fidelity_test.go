package fake_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

const pageUser = "john.doe@orkes.io"

// pageBatch is the request body of the reference page's curl example, letter
// for letter.
const pageBatch = `[
{
"name": "open-ai-test",
"type": "openai",
"category": "AI_MODEL",
"description": "OpenAI integration for LLM tasks",
"enabled": true,
"configuration": {
"api_key": "sk-..."
},
"apis": [
{
"integrationName": "open-ai-test",
"api": "gpt-4o",
"description": "GPT-4o model",
"enabled": true
}
]
},
{
"name": "sendgrid-test",
"type": "sendgrid",
"category": "EMAIL",
"description": "SendGrid integration for email tasks",
"enabled": true,
"configuration": {
"api_key": "SG...."
},
"apis": []
}
]`

func TestPageBatchIsSavedAndListed(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/integrations", "/api/integrations/"} {
		now := time.UnixMilli(1772787470214)
		srv := fake.Start(t, fake.WithUser(pageUser), fake.WithClock(func() time.Time { return now }))
		w := dial(t, srv)

		got := w.send("POST", path, pageBatch)
		require.Equal(t, 200, got.status, got.body)
		require.Empty(t, got.body)
		require.JSONEq(t, `[{
			"name": "open-ai-test", "type": "openai", "category": "AI_MODEL",
			"description": "OpenAI integration for LLM tasks", "enabled": true,
			"configuration": {"api_key": "xxxxx"}, "tags": [], "modelsCount": 1,
			"createTime": 1772787470214, "updateTime": 1772787470214,
			"createdBy": "john.doe@orkes.io", "updatedBy": "john.doe@orkes.io"
		}, {
			"name": "sendgrid-test", "type": "sendgrid", "category": "EMAIL",
			"description": "SendGrid integration for email tasks", "enabled": true,
			"configuration": {"api_key": "xxxxx"}, "tags": [], "modelsCount": 0,
			"createTime": 1772787470214, "updateTime": 1772787470214,
			"createdBy": "john.doe@orkes.io", "updatedBy": "john.doe@orkes.io"
		}]`, w.list("?activeOnly=false"))
	}
}

func TestGoldenBatchesAreSaved(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"save_batch.json", "save_openai.json", "save_anthropic.json"} {
		w := dial(t, fake.Start(t))
		got := w.save(golden(t, name))
		require.Equal(t, 200, got.status, "%s: %s", name, got.body)
	}
}

// The page's three responses come out of the fake as they stand, but for their
// order, which nothing defines.
func TestGoldenListings(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(0)
	srv := fake.Start(t, fake.WithoutAuth(), fake.WithUser(pageUser), fake.WithClock(func() time.Time { return now }))
	w := dial(t, srv)
	const openAI = `{"name": "openAI", "type": "openai", "description": "Please remember to set your api key",
		"configuration": {"api_key": "sk-1", "endpoint": "https://api.openai.com", "organizationId": ""}, "apis": [
		{"integrationName": "openAI", "api": "a", "description": "A"},
		{"integrationName": "openAI", "api": "b", "description": "B", "enabled": true},
		{"integrationName": "openAI", "api": "c", "description": "C", "enabled": false}]}`
	const sendGrid = `{"name": "SendGrid", "type": "sendgrid", "description": "SendGrid integration", "configuration": {"api_key": "SG.1"}}`
	const pinecone = `{"name": "Pinecone", "type": "pineconedb", "description": "Test",
		"configuration": {"api_key": "pc-1", "projectName": "xxxxx", "environment": "us-east-1"},
		"apis": [{"integrationName": "Pinecone", "api": "index", "description": "An index"}]}`
	for _, save := range []struct {
		at   int64
		item string
	}{
		{1750752182767, sendGrid}, {1763713203291, sendGrid},
		{1764313295504, pinecone},
		{1772787470214, openAI}, {1773839434450, openAI},
	} {
		now = time.UnixMilli(save.at)
		require.Equal(t, 200, w.save("["+save.item+"]").status)
	}

	require.ElementsMatch(t, decodeList(t, golden(t, "list_all.json")), decodeList(t, w.list("?activeOnly=false")))
	require.JSONEq(t, golden(t, "list_ai_model.json"), maskAs(t, "list_ai_model.json", w.list("?category=AI_MODEL&activeOnly=false")))

	srv.Put(disabled(t, srv, "SendGrid"), disabled(t, srv, "Pinecone"))
	require.JSONEq(t, golden(t, "list_active.json"), maskAs(t, "list_active.json", w.list("?activeOnly=true")))
}

// maskAs lengthens the mask to that of a golden file: the page's own vary.
func maskAs(t *testing.T, name, listing string) string {
	t.Helper()
	config := decodeList(t, golden(t, name))[0]["configuration"].(map[string]any)
	return strings.ReplaceAll(listing, `"api_key":"xxxxx"`, fmt.Sprintf(`"api_key":%q`, config["api_key"]))
}

func disabled(t *testing.T, srv *fake.Server, name string) integrations.Integration {
	t.Helper()
	item, ok := srv.Integration(name)
	require.True(t, ok)
	item.Enabled = integrations.Bool(false)
	return item
}

func TestListing(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	require.Equal(t, "[]", w.list(""))
	got := w.save(`[
		{"name": "c", "type": "openai"},
		{"name": "B", "type": "sendgrid", "enabled": false},
		{"name": "a", "type": "sendgrid", "category": "ODD", "tags": [{"key": "team", "value": "x"}, {"key": "bare"}]}
	]`)
	require.Equal(t, 200, got.status, got.body)

	for query, want := range map[string][]string{
		"":                                  {"a", "c"},
		"?activeOnly=":                      {"a", "c"},
		"?activeOnly=true":                  {"a", "c"},
		"?activeOnly=false":                 {"B", "a", "c"},
		"?category=AI_MODEL":                {"c"},
		"?category=EMAIL":                   {},
		"?category=EMAIL&activeOnly=false":  {"B"},
		"?category=ODD":                     {"a"},
		"?category=NOBODY&activeOnly=false": {},
		"?category=":                        {"a", "c"},
		"?other=1":                          {"a", "c"},
	} {
		require.Equal(t, want, w.names(query), query)
	}
	list := decodeList(t, w.list("?category=ODD"))
	require.Equal(t, []any{
		map[string]any{"key": "team", "value": "x"}, map[string]any{"key": "bare", "value": ""},
	}, list[0]["tags"])
	require.Equal(t, map[string]any{}, list[0]["configuration"])

	bad := w.send("GET", "/api/integrations/provider?activeOnly=perhaps", "")
	require.Equal(t, 400, bad.status)
	require.JSONEq(t, applicationError(400, "activeOnly must be true or false"), bad.body)
}

func TestListingMasksSecrets(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	got := w.save(`[
		{"name": "kafka", "type": "kafka", "configuration": {
			"endpoint": "broker:9092", "password": "p", "file": "text", "schemaRegistryApiKey": "k", "awsAccountId": 12,
			"tlsFile": {"a": "b"}, "api_key": "", "keyStorePassword": null, "externalId": false, "made_up": "v", "groupId": 7, "protocol": ""}},
		{"name": "mongo", "type": "mongovectordb", "configuration": {"endpoint": "mongodb://u:p@host", "namespace": "n"}}
	]`)
	require.Equal(t, 200, got.status, got.body)
	list := decodeList(t, w.list(""))
	require.Equal(t, map[string]any{
		"endpoint": "broker:9092", "password": "xxxxx", "file": "xxxxx", "schemaRegistryApiKey": "xxxxx", "awsAccountId": "xxxxx",
		"tlsFile": "xxxxx", "api_key": "", "keyStorePassword": nil, "externalId": "xxxxx", "made_up": "xxxxx", "groupId": 7.0, "protocol": "",
	}, list[0]["configuration"])
	require.Equal(t, map[string]any{"endpoint": "xxxxx", "namespace": "n"}, list[1]["configuration"])
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1000)
	srv := fake.Start(t, fake.WithClock(func() time.Time { return now }))
	w := dial(t, srv)
	require.Equal(t, 200, w.save(`[{"name": "a", "type": "openai", "description": "old", "enabled": false,
		"configuration": {"api_key": "k", "endpoint": "e"}, "tags": [{"key": "t", "value": "v"}],
		"apis": [{"integrationName": "a", "api": "m", "description": "d"}, {"integrationName": "a", "api": "n", "description": "d"}]}]`).status)

	now = time.UnixMilli(2000)
	require.Equal(t, 200, w.save(`[{"name": "a", "type": "openai", "configuration": {"api_key": "k2"},
		"apis": [{"integrationName": "a", "api": "n", "description": "d"}]}]`).status)
	require.JSONEq(t, `[{"name": "a", "type": "openai", "category": "AI_MODEL", "description": "", "enabled": false,
		"configuration": {"api_key": "xxxxx"}, "tags": [], "modelsCount": 1, "createTime": 1000, "updateTime": 2000,
		"createdBy": "user@example.com", "updatedBy": "user@example.com"}]`, w.list("?activeOnly=false"))

	require.Equal(t, 200, w.save(`[{"name": "a", "type": "openai", "enabled": true}]`).status)
	require.Equal(t, []string{"a"}, w.names(""))
	require.Equal(t, 200, w.save(`[{"name": "a", "type": "openai", "description": "first"}, {"name": "a", "type": "openai", "description": "last"}]`).status)
	require.Equal(t, "last", decodeList(t, w.list(""))[0]["description"])
	require.Equal(t, 200, w.save(`[]`).status)
	require.Len(t, srv.Integrations(), 1)
}

func TestBatchIsRefusedWhole(t *testing.T) {
	t.Parallel()
	const model = `{"integrationName": "a", "api": "m", "description": "d"`
	for name, c := range map[string]struct{ item, path, message string }{
		"no name":          {`{"type": "openai"}`, "[1].name", "is required"},
		"null name":        {`{"name": null, "type": "openai"}`, "[1].name", "is required"},
		"blank name":       {`{"name": " \t", "type": "openai"}`, "[1].name", "is required"},
		"other case":       {`{"Name": "a", "name": "", "type": "openai"}`, "[1].name", "is required"},
		"number as name":   {`{"name": 7, "type": "openai"}`, "[1].name", "must be a string"},
		"no type":          {`{"name": "a"}`, "[1].type", "is required"},
		"list as type":     {`{"name": "a", "type": ["openai"]}`, "[1].type", "must be a string"},
		"unknown type":     {`{"name": "a", "type": "open_ai"}`, "[1].type", "is not a known type"},
		"type change":      {`{"name": "kept", "type": "openai"}`, "[1].type", "cannot be changed"},
		"bool as category": {`{"name": "a", "type": "openai", "category": true}`, "[1].category", "must be a string"},
		"word as enabled":  {`{"name": "a", "type": "openai", "enabled": "true"}`, "[1].enabled", "must be a boolean"},
		"configuration":    {`{"name": "a", "type": "openai", "configuration": []}`, "[1].configuration", "must be an object"},
		"description":      {`{"name": "a", "type": "openai", "description": {}}`, "[1].description", "must be a string"},
		"tags":             {`{"name": "a", "type": "openai", "tags": {"key": "k"}}`, "[1].tags", "must be an array"},
		"a tag":            {`{"name": "a", "type": "openai", "tags": ["k"]}`, "[1].tags[0]", "must be an object"},
		"tag value":        {`{"name": "a", "type": "openai", "tags": [{"key": "k", "value": 1}]}`, "[1].tags[0].value", "must be a string"},
		"apis":             {`{"name": "a", "type": "openai", "apis": "gpt-4o"}`, "[1].apis", "must be an array"},
		"null model":       {`{"name": "a", "type": "openai", "apis": [null]}`, "[1].apis[0]", "must be an object"},
		"model's parent":   {`{"name": "a", "type": "openai", "apis": [{"integrationName": "b", "api": "m", "description": "d"}]}`, "[1].apis[0].integrationName", "must be the name of the integration"},
		"no parent":        {`{"name": "a", "type": "openai", "apis": [{"api": "m", "description": "d"}]}`, "[1].apis[0].integrationName", "is required"},
		"no model name":    {`{"name": "a", "type": "openai", "apis": [{"integrationName": "a", "description": "d"}]}`, "[1].apis[0].api", "is required"},
		"no description":   {`{"name": "a", "type": "openai", "apis": [` + model + `}, {"integrationName": "a", "api": "m"}]}`, "[1].apis[1].description", "is required"},
		"model's enabled":  {`{"name": "a", "type": "openai", "apis": [` + model + `, "enabled": 1}]}`, "[1].apis[0].enabled", "must be a boolean"},
		"null":             {`null`, "[1]", "must be an object"},
		"string":           {`"sk-secret"`, "[1]", "must be an object"},
		"array":            {`[]`, "[1]", "must be an object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := fake.Start(t, fake.WithIntegrations(mail("kept")))
			got := dial(t, srv).save(`[{"name": "good", "type": "sendgrid"}, ` + c.item + `]`)
			requireRefused(t, got, c.path, c.message)
			srv.AssertSaved(t, mail("kept"))
		})
	}
}

func TestTypeChangeWithinABatch(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	requireRefused(t, w.save(`[{"name": "a", "type": "openai"}, {"name": "a", "type": "git"}]`), "[1].type", "cannot be changed")
}

func TestAcceptedThoughOdd(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"unknown fields":   `[{"name": "a", "type": "openai", "ownerApp": {"x": [1]}, "apis": [{"integrationName": "a", "api": "m", "description": "d", "x": 1}]}]`,
		"nulls":            `[{"name": "a", "type": "openai", "category": null, "description": null, "enabled": null, "configuration": null, "tags": null, "apis": null}]`,
		"unknown category": `[{"name": "a", "type": "openai", "category": "MCP"}]`,
		"no models":        `[{"name": "a", "type": "openai", "apis": []}]`,
		"unknown keys":     `[{"name": "a", "type": "openai", "configuration": {"apiKey": {"deep": [1, null]}}}]`,
		"white space":      " \r\n\t[ ] \n",
	} {
		got := dial(t, fake.Start(t)).save(body)
		require.Equal(t, 200, got.status, "%s: %s", name, got.body)
	}
}

func TestBodyThatIsNoBatch(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithIntegrations(mail("kept")))
	w := dial(t, srv)
	for body, message := range map[string]string{
		"":                 "the body is not JSON, see byte 0",
		"null":             "the body must be an array",
		"{}":               "the body must be an array",
		`{"name": "a"}`:    "the body must be an array",
		`"sk-secret"`:      "the body must be an array",
		"12":               "the body must be an array",
		"[":                "the body is not JSON, see byte 1",
		`[{"name": "a",}]`: "the body is not JSON, see byte 15",
		"[] []":            "the body is not JSON, see byte 4",
		"[{]":              "the body is not JSON, see byte 3",
		"<html>":           "the body is not JSON, see byte 1",
		"[{}] // models":   "the body is not JSON, see byte 6",
	} {
		got := w.save(body)
		require.Equal(t, 400, got.status, body)
		require.JSONEq(t, applicationError(400, message), got.body, body)
	}
	srv.AssertSaved(t, mail("kept"))
}

// zeros is a body of any size.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Not parallel: it measures memory.
func TestBodyThatIsTooLarge(t *testing.T) {
	srv := fake.Start(t, fake.WithIntegrations(mail("kept")))
	w := dial(t, srv)
	for size, length := range map[int64]int64{50 << 20: 50 << 20, 33 << 20: -1} { // declared, and not
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/api/integrations/", io.LimitReader(zeros{}, size))
		require.NoError(t, err)
		req.ContentLength = length
		req.Header.Set("X-Authorization", w.token)
		before := allocated()
		resp, err := w.http.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 413, resp.StatusCode)
		require.JSONEq(t, applicationError(413, "the request is larger than 32 MiB"), string(body))
		if length > 0 {
			require.Less(t, allocated()-before, uint64(4<<20), "bytes allocated for a body of known length")
		}
	}
	srv.AssertSaved(t, mail("kept"))
	for _, r := range srv.Requests(integrations.OpSaveAll) {
		require.Equal(t, 413, r.Status)
		require.Nil(t, r.Body)
	}
	require.Equal(t, 200, w.save("["+strings.Repeat(" ", 1<<20)+"]").status)
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

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

func TestReadOnly(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithReadOnly("theirs"), fake.WithReadOnly("others"), fake.WithIntegrations(mail("theirs")))
	w := dial(t, srv)
	for _, name := range []string{"theirs", "others"} {
		got := w.save(fmt.Sprintf(`[{"name": "mine", "type": "git"}, {"name": %q, "type": "sendgrid"}]`, name))
		require.Equal(t, 403, got.status)
		require.JSONEq(t, applicationError(403, fmt.Sprintf("no permission to update integration %q", name)), got.body)
	}
	srv.AssertSaved(t, mail("theirs"))
	require.Equal(t, 200, w.save(`[{"name": "mine", "type": "git"}]`).status)
	require.Equal(t, []string{"mine", "theirs"}, w.names(""))
}

func TestWithValidation(t *testing.T) {
	t.Parallel()
	const noKey = `{"name": "a", "type": "openai", "apis": [{"integrationName": "a", "api": "m", "description": "d"}]}`
	const oddKey = `{"name": "a", "type": "sendgrid", "configuration": {"api_key": "SG.key", "apikey": "canary-value"}}`
	const oddType = `{"name": "a", "type": "kafka_msk"}`
	const twice = `{"name": "a", "type": "git", "configuration": {"user": "u", "api_key": "k"}}`
	for _, c := range []struct {
		mode          integrations.ValidationMode
		batch         string
		path, message string // empty: accepted
	}{
		{integrations.Off, noKey, "", ""},
		{integrations.Off, oddKey, "", ""},
		{integrations.Off, oddType, "[0].type", "is not a known type"},
		{integrations.Lenient, noKey, "[0].configuration.api_key", "is required for type openai"},
		{integrations.Lenient, oddKey, "", ""},
		{integrations.Lenient, oddType, "[0].type", "is not a known type"},
		{integrations.Strict, noKey, "[0].configuration.api_key", "is required for type openai"},
		{integrations.Strict, oddKey, "[0].configuration.apikey", "is not a key of type sendgrid, did you mean api_key?"},
		{integrations.Strict, oddType, "[0].type", "is not a known type"},
		{integrations.Strict, twice + "," + twice, "[1].name", "is the name of integration 0 too"},
	} {
		srv := fake.Start(t, fake.WithValidation(c.mode))
		got := dial(t, srv).save("[" + c.batch + "]")
		if c.path == "" {
			require.Equal(t, 200, got.status, "%d %s: %s", c.mode, c.batch, got.body)
			continue
		}
		requireRefused(t, got, c.path, c.message)
		require.NotContains(t, got.body, "canary")
		require.Empty(t, srv.Integrations())
	}
}
