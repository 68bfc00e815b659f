package compare

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/conductor-sdk/conductor-go/sdk/client"
	"github.com/conductor-sdk/conductor-go/sdk/model"
	"github.com/conductor-sdk/conductor-go/sdk/model/integration"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// TestLosses puts both SDKs to the same work on the fake, one integration and one
// model at a time, and counts what is lost or goes wrong. A row that fails is a
// claim to take back.
func TestLosses(t *testing.T) {
	for _, fact := range []struct {
		counted        string
		official, ours int
		count          func(*testing.T, *fake.Server, single) int
	}{
		{"integrations and models, of 2, that can be disabled", 0, 2, disabled},
		{"fields, of 5, that a save of false, empty texts and no keys sends", 1, 5, sentFields},
		{"times and users, of 8, that come back with an integration and a model", 4, 8, audits},
		{"versions, of 1, that come back with a prompt", 0, 1, promptVersions},
		{"deletes, of 4, under another name that remove the integration ai", 4, 0, wrongDeletes},
		{"names, of 5, under which a saved integration can be read", 1, 5, readableNames},
		{"empty tag values, of 1, that are sent", 0, 1, emptyTagValues},
		{"panics, of 1, over a list in plain text", 1, 0, panics},
	} {
		for i, s := range singles {
			t.Run(fact.counted+"/"+s.name, func(t *testing.T) {
				// Names that go wrong may end at a route that the fake does not have.
				srv := fake.NewServer(fake.WithIntegrations(in.Integration{
					Name: "ai", Type: in.TypeOpenAI, Description: "d", APIs: []in.IntegrationAPI{{API: "m", Description: "d"}},
				}))
				t.Cleanup(srv.Close)
				require.Equal(t, []int{fact.official, fact.ours}[i], fact.count(t, srv, s.make(srv)))
			})
		}
	}
}

// single is the work that both SDKs can do, one item at a time.
type single struct {
	save        func(context.Context, in.Integration) error
	saveModel   func(ctx context.Context, provider string, m in.IntegrationAPI) error
	get         func(ctx context.Context, name string) (any, error)
	getModel    func(ctx context.Context, provider, model string) (any, error)
	remove      func(ctx context.Context, name string) error
	putTag      func(ctx context.Context, name string, tag in.Tag) error
	listPrompts func(ctx context.Context, provider, model string) (any, error)
	list        func(context.Context) (any, error)
}

// singles makes either one.
var singles = []struct {
	name string
	make func(*fake.Server) single
}{{"official", officialSingle}, {"ours", ourSingle}}

func ourSingle(srv *fake.Server) single {
	c := srv.Client(in.WithRetry(in.RetryPolicy{}))
	return single{
		save: func(ctx context.Context, item in.Integration) error {
			return c.SaveProvider(ctx, item, in.WithValidation(in.Off))
		},
		saveModel: func(ctx context.Context, provider string, m in.IntegrationAPI) error {
			return c.SaveModel(ctx, provider, m)
		},
		get: func(ctx context.Context, name string) (any, error) { return c.GetProvider(ctx, name) },
		getModel: func(ctx context.Context, provider, model string) (any, error) {
			return c.GetModel(ctx, provider, model)
		},
		remove: c.DeleteProvider,
		putTag: func(ctx context.Context, name string, tag in.Tag) error {
			return c.PutProviderTags(ctx, name, tag)
		},
		listPrompts: func(ctx context.Context, provider, model string) (any, error) {
			return c.ListPrompts(ctx, provider, model)
		},
		list: func(ctx context.Context) (any, error) { return c.ListProviders(ctx) },
	}
}

func officialSingle(srv *fake.Server) single {
	c := client.NewIntegrationClient(officialClient(srv))
	return single{
		save: func(ctx context.Context, item in.Integration) error {
			_, err := c.SaveIntegrationProvider(ctx, officialUpdate(item), item.Name)
			return err
		},
		saveModel: func(ctx context.Context, provider string, m in.IntegrationAPI) error {
			_, err := c.SaveIntegrationApi(ctx, integration.IntegrationApiUpdate{Description: m.Description, Enabled: *m.Enabled}, provider, m.API)
			return err
		},
		get: func(ctx context.Context, name string) (any, error) {
			got, _, err := c.GetIntegrationProvider(ctx, name)
			return got, err
		},
		getModel: func(ctx context.Context, provider, model string) (any, error) {
			got, _, err := c.GetIntegrationApi(ctx, provider, model)
			return got, err
		},
		remove: func(ctx context.Context, name string) error {
			_, err := c.DeleteIntegrationProvider(ctx, name)
			return err
		},
		putTag: func(ctx context.Context, name string, tag in.Tag) error {
			_, err := c.UpdateTagForIntegrationProvider(ctx, []model.TagObject{{Key: tag.Key, Value: tag.Value}}, name)
			return err
		},
		listPrompts: func(ctx context.Context, provider, model string) (any, error) {
			got, _, err := c.GetPromptsWithIntegration(ctx, provider, model)
			return got, err
		},
		list: func(ctx context.Context) (any, error) {
			got, _, err := c.GetIntegrationProviders(ctx, nil)
			return got, err
		},
	}
}

func disabled(t *testing.T, srv *fake.Server, s single) (n int) {
	require.NoError(t, s.save(t.Context(), in.Integration{
		Name: "ai", Type: in.TypeOpenAI, Category: in.CategoryAIModel, Description: "d", Enabled: in.Bool(false), Configuration: in.Configuration{},
	}))
	require.NoError(t, s.saveModel(t.Context(), "ai", in.IntegrationAPI{API: "m", Description: "d", Enabled: in.Bool(false)}))
	got, ok := srv.Integration("ai")
	require.True(t, ok)
	for _, enabled := range []*bool{got.Enabled, got.APIs[0].Enabled} {
		if !*enabled {
			n++
		}
	}
	return n
}

// sentFields counts the fields on the wire. A field that is left out cannot be set
// back.
func sentFields(t *testing.T, srv *fake.Server, s single) int {
	require.NoError(t, s.save(t.Context(), in.Integration{
		Name: "new", Type: in.TypeOpenAI, Enabled: in.Bool(false), Configuration: in.Configuration{},
	}))
	saves := srv.Requests(in.OpSaveProvider)
	require.Len(t, saves, 1)
	var sent map[string]any
	require.NoError(t, json.Unmarshal(saves[0].Body, &sent))
	return len(sent)
}

func audits(t *testing.T, _ *fake.Server, s single) (n int) {
	item, err := s.get(t.Context(), "ai")
	require.NoError(t, err)
	m, err := s.getModel(t.Context(), "ai", "m")
	require.NoError(t, err)
	for _, got := range []any{item, m} {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(encode(t, got), &fields))
		for _, names := range [][]string{{"createTime", "createdOn"}, {"updateTime", "updatedOn"}, {"createdBy"}, {"updatedBy"}} {
			for _, name := range names {
				if fields[name] != nil {
					n++
				}
			}
		}
	}
	return n
}

func promptVersions(t *testing.T, srv *fake.Server, s single) int {
	srv.PutPrompts(in.Prompt{Name: "p", Version: 7, Integrations: []in.Ref{{Provider: "ai", Model: "m"}}})
	list, err := s.listPrompts(t.Context(), "ai", "m")
	require.NoError(t, err)
	var got []map[string]any
	require.NoError(t, json.Unmarshal(encode(t, list), &got))
	require.Len(t, got, 1)
	if got[0]["version"] == 7.0 {
		return 1
	}
	return 0
}

// wrongDeletes removes integrations whose names only begin with ai.
func wrongDeletes(t *testing.T, srv *fake.Server, s single) (n int) {
	seeded, _ := srv.Integration("ai")
	for _, name := range []string{"ai?old", "ai#2", "a%69", "%61i"} {
		srv.Put(seeded)
		err := s.remove(t.Context(), name)
		if _, left := srv.Integration("ai"); !left {
			require.NoError(t, err, name)
			n++
			continue
		}
		require.Error(t, err, name)
	}
	return n
}

func readableNames(t *testing.T, srv *fake.Server, s single) (n int) {
	for _, name := range []string{"support desk", "what?", "#1", "a+b?c=d", "été #2"} {
		srv.Put(in.Integration{Name: name, Type: in.TypeOpenAI})
		got, err := s.get(t.Context(), name)
		if err != nil {
			continue
		}
		var item struct{ Name string }
		require.NoError(t, json.Unmarshal(encode(t, got), &item))
		if item.Name == name {
			n++
		}
	}
	return n
}

func emptyTagValues(t *testing.T, srv *fake.Server, s single) int {
	require.NoError(t, s.putTag(t.Context(), "ai", in.Tag{Key: "k"}))
	puts := srv.Requests(in.OpPutProviderTags)
	require.Len(t, puts, 1)
	var tags []map[string]any
	require.NoError(t, json.Unmarshal(puts[0].Body, &tags))
	if value, sent := tags[0]["value"]; sent {
		require.Equal(t, "", value)
		return 1
	}
	return 0
}

// panics counts how often the answer of a proxy in the way ends the program.
func panics(t *testing.T, srv *fake.Server, s single) (n int) {
	srv.FailNext(in.OpListProviders, fake.Fault{
		Status: http.StatusOK, RawBody: []byte("maintenance"), Header: http.Header{"Content-Type": {"text/plain"}},
	})
	defer func() {
		if recover() != nil {
			n++
		}
	}()
	_, err := s.list(t.Context())
	require.Error(t, err)
	return 0
}

// The official SDK has two calls for metrics, which servers of version 5 no
// longer have, and no call for the token usage that has replaced them.
func TestMetricsOfTheOfficialSDKAreGone(t *testing.T) {
	t.Parallel()
	srv := fake.NewServer(fake.WithIntegrations(batchOf(1)...))
	t.Cleanup(srv.Close)
	srv.PutTokenUsage(in.TokenUsage{IntegrationName: "openai-0", API: "gpt-4o", TotalTokens: 3, PeriodStart: 1 << 50})
	c := client.NewIntegrationClient(officialClient(srv))
	_, _, err := c.GetTokenUsageForIntegration(t.Context(), "openai-0", "gpt-4o")
	require.ErrorContains(t, err, "404")
	_, _, err = c.GetTokenUsageForIntegrationProvider(t.Context(), "openai-0")
	require.ErrorContains(t, err, "404")
	usage, err := srv.Client().ListTokenUsage(t.Context(), "openai-0")
	require.NoError(t, err)
	require.Len(t, usage, 1)
}
