package fake_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// The variables that lead the suite to a real cluster. All three must be set.
// The command is:
//
//	go test -run TestConformance -v ./fake
const (
	envURL    = "INTEGRATIONS_CONFORMANCE_URL"
	envKey    = "INTEGRATIONS_CONFORMANCE_KEY"
	envSecret = "INTEGRATIONS_CONFORMANCE_SECRET"
)

// target is a server to run the suite against.
type target struct {
	url, key, secret string
	// cluster marks a real cluster, where some things cannot be removed.
	cluster bool
}

// clusterFrom returns the real cluster that the environment names, if it names
// one in full.
func clusterFrom(getenv func(string) string) (target, bool) {
	to := target{url: getenv(envURL), key: getenv(envKey), secret: getenv(envSecret), cluster: true}
	return to, to.url != "" && to.key != "" && to.secret != ""
}

func fakeTarget(srv *fake.Server) target {
	id, secret := srv.Credentials()
	return target{url: srv.URL(), key: id, secret: secret}
}

// conformance has a case for each thing that is known of a real server. No case
// depends on a choice of [fake.Behaviour]: the probe asks about those.
var conformance = map[string]func(*site){
	"a save is listed":                    saveIsListed,
	"both forms of the save path":         bothPaths,
	"inactive integrations are left out":  inactiveLeftOut,
	"category filters":                    categoryFilters,
	"an update":                           update,
	"the type stays":                      typeStays,
	"what is no batch is refused":         noBatch,
	"unknown fields are tolerated":        unknownFields,
	"a token is needed":                   tokenNeeded,
	"a wrong key pair is refused":         wrongPair,
	"the life of an integration":          integrationLife,
	"a single save keeps models and tags": singleSaveKeeps,
	"what a single save refuses":          singleSaveRefused,
	"the life of a model":                 modelLife,
	"a model under a missing integration": modelWithoutIntegration,
	"integrations with their models":      integrationsWithModels,
	"references":                          references,
	"available models":                    availableModels,
	"tags of an integration":              integrationTags,
	"tags of a model":                     modelTags,
	"prompts of a model":                  modelPrompts,
	"definitions":                         definitions,
	"token limits and usage":              tokenLimits,
	"event statistics":                    eventStatistics,
	"names in paths":                      namesInPaths,
}

// TestConformance runs the cases against the fake and, where the environment
// names a real cluster, against that cluster. There it also probes what public
// sources leave open. Everything that the suite saves is disabled, has a name
// that begins with a text of this run alone, and is removed again.
func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("fake", func(t *testing.T) {
		t.Parallel()
		conform(t, func(t *testing.T) target { return fakeTarget(fake.Start(t)) })
	})
	t.Run("cluster", func(t *testing.T) {
		to, ok := clusterFrom(os.Getenv)
		if !ok {
			t.Skipf("no cluster to compare the fake with: set %s, %s and %s", envURL, envKey, envSecret)
		}
		conform(t, func(*testing.T) target { return to })
		t.Run("probe", func(t *testing.T) { t.Log(probe(t, to)) })
	})
}

func conform(t *testing.T, server func(*testing.T) target) {
	for name, test := range conformance {
		t.Run(name, func(t *testing.T) { test(connect(t, server(t))) })
	}
}

func TestConformanceNeedsAllThreeVariables(t *testing.T) {
	t.Parallel()
	all := map[string]string{envURL: "https://acme.example.com", envKey: "id", envSecret: "secret"}
	to, ok := clusterFrom(func(name string) string { return all[name] })
	require.True(t, ok)
	require.Equal(t, target{url: "https://acme.example.com", key: "id", secret: "secret", cluster: true}, to)
	for missing := range all {
		_, ok := clusterFrom(func(name string) string {
			if name == missing {
				return ""
			}
			return all[name]
		})
		require.False(t, ok, missing)
	}
}

func TestConformanceReachesEveryOperation(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	reached := map[integrations.Op]bool{}
	conform(t, func(t *testing.T) target {
		srv := fake.Start(t)
		t.Cleanup(func() {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range srv.Requests() {
				reached[r.Op] = r.Status == http.StatusOK || reached[r.Op]
			}
		})
		return fakeTarget(srv)
	})
	for _, op := range integrations.Ops() {
		require.True(t, reached[op], "no case gets a 200 from %s", op)
	}
}

// A real server answers 415 to a body without its type. The fake does not look.
func TestConformanceSendsTheTypeOfEveryBody(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	strict := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := "application/json"
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, promptPath) {
			want = "text/plain"
		}
		if r.ContentLength != 0 && r.Header.Get("Content-Type") != want {
			http.Error(w, "", http.StatusUnsupportedMediaType)
			return
		}
		srv.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(strict.Close)
	to := fakeTarget(srv)
	to.url = strict.URL
	conform(t, func(*testing.T) target { return to })
}

// The cases must hold whatever a server does where public sources are silent.
func TestConformanceHoldsForEveryBehaviour(t *testing.T) {
	t.Parallel()
	for name, behaviour := range behaviours() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := fake.Start(t, fake.WithBehaviour(behaviour))
			conform(t, func(*testing.T) target { return fakeTarget(srv) })
		})
	}
}

// Two runs at once, on a server where others live, leave the server as it was.
func TestConformanceRunsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	srv := newWorld(t)
	before := srv.Integrations()
	t.Run("runs", func(t *testing.T) {
		for range 2 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				to := fakeTarget(srv)
				to.cluster = true
				conform(t, func(*testing.T) target { return to })
				t.Run("probe", func(t *testing.T) { probe(t, to) })
			})
		}
	})
	require.Equal(t, before, srv.Integrations())
	w := dial(t, srv)
	require.Len(t, decodeList(t, w.send("GET", "/api/prompts", "").body), 1)
	require.Empty(t, srv.Events())
	require.Equal(t, 200, w.send("GET", "/api/integrations/def/openai", "").status)
	require.NotContains(t, w.send("GET", "/api/integrations/def", "").body, conformancePrefix)
}

// A case that is broken off cleans up too. SkipNow ends a test as FailNow does.
func TestConformanceCleansUpAfterACaseThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	t.Run("case", func(t *testing.T) {
		s := connect(t, fakeTarget(srv))
		s.mustSave(s.ai("left", ""))
		s.token = ""
		require.Len(t, srv.Integrations(), 1)
		t.SkipNow()
	})
	require.Empty(t, srv.Integrations())
}

const conformancePrefix = "go-sdk-conformance-"

// site is a server in the hands of one case.
type site struct {
	*wire
	run     string // begins the name of everything that the case saves
	minted  string // the token of the clean-up, whatever the case does to its own
	cluster bool
}

func connect(t *testing.T, to target) *site {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	t.Cleanup(transport.CloseIdleConnections)
	s := &site{run: fmt.Sprintf("%s%08x-", conformancePrefix, rand.Uint32()), cluster: to.cluster}
	s.wire = &wire{
		t:     t,
		url:   strings.TrimSuffix(strings.TrimRight(to.url, "/"), "/api"),
		limit: 256 << 20,
		http: &http.Client{
			Transport: guard{next: transport, run: s.run},
			// A redirect would take the token to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.minted = s.mint(to.key, to.secret)
	s.token = s.minted
	return s
}

const (
	providerPath = "/api/integrations/provider/"
	promptPath   = "/api/prompts/"
)

// integration returns a name for an integration. The integration of that name
// is removed at the end of the case.
func (s *site) integration(name string) string { return s.own(providerPath, name) }

// prompt is integration for a prompt.
func (s *site) prompt(name string) string { return s.own(promptPath, name) }

func (s *site) own(path, name string) string {
	name = s.run + name
	s.t.Cleanup(func() { s.remove(path + name) })
	return name
}

// remove removes the resource under path, if it exists. The context of the test is
// over by then.
func (s *site) remove(path string) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(s.t.Context()), http.MethodDelete, s.url+path, nil)
	require.NoError(s.t, err)
	req.Header.Set("X-Authorization", s.minted)
	resp, err := s.http.Do(req)
	if err != nil {
		s.t.Errorf("%s may be left on the server: %v", path, err)
		return
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 && resp.StatusCode != http.StatusNotFound {
		s.t.Errorf("%s may be left on the server: status %d", path, resp.StatusCode)
	}
}

// ai is a disabled OpenAI integration with one model, as JSON.
func (s *site) ai(name, rest string) string {
	name = s.integration(name)
	return fmt.Sprintf(`{"name": %q, "type": "openai", "category": "AI_MODEL", "description": "made by a test", "enabled": false, %s
		"apis": [{"integrationName": %q, "api": "gpt-4o", "description": "GPT-4o", "enabled": false}]}`, name, rest, name)
}

func (s *site) mustSave(items ...string) {
	s.t.Helper()
	s.write("POST", "/api/integrations/", "["+strings.Join(items, ",")+"]")
}

// write sends a request that changes something, and must succeed.
func (s *site) write(method, path, body string) answer {
	s.t.Helper()
	got := s.send(method, path, body)
	require.Equal(s.t, http.StatusOK, got.status, "%s %s: %s", method, path, got.body)
	return got
}

// readJSON returns the JSON under path.
func readJSON[T any](s *site, path string) (value T) {
	s.t.Helper()
	got := s.send("GET", path, "")
	require.Equal(s.t, http.StatusOK, got.status, "GET %s: %s", path, got.body)
	require.NoError(s.t, json.Unmarshal([]byte(got.body), &value), "GET %s", path)
	return value
}

type jsonObject = map[string]any

func (s *site) object(path string) jsonObject {
	s.t.Helper()
	return readJSON[jsonObject](s, path)
}

func (s *site) objects(path string) []jsonObject {
	s.t.Helper()
	return readJSON[[]jsonObject](s, path)
}

// listed returns the integration of that name in a list of providers, or nil.
func (s *site) listed(query, name string) jsonObject {
	s.t.Helper()
	return find(s.objects("/api/integrations/provider"+query), "name", s.run+name)
}

// find returns the object whose field has that text, or nil.
func find(list []jsonObject, field, text string) jsonObject {
	if i := slices.IndexFunc(list, func(o jsonObject) bool { return o[field] == text }); i >= 0 {
		return list[i]
	}
	return nil
}

// pairs returns tags as sorted key=value texts.
func pairs(tags []jsonObject) []string {
	list := []string{}
	for _, tag := range tags {
		list = append(list, fmt.Sprint(tag["key"], "=", tag["value"]))
	}
	slices.SortFunc(list, cmp.Compare)
	return list
}
