package manifest_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

// many returns a list as a company may have it: 1,000 integrations with 5
// models each.
func many() []in.Integration {
	items := make([]in.Integration, 1000)
	for i := range items {
		items[i] = in.Integration{
			Name:        fmt.Sprintf("openai-%d", i),
			Type:        in.TypeOpenAI,
			Category:    in.CategoryAIModel,
			Description: "OpenAI for the whole company",
			Enabled:     in.Bool(true),
			Configuration: in.Configuration{
				in.KeyAPIKey:         "<OPENAI_API_KEY>",
				in.KeyEndpoint:       "https://api.openai.com/v1",
				in.KeyOrganizationID: "12345678",
			},
			Tags: []in.Tag{{Key: "team", Value: "platform"}},
		}
		for model := range 5 {
			items[i].APIs = append(items[i].APIs, in.IntegrationAPI{
				API: fmt.Sprintf("gpt-4o-%d", model), Description: "A model for chats", Enabled: in.Bool(true),
			})
		}
	}
	return items
}

// BenchmarkRead has a file of 1,000 integrations with 5 models each. What the
// YAML library needs to find the nodes is a benchmark of its own, because that
// is most of the time for YAML.
func BenchmarkRead(b *testing.B) {
	for name, opts := range map[string][]manifest.Option{"YAML": nil, "JSON": {manifest.AsJSON()}} {
		b.Run(name, func(b *testing.B) {
			var file bytes.Buffer
			require.NoError(b, manifest.Write(&file, many(), opts...))
			key := manifest.WithLookup(func(string) (string, bool) { return "sk-0123456789", true })
			b.SetBytes(int64(file.Len()))
			b.ReportAllocs()
			for b.Loop() {
				items, err := manifest.Read(bytes.NewReader(file.Bytes()), key)
				if err != nil || len(items) != 1000 {
					b.Fatal(len(items), err)
				}
			}
		})
	}
}

func BenchmarkYAMLLibrary(b *testing.B) {
	var file bytes.Buffer
	require.NoError(b, manifest.Write(&file, many()))
	b.SetBytes(int64(file.Len()))
	b.ReportAllocs()
	for b.Loop() {
		var document yaml.Node
		if err := yaml.Load(file.Bytes(), &document); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	items := many()
	for name, opts := range map[string][]manifest.Option{"YAML": nil, "JSON": {manifest.AsJSON()}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var file bytes.Buffer
				require.NoError(b, manifest.Write(&file, items, opts...))
				b.SetBytes(int64(file.Len()))
			}
		})
	}
}
