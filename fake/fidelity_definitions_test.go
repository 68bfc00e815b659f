package fake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// field returns the field of a key in a definition, which is JSON.
func field(t *testing.T, definition map[string]any, key string) map[string]any {
	t.Helper()
	for _, f := range definition["configuration"].([]any) {
		if f := f.(map[string]any); f["fieldName"] == key {
			return f
		}
	}
	return nil
}

// By default the definitions say what the key table says.
func TestDefinitionsOfTheKeyTable(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	defs := decodeList(t, w.send("GET", "/api/integrations/def", "").body)
	var types []integrations.Type
	for _, def := range defs {
		typ := integrations.Type(def["type"].(string))
		types = append(types, typ)
		category, _ := typ.Category()
		require.Equal(t, string(category), def["category"])
		require.Equal(t, true, def["enabled"])
		rules, ok := integrations.KeysFor(typ)
		require.True(t, ok)
		keys := slices.Concat(rules.Required, rules.Optional, rules.Guide)
		for _, conditional := range rules.Conditional {
			keys = append(keys, conditional...)
		}
		for _, key := range keys {
			f := field(t, def, string(key))
			if key == integrations.KeyLocation {
				require.Nil(t, f, "strict clients cannot read it")
				continue
			}
			require.NotNil(t, f, "%s %s", typ, key)
			required := slices.Contains(rules.Required, key) || !slices.Contains(rules.Optional, key) && !slices.Contains(rules.Guide, key)
			require.Equal(t, required, f["optional"] == nil, "%s %s", typ, key)
		}
		require.Equal(t, w.send("GET", "/api/integrations/def/"+string(typ), "").body, asJSON(t, w, string(typ)))
	}
	require.Equal(t, pageTypes(t), types)
}

// asJSON returns the definition of a type as it is in the list.
func asJSON(t *testing.T, w *wire, typ string) string {
	t.Helper()
	var list []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(w.send("GET", "/api/integrations/def", "").body), &list))
	for _, def := range list {
		if strings.Contains(string(def), fmt.Sprintf(`{"type":%q`, typ)) {
			return string(def)
		}
	}
	return ""
}

// pageTypes returns the constants of the root package, in their order.
func pageTypes(t *testing.T) (types []integrations.Type) {
	t.Helper()
	constant := regexp.MustCompile(`(?m)^\tType\w+ +Type = "(\w+)"$`)
	for _, match := range constant.FindAllStringSubmatch(read(t, "../types.go"), -1) {
		types = append(types, integrations.Type(match[1]))
	}
	require.Len(t, types, 30)
	return types
}

func TestFieldsOfDefinitions(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	for _, c := range []struct{ typ, key, want string }{
		{"openai", "api_key", `{"fieldName": "api_key", "fieldType": "PASSWORD", "label": "api_key"}`},
		{"openai", "endpoint", `{"fieldName": "endpoint", "fieldType": "TEXT", "label": "endpoint", "optional": true}`},
		{"gcp", "file", `{"fieldName": "file", "fieldType": "FILE", "label": "file"}`},
		{"amqp", "protocol", `{"fieldName": "protocol", "fieldType": "DROPDOWN", "label": "protocol",
			"valueOptions": [{"label": "amqp", "value": "amqp"}, {"label": "amqps", "value": "amqps"}]}`},
		{"kafka", "protocol", `{"fieldName": "protocol", "fieldType": "TEXT", "label": "protocol"}`},
		{"aws", "connectionType", `{"fieldName": "connectionType", "fieldType": "DROPDOWN", "label": "connectionType", "valueOptions": [
			{"label": "ACCESS_KEY", "value": "ACCESS_KEY"}, {"label": "CONDUCTOR_ROLE", "value": "CONDUCTOR_ROLE"}, {"label": "EXTERNAL_ROLE", "value": "EXTERNAL_ROLE"}]}`},
		{"aws", "roleArn", `{"fieldName": "roleArn", "fieldType": "TEXT", "label": "roleArn", "dependsOn": [{"fieldName": "connectionType", "value": "EXTERNAL_ROLE"}]}`},
		{"aws", "api_key", `{"fieldName": "api_key", "fieldType": "PASSWORD", "label": "api_key", "dependsOn": [{"fieldName": "connectionType", "value": "ACCESS_KEY"}]}`},
		{"aws", "awsAccountId", `{"fieldName": "awsAccountId", "fieldType": "PASSWORD", "label": "awsAccountId", "optional": true}`},
		{"aws", "externalId", `{"fieldName": "externalId", "fieldType": "PASSWORD", "label": "externalId", "dependsOn": [{"fieldName": "connectionType", "value": "EXTERNAL_ROLE"}]}`},
		{"kafka", "keyStorePassword", `{"fieldName": "keyStorePassword", "fieldType": "PASSWORD", "label": "keyStorePassword", "optional": true}`},
		{"kafka", "schemaRegistryApiSecret", `{"fieldName": "schemaRegistryApiSecret", "fieldType": "PASSWORD", "label": "schemaRegistryApiSecret", "optional": true}`},
		{"kafka", "password", `{"fieldName": "password", "fieldType": "PASSWORD", "label": "password", "optional": true}`},
		{"kafka", "tlsFile", `{"fieldName": "tlsFile", "fieldType": "FILE", "label": "tlsFile", "optional": true}`},
		{"pgvectordb", "indexing_method", `{"fieldName": "indexing_method", "fieldType": "DROPDOWN", "label": "indexing_method",
			"valueOptions": [{"label": "hnsw", "value": "hnsw"}, {"label": "ivfflat", "value": "ivfflat"}]}`},
	} {
		def := decodeList(t, "["+w.send("GET", "/api/integrations/def/"+c.typ, "").body+"]")[0]
		got, err := json.Marshal(field(t, def, c.key))
		require.NoError(t, err)
		require.JSONEq(t, c.want, string(got), "%s %s", c.typ, c.key)
	}
	w.wantMissing("integration definition: none", "GET", "/api/integrations/def/none", "")
}

func TestRegisterDefinitions(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	require.Equal(t, 404, w.send("POST", provider+"crm", `{"type": "acme_crm"}`).status)
	w.want(200, "", "POST", "/api/integrations/def/register", `[{"type": "acme_crm", "name": "Acme CRM", "category": "API", "categoryLabel": "API",
		"enabled": true, "configuration": [{"fieldName": "api_key", "fieldType": "PASSWORD", "label": "API key"}], "unknown": 1}]`)
	const crm = `{"type": "acme_crm", "name": "Acme CRM", "category": "API", "categoryLabel": "API", "enabled": true,
		"configuration": [{"fieldName": "api_key", "fieldType": "PASSWORD", "label": "API key"}]}`
	w.want(200, crm, "GET", "/api/integrations/def/acme_crm", "")
	w.want(200, crm, "GET", "/api/integrations/def/Acme%20CRM", "")
	require.Len(t, decodeList(t, w.send("GET", "/api/integrations/def", "").body), 31)

	got := w.send("POST", provider+"crm", `{"type": "acme_crm"}`)
	require.Equal(t, 200, got.status, "its type is known now")
	require.Contains(t, got.body, `"category":"API"`)
	w.want(200, "", "POST", "/api/integrations/", `[{"name": "bulk", "type": "acme_crm"}]`)

	w.want(200, "", "POST", "/api/integrations/def/register", `[{"type": "openai", "name": "mine", "enabled": true}]`)
	require.Len(t, decodeList(t, w.send("GET", "/api/integrations/def", "").body), 31)
	require.Contains(t, w.send("GET", "/api/integrations/def/openai", "").body, `"name":"mine"`)

	w.want(200, "", "POST", "/api/integrations/def/register", `[{"type": "absent"}, {"type": "null", "enabled": null}, {"type": "off", "enabled": false}]`)
	for name, enabled := range map[string]bool{"absent": true, "null": true, "off": false} {
		w.want(200, fmt.Sprintf(`{"type": %q, "name": "", "enabled": %t}`, name, enabled), "GET", "/api/integrations/def/"+name, "")
	}

	const refused = "the definitions are refused"
	w.wantRefused(refused, "[1].type", "is required", "POST", "/api/integrations/def/register", `[{"type": "a"}, {"name": "b"}]`)
	w.wantRefused(refused, "[0]", "must be an object", "POST", "/api/integrations/def/register", `["canary"]`)
	for body, mistake := range map[string][2]string{
		`{"Type": "Cased", "NAME": "x"}`:                                  {"[0].type", "is required"},
		`{"type": 7}`:                                                     {"[0].type", "must be a string"},
		`{"type": "a", "enabled": "canary"}`:                              {"[0].enabled", "must be a boolean"},
		`{"type": "a", "tags": ["a", 7]}`:                                 {"[0].tags[1]", "must be a string"},
		`{"type": "a", "configuration": "canary"}`:                        {"[0].configuration", "must be an array"},
		`{"type": "a", "configuration": [{}, {"optional": 1}]}`:           {"[0].configuration[1].optional", "must be a boolean"},
		`{"type": "a", "configuration": [{"dependsOn": [{"value": 1}]}]}`: {"[0].configuration[0].dependsOn[0].value", "must be a string"},
		`{"type": "a", "configuration": [{"valueOptions": [null]}]}`:      {"[0].configuration[0].valueOptions[0]", "must be an object"},
		`{"type": "a", "apis": [{"api": ["canary"]}]}`:                    {"[0].apis[0].api", "must be a string"},
	} {
		w.wantRefused(refused, mistake[0], mistake[1], "POST", "/api/integrations/def/register", "["+body+"]")
	}
	w.want(400, applicationError(400, "the body must be an array"), "POST", "/api/integrations/def/register", `{}`)
}

// Every field of a definition comes back as it was sent.
func TestRegisteredDefinitionsAreWhole(t *testing.T) {
	t.Parallel()
	w := dial(t, fake.Start(t))
	const def = `{"type": "a", "name": "A", "description": "d", "category": "API", "categoryLabel": "l", "iconName": "i", "enabled": false, "tags": ["x"],
		"configuration": [{"fieldName": "k", "fieldType": "DROPDOWN", "label": "l", "description": "d", "value": "v", "defaultValue": "w", "optional": true,
			"valueOptions": [{"label": "l", "value": "v"}], "dependsOn": [{"fieldName": "other", "value": "on"}]}],
		"apis": [{"api": "send", "description": "d", "integrationType": "t", "inputSchema": {"max": 9007199254740993}, "outputSchema": [true, null]}]}`
	w.want(200, "", "POST", "/api/integrations/def/register", "["+def+"]")
	w.want(200, def, "GET", "/api/integrations/def/a", "")
	require.Contains(t, w.send("GET", "/api/integrations/def/a", "").body, "9007199254740993")
	w.want(200, "", "POST", "/api/integrations/def/register", `[{"type": "b", "Name": "x", "apis": [{"API": "x", "inputSchema": null}], "configuration": []}]`)
	w.want(200, `{"type": "b", "name": "", "enabled": true, "configuration": [], "apis": [{"api": ""}]}`, "GET", "/api/integrations/def/b", "")
}

func TestPutDefinitionsOfTypesThatAreNotApart(t *testing.T) {
	t.Parallel()
	run := runTest(func(t fake.T) {
		srv := fake.Start(t)
		srv.PutDefinitions(integrations.Definition{Type: "kept"})
		srv.PutDefinitions(integrations.Definition{Type: "a"}, integrations.Definition{Name: "b"}, integrations.Definition{Type: "a"}, integrations.Definition{})
		if list, err := srv.Client().ListDefinitions(context.Background()); err != nil || len(list) != 1 || list[0].Type != "kept" {
			t.Errorf("%v %v", list, err)
		}
	})
	require.Equal(t, []string{`fake: PutDefinitions: [1].type is required
[2].type is the type of an earlier definition
[3].type is required`}, run.errors)
}

func TestPutDefinitionsReplacesTheDefault(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	def := integrations.Definition{Type: "x", Name: "openai", Category: "MCP", Enabled: true, Configuration: []integrations.DefinitionField{{
		Key: "host", Type: integrations.FieldTypeText, DependsOn: []integrations.DefinitionField{{Key: "mode", Value: "on"}},
	}}}
	srv.PutDefinitions(def)
	def.Configuration[0].DependsOn[0].Value = "spoilt"
	const x = `{"type": "x", "name": "openai", "category": "MCP", "enabled": true, "configuration": [
		{"fieldName": "host", "fieldType": "TEXT", "dependsOn": [{"fieldName": "mode", "value": "on"}]}]}`
	w.want(200, "["+x+"]", "GET", "/api/integrations/def", "")
	w.want(200, x, "GET", "/api/integrations/def/openai", "")
	require.Equal(t, 200, w.send("POST", provider+"a", `{"type": "x"}`).status)
	require.Equal(t, 200, w.send("POST", provider+"b", `{"type": "openai"}`).status, "the page's types stay known")
	srv.PutDefinitions()
	w.want(200, "[]", "GET", "/api/integrations/def", "")
	w.wantMissing("integration definition: x", "GET", "/api/integrations/def/x", "")
}
