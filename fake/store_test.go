package fake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestPut(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(5000)
	srv := fake.Start(t, fake.WithReadOnly("b"), fake.WithValidation(integrations.Strict),
		fake.WithClock(func() time.Time { return now }), fake.WithUser("me@example.com"),
		fake.WithIntegrations(mail("seed")), fake.WithIntegrations(integrations.Integration{Name: "a", Type: integrations.TypeOllama}))
	srv.Put(integrations.Integration{
		Name:          "b",
		Type:          integrations.TypePineconeDB,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "pc", "port": 5432, "list": []string{"x"}, "nothing": nil},
		Tags:          []integrations.Tag{},
		APIs:          []integrations.IntegrationAPI{{API: "index", Description: "d"}},
	})
	srv.Put()
	require.Empty(t, srv.Requests(), "seeds are not recorded")

	got, ok := srv.Integration("b")
	require.True(t, ok)
	require.Empty(t, cmp.Diff(integrations.Integration{
		Name:          "b",
		Type:          integrations.TypePineconeDB,
		Category:      integrations.CategoryVectorDB,
		Enabled:       integrations.Bool(true),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "pc", "port": 5432.0, "list": []any{"x"}},
		Tags:          []integrations.Tag{},
		APIs:          []integrations.IntegrationAPI{{IntegrationName: "b", API: "index", Description: "d", Enabled: integrations.Bool(true)}},
	}, got))
	_, ok = srv.Integration("c")
	require.False(t, ok)
	require.Len(t, srv.Integrations(), 3)

	list := decodeList(t, dial(t, srv).list("?category=VECTOR_DB"))
	require.Len(t, list, 1)
	require.Equal(t, 5000.0, list[0]["createTime"])
	require.Equal(t, "me@example.com", list[0]["createdBy"])
}

func TestPutOfWhatAServerRefuses(t *testing.T) {
	t.Parallel()
	bad := []integrations.Integration{mail("good"), {Type: "odd"}, {Name: "a"}}
	const mistakes = "[1].name is required\n[2].type is required (integration \"a\")"
	const want = "fake: Put: " + mistakes
	run := runTest(func(t fake.T) {
		srv := fake.Start(t)
		srv.Put(bad...)
		srv.AssertSaved(t)
	})
	require.Equal(t, []string{want}, run.errors)
	run = runTest(func(t fake.T) { fake.Start(t, fake.WithIntegrations(bad...)) })
	require.Equal(t, []string{"fake: WithIntegrations: " + mistakes}, run.errors)
	require.True(t, run.fatal, "as with every option")
	require.PanicsWithValue(t, "fake: WithIntegrations: "+mistakes, func() { fake.NewServer(fake.WithIntegrations(bad...)) })

	srv := fake.NewServer(fake.WithIntegrations(mail("a")))
	defer srv.Close()
	broken := integrations.Configuration{"user": make(chan int), "api_key": "canary", "canary-canary-canary-canary-canary": func() {}}
	require.PanicsWithValue(t, `fake: Put: [1].configuration.[34 bytes] cannot be encoded (integration "b")
[1].configuration.user cannot be encoded (integration "b")
[1].apis[1].configuration.user cannot be encoded (integration "b")`, func() {
		srv.Put(mail("c"), integrations.Integration{Name: "b", Type: integrations.TypeGit, Configuration: broken, APIs: []integrations.IntegrationAPI{
			{API: "m"}, {API: "n", Configuration: integrations.Configuration{"user": make(chan int)}},
		}})
	})
	srv.AssertSaved(t, mail("a"))
}

// What a fake holds can be put into another fake, however it came there.
func TestPutTakesWhatIntegrationsReturns(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	w := dial(t, srv)
	w.want(200, "", "POST", provider+"ai/integration/bare", `{"enabled": false}`)
	w.want(200, "", "PUT", provider+"ai/tags", `[{"key": "a", "value": "b"}]`)
	srv.Put(integrations.Integration{Name: "b", Type: "made_up", Category: "ODD", Enabled: integrations.Bool(false)})
	other := fake.Start(t, fake.WithIntegrations(srv.Integrations()...))
	require.Equal(t, srv.Integrations(), other.Integrations())
	other.Put(other.Integrations()...)
	other.AssertSaved(t, srv.Integrations()...)
}

// Put replaces an integration. Only the fields that an [integrations.Integration]
// does not have stay.
func TestPutReplaces(t *testing.T) {
	t.Parallel()
	var c clock
	c.now.Store(1000)
	srv := newWorld(t, c.option())
	w := dial(t, srv)
	srv.Put(integrations.Integration{
		Name: "ai", Type: integrations.TypeOpenAI, Category: "ODD", Description: "d", Enabled: integrations.Bool(false),
		Configuration: integrations.Configuration{"api_key": "k"}, Tags: []integrations.Tag{{Key: "k"}},
		APIs: []integrations.IntegrationAPI{{API: "m", Description: "d", Enabled: integrations.Bool(false)}, {API: "n"}},
	})
	w.want(200, "", "PUT", provider+"ai/integration/m/tags", `[{"key": "kept"}]`)
	c.now.Store(2000)
	next := integrations.Integration{Name: "ai", Type: integrations.TypeAnthropic, APIs: []integrations.IntegrationAPI{{API: "m"}}}
	srv.Put(next, next)
	got, _ := srv.Integration("ai")
	require.Empty(t, cmp.Diff(integrations.Integration{
		Name: "ai", Type: integrations.TypeAnthropic, Category: integrations.CategoryAIModel, Enabled: integrations.Bool(true),
		APIs: []integrations.IntegrationAPI{{IntegrationName: "ai", API: "m", Enabled: integrations.Bool(true)}},
	}, got))
	require.Contains(t, w.send("GET", provider+"ai", "").body, `{"createTime":1000,"updateTime":2000,`)
	require.Contains(t, w.send("GET", provider+"ai/integration/m", "").body, `"tags":[{"key":"kept","value":""}]`)
	require.Contains(t, w.send("GET", llm, "").body, `"maxTokens":5`)
	require.Contains(t, w.send("GET", "/api/prompts/p", "").body, `"integrations":["ai:m"]`)
}

// The types are an open set, though a save of the fake knows only the page's.
func TestPutTakesUnknownTypes(t *testing.T) {
	t.Parallel()
	for _, mode := range []integrations.ValidationMode{integrations.Off, integrations.Lenient, integrations.Strict} {
		item := integrations.Integration{Name: "a", Type: "kafka_msk", Configuration: integrations.Configuration{"endpoint": "e", "x": "y"}}
		srv := fake.Start(t, fake.WithValidation(mode), fake.WithIntegrations(item))
		srv.Put(item)
		srv.AssertSaved(t, item)
		list := decodeList(t, dial(t, srv).list(""))
		require.Len(t, list, 1)
		require.Equal(t, "kafka_msk", list[0]["type"])
		require.Equal(t, map[string]any{"endpoint": "e", "x": "xxxxx"}, list[0]["configuration"])
	}
}

func TestStateIsNotShared(t *testing.T) {
	t.Parallel()
	seed := func() integrations.Integration {
		return integrations.Integration{
			Name:    "a",
			Type:    integrations.TypeKafka,
			Enabled: integrations.Bool(true),
			Configuration: integrations.Configuration{
				"endpoint": "e", "deep": map[string]any{"list": []any{"x", map[string]any{"y": "z"}}},
			},
			Tags: []integrations.Tag{{Key: "k", Value: "v"}},
			APIs: []integrations.IntegrationAPI{{API: "m", Description: "d", Enabled: integrations.Bool(true)}},
		}
	}
	spoil := func(item integrations.Integration) {
		*item.Enabled = false
		deep := item.Configuration["deep"].(map[string]any)
		deep["list"].([]any)[1].(map[string]any)["y"] = "spoilt"
		deep["list"].([]any)[0] = "spoilt"
		deep["more"] = "spoilt"
		item.Configuration["endpoint"] = "spoilt"
		item.Tags[0].Key = "spoilt"
		item.APIs[0].API = "spoilt"
		*item.APIs[0].Enabled = false
	}
	given := seed()
	srv := fake.Start(t, fake.WithIntegrations(given))
	require.Empty(t, given.APIs[0].IntegrationName, "the caller's slice is left alone")
	spoil(given)
	srv.AssertSaved(t, seed())
	one, _ := srv.Integration("a")
	spoil(one)
	srv.AssertSaved(t, seed())
	spoil(srv.Integrations()[0])
	srv.AssertSaved(t, seed())
	require.NotNil(t, fake.Start(t).Integrations())
}

func TestIntegrationsAreSorted(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithIntegrations(mail("b"), mail("c"), mail("A"), mail("a")))
	var names []string
	for _, item := range srv.Integrations() {
		names = append(names, item.Name)
	}
	require.Equal(t, []string{"A", "a", "b", "c"}, names)
}

func TestAssertSaved(t *testing.T) {
	t.Parallel()
	model := integrations.Integration{
		Name:          "ai",
		Type:          integrations.TypeOpenAI,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-1", "header": 7},
		APIs:          []integrations.IntegrationAPI{{API: "m", Description: "d"}},
	}
	srv := fake.Start(t, fake.WithValidation(integrations.Off))
	srv.AssertSaved(t)
	require.NoError(t, srv.Client().SaveAll(t.Context(), []integrations.Integration{mail("b"), model}, integrations.WithValidation(integrations.Off)))

	srv.AssertSaved(t, model, mail("b"))
	full := model
	full.Category, full.Enabled, full.Tags = integrations.CategoryAIModel, integrations.Bool(true), []integrations.Tag{}
	full.APIs = []integrations.IntegrationAPI{{IntegrationName: "ai", API: "m", Description: "d"}}
	srv.AssertSaved(t, mail("b"), full)
	require.Nil(t, model.Enabled, "what is wanted is left alone")
	require.Empty(t, model.APIs[0].IntegrationName)
}

func TestAssertSavedFails(t *testing.T) {
	t.Parallel()
	change := func(f func(*integrations.Integration)) integrations.Integration {
		item := integrations.Integration{
			Name: "a", Type: integrations.TypeKafka,
			Configuration: integrations.Configuration{"endpoint": "host:1", "password": "canary-1", "odd": "canary-2", "groupId": ""},
		}
		f(&item)
		return item
	}
	same := change(func(*integrations.Integration) {})
	mongo := integrations.Integration{Name: "m", Type: integrations.TypeMongoVectorDB, Configuration: integrations.Configuration{"endpoint": "canary-3", "namespace": "n"}}
	swapped := func(keys ...integrations.ConfigKey) []integrations.Integration {
		return []integrations.Integration{change(func(i *integrations.Integration) {
			for _, key := range keys {
				i.Configuration[key] = "endpoint"
			}
		})}
	}
	otherMongo := mongo
	otherMongo.Configuration = integrations.Configuration{"endpoint": "canary-4", "namespace": "n"}
	for name, c := range map[string]struct {
		saved, want []integrations.Integration
		shows       []string
	}{
		"missing":   {nil, []integrations.Integration{same}, []string{`"host:1"`, "[secret]"}},
		"unwanted":  {[]integrations.Integration{same}, nil, []string{`"host:1"`, "[secret]"}},
		"endpoint":  {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["endpoint"] = "host:2" })}, []string{`"host:1"`, `"host:2"`}},
		"password":  {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["password"] = "canary-5" })}, []string{"password", "[differs]"}},
		"kind":      {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["password"] = []any{"canary-5"} })}, []string{"password", "[differs]"}},
		"odd key":   {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["odd"] = "canary-5" })}, []string{"odd", "[differs]"}},
		"less":      {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { delete(i.Configuration, "odd") })}, []string{"odd", "[secret]"}},
		"more":      {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["file"] = "canary-5" })}, []string{"file", "[secret]"}},
		"type":      {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Type = integrations.TypeMongoVectorDB })}, []string{"kafka", "mongovectordb"}},
		"enabled":   {[]integrations.Integration{same}, []integrations.Integration{change(func(i *integrations.Integration) { i.Enabled = integrations.Bool(false) })}, []string{"Enabled"}},
		"mongo":     {[]integrations.Integration{mongo}, []integrations.Integration{otherMongo}, []string{"endpoint", "[differs]"}},
		"swapped":   {swapped("canary 6"), swapped("canary 7"), []string{"[key of 8 bytes #1]", "[key of 8 bytes #2]"}},
		"one side":  {swapped("canary/6", "canary/7"), swapped("canary/7"), []string{"[key of 8 bytes #2]", "[secret]"}},
		"long key":  {swapped("canary-canary-canary-canary-canary-canary"), swapped(), []string{"[key of 41 bytes #1]"}},
		"own words": {swapped("[key of 8 bytes #1]", "canary=6"), swapped(), []string{"[key of 19 bytes #1]", "[key of 8 bytes #2]"}},
		"odd value": {swapped("canary 6"), []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["canary 6"] = "x" })}, []string{"[key of 8 bytes #1]", "[differs]"}},
		"URL":       {[]integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["endpoint"] = "https://u:canary-5@host" })}, []integrations.Integration{same}, []string{"endpoint", "[differs]"}},
		"object":    {[]integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["endpoint"] = map[string]any{"a": "canary-5"} })}, nil, []string{"endpoint", "[secret]"}},
		"two alike": {[]integrations.Integration{same}, []integrations.Integration{same, same}, []string{`integration "a" is wanted twice`}},
		"no JSON":   {nil, []integrations.Integration{change(func(i *integrations.Integration) { i.Configuration["x"] = func() {} })}, []string{"[0].configuration.x cannot be encoded"}},
	} {
		run := runTest(func(t fake.T) { fake.Start(t, fake.WithIntegrations(c.saved...)).AssertSaved(t, c.want...) })
		require.Len(t, run.errors, 1, name)
		require.False(t, run.fatal)
		message := strings.ReplaceAll(run.errors[0], "\u00a0", " ") // go-cmp's spaces vary
		for _, text := range c.shows {
			require.Contains(t, message, text, name)
		}
		require.NotContains(t, message, "canary", name)
	}
}

// Tags and models are sets. Neither their order nor a repeat counts.
func TestAssertSavedOfSets(t *testing.T) {
	t.Parallel()
	tag := func(value string) integrations.Tag { return integrations.Tag{Key: "team", Value: value} }
	api := func(name, description string) integrations.IntegrationAPI {
		return integrations.IntegrationAPI{API: name, Description: description}
	}
	item := func(tags []integrations.Tag, apis ...integrations.IntegrationAPI) integrations.Integration {
		return integrations.Integration{Name: "a", Type: integrations.TypeOpenAI, Tags: tags, APIs: apis}
	}
	given := item([]integrations.Tag{tag("b"), tag("a"), tag("b")}, api("n", "first"), api("m", "only"), api("n", "last"))
	srv := fake.Start(t, fake.WithIntegrations(given))
	srv.AssertSaved(t, given)
	srv.AssertSaved(t, item([]integrations.Tag{tag("a"), tag("b")}, api("m", "only"), api("n", "last")))
	for name, other := range map[string]integrations.Integration{
		"another value": item([]integrations.Tag{tag("a"), tag("c")}, api("m", "only"), api("n", "last")),
		"a tag less":    item([]integrations.Tag{tag("a")}, api("m", "only"), api("n", "last")),
		"the earlier":   item([]integrations.Tag{tag("a"), tag("b")}, api("m", "only"), api("n", "first")),
		"a model less":  item([]integrations.Tag{tag("a"), tag("b")}, api("n", "last")),
	} {
		require.Len(t, runTest(func(t fake.T) { srv.AssertSaved(t, other) }).errors, 1, name)
	}
}

func TestAssertSavedOfOddKeys(t *testing.T) {
	t.Parallel()
	item := mail("a")
	item.Configuration = integrations.Configuration{"with space": "1", "with/slash": "2", "Aa0_.-": "3"}
	fake.Start(t, fake.WithIntegrations(item)).AssertSaved(t, item)
}

// A model's configuration may hold secrets too.
func TestAssertSavedHidesSecretsOfModels(t *testing.T) {
	t.Parallel()
	item := func(name string, config integrations.Configuration) integrations.Integration {
		return integrations.Integration{Name: "a", Type: integrations.TypeOpenAI, APIs: []integrations.IntegrationAPI{
			{API: "first", Description: "d"}, {API: name, Description: "d", Configuration: config},
		}}
	}
	saved := item("m", integrations.Configuration{"api_key": "canary-1", "endpoint": "host:1", "canary key": "canary-2"})
	for _, c := range []struct {
		want  integrations.Integration
		shows []string
	}{
		{item("m", integrations.Configuration{"api_key": "canary-3", "endpoint": "host:2"}), []string{"[differs]", "host:1", "host:2", "[key of 10 bytes #1]"}},
		{item("m", nil), []string{"[secret]", "host:1"}},
		{item("n", integrations.Configuration{"api_key": "canary-3"}), []string{"[secret]"}},
	} {
		run := runTest(func(t fake.T) { fake.Start(t, fake.WithIntegrations(saved)).AssertSaved(t, c.want) })
		require.Len(t, run.errors, 1)
		for _, text := range c.shows {
			require.Contains(t, run.errors[0], text)
		}
		require.NotContains(t, run.errors[0], "canary")
	}
	srv := fake.Start(t, fake.WithIntegrations(saved))
	srv.AssertSaved(t, saved)
	saved.APIs[0], saved.APIs[1] = saved.APIs[1], saved.APIs[0]
	srv.AssertSaved(t, saved)
}
