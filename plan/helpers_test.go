package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

var (
	runs   = flag.Int("plan.runs", 256, "random worlds of each property; 128 go once through all behaviours of the fake")
	golden = flag.Bool("plan.golden", false, "write the golden files")
)

var (
	clearSecrets = fake.WithBehaviour(fake.Behaviour{ClearSecrets: true})
	atNine       = fake.WithClock(func() time.Time { return time.Date(2026, 3, 12, 9, 14, 0, 0, time.UTC) })
)

// server starts a fake that has items.
func server(t *testing.T, items []in.Integration, opts ...fake.Option) *fake.Server {
	t.Helper()
	s := fake.Start(t, append([]fake.Option{fake.WithUnknownTypes(), atNine}, opts...)...)
	s.Put(items...)
	return s
}

// newPlan makes a plan that must exist. The file may be anything that encodes.
func newPlan(t *testing.T, c *in.Client, desired []in.Integration, opts ...plan.Option) *plan.Plan {
	t.Helper()
	p, err := plan.New(t.Context(), c, desired, append([]plan.Option{anyFile}, opts...)...)
	require.NoError(t, err)
	return p
}

var anyFile = plan.WithSaveOptions(in.WithValidation(in.Off))

// openAI is a valid integration, changed by change.
func openAI(change ...func(*in.Integration)) in.Integration {
	item := in.Integration{
		Name: "openai", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "chat", Enabled: in.Bool(true),
		Configuration: in.Configuration{in.KeyAPIKey: "sk-1", in.KeyEndpoint: "https://api.openai.com"},
		Tags:          []in.Tag{{Key: "team", Value: "ml"}},
		APIs: []in.IntegrationAPI{{
			API: "gpt-4o", Description: "GPT-4o", Enabled: in.Bool(false),
			Configuration: in.Configuration{in.KeyEndpoint: "https://gpt.example"},
		}},
	}
	for _, f := range change {
		f(&item)
	}
	return item
}

// set sets one configuration value of an integration.
func set(key in.ConfigKey, value any) func(*in.Integration) {
	return func(i *in.Integration) { i.Configuration[key] = value }
}

// without removes one configuration value.
func without(key in.ConfigKey) func(*in.Integration) {
	return func(i *in.Integration) { delete(i.Configuration, key) }
}

func owned(by ...string) func(*in.Integration) {
	return func(i *in.Integration) {
		for _, owner := range by {
			i.Tags = append(i.Tags, in.Tag{Key: "iac-owner", Value: owner})
		}
	}
}

func list(items ...in.Integration) []in.Integration { return items }

// lines writes fields as they are told apart here: op, path, old and new.
func lines(fields []plan.Field) []string {
	var list []string
	for _, f := range fields {
		line := string(f.Op) + " " + f.Path
		if f.Sensitive {
			line += " secret"
		}
		if f.Old != "" {
			line += " old=" + f.Old
		}
		if f.New != "" {
			line += " new=" + f.New
		}
		list = append(list, line)
	}
	return list
}

// ops returns the operations that s has seen, without tokens.
func ops(s *fake.Server) []in.Op {
	var list []in.Op
	for _, r := range s.TakeRequests() {
		if r.Op != in.OpToken {
			list = append(list, r.Op)
		}
	}
	return list
}

// sent returns what the only save of s carried.
func sent(t *testing.T, s *fake.Server) []in.Integration {
	t.Helper()
	requests := s.Requests(in.OpSaveAll)
	require.Len(t, requests, 1)
	var items []in.Integration
	require.NoError(t, json.Unmarshal(requests[0].Body, &items))
	return items
}

// requireGolden compares text with a file below testdata.
func requireGolden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *golden {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// names returns the names of changes, with their actions.
func names(changes []plan.Change) string {
	var list []string
	for _, c := range changes {
		list = append(list, string(c.Action)+" "+c.Name)
	}
	return strings.Join(list, ", ")
}

// clock is a clock that moves on by a second with each look.
type clock struct{ ticks atomic.Int64 }

func newClock() *clock { return &clock{} }

func (c *clock) now() time.Time { return time.Unix(1_773_306_840+c.ticks.Add(1), 0) }
