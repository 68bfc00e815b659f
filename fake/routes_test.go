package fake_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// calls has, for every operation, a call of the client's method that succeeds
// on the state of newWorld.
var calls = map[integrations.Op]func(context.Context, *integrations.Client) error{
	integrations.OpSaveAll: func(ctx context.Context, c *integrations.Client) error {
		return c.SaveAll(ctx, []integrations.Integration{mail("saved")})
	},
	integrations.OpListProviders:    discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListProviders(ctx) }),
	integrations.OpListIntegrations: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListIntegrations(ctx) }),
	integrations.OpListRefs:         discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListRefs(ctx) }),
	integrations.OpGetProvider:      discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.GetProvider(ctx, "ai") }),
	integrations.OpSaveProvider:     func(ctx context.Context, c *integrations.Client) error { return c.SaveProvider(ctx, mail("single")) },
	integrations.OpDeleteProvider:   func(ctx context.Context, c *integrations.Client) error { return c.DeleteProvider(ctx, "ai") },
	integrations.OpListModels:       discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListModels(ctx, "ai") }),
	integrations.OpListAvailableModels: discard(func(ctx context.Context, c *integrations.Client) (any, error) {
		return c.ListAvailableModels(ctx, "ai")
	}),
	integrations.OpGetModel: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.GetModel(ctx, "ai", "m") }),
	integrations.OpSaveModel: func(ctx context.Context, c *integrations.Client) error {
		return c.SaveModel(ctx, "ai", integrations.IntegrationAPI{API: "new", Description: "d"})
	},
	integrations.OpDeleteModel:      func(ctx context.Context, c *integrations.Client) error { return c.DeleteModel(ctx, "ai", "m") },
	integrations.OpListProviderTags: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListProviderTags(ctx, "ai") }),
	integrations.OpPutProviderTags: func(ctx context.Context, c *integrations.Client) error {
		return c.PutProviderTags(ctx, "ai", integrations.Tag{Key: "new", Value: "v"})
	},
	integrations.OpDeleteProviderTags: func(ctx context.Context, c *integrations.Client) error {
		return c.DeleteProviderTags(ctx, "ai", integrations.Tag{Key: "team", Value: "docs"})
	},
	integrations.OpListModelTags: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListModelTags(ctx, "ai", "m") }),
	integrations.OpPutModelTags: func(ctx context.Context, c *integrations.Client) error {
		return c.PutModelTags(ctx, "ai", "m", integrations.Tag{Key: "new", Value: "v"})
	},
	integrations.OpDeleteModelTags: func(ctx context.Context, c *integrations.Client) error {
		return c.DeleteModelTags(ctx, "ai", "m", integrations.Tag{Key: "k", Value: "v"})
	},
	integrations.OpListPrompts:     discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListPrompts(ctx, "ai", "m") }),
	integrations.OpAssociatePrompt: func(ctx context.Context, c *integrations.Client) error { return c.AssociatePrompt(ctx, "ai", "m", "p") },
	integrations.OpListDefinitions: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListDefinitions(ctx) }),
	integrations.OpGetDefinition:   discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.GetDefinition(ctx, "openai") }),
	integrations.OpRegisterDefinitions: func(ctx context.Context, c *integrations.Client) error {
		return c.RegisterDefinitions(ctx, integrations.Definition{Type: "acme", Name: "Acme"})
	},
	integrations.OpGetTokenLimit: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.GetTokenLimit(ctx, "ai") }),
	integrations.OpSaveTokenLimit: func(ctx context.Context, c *integrations.Client) error {
		return c.SaveTokenLimit(ctx, "ai", integrations.TokenLimit{MaxTokens: 7, Period: integrations.LimitPeriodDay})
	},
	integrations.OpListTokenUsage: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListTokenUsage(ctx, "ai") }),
	integrations.OpRecordEvents: func(ctx context.Context, c *integrations.Client) error {
		return c.RecordEvents(ctx, "kafka", integrations.Event{ID: "e", Event: "kafka:a:b", Type: integrations.EventTypeSend})
	},
	integrations.OpToken: discard(func(ctx context.Context, c *integrations.Client) (any, error) { return c.ListProviders(ctx) }),
}

func discard(call func(context.Context, *integrations.Client) (any, error)) func(context.Context, *integrations.Client) error {
	return func(ctx context.Context, c *integrations.Client) error {
		_, err := call(ctx, c)
		return err
	}
}

// newWorld starts a fake with something of every kind in it: what calls needs.
func newWorld(t fake.T, opts ...fake.Option) *fake.Server {
	srv := fake.Start(t, opts...)
	srv.Put(integrations.Integration{
		Name: "ai", Type: integrations.TypeOpenAI, Configuration: integrations.Configuration{"api_key": "sk-1"},
		Tags: []integrations.Tag{{Key: "team", Value: "docs"}},
		APIs: []integrations.IntegrationAPI{{API: "m", Description: "d"}},
	})
	srv.PutPrompts(integrations.Prompt{Name: "p", Template: "Hello ${name}", Integrations: []integrations.Ref{{Provider: "ai", Model: "m"}}})
	srv.PutTokenUsage(integrations.TokenUsage{IntegrationName: "ai", API: "m", TotalTokens: 3, PeriodStart: 1 << 50})
	if err := srv.Client().SaveTokenLimit(context.Background(), "ai", integrations.TokenLimit{MaxTokens: 5}); err != nil {
		t.Fatalf("%v", err)
	}
	srv.TakeRequests()
	return srv
}

func TestEveryOperationHasExactlyOneRoute(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, integrations.Ops(), slices.Collect(maps.Keys(calls)))
	for _, op := range integrations.Ops() {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			srv := newWorld(t)
			require.NoError(t, calls[op](t.Context(), srv.Client()))
			var hit []integrations.Op
			for _, r := range srv.Requests() {
				require.Equal(t, 200, r.Status, r)
				if r.Op != integrations.OpToken || op == integrations.OpToken {
					hit = append(hit, r.Op)
				}
			}
			require.Contains(t, hit, op)
			if op != integrations.OpToken {
				require.Len(t, hit, 1)
			}
		})
	}
}

func TestFailNextWorksForEveryOperation(t *testing.T) {
	t.Parallel()
	for _, op := range integrations.Ops() {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			srv := newWorld(t)
			srv.FailNext(op, fake.Fault{Status: 409, Message: "on demand"})
			err := calls[op](t.Context(), srv.Client())
			var refused *integrations.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, op, refused.Op)
			require.Equal(t, 409, refused.StatusCode)
			if op != integrations.OpRecordEvents { // its error shows no text of the server
				require.Contains(t, err.Error(), "on demand")
			}
		})
	}
}

var routeLine = regexp.MustCompile(`(?m)^//   - (GET|POST|PUT|DELETE) (/\S+)(?: \((\w+)\))?$`)

// The package documentation has a line for every row of the table, in order.
func TestPackageDocListsTheRoutes(t *testing.T) {
	t.Parallel()
	var fromTable, fromDoc []string
	row := regexp.MustCompile(`(?m)^\t\{(?:op: integrations\.Op(\w+), )?method: "(\w+)", path: "([^"]+)"`)
	for _, m := range row.FindAllStringSubmatch(read(t, "routes.go"), -1) {
		fromTable = append(fromTable, fmt.Sprint(m[2], " ", m[3], " ", m[1]))
	}
	for _, m := range routeLine.FindAllStringSubmatch(read(t, "doc.go"), -1) {
		fromDoc = append(fromDoc, fmt.Sprint(m[1], " ", m[2], " ", m[3]))
	}
	require.Len(t, fromTable, len(integrations.Ops())+7)
	require.Equal(t, fromTable, fromDoc)
}

func TestPathsThatNoHandlerSees(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	before := srv.Integrations()
	for _, path := range []string{
		"/api/integrations/provider/a%2Fb", "/api/integrations/provider/a%25b", "/api/integrations/provider/a%5Cb",
		"/api/integrations/provider/a%3Bb", "/api/integrations/provider/a;b", "/api/integrations/provider/a%2fb",
		"/api/integrations/provider/ai/integration/%2F", "/api/integrations/provider/ai/integration/a%2Fb/tags",
		"/api/integrations/provider/.", "/api/integrations/provider/..", "/api/integrations/provider/ai/integration/..",
		"/api/integrations/provider/%2E%2E", "/api/integrations/provider/ai/integration/%2E", "/api/integrations/provider/ai/../ai",
		"//api/integrations/provider/ai", "/api//integrations/provider/ai", "/api/integrations/provider//integration/m", "/api/integrations/provider/ai//",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			got := w.raw(method, path)
			require.Equal(t, 400, got.status, "%s %s: %s", method, path, got.body)
			require.Equal(t, "text/html;charset=utf-8", got.header.Get("Content-Type"), path)
			require.Contains(t, got.body, "<h1>400 Bad Request</h1>")
		}
	}
	require.Equal(t, before, srv.Integrations())
	require.Equal(t, integrations.OpGetProvider, srv.Requests()[0].Op, "such a request can still fail on demand")
	require.Equal(t, "/api/integrations/provider/a%2Fb", srv.Requests()[0].Path)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	srv := fake.NewServer() // an unknown route is no failure here
	t.Cleanup(srv.Close)
	w := dial(t, srv)
	for _, path := range []string{
		"/", "/api", "/api/integrations/provider/", "/api/integrations/provider/a/integration/", "/api/integrations/all/",
		"/api/token/", "/a%0Ab%20c", "/api/integrations/provider/a/metrics", "/api/integrations/def/a/b", "/api/tokens",
	} {
		got := w.send("GET", path, "")
		require.Equal(t, 404, got.status, path)
		require.JSONEq(t, applicationError(404, "the fake has no route "+path+"; its package documentation lists the routes"), got.body)
	}
	for path, near := range map[string]string{
		"/integrations/":                   "/api/integrations/",
		"/integrations/provider/a%20b":     "/api/integrations/provider/a%20b",
		"/api/api/integrations/provider/a": "/api/integrations/provider/a",
		"/token":                           "/api/token",
	} {
		w.want(404, applicationError(404, "the fake has no route "+path+", did you mean "+near+"?; its package documentation lists the routes"), "GET", path, "")
	}
	for request, allow := range map[string]string{
		"PUT /api/integrations":                                   "POST, GET",
		"DELETE /api/integrations/":                               "POST, GET",
		"POST /api/integrations/provider":                         "GET",
		"HEAD /api/integrations/provider":                         "GET",
		"PUT /api/integrations/provider/a":                        "GET, POST, DELETE",
		"PUT /api/integrations/provider/a/integration/all":        "GET, POST, DELETE",
		"POST /api/integrations/provider/a/tags":                  "GET, PUT, DELETE",
		"PUT /api/integrations/def/register":                      "POST, GET",
		"GET /api/token":                                          "POST",
		"DELETE /api/prompts":                                     "GET",
		"GET /api/integrations/provider/a/integration/m/prompt/p": "POST",
	} {
		method, path, _ := strings.Cut(request, " ")
		w.token = "" // a wrong method is told before a wrong token
		got := w.send(method, path, "")
		require.Equal(t, 405, got.status, request)
		require.Equal(t, allow, got.header.Get("Allow"), request)
		if method != "HEAD" {
			require.JSONEq(t, applicationError(405, "the method must be "+strings.ReplaceAll(allow, ", ", " or ")), got.body)
		}
	}
	for _, r := range srv.Requests() {
		require.Empty(t, r.Op, r)
	}
}

// A part of a query that does not decode would be dropped without a word.
func TestQueriesThatDoNotDecode(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	for _, query := range []string{"?activeOnly=%zz", "?activeOnly=false;category=x", "?a=1&%"} {
		for _, request := range []string{"GET provider", "GET llm/ai/token/history", "DELETE provider/ai"} {
			method, path, _ := strings.Cut(request, " ")
			w.want(400, applicationError(400, "the query does not decode"), method, "/api/integrations/"+path+query, "")
		}
	}
	require.Len(t, srv.Integrations(), 1)
	require.Equal(t, list, srv.Requests()[0].Op)
}

// A model called all can be saved and removed, but its GET is another operation.
func TestModelCalledAll(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	const path = "/api/integrations/provider/ai/integration/all"
	require.Equal(t, 200, w.send("POST", path, `{"description": "d"}`).status)
	require.JSONEq(t, `["all", "m"]`, w.send("GET", path, "").body)
	require.Equal(t, 200, w.send("DELETE", path, "").status)
	require.JSONEq(t, `["m"]`, w.send("GET", path, "").body)
}

func TestNamesInPaths(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	w := dial(t, srv)
	for path, name := range map[string]string{
		"anthropic.claude-3-haiku-20240307-v1:0": "anthropic.claude-3-haiku-20240307-v1:0",
		"mistral%3Alatest":                       "mistral:latest",
		"with%20space":                           "with space",
		"a+b":                                    "a+b",
		"%C3%A9t%C3%A9":                          "été",
		"...":                                    "...",
		"q%3Fx=1%23":                             "q?x=1#",
	} {
		require.Equal(t, 200, w.send("POST", "/api/integrations/provider/"+path, `{"type": "openai"}`).status, path)
		require.Equal(t, 200, w.send("POST", "/api/integrations/provider/"+path+"/integration/"+path, `{}`).status, path)
		_, ok := srv.Integration(name)
		require.True(t, ok, name)
		got := w.send("GET", "/api/integrations/provider/"+path+"/integration/"+path, "")
		require.Equal(t, 200, got.status)
		require.Contains(t, got.body, fmt.Sprintf(`"api":%q`, name))
	}
}
