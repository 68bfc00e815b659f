package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// cluster is the server of both SDKs, and counts what reaches it. As it is made,
// it answers any save with 200 and every list with listing. After begin it is a
// fake, which keeps its state.
type cluster struct {
	url     string
	latency time.Duration
	listing []byte

	mu      sync.Mutex
	handler http.Handler
	fake    *fake.Server // nil before begin
	got     traffic
	looking bool
	saved   []in.Integration
}

type traffic struct{ requests, bytes int }

func newCluster(tb testing.TB, latency time.Duration) *cluster {
	c := &cluster{latency: latency}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/integrations/provider", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(c.listing)
	})
	save := func(w http.ResponseWriter, r *http.Request) {
		if err := c.save(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
	mux.HandleFunc("POST /api/integrations/{$}", save)
	mux.HandleFunc("POST /api/integrations/provider/{name}", save)
	mux.HandleFunc("POST /api/integrations/provider/{name}/integration/{model}", save)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Authorization") != token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c.mu.Lock()
		c.got.requests++
		c.got.bytes += int(max(0, r.ContentLength))
		handler := c.handler
		c.mu.Unlock()
		time.Sleep(c.latency)
		handler.ServeHTTP(w, r)
	}))
	c.handler = mux
	tb.Cleanup(srv.Close)
	c.url = srv.URL + "/api"
	return c
}

// begin makes the cluster a fake that holds items and nothing else.
func (c *cluster) begin(items []in.Integration, behaviour fake.Behaviour) {
	srv := fake.NewServer(fake.WithToken(token), fake.WithIntegrations(items...), fake.WithBehaviour(behaviour))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handler, c.fake = srv.Handler(), srv
}

// save takes a batch, an integration or a model, as the path says.
func (c *cluster) save(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.looking {
		return nil
	}
	name, model := r.PathValue("name"), r.PathValue("model")
	switch {
	case model != "":
		last := &c.saved[len(c.saved)-1]
		api := in.IntegrationAPI{IntegrationName: name, API: model}
		err = json.Unmarshal(body, &api)
		last.APIs = append(last.APIs, api)
	case name != "":
		item := in.Integration{Name: name}
		err = json.Unmarshal(body, &item)
		c.saved = append(c.saved, item)
	default:
		err = json.Unmarshal(body, &c.saved)
	}
	return err
}

// look makes the cluster keep the requests, until take.
func (c *cluster) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looking = true
}

// take returns the requests since the last take.
func (c *cluster) take() (traffic, []in.Integration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got, saved := c.got, c.saved
	c.got, c.saved, c.looking = traffic{}, nil, false
	if c.fake != nil {
		c.fake.TakeRequests() // so that the fake does not keep them
	}
	return got, saved
}

// listOf is a listing of n providers in the shape of the reference page.
func listOf(n int) []byte {
	var list bytes.Buffer
	for i := range n {
		fmt.Fprintf(&list, `,{"createTime":%d,"updateTime":1773839434450,"createdBy":"john.doe@example.com",`+
			`"updatedBy":"jane.doe@example.com","name":"openai-%d","type":"openai","description":"For the support desk",`+
			`"category":"AI_MODEL","configuration":{"api_key":"xxxxx","endpoint":"https://api.openai.com"},`+
			`"enabled":true,"tags":[],"modelsCount":2}`, created, i)
	}
	return append(append([]byte{'['}, bytes.TrimPrefix(list.Bytes(), []byte{','})...), ']')
}

const (
	apiKey  = "sk-0123456789"
	created = 1772787470214
)

// batchOf is a batch of n integrations of two models each.
func batchOf(n int) []in.Integration {
	items := make([]in.Integration, n)
	for i := range items {
		name := fmt.Sprintf("openai-%d", i)
		items[i] = in.Integration{
			Name:          name,
			Type:          in.TypeOpenAI,
			Category:      in.CategoryAIModel,
			Description:   "For the support desk",
			Enabled:       in.Bool(true),
			Configuration: in.Configuration{in.KeyAPIKey: apiKey, in.KeyEndpoint: "https://api.openai.com"},
			APIs: []in.IntegrationAPI{
				{IntegrationName: name, API: "gpt-4o", Description: "The large one", Enabled: in.Bool(true)},
				{IntegrationName: name, API: "gpt-4o-mini", Description: "The small one", Enabled: in.Bool(true)},
			},
		}
	}
	return items
}
