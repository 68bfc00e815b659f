package integrations_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// openAI is a valid integration, for a test to spoil.
func openAI(change ...func(*in.Integration)) in.Integration {
	i := in.Integration{
		Name:          "main",
		Type:          in.TypeOpenAI,
		Configuration: in.Configuration{in.KeyAPIKey: "sk-canary"},
		APIs:          []in.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
	}
	for _, c := range change {
		c(&i)
	}
	return i
}

// with replaces type and configuration; category and models follow the type.
func with(t in.Type, c in.Configuration) in.Integration {
	return openAI(func(i *in.Integration) { i.Type, i.Configuration = t, c })
}

// problem holds the fields that a test expects in an in.Problem.
type problem struct {
	Index  int
	Field  string
	Err    error
	Reason string // a part of it
}

func requireProblems(t *testing.T, err error, want ...problem) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	var invalid *in.ValidationError
	require.ErrorAs(t, err, &invalid)
	var got []problem
	for n, p := range invalid.Problems {
		g := problem{p.Index, p.Field, p.Err, p.Reason}
		if n < len(want) && strings.Contains(p.Reason, want[n].Reason) {
			g.Reason = want[n].Reason
		}
		got = append(got, g)
		require.ErrorIs(t, err, p.Err)
		require.Contains(t, err.Error(), p.Field+": "+p.Reason)
	}
	require.Empty(t, cmp.Diff(want, got, cmpopts.EquateErrors()))
}

// minimal returns a valid integration of type t with nothing optional in it.
func minimal(t in.Type) in.Integration {
	rules, _ := in.KeysFor(t)
	i := in.Integration{Name: "the " + string(t), Type: t, Configuration: in.Configuration{}}
	for _, key := range rules.Required {
		i.Configuration[key] = fmt.Sprintf("value of %s", key)
	}
	switch t {
	case in.TypeAMQP:
		i.Configuration[in.KeyProtocol] = "amqps"
	case in.TypePGVectorDB:
		i.Configuration[in.KeyIndexingMethod] = "hnsw"
	}
	if rules.Conditional != nil {
		i.Configuration[in.KeyConnectionType] = "CONDUCTOR_ROLE"
	}
	switch category, _ := t.Category(); category {
	case in.CategoryAIModel, in.CategoryVectorDB, in.CategoryRelationalDB:
		i.APIs = []in.IntegrationAPI{{API: "one", Description: "the one"}}
	}
	return i
}

// seen is a request as it arrived.
type seen struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// answering starts a server that answers every request alike, and returns a
// client for it and the requests that have arrived.
func answering(t *testing.T, status int, body string, opts ...in.Option) (*in.Client, *[]seen) {
	t.Helper()
	var requests []seen
	client, err := in.NewClient(serve(t, record(t, &requests, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})), opts...)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client, &requests
}

// serve starts a server and returns its URL.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

// record notes each request before handler answers it. The requests must come
// one after the other.
func record(t testing.TB, requests *[]seen, handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		path, _, _ := strings.Cut(r.RequestURI, "?")
		*requests = append(*requests, seen{r.Method, path, r.URL.RawQuery, r.Header.Clone(), string(got)})
		handler(w, r)
	}
}

func golden(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(text)
}

// list lists the providers and returns only the error.
func list(ctx context.Context, c *in.Client) error {
	_, err := c.ListProviders(ctx)
	return err
}

// clientOf returns a client whose every request is answered with the same
// status, headers and body.
func clientOf(t *testing.T, status int, h http.Header, body func() io.Reader, opts ...in.Option) *in.Client {
	t.Helper()
	hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: h.Clone(), Body: io.NopCloser(body()), ContentLength: -1, Request: r}, nil
	})}
	client, err := in.NewClient("https://cluster", append([]in.Option{in.WithHTTPClient(hc), in.WithRetry(in.RetryPolicy{MaxRetries: 1, MinWait: 1, MaxWait: 1})}, opts...)...)
	require.NoError(t, err)
	return client
}

func text(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }

func header(name, value string) http.Header { return http.Header{name: {value}} }

// roundTrip is an http.RoundTripper of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// listOf is a listing of n providers in the shape of the reference page.
func listOf(n int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"createTime":1772787470214,"updateTime":1773839434450,"createdBy":"john.doe@orkes.io",`+
			`"updatedBy":"john.doe@orkes.io","name":"openAI-%d","type":"openai","description":"Please remember to set your api key",`+
			`"category":"AI_MODEL","configuration":{"api_key":"xxxxx","endpoint":"https://api.openai.com","organizationId":""},`+
			`"enabled":true,"tags":[],"modelsCount":3}`, i)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// batchOf is a batch of n integrations with two models each.
func batchOf(n int) []in.Integration {
	items := make([]in.Integration, n)
	for i := range items {
		name := fmt.Sprintf("openai-%d", i)
		items[i] = in.Integration{
			Name:          name,
			Type:          in.TypeOpenAI,
			Category:      in.CategoryAIModel,
			Description:   "OpenAI integration for LLM tasks",
			Enabled:       in.Bool(true),
			Configuration: in.Configuration{in.KeyAPIKey: "sk-0123456789", in.KeyEndpoint: "https://api.openai.com"},
			APIs: []in.IntegrationAPI{
				{IntegrationName: name, API: "gpt-4o", Description: "GPT-4o model", Enabled: in.Bool(true)},
				{IntegrationName: name, API: "gpt-4o-mini", Description: "GPT-4o mini model", Enabled: in.Bool(true)},
			},
		}
	}
	return items
}

// The canaries: each is a secret of another kind, and none may ever be seen.
const (
	canaryValue  = "canary-value/\"quoted\"&<more>"
	canaryNested = "canary-nested-in-a-list"
	canaryFile   = "-----BEGIN CANARY-----\ncanary-first-line\ncanary-second-line\n-----END CANARY-----\n"
	canaryKey    = "canary key typed where the key belongs"
	canaryToken  = "canary-token"
	canarySecret = "canary-key-secret"
)

func canaryItem() in.Integration {
	return in.Integration{
		Name: "main", Type: in.TypeOpenAI, Description: "described",
		Configuration: in.Configuration{
			in.KeyAPIKey: canaryValue,
			in.KeyFile:   canaryFile,
			canaryKey:    "api_key",
			"deep":       map[string]any{"list": []any{canaryNested}},
		},
		APIs: []in.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
	}
}

// requireNoCanary looks for the word, which is in every canary but for some of
// its escaped forms, and for those.
func requireNoCanary(t *testing.T, where, text string) {
	t.Helper()
	require.NotContains(t, strings.ToLower(text), "canary", where)
	require.NotContains(t, text, "&<more>", where)
	require.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte(canaryValue))[:20], where)
}

// printed is everything that fmt and slog make of a value.
func printed(value any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out[verb] = fmt.Sprintf(verb, value)
	}
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var b bytes.Buffer
		logger := slog.New(handler(&b))
		logger.Info("value", "value", value)
		logger.With("value", value).WithGroup("group").Info("value", slog.Group("more", "value", value))
		out["slog "+name] = b.String()
	}
	return out
}

type sourceFunc func(context.Context) (string, error)

func (f sourceFunc) Token(ctx context.Context) (string, error) { return f(ctx) }
