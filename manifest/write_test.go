package manifest_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/terminal"
	"github.com/seed4e9a5e42/integrations/manifest"
)

// exported is a list as an export may return it.
var exported = []in.Integration{{
	Name: "8080", Type: in.TypeAWSSQS, Category: in.CategoryMessageBroker, Description: "costs $5" + strings.Repeat(" and one more", 12), Enabled: in.Bool(false),
	Configuration: in.Configuration{
		"zulu": "z", "alpha": "a", in.KeyAWSAccountID: "<SQS_ACCOUNT>", in.KeyAPIKey: "<SQS_KEY>", in.KeyUser: "pa$$ ${X}",
		in.KeyRegion: "eu-west-1", in.KeyConnectionType: "ACCESS_KEY", in.KeyBatchSize: 10.0, in.KeyAuthURL: nil,
	},
	Tags: []in.Tag{{Key: "team", Value: "yes"}, {Key: "empty"}},
}, {
	Name: "gcp", Type: in.TypeGCP,
	Configuration: in.Configuration{
		in.KeyFile:        "{\n  \"type\": \"service_account\"\n}\n",
		in.KeyProjectName: "my\tproject", in.KeyEnvironment: "<not a name>",
		"nested": map[string]any{"b": []any{true, "<A>", json.Number("9007199254740993")}, "a": []string{"$"}},
	},
	Tags: []in.Tag{},
}, {
	Name: "llm", Type: "unknown", Configuration: in.Configuration{},
	APIs: []in.IntegrationAPI{{
		IntegrationName: "llm", API: "m", Description: "two\nlines", Enabled: in.Bool(true), Configuration: in.Configuration{"t": 0.5, "<": "on"},
	}, {}},
}}

func TestWriteMatchesTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]manifest.Option{"written.yaml": nil, "written.json": {manifest.AsJSON()}} {
		var out strings.Builder
		require.NoError(t, manifest.Write(&out, exported, opts...))
		want, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(string(want), out.String()), name)
	}
}

func TestWriteOfNothingIsAnEmptyList(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]manifest.Option{nil, {manifest.AsJSON()}} {
		var out strings.Builder
		require.NoError(t, manifest.Write(&out, nil, opts...))
		require.Equal(t, "[]\n", out.String())
	}
}

func TestWriteRefusesWhatAFileCannotHold(t *testing.T) {
	t.Parallel()
	loop := map[string]any{}
	loop["k"] = loop
	for want, item := range map[string]in.Integration{
		"name: is not UTF-8":                             {Name: "\xff"},
		"tags[0].value: is not UTF-8":                    {Tags: []in.Tag{{Value: canary + "\xff"}}},
		"configuration.k: is not UTF-8":                  {Configuration: in.Configuration{"k": canary + "\xff"}},
		"configuration.[1 bytes]: is not UTF-8":          {Configuration: in.Configuration{"\xff": canary}},
		"configuration.k[0]: is not UTF-8, or is":        {Configuration: in.Configuration{"k": []any{[]string{canary + "\xff"}}}},
		"apis[0].configuration.k.n: is of a kind":        {APIs: []in.IntegrationAPI{{Configuration: in.Configuration{"k": map[string]any{"n": math.NaN()}}}}},
		"configuration.k: is of a kind that JSON does":   {Configuration: in.Configuration{"k": json.Number(canary)}},
		"lists and objects are nested more than 100 lev": {Configuration: in.Configuration{"k": loop}},
	} {
		item.Name += "n"
		items := []in.Integration{{Name: "good"}, item, {Name: "\xff"}}
		var out strings.Builder
		err := manifest.Write(&out, items)
		require.ErrorContains(t, err, `manifest: integration 1 "`)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, `integration 2 "\xff": name: is not UTF-8`, "every mistake at once")
		require.Empty(t, out.String())
		requireNoCanary(t, err)
	}
}

func TestWriteRefusesWhatReadFindsTooDeep(t *testing.T) {
	t.Parallel()
	var value any = "text"
	for range 97 {
		value = []any{value}
	}
	roundTrip(t, []in.Integration{{Configuration: in.Configuration{"k": value}}})
	roundTrip(t, []in.Integration{{Configuration: in.Configuration{"k": value}}}, manifest.AsJSON())
	var out strings.Builder
	require.ErrorContains(t, manifest.Write(&out, []in.Integration{{Configuration: in.Configuration{"k": []any{value}}}}), "100 levels")
	require.ErrorContains(t, manifest.Write(&out, []in.Integration{{Configuration: in.Configuration{"k": map[string]any{"k": value}}}}), "100 levels")
}

func TestWriteKeepsTheErrorOfTheWriter(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, manifest.Write(brokenWriter{}, nil), errBroken)
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestRandomItemsSurviveAFile(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		items := make([]in.Integration, 1+r.IntN(3))
		for i := range items {
			items[i] = randomItem(r)
		}
		roundTrip(t, items)
		roundTrip(t, items, manifest.AsJSON())
	}
}

func randomItem(r *rand.Rand) in.Integration {
	text := func() string { return oddTexts[r.IntN(len(oddTexts))] + oddTexts[r.IntN(len(oddTexts))] }
	maybe := func() bool { return r.IntN(2) == 0 }
	configuration := func() in.Configuration {
		if maybe() {
			return nil
		}
		c := in.Configuration{in.KeyAPIKey: text(), in.ConfigKey(text()): []any{text(), nil, map[string]any{text(): text()}}}
		for range r.IntN(3) {
			c[in.ConfigKey(text())] = text()
		}
		return c
	}
	item := in.Integration{Name: text(), Type: in.TypeKafka, Description: text(), Configuration: configuration()}
	if maybe() {
		item.Enabled, item.Category = in.Bool(maybe()), in.Category(text())
	}
	if maybe() {
		item.Tags = []in.Tag{}
		for range r.IntN(3) {
			item.Tags = append(item.Tags, in.Tag{Key: text(), Value: text()})
		}
	}
	if maybe() {
		item.APIs = []in.IntegrationAPI{}
		for range r.IntN(3) {
			item.APIs = append(item.APIs, in.IntegrationAPI{IntegrationName: text(), API: text(), Description: text(), Configuration: configuration()})
		}
	}
	return item
}

// The written text may be printed on a terminal, and reads back unchanged.
func TestWriteEscapesWhatControlsATerminal(t *testing.T) {
	t.Parallel()
	const odd = "a\u202eb\u009bc\u2028d\x7fe\x1bf\u0085g"
	items := []in.Integration{{
		Name: odd, Type: in.TypeOpenAI, Description: odd + "\nnext", Tags: []in.Tag{{Key: "k", Value: odd}},
		Configuration: in.Configuration{in.ConfigKey(odd): odd},
	}}
	for _, opts := range [][]manifest.Option{nil, {manifest.AsJSON()}} {
		var b strings.Builder
		require.NoError(t, manifest.Write(&b, items, opts...))
		require.NotContains(t, strings.ReplaceAll(b.String(), "\n", ""), "\u202e")
		for _, r := range strings.ReplaceAll(b.String(), "\n", "") {
			require.False(t, terminal.Obeys(r), "%q in %q", r, b.String())
		}
		back, err := manifest.Read(strings.NewReader(b.String()))
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(items, back))
	}
}
