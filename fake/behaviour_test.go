package fake_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

const (
	bothModels = `[{"name": "ai", "type": "openai", "tags": [{"key": "a", "value": "b"}], "apis": [
		{"integrationName": "ai", "api": "n", "description": "N"}, {"integrationName": "ai", "api": "m", "description": "M", "enabled": false}]}]`
	oneModel = `[{"name": "ai", "type": "openai", "tags": [{"key": "c", "value": "d"}], "apis": [{"integrationName": "ai", "api": "m", "description": "M"}]}]`
)

// What each field of Behaviour changes, beside the default choice.
func TestBehaviour(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behaviour fake.Behaviour
		ask       func(w *wire) string
		byDefault string
		changed   string
	}{
		"ClearSecrets": {fake.Behaviour{ClearSecrets: true}, func(w *wire) string {
			w.send("POST", provider+"ai/integration/m", `{"configuration": {"api_key": "clear"}}`)
			got := decodeList(w.t, w.send("GET", "/api/integrations/?activeOnly=false", "").body)[0]
			return fmt.Sprint(got["configuration"], got["apis"].([]any)[0].(map[string]any)["configuration"])
		}, "map[api_key:xxxxx] map[api_key:xxxxx]", "map[api_key:sk-1] map[api_key:clear]"},
		"KeepModels": {fake.Behaviour{KeepModels: true}, func(w *wire) string {
			w.save(bothModels)
			w.save(oneModel)
			w.save(`[{"name": "ai", "type": "openai"}]`)
			return w.send("GET", provider+"ai/integration/all", "").body
		}, `[]`, `["m","n"]`},
		"MergeTags": {fake.Behaviour{MergeTags: true}, func(w *wire) string {
			w.save(bothModels)
			w.save(oneModel)
			return w.send("GET", provider+"ai/tags", "").body
		}, `[{"key":"c","value":"d"}]`, `[{"key":"team","value":"docs"},{"key":"a","value":"b"},{"key":"c","value":"d"}]`},
		"DropTags": {fake.Behaviour{DropTags: true, MergeTags: true}, func(w *wire) string {
			w.save(bothModels)
			w.save(`[{"name": "new", "type": "openai", "tags": [{"key": "a", "value": "b"}]}]`)
			return w.send("GET", provider+"ai/tags", "").body + w.send("GET", provider+"new/tags", "").body
		}, `[{"key":"a","value":"b"}][{"key":"a","value":"b"}]`, `[{"key":"team","value":"docs"}][]`},
		"EmptySaveReply": {fake.Behaviour{EmptySaveReply: true}, func(w *wire) string {
			return fmt.Sprint(len(w.send("POST", provider+"new", `{"type": "git"}`).body) > 0)
		}, "true", "false"},
		"InactiveHidden": {fake.Behaviour{InactiveHidden: true}, func(w *wire) string {
			w.save(bothModels)
			list := decodeList(w.t, w.send("GET", provider+"ai/integration?activeOnly=false", "").body)
			nested := decodeList(w.t, w.send("GET", "/api/integrations/?activeOnly=false", "").body)[0]
			return fmt.Sprint(len(list), len(nested["apis"].([]any)), nested["modelsCount"], w.send("GET", "/api/integrations/all?activeOnly=false", "").body)
		}, `2 2 2["ai:m","ai:n"]`, `1 1 2["ai:n"]`},
		"PartialSaves": {fake.Behaviour{PartialSaves: true}, func(w *wire) string {
			got := w.save(`[{"name": "good", "type": "git"}, {"name": "bad", "type": "made_up"}, {"name": 7, "type": "git"}, "x",
				{"name": "ai", "type": "git"}, {"type": "git"}, {"name": "last", "type": "git"}]`)
			require.Equal(w.t, 400, got.status)
			protected := w.save(`[{"name": "theirs", "type": "git"}, {"name": "mine", "type": "git"}]`)
			require.Equal(w.t, 403, protected.status)
			return fmt.Sprint(w.names(""))
		}, "[ai]", "[ai good last mine]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.byDefault, c.ask(dial(t, newWorld(t, fake.WithReadOnly("theirs")))))
			require.Equal(t, c.changed, c.ask(dial(t, newWorld(t, fake.WithReadOnly("theirs"), fake.WithBehaviour(c.behaviour)))))
		})
	}
}

// A refusal with PartialSaves names every bad item, each once.
func TestPartialSavesNameEveryBadItem(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t, fake.WithBehaviour(fake.Behaviour{PartialSaves: true}), fake.WithValidation(integrations.Strict)))
	got := w.save(`[{"name": 7}, "x", {"name": "a", "type": "made_up"}, {"name": "b"}, {"name": "c", "type": "sendgrid"},
		{"name": "d", "type": "sendgrid", "configuration": {"api_key": "k"}}]`)
	w.want(200, `["d"]`, "GET", "/api/integrations/all", "")
	var reply struct {
		ValidationErrors []struct{ Path, Message string }
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &reply))
	require.Equal(t, []struct{ Path, Message string }{
		{"[0].name", "must be a string"}, {"[1]", "must be an object"}, {"[3].type", "is required"},
		{"[4].configuration.api_key", "is required for type sendgrid"}, {"[2].type", "is not a known type"},
	}, reply.ValidationErrors)
}

// A seed is a seed, whatever the server's ways.
func TestBehaviourDoesNotApplyToPut(t *testing.T) {
	t.Parallel()
	item := integrations.Integration{
		Name: "a", Type: integrations.TypeOpenAI, Tags: []integrations.Tag{{Key: "k", Value: "v"}},
		APIs: []integrations.IntegrationAPI{{API: "m", Description: "d"}},
	}
	other := item
	other.Tags, other.APIs = []integrations.Tag{{Key: "x", Value: "y"}}, []integrations.IntegrationAPI{{API: "n", Description: "d"}}
	srv := fake.Start(t, fake.WithIntegrations(item), fake.WithBehaviour(fake.Behaviour{
		PartialSaves: true, KeepModels: true, MergeTags: true, DropTags: true, InactiveHidden: true,
	}))
	srv.AssertSaved(t, item)
	srv.Put(other)
	srv.AssertSaved(t, other)
	run := runTest(func(t fake.T) {
		srv := fake.Start(t, fake.WithBehaviour(fake.Behaviour{PartialSaves: true}))
		srv.Put(item, integrations.Integration{Name: "bad"})
		srv.AssertSaved(t)
	})
	require.Equal(t, []string{`fake: Put: [1].type is required (integration "bad")`}, run.errors)
}
