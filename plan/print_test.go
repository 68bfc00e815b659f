package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// acme returns a client for a server of that name, which is s.
func acme(t *testing.T, s *fake.Server) *in.Client {
	t.Helper()
	c, err := in.NewClient("https://acme.orkesconductor.io", in.WithKeySecret(s.Credentials()),
		in.WithHTTPClient(&http.Client{Transport: s.Transport()}))
	require.NoError(t, err)
	return c
}

// The plan of the package's documentation.
func paymentsPlan(t *testing.T) *plan.Plan {
	t.Helper()
	model := func(name string, enabled *bool) []in.IntegrationAPI {
		return []in.IntegrationAPI{{API: name, Description: "a model", Enabled: enabled}}
	}
	ours := []in.Tag{{Key: "iac-owner", Value: "payments"}}
	kafka := func(name string) in.Integration {
		return in.Integration{Name: name, Type: in.TypeKafka, Tags: ours, Configuration: in.Configuration{in.KeyEndpoint: "kafka:9092"}}
	}
	openAI := in.Integration{Name: "openai", Type: in.TypeOpenAI, Tags: ours, APIs: model("gpt-4o", in.Bool(false)),
		Configuration: in.Configuration{in.KeyAPIKey: "sk-1", in.KeyEndpoint: "https://api.openai.com"}}
	orders := in.Integration{Name: "orders", Type: in.TypeGrok, Tags: ours, APIs: model("gpt-3.5", nil)}
	s := server(t, list(openAI, orders, kafka("a"), kafka("b"), kafka("c"), kafka("legacy-kafka")), fake.WithUser("jane@acme.com"))

	openAI.Configuration = in.Configuration{in.KeyAPIKey: "sk-1", in.KeyEndpoint: "https://eu.api.openai.com"}
	openAI.Tags, openAI.APIs = nil, model("gpt-4o", in.Bool(true))
	orders.Tags, orders.APIs = nil, []in.IntegrationAPI{}
	desired := list(openAI, orders, kafka("a"), kafka("b"), kafka("c"), in.Integration{
		Name: "claude", Type: in.TypeAnthropic, APIs: model("claude-sonnet-4", nil),
		Configuration: in.Configuration{in.KeyAPIKey: "sk-2", in.KeyEndpoint: "https://api.anthropic.com/v1"},
	})
	for i := range desired {
		desired[i].Tags = nil
	}
	return newPlan(t, acme(t, s), desired, plan.Owner("payments"), plan.Prune(1))
}

// A plan with every kind of conflict, and with names that a terminal must not obey.
func refusedPlan(t *testing.T) *plan.Plan {
	t.Helper()
	named := func(name string, change ...func(*in.Integration)) in.Integration {
		return openAI(append(change, func(i *in.Integration) { i.Name = name })...)
	}
	s := server(t, list(named("a"), named("b", owned("web")), named("c", owned("payments"), set(in.KeyOAuth2RefreshToken, "t")),
		named("d", owned("payments"), func(i *in.Integration) { i.Type = in.TypeGrok }), named("gone\x1b[2J\u202e", owned("payments"))),
		fake.WithUser("jane\n\x1b[31m"))
	return newPlan(t, acme(t, s), list(named("a"), named("b"), named("c", set(in.KeyEndpoint, "https://eu")), named("d"),
		named("new\nline", func(i *in.Integration) { i.APIs[0].API = "m\x1b]0;" })), plan.Owner("payments"), plan.Prune(0))
}

func TestGoldenPlans(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	for name, p := range map[string]*plan.Plan{
		"payments":  paymentsPlan(t),
		"refused":   refusedPlan(t),
		"unchanged": newPlan(t, acme(t, s), list(openAI())),
		"empty":     newPlan(t, acme(t, server(t, nil)), nil),
		"rewrite":   newPlan(t, acme(t, server(t, list(openAI()))), list(openAI()), plan.RewriteSecrets()),
	} {
		text, err := json.MarshalIndent(p, "", "  ")
		require.NoError(t, err)
		requireGolden(t, name+".json", string(text)+"\n")
		requireGolden(t, name+".txt", p.String())
	}
}

func TestEveryVerbPrintsThePlan(t *testing.T) {
	t.Parallel()
	p := paymentsPlan(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		require.Equal(t, p.String(), fmt.Sprintf(verb, p), verb)
		require.Equal(t, p.String(), fmt.Sprintf(verb, *p), verb)
	}
	byValue, err := json.Marshal(*p)
	require.NoError(t, err)
	byPointer, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, string(byPointer), string(byValue))
}

func TestALogHasTheNumbersOfAPlan(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := paymentsPlan(t)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("planned", "plan", p)
	var entry struct{ Plan map[string]any }
	require.NoError(t, json.Unmarshal(log.Bytes(), &entry))
	require.Equal(t, map[string]any{
		"server": "https://acme.orkesconductor.io/api", "create": 1.0, "update": 1.0, "delete": 1.0, "unchanged": 4.0,
		"conflicts": 0.0, "notes": 2.0, "digest": p.Digest(),
	}, entry.Plan)
}

func TestAChangeSaysWhoSavedLast(t *testing.T) {
	t.Parallel()
	for _, c := range paymentsPlan(t).Changes() {
		if c.Action == plan.Create {
			require.Empty(t, c.UpdatedBy)
			continue
		}
		require.Equal(t, "jane@acme.com", c.UpdatedBy)
		require.Equal(t, "2026-03-12T09:14:00Z", c.UpdateTime.Time().Format("2006-01-02T15:04:05Z07:00"))
	}
}

func TestLongPathsDoNotMoveTheValuesTooFar(t *testing.T) {
	t.Parallel()
	long := "a-model-with-a-name-that-takes-more-than-the-width-of-the-column"
	p := newPlan(t, server(t, nil).Client(), list(openAI(func(i *in.Integration) { i.APIs[0].API = long })))
	require.Contains(t, p.String(), "apis["+long+"].enabled  false\n")
	require.Contains(t, p.String(), "    + enabled                                               true\n")
}

func TestATagThatBecomesEmptyShowsBothSides(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	p := newPlan(t, s.Client(), list(openAI(func(i *in.Integration) { i.Tags[0].Value = "" })))
	require.Contains(t, p.String(), `    ~ tags[team]                 "ml" -> ""`)
}

func TestWhatIsGivenAwayIsACopy(t *testing.T) {
	t.Parallel()
	p := refusedPlan(t)
	before := p.String()
	p.Changes()[0].Fields = nil
	for _, c := range p.Changes() {
		for i := range c.Fields {
			c.Fields[i].Path = "other"
		}
	}
	p.Conflicts()[0].Reason = "other"
	p.Notes()
	require.Equal(t, before, p.String())
}

func TestThePlanThatNewDidNotMakeIsEmpty(t *testing.T) {
	t.Parallel()
	var p plan.Plan
	require.True(t, p.Empty())
	require.NoError(t, p.Apply(t.Context()))
	require.Contains(t, p.String(), "0 to create")
}
