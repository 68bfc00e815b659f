package integrations_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// pathArgument is one name that an operation puts into its path.
type pathArgument struct {
	op    in.Op
	name  string // what an error calls it
	after int    // the number of path segments in front of it
	call  func(context.Context, *in.Client, string) error
}

const (
	afterProvider = 3 // /api/integrations/provider/{name}
	afterModel    = 5 // /api/integrations/provider/p/integration/{model}
	afterPrompt   = 7
)

// pathArguments has every path argument of every operation.
var pathArguments = slices.Concat(providerArguments, modelArguments, []pathArgument{
	{in.OpAssociatePrompt, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.AssociatePrompt(ctx, s, "m", "q") }},
	{in.OpAssociatePrompt, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error { return c.AssociatePrompt(ctx, "p", s, "q") }},
	{in.OpAssociatePrompt, "prompt", afterPrompt, func(ctx context.Context, c *in.Client, s string) error { return c.AssociatePrompt(ctx, "p", "m", s) }},
	{in.OpGetDefinition, "name", 3, func(ctx context.Context, c *in.Client, s string) error { _, err := c.GetDefinition(ctx, s); return err }},
	{in.OpRecordEvents, "eventType", 3, func(ctx context.Context, c *in.Client, s string) error { return c.RecordEvents(ctx, s, in.Event{}) }},
})

var tag = in.Tag{Key: "k", Value: "v"}

var providerArguments = []pathArgument{
	{in.OpGetProvider, "name", afterProvider, func(ctx context.Context, c *in.Client, s string) error { _, err := c.GetProvider(ctx, s); return err }},
	{in.OpSaveProvider, "name", afterProvider, func(ctx context.Context, c *in.Client, s string) error {
		return c.SaveProvider(ctx, in.Integration{Name: s, Type: "t", Configuration: in.Configuration{}}, in.WithValidation(in.Off))
	}},
	{in.OpDeleteProvider, "name", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.DeleteProvider(ctx, s) }},
	{in.OpListModels, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { _, err := c.ListModels(ctx, s); return err }},
	{in.OpListAvailableModels, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListAvailableModels(ctx, s)
		return err
	}},
	{in.OpGetModel, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { _, err := c.GetModel(ctx, s, "m"); return err }},
	{in.OpSaveModel, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error {
		return c.SaveModel(ctx, s, in.IntegrationAPI{API: "m"}, in.WithValidation(in.Off))
	}},
	{in.OpDeleteModel, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.DeleteModel(ctx, s, "m") }},
	{in.OpListProviderTags, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListProviderTags(ctx, s)
		return err
	}},
	{in.OpPutProviderTags, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.PutProviderTags(ctx, s, tag) }},
	{in.OpDeleteProviderTags, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.DeleteProviderTags(ctx, s, tag) }},
	{in.OpListModelTags, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListModelTags(ctx, s, "m")
		return err
	}},
	{in.OpPutModelTags, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.PutModelTags(ctx, s, "m", tag) }},
	{in.OpDeleteModelTags, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error { return c.DeleteModelTags(ctx, s, "m", tag) }},
	{in.OpListPrompts, "provider", afterProvider, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListPrompts(ctx, s, "m")
		return err
	}},
	{in.OpGetTokenLimit, "provider", 3, func(ctx context.Context, c *in.Client, s string) error { _, err := c.GetTokenLimit(ctx, s); return err }},
	{in.OpSaveTokenLimit, "provider", 3, func(ctx context.Context, c *in.Client, s string) error {
		return c.SaveTokenLimit(ctx, s, in.TokenLimit{})
	}},
	{in.OpListTokenUsage, "provider", 3, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListTokenUsage(ctx, s)
		return err
	}},
}

var modelArguments = []pathArgument{
	{in.OpGetModel, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error { _, err := c.GetModel(ctx, "p", s); return err }},
	{in.OpSaveModel, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error {
		return c.SaveModel(ctx, "p", in.IntegrationAPI{API: s}, in.WithValidation(in.Off))
	}},
	{in.OpDeleteModel, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error { return c.DeleteModel(ctx, "p", s) }},
	{in.OpListModelTags, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListModelTags(ctx, "p", s)
		return err
	}},
	{in.OpPutModelTags, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error { return c.PutModelTags(ctx, "p", s, tag) }},
	{in.OpDeleteModelTags, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error { return c.DeleteModelTags(ctx, "p", s, tag) }},
	{in.OpListPrompts, "model", afterModel, func(ctx context.Context, c *in.Client, s string) error {
		_, err := c.ListPrompts(ctx, "p", s)
		return err
	}},
}

// Every operation with a name in its path is in the table above.
func TestEveryPathArgumentIsInTheTable(t *testing.T) {
	t.Parallel()
	arguments := map[in.Op]int{}
	for _, a := range pathArguments {
		arguments[a.op]++
	}
	for op, tt := range operations {
		want := 0
		for _, name := range []string{"/openAI", "/gpt-4o", "/population-prompt", "/sample_type", "/kafka"} {
			want += strings.Count(tt.path, name)
		}
		require.Equal(t, want, arguments[op], op)
	}
}

// A server reads these as the parent resource, and a DELETE would take it.
func TestNamesThatAreLostInAPathAreRefused(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "")
	for _, a := range pathArguments {
		for _, name := range []string{"", " ", "\t\n", ".", "..", "a\xff"} {
			err := a.call(t.Context(), client, name)
			require.Error(t, err, "%s %s %q", a.op, a.name, name)
			var validation *in.ValidationError
			if !errors.As(err, &validation) {
				require.ErrorContains(t, err, "integrations: "+string(a.op)+": "+a.name+" is ", "%q", name)
			}
		}
	}
	require.Empty(t, *requests)
}

func TestAModelCalledAllIsAnotherOperation(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, `{"api":"all"}`)
	_, err := client.GetModel(t.Context(), "p", "all")
	require.EqualError(t, err, `integrations: GetModel: model is "all", which is another operation on the server; use ListModels`)
	require.Empty(t, *requests)
	// POST, DELETE and the paths below it reach the model.
	require.NoError(t, client.DeleteModel(t.Context(), "p", "all"))
	require.NoError(t, client.SaveModel(t.Context(), "p", in.IntegrationAPI{API: "all", Description: "d"}))
	require.NoError(t, client.PutModelTags(t.Context(), "p", "all", tag))
	require.Equal(t, "/api/integrations/provider/p/integration/all", (*requests)[0].Path)
}

// A name is one escaped segment of the path, as it was sent.
func TestANameIsOneSegmentOfThePath(t *testing.T) {
	t.Parallel()
	for name, escaped := range map[string]string{
		"a/b": "a%2Fb", `a\b`: "a%5Cb", "a%b": "a%25b", "a%2Fb": "a%252Fb", "a;b": "a%3Bb", "a:b": "a:b", "a b": "a%20b", " a ": "%20a%20",
		"a+b": "a+b", "a?b": "a%3Fb", "a#b": "a%23b", "é": "%C3%A9", "...": "...", "a/../b": "a%2F..%2Fb", "\ufffd": "%EF%BF%BD", "a&b=c": "a&b=c",
	} {
		for _, a := range pathArguments {
			require.Equal(t, escaped, segmentOf(t, a, name), "%s %s %q", a.op, a.name, name)
		}
	}
}

// segmentOf returns the segment in which a request carries name.
func segmentOf(t *testing.T, a pathArgument, name string) string {
	t.Helper()
	var path, typeOf string
	client, err := in.NewClient("https://cluster", in.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		path, _, _ = strings.Cut(r.URL.RequestURI(), "?")
		typeOf = r.URL.Query().Get("type")
		return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody, Request: r}, nil
	})}))
	require.NoError(t, err)
	require.Error(t, a.call(t.Context(), client, name))
	if a.op == in.OpRecordEvents {
		require.Equal(t, name, typeOf)
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	require.Greater(t, len(segments), a.after, path)
	return segments[a.after]
}

// No name reaches another path: every name gives a path with the same number of
// segments, and the name's own segment unescapes to the name.
func FuzzNamesInPaths(f *testing.F) {
	for _, name := range []string{"a", "", " ", ".", "..", "../..", "a/b", `a\..\b`, "%2e%2e", "a?b", "a#b", "a;b", "\xff", "é", "\x00", "a\r\nHost: b", "//", "all"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var path string
		client, err := in.NewClient("https://cluster/prefix", in.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			path, _, _ = strings.Cut(r.URL.RequestURI(), "?")
			return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody, Request: r}, nil
		})}))
		require.NoError(t, err)
		for _, a := range pathArguments {
			path = ""
			require.Error(t, a.call(t.Context(), client, "usual"))
			usual := strings.Split(path, "/")
			path = ""
			require.Error(t, a.call(t.Context(), client, name))
			if path == "" {
				continue // refused
			}
			segments := strings.Split(path, "/")
			require.Len(t, segments, len(usual), "%s %s: %s", a.op, a.name, path)
			at := a.after + 2 // the empty one in front, and the prefix
			got, err := url.PathUnescape(segments[at])
			require.NoError(t, err)
			require.Equal(t, name, got)
			require.NotContains(t, []string{"", ".", ".."}, got)
			usual[at] = segments[at]
			require.Equal(t, usual, segments)
		}
	})
}

// Servers refuse some characters in a path even where they are escaped. The
// error says so, and how such a name comes about.
func TestTheHintForAwkwardNames(t *testing.T) {
	t.Parallel()
	const (
		refused = `: servers refuse the characters / \ % ; in a path`
		created = `; SaveAll can save an integration or a model with such a name, but no operation can read or delete it`
	)
	answers := map[string]*in.Client{
		"400":  clientOf(t, http.StatusBadRequest, nil, text("<html>canary")),
		"404":  clientOf(t, http.StatusNotFound, nil, text(`{"message":"No static resource"}`)),
		"html": clientOf(t, http.StatusOK, nil, text("<html>canary")),
	}
	for _, a := range pathArguments {
		for answer, client := range answers {
			for _, name := range []string{"a/b", `a\b`, "a%b", "a;b"} {
				err := a.call(t.Context(), client, name)
				require.ErrorContains(t, err, refused, "%s %s %s", a.op, a.name, answer)
				if a.name == "prompt" || a.name == "eventType" || a.op == in.OpGetDefinition {
					require.NotContains(t, err.Error(), "SaveAll", "%s %s %s", a.op, a.name, answer)
				} else {
					require.ErrorContains(t, err, refused+created, "%s %s %s", a.op, a.name, answer)
				}
				require.NotContains(t, err.Error(), "canary")
			}
			require.NotContains(t, a.call(t.Context(), client, "a:b c").Error(), "servers refuse")
		}
		for _, status := range []int{401, 403, 409, 500} {
			require.NotContains(t, a.call(t.Context(), clientOf(t, status, nil, text("")), "a/b").Error(), "servers refuse")
		}
	}
	_, err := answers["404"].GetModel(t.Context(), "hf", "meta-llama/Llama-3")
	require.ErrorIs(t, err, in.ErrNotFound)
	require.EqualError(t, err, `integrations: GetModel: status 404 Not Found: No static resource; model "meta-llama/Llama-3"`+refused+created)
}
