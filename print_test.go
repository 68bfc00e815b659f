package integrations_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	client, err := in.NewClient("https://cluster", in.WithKeySecret("id", canarySecret))
	require.NoError(t, err)
	static, err := in.NewClient("https://cluster", in.WithToken(canaryToken))
	require.NoError(t, err)
	item := canaryItem()
	item.APIs[0].Configuration = item.Configuration
	model := in.Model{API: "gpt-4o", Configuration: item.Configuration}
	provider := in.Provider{Name: "main", Type: in.TypeOpenAI, Configuration: item.Configuration, APIs: []in.Model{model}}
	field := in.DefinitionField{Key: canaryKey, Value: canaryValue, DefaultValue: canaryNested}
	field.DependsOn = []in.DefinitionField{field}
	definition := in.Definition{
		Type: "kafka_msk", Configuration: []in.DefinitionField{field},
		APIs: []in.DefinitionAPI{{API: "send", InputSchema: json.RawMessage(`{"default":"canary"}`)}},
	}
	prompt := in.Prompt{Name: "greeting", Template: "canary ${name}"}
	var none *in.Integration
	for name, value := range map[string]any{
		"integration":         item,
		"*integration":        &item,
		"integrations":        []any{item, &item, provider, &provider, item.Configuration, &item.Configuration, model, &model, definition, &definition, field, prompt},
		"provider":            provider,
		"*provider":           &provider,
		"model of a listing":  model,
		"*model of a listing": &model,
		"definition":          definition,
		"*definition":         &definition,
		"definition field":    field,
		"*definition field":   &field,
		"prompt":              prompt,
		"*prompt":             &prompt,
		"configuration":       item.Configuration,
		"*configuration":      &item.Configuration,
		"no configuration":    in.Configuration(nil),
		"model":               item.APIs[0],
		"*model":              &item.APIs[0],
		"client":              *client,
		"*client":             client,
		"*client of a token":  static,
		"nil":                 none,
		"nil client":          (*in.Client)(nil),
		"zero client":         in.Client{},
		"struct with a field": struct{ Item in.Integration }{item},
		"slices":              []any{[]in.Integration{item}, []in.Provider{provider}, []in.Model{model}, []in.Definition{definition}, []in.Prompt{prompt}, []in.IntegrationAPI(item.APIs)},
	} {
		if name == "integrations" || name == "struct with a field" || name == "slices" {
			// slog's JSON handler encodes these, as the package doc says.
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%t"} {
				requireNoCanary(t, name+" "+verb, fmt.Sprintf(verb, value))
			}
			continue
		}
		for how, text := range printed(value) {
			requireNoCanary(t, name+" "+how, text)
		}
	}
}

// A text that is no secret stays readable.
func TestPrintingIsOfUse(t *testing.T) {
	t.Parallel()
	item := canaryItem()
	require.Equal(t, "[[38 bytes] api_key deep file]", fmt.Sprint(item.Configuration))
	require.Equal(t, "[]", fmt.Sprint(in.Configuration(nil)))
	require.Contains(t, fmt.Sprintf("%+v", item), "Name:main Type:openai")
	require.Contains(t, fmt.Sprintf("%#v", item), `integrations.Integration{Name:"main", Type:"openai"`)
	require.Contains(t, fmt.Sprintf("%+v", item), "Configuration:[[38 bytes] api_key deep file]")

	var b bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: drop}))
	item.Enabled = in.Bool(false)
	logger.Info("saved", "item", item)
	logger.Info("listed", "provider", in.Provider{Name: "p", Configuration: in.Configuration{"api_key": "x"}})
	require.Equal(t, `{"level":"INFO","msg":"saved","item":{"name":"main","type":"openai","category":"","configuration":["[38 bytes]","api_key","deep","file"],`+
		`"apis":[{"integrationName":"","api":"gpt-4o","description":"GPT-4o"}],"enabled":false}}
{"level":"INFO","msg":"listed","provider":{"name":"p","type":"","category":"","enabled":false,"configuration":["api_key"],"modelsCount":0}}
`, b.String())
}

// Enabled prints its three states, whatever the verb.
func TestEnabledPrintsAsTrueFalseOrUnset(t *testing.T) {
	t.Parallel()
	for want, enabled := range map[string]*bool{"true": in.Bool(true), "false": in.Bool(false), "unset": nil} {
		item := in.Integration{Enabled: enabled, APIs: []in.IntegrationAPI{{Enabled: enabled}}}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
			require.Equal(t, 2, strings.Count(fmt.Sprintf(verb, item), want), verb)
			require.Equal(t, 1, strings.Count(fmt.Sprintf(verb, &item.APIs[0]), want), verb)
		}
	}
}

func TestATimestampPrintsAsATime(t *testing.T) {
	t.Parallel()
	stamp := in.Timestamp(1772787470214)
	require.Equal(t, "2026-03-06T08:57:50.214Z", fmt.Sprint(stamp))
	require.Equal(t, "0001-01-01T00:00:00Z", fmt.Sprint(in.Timestamp(0)))
	require.Equal(t, "1772787470214", fmt.Sprintf("%d", stamp), "a number is still a number")
	require.Contains(t, fmt.Sprintf("%+v", in.Provider{CreateTime: stamp}), "CreateTime:2026-03-06T08:57:50.214Z UpdateTime:0001")
	encoded, err := json.Marshal(stamp)
	require.NoError(t, err)
	require.Equal(t, "1772787470214", string(encoded))
}

// Names and keys are still there to read.
func TestPrintingOfTheRestIsOfUse(t *testing.T) {
	t.Parallel()
	model := in.Model{IntegrationName: "main", API: "gpt-4o", Configuration: in.Configuration{"api_key": "x"}}
	require.Contains(t, fmt.Sprintf("%+v", in.Provider{Name: "main", APIs: []in.Model{model}}), "APIs:[{IntegrationName:main API:gpt-4o")
	require.Contains(t, fmt.Sprintf("%#v", model), `integrations.Model{IntegrationName:"main", API:"gpt-4o"`)
	require.Contains(t, fmt.Sprintf("%+v", model), "Configuration:[api_key]")
	definition := in.Definition{
		Type: "kafka_msk", Name: "Amazon MSK", Configuration: []in.DefinitionField{{Key: "hosts"}},
		APIs: []in.DefinitionAPI{{API: "send"}},
	}
	require.Equal(t, "{Type:kafka_msk Name:Amazon MSK Category: Enabled:false Tags:[] Configuration:[hosts] APIs:[send]}", fmt.Sprintf("%+v", definition))
	require.Contains(t, fmt.Sprintf("%#v", definition), `integrations.Definition{Type:"kafka_msk"`)
	field := in.DefinitionField{Key: "hosts", Type: in.FieldTypeText, DependsOn: []in.DefinitionField{{Key: "mode"}}}
	require.Equal(t, "{Key:hosts Type:TEXT Label: Optional:false DependsOn:[mode]}", fmt.Sprintf("%+v", field))
	prompt := in.Prompt{Name: "greeting", Version: 2, Integrations: []in.Ref{{Provider: "main", Model: "gpt-4o"}}}
	require.Contains(t, fmt.Sprintf("%+v", prompt), "{Name:greeting Description: Version:2 Variables:[] Integrations:[main:gpt-4o]")
}
