package plan_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// canary is a secret that looks different in every way of writing it.
func canary(n int) string { return fmt.Sprintf("sk-%d \"canary\" <é&>\\%d", n, n*7919) }

// forms returns the ways in which a text may hold secret.
func forms(secret string) []string {
	quotedJSON, _ := json.Marshal(secret)
	raw := []byte(secret)
	return []string{
		secret, strings.Trim(string(quotedJSON), `"`), strings.Trim(strconv.Quote(secret), `"`), strings.Trim(strconv.QuoteToASCII(secret), `"`),
		url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), hex.EncodeToString(raw),
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw),
	}
}

// everywhere puts canaries, from number n on, in all places where a secret can be.
func everywhere(n int) in.Integration {
	next := func() string { n++; return canary(n) }
	shared := next()
	return in.Integration{
		Name: "openai", Type: in.TypeOpenAI, Description: shared, Tags: []in.Tag{{Key: "team", Value: shared}},
		Configuration: in.Configuration{
			in.KeyAPIKey: shared, in.KeyPassword: next(), in.KeyDatasourceURL: next(), in.KeyFile: next(), "unknown": next(),
			in.KeyUser: next(), in.KeyHeader: next(), in.KeyEndpoint: "https://user:" + next() + "@host/",
			in.KeyAuthURL: "https://host/?token=" + next(), in.KeyNamespace: map[string]any{"inner": next()},
			in.KeyGroupID: "two\n" + next(), in.KeyPublisher: strings.Repeat("long ", 25) + next(), in.KeyChannel: shared,
		},
		APIs: []in.IntegrationAPI{{API: "gpt-4o", Description: shared, Configuration: in.Configuration{in.KeyAPIKey: next(), in.KeyRegion: shared}}},
	}
}

const canaries = 40 // more than two integrations of everywhere have

func requireNoCanary(t *testing.T, text string) {
	t.Helper()
	for n := 1; n <= canaries; n++ {
		for i, form := range forms(canary(n)) {
			require.False(t, strings.Contains(text, form), "canary %d shows in form %d", n, i)
		}
	}
}

// dumps returns p in every form in which it may be printed.
func dumps(t *testing.T, p *plan.Plan) string {
	t.Helper()
	var b bytes.Buffer
	type holder struct {
		plan    plan.Plan
		pointer *plan.Plan
		Any     any
	}
	values := []any{p, *p, holder{*p, p, *p}, &holder{*p, p, p}, []plan.Plan{*p}, p.Changes(), p.Conflicts(), p.Notes(), p.Digest()}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&b, verb+"\n", value)
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		log := slog.New(handler)
		log.Info("plan", "plan", p, "value", *p, "changes", p.Changes(), "conflicts", p.Conflicts())
	}
	require.NoError(t, json.NewEncoder(&b).Encode([]any{p, *p, p.Changes(), p.Conflicts()}))
	return b.String()
}

func TestACanaryIsInNoOutput(t *testing.T) {
	t.Parallel()
	live, want := everywhere(0), everywhere(20)
	lost := live
	lost.Configuration = in.Configuration{in.KeyOAuth2RefreshToken: canary(39), in.KeyAPIKey: canary(40)}
	rewrite := plan.RewriteSecrets()
	for name, row := range map[string]struct {
		live []in.Integration
		opts []plan.Option
	}{
		"create":          {nil, nil},
		"update":          {list(live), nil},
		"update, rewrite": {list(live), []plan.Option{rewrite}},
		"conflict":        {list(lost), nil},
		"unowned":         {list(live), []plan.Option{plan.Owner("a")}},
	} {
		for _, masks := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, clear=%t", name, masks), func(t *testing.T) {
				t.Parallel()
				var log bytes.Buffer
				s := server(t, row.live, fake.WithBehaviour(fake.Behaviour{ClearSecrets: masks}))
				c := s.Client(once, in.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
				p := newPlan(t, c, list(want), row.opts...)
				requireNoCanary(t, dumps(t, p))
				if len(p.Conflicts()) == 0 {
					s.FailNext(in.OpSaveAll, fake.Fault{Status: http.StatusBadRequest, Message: "bad: " + canary(21) + canary(25)})
				}
				err := p.Apply(t.Context())
				require.Error(t, err)
				requireNoCanary(t, fmt.Sprintf("%v %+v %#v %s %q", err, err, err, err, err))
				requireNoCanary(t, log.String())
			})
		}
	}
}

func TestACanaryIsInNoRefusal(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	item := everywhere(0)
	item.Type = "unknown"
	_, err := plan.New(t.Context(), s.Client(), list(item, item))
	require.Error(t, err)
	requireNoCanary(t, fmt.Sprintf("%v %+v", err, err))
	placeholders := everywhere(0)
	placeholders.Configuration[in.KeyAPIKey] = "<KEY>"
	err = newPlan(t, s.Client(), list(placeholders)).Apply(t.Context())
	require.ErrorIs(t, err, in.ErrMaskedSecret)
	requireNoCanary(t, fmt.Sprintf("%v %+v", err, err))
}

func TestWhichValuesAreShown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		key   in.ConfigKey
		value string
		shown string
	}{
		{"a word", in.KeyRegion, "eu-west-1", "eu-west-1"},
		{"a URL", in.KeyEndpoint, "https://host:8080/v1", "https://host:8080/v1"},
		{"120 bytes", in.KeyRegion, strings.Repeat("a", 120), strings.Repeat("a", 120)},
		{"121 bytes", in.KeyRegion, strings.Repeat("a", 121), "(hidden)"},
		{"two lines", in.KeyRegion, "a\nb", "(hidden)"},
		{"a line separator", in.KeyRegion, "a\u2028b", "(hidden)"},
		{"user info", in.KeyEndpoint, "https://u:p@host", "(hidden)"},
		{"user info without a scheme", in.KeyEndpoint, "u:p@host:9092", "(hidden)"},
		{"a query", in.KeyEndpoint, "https://host/?key=1", "(hidden)"},
		{"a query without a scheme", in.KeyEndpoint, "host/?1", "(hidden)"},
		{"a connection string", in.KeyEndpoint, "Endpoint=sb://acme/;SharedAccessKeyName=Root;SharedAccessKey=c3VwZXI=", "(hidden)"},
		{"a URL with a parameter", in.KeyEndpoint, "amqp://rabbit;password=hunter2", "(hidden)"},
		{"a question", in.KeyRegion, "why? because", "why? because"},
		{"a user", in.KeyUser, "jane", "(hidden)"},
		{"a header", in.KeyHeader, "X-Key", "(hidden)"},
		{"a secret of the file", in.KeyRegion, "sk-1", "(hidden)"},
		{"a secret of the listing", in.KeyRegion, "sk-live", "(hidden)"},
		{"a secret with white space around", in.KeyRegion, " sk-1 ", "(hidden)"},
		{"a secret that looks like a mask", in.KeyRegion, "pa***word", "(hidden)"},
		{"a text within a secret", in.KeyRegion, "sk-inner", "(hidden)"},
		{"a switch", in.KeyTLS, "true", "true"},
		{"a secret of a live model", in.KeyRegion, "sk-model", "(hidden)"},
		{"a secret of a model of the file", in.KeyRegion, "sk-gpt", "(hidden)"},
		{"more than a secret", in.KeyRegion, "sk-12", "sk-12"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			other := openAI(set(in.KeyAPIKey, "sk-live"), set(in.KeyPassword, "pa***word"), set(in.KeyFile, map[string]any{"keys": []any{"sk-inner"}}), set("odd", true), func(i *in.Integration) {
				i.Name, i.APIs[0].Configuration = "other", in.Configuration{in.KeyAPIKey: "sk-model"}
			})
			s := server(t, list(other), clearSecrets)
			p := newPlan(t, s.Client(), list(openAI(without(in.KeyEndpoint), set(row.key, row.value), func(i *in.Integration) {
				i.APIs[0].Configuration = in.Configuration{in.KeyAPIKey: "sk-gpt"}
			})))
			require.Contains(t, p.Changes()[0].Fields, plan.Field{Path: "configuration." + string(row.key), Op: plan.OpAdd, New: row.shown})
		})
	}
}

func TestDescriptionsAndTagsThatMayBeSecretsAreHidden(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	p := newPlan(t, s.Client(), list(openAI(func(i *in.Integration) {
		i.Description, i.Tags[0].Value, i.Category = "sk-1", "sk-1", "https://u:p@host"
	})))
	require.Equal(t, []string{"~ category old=(hidden) new=(hidden)", "~ description old=(hidden) new=(hidden)", "~ tags[team] old=(hidden) new=(hidden)"},
		lines(p.Changes()[0].Fields))
}

func TestFilesThatDifferInSecretsOnlyHaveOneDigest(t *testing.T) {
	t.Parallel()
	for name, live := range map[string][]in.Integration{
		"create": nil, "unchanged but for the secret": list(openAI()), "update": list(openAI(set(in.KeyEndpoint, "https://eu"))),
	} {
		for _, behaviour := range []fake.Behaviour{{}, {ClearSecrets: true}} {
			s := server(t, live, fake.WithBehaviour(behaviour))
			digests := map[string]bool{}
			for _, value := range []string{"sk-1", "sk-2", "<KEY>", "${KEY}"} {
				for _, opts := range [][]plan.Option{nil, {plan.RewriteSecrets()}} {
					digests[newPlan(t, s.Client(), list(openAI(set(in.KeyAPIKey, value))), opts...).Digest()] = true
				}
			}
			require.Len(t, digests, 1, name)
		}
	}
}

func TestADigestCoversWhatAReviewerApproves(t *testing.T) {
	t.Parallel()
	ours, prune := plan.Owner("a"), plan.Prune(9)
	stale := openAI(owned("a"), func(i *in.Integration) { i.Name = "stale" })
	digests := map[string]string{}
	for name, row := range map[string]struct {
		live, want []in.Integration
		opts       []plan.Option
	}{
		"create":            {nil, list(openAI()), nil},
		"create for us":     {nil, list(openAI()), []plan.Option{ours}},
		"another value":     {nil, list(openAI(set(in.KeyEndpoint, "https://eu"))), nil},
		"another key":       {nil, list(openAI(without(in.KeyAPIKey))), nil},
		"a key removed":     {list(openAI(set(in.KeyPassword, "p"))), list(openAI()), nil},
		"nothing":           {list(openAI()), list(openAI()), nil},
		"nothing for us":    {list(openAI(owned("a"))), list(openAI()), []plan.Option{ours}},
		"a delete":          {list(openAI(owned("a")), stale), list(openAI()), []plan.Option{ours, prune}},
		"adopt":             {list(openAI()), list(openAI()), []plan.Option{ours, plan.Adopt()}},
		"another old value": {list(openAI(set(in.KeyEndpoint, "https://us"))), list(openAI(set(in.KeyEndpoint, "https://eu"))), nil},
		"a description":     {nil, list(openAI(func(i *in.Integration) { i.APIs[0].Description = "another" })), nil},
		"a hidden URL":      {nil, list(openAI(set(in.KeyEndpoint, "https://u:p@host"))), nil},
		"another hidden":    {nil, list(openAI(set(in.KeyEndpoint, "https://u:p@evil"))), nil},
		"a hidden path":     {nil, list(openAI(set(in.KeyEndpoint, "https://u:p@host/evil"))), nil},
		"a hidden pair":     {nil, list(openAI(set(in.KeyEndpoint, "host=db password=p"))), nil},
		"another pair":      {nil, list(openAI(set(in.KeyEndpoint, "host=evil password=p"))), nil},
		"a header":          {nil, list(openAI(set(in.KeyHeader, "a"))), nil},
		"a list":            {nil, list(openAI(set(in.KeyEndpoint, []string{"https://a", "https://b"}))), nil},
		"another list":      {nil, list(openAI(set(in.KeyEndpoint, []string{"https://a", "https://evil"}))), nil},
		"two lines":         {nil, list(openAI(set(in.KeyEndpoint, "a\nb"))), nil},
		"other two lines":   {nil, list(openAI(set(in.KeyEndpoint, "a\nc"))), nil},
		"a secret in it":    {nil, list(openAI(set(in.KeyAPIKey, "sk-canary"), set(in.KeyEndpoint, "https://host/sk-canary/v1"))), nil},
		"the same, evil":    {nil, list(openAI(set(in.KeyAPIKey, "sk-canary"), set(in.KeyEndpoint, "https://evil/sk-canary/v1"))), nil},
		"a new user":        {list(openAI(set(in.KeyUser, "a"))), list(openAI(set(in.KeyUser, "b"))), nil},
		"a tag":             {nil, list(openAI(func(i *in.Integration) { i.Tags[0].Value = "jane@acme.com" })), nil},
		"another tag":       {nil, list(openAI(func(i *in.Integration) { i.Tags[0].Value = "evil@acme.com" })), nil},
		"an update":         {list(openAI()), list(openAI(set(in.KeyEndpoint, "https://eu"))), nil},
	} {
		digest := newPlan(t, server(t, row.live, clearSecrets).Client(), row.want, row.opts...).Digest()
		require.Len(t, digest, 64)
		require.Empty(t, digests[digest], name)
		digests[digest] = name
	}
	s := server(t, list(stale), clearSecrets)
	require.Equal(t, newPlan(t, s.Client(), list(openAI()), ours).Digest(), newPlan(t, s.Client(), list(openAI()), ours).Digest())
	require.NotEqual(t, newPlan(t, s.Client(), list(openAI())).Digest(), newPlan(t, acme(t, s), list(openAI())).Digest(), "the server counts")
}

// The server may not have the model. A save with another change then adds it.
func TestADigestCoversAModelThatTheServerMayNotList(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), fake.WithBehaviour(fake.Behaviour{InactiveHidden: true, ClearSecrets: true}))
	evil := func(i *in.Integration) {
		i.APIs = append(i.APIs, in.IntegrationAPI{API: "evil", Description: "d", Configuration: in.Configuration{in.KeyEndpoint: "https://evil"}})
	}
	eu := set(in.KeyEndpoint, "https://eu")
	digest := func(change ...func(*in.Integration)) string {
		file := list(openAI(change...))
		kept := newPlan(t, s.Client(), file).Digest()
		require.Equal(t, kept, newPlan(t, s.Client(), file, plan.RewriteSecrets()).Digest(), "plan and apply agree")
		return kept
	}
	reviewed := digest(eu)
	require.NotEqual(t, reviewed, digest(eu, evil))
	require.NotEqual(t, digest(eu, evil), digest(eu, evil, func(i *in.Integration) { i.APIs[1].Configuration[in.KeyEndpoint] = "https://good" }))
	require.Equal(t, digest(), digest(set(in.KeyAPIKey, "sk-2")), "a secret does not count")
}

// A digest may be public, and a weak password could be guessed from it.
func TestADigestHoldsNoPartThatMayBeSecret(t *testing.T) {
	t.Parallel()
	for key, values := range map[in.ConfigKey][]any{
		in.KeyEndpoint: {"https://u:hunter2@host/v1?token=a#b", "https://jane:other@host/v1?token=b", "https://token@host/v1?c"},
		in.KeyRegion:   {"host=db password=hunter2 user=x", "host=db password=other user=x"},
		in.KeyHeader:   {"Authorization: Bearer hunter2", "https://host", "a:1"},
		in.KeyUser:     {"jane:1234", "u=x"},
		in.KeyAuthURL:  {[]any{"hunter2", "https://host/?a=b"}, []any{"https://host/?a=c", "other"}},
		in.KeyVersion:  {[]any{"hunter2", "a:1"}, map[string]any{"key": "other"}},
		in.KeyAPIKey:   {"hunter2", "https://mine", []any{"https://other"}},
	} {
		digests := map[string]bool{}
		for _, value := range values {
			p := newPlan(t, server(t, nil).Client(), list(openAI(set(in.KeyEndpoint, "https://host"), set(key, value))))
			require.Equal(t, key != in.KeyAPIKey, strings.Contains(p.String(), "(hidden)"), value)
			digests[p.Digest()] = true
		}
		require.Len(t, digests, 1, key)
	}
}

func TestADigestCoversTheDescriptionThatASaveGivesAModel(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	want := openAI(set(in.KeyEndpoint, "https://eu"), func(i *in.Integration) { i.APIs = nil })
	before := newPlan(t, s.Client(), list(want)).Digest()
	require.NoError(t, s.Client().SaveModel(t.Context(), "openai", in.IntegrationAPI{API: "bare"}, in.WithValidation(in.Off)))
	p := newPlan(t, s.Client(), list(want))
	require.Contains(t, p.String(), "+ apis[bare].description")
	require.NotEqual(t, before, p.Digest())
}

// A file may fill a secret into a URL, and a name may control a terminal.
func TestAPlanShowsNoSecretWithinAText(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	item := in.Integration{
		Name: "ai\u202e\u009b", Type: in.TypeOpenAI, APIs: []in.IntegrationAPI{{API: "m", Description: "d"}},
		Configuration: in.Configuration{in.KeyAPIKey: "canary-key", in.KeyEndpoint: "https://host/canary-key/v1"},
	}
	p, err := plan.New(t.Context(), srv.Client(), []in.Integration{item})
	require.NoError(t, err)
	body, err := json.Marshal(p)
	require.NoError(t, err)
	for _, text := range []string{p.String(), string(body)} {
		require.Contains(t, text, "(hidden)")
		require.NotContains(t, text, "canary")
		require.Contains(t, text, `ai\u202e\u009b`)
	}
}
