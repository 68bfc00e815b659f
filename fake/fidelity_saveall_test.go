package fake_test

import (
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
		"tag without key":  {`{"name": "a", "type": "openai", "tags": [{"key": "k"}, {"value": "v"}]}`, "[1].tags[1].key", "is required"},
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
