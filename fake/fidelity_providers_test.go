package fake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
)

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
