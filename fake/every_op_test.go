package fake_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// snapshot is all that a client can see of the state.
func snapshot(t *testing.T, srv *fake.Server) string {
	t.Helper()
	w := dial(t, srv)
	var b strings.Builder
	for _, path := range []string{
		"/api/integrations/?activeOnly=false", provider + "ai/integration", "/api/prompts", "/api/integrations/def", "/api/integrations/llm/ai/token",
	} {
		b.WriteString(w.send("GET", path, "").body + "\n")
	}
	fmt.Fprint(&b, srv.Events())
	return b.String()
}

// quiet is a client that tries once.
func quiet(srv *fake.Server) *integrations.Client {
	return srv.Client(integrations.WithRetry(integrations.RetryPolicy{}), integrations.WithTimeout(0))
}

// isWrite reports whether op changes the state of newWorld.
func isWrite(op integrations.Op) bool {
	for _, verb := range []string{"Save", "Put", "Delete", "Associate", "Register", "Record"} {
		if strings.HasPrefix(string(op), verb) {
			return true
		}
	}
	return false
}

// linkless is a newWorld whose prompt has no link, so that every write changes
// something.
func linkless(t *testing.T) *fake.Server {
	t.Helper()
	var c clock
	c.now.Store(1000)
	srv := newWorld(t, c.option())
	srv.PutPrompts(integrations.Prompt{Name: "p"})
	require.NoError(t, quiet(srv).PutModelTags(t.Context(), "ai", "m", integrations.Tag{Key: "k", Value: "v"}))
	srv.TakeRequests()
	return srv
}

// A fault that does not commit leaves the state alone, and a fault that commits
// carries the request out: for every operation.
func TestFaultsAndTheStateOfEveryOperation(t *testing.T) {
	t.Parallel()
	for _, op := range integrations.Ops() {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			for name, fault := range map[string]fake.Fault{
				"status": {Status: 500}, "body": {RawBody: []byte("<html>")}, "drop": {Drop: true}, "truncate": {Truncate: true},
			} {
				for _, afterCommit := range []bool{false, true} {
					srv := linkless(t)
					before := snapshot(t, srv)
					fault.AfterCommit = afterCommit
					srv.FailNext(op, fault)
					_ = calls[op](t.Context(), quiet(srv))
					after := snapshot(t, srv)
					require.Equal(t, isWrite(op) && afterCommit, before != after, "%s, after commit: %t", name, afterCommit)
				}
			}
		})
	}
}

func TestEveryOperationNeedsAToken(t *testing.T) {
	t.Parallel()
	srv := linkless(t)
	before := snapshot(t, srv)
	for _, op := range integrations.Ops() {
		if op == integrations.OpToken {
			continue
		}
		err := calls[op](t.Context(), srv.Client(integrations.WithToken("nobody's")))
		var refused *integrations.APIError
		require.ErrorAs(t, err, &refused, op)
		require.Equal(t, 401, refused.StatusCode)
		require.Equal(t, "INVALID_TOKEN", refused.Code)
	}
	w := dial(t, srv)
	w.token = ""
	w.want(401, `{"error": "INVALID_TOKEN", "message": "there is no token in the header X-Authorization"}`, "GET", provider+"ai", "")
	w.want(401, `{"error": "INVALID_TOKEN", "message": "there is no token in the header X-Authorization"}`, "GET", provider+"none", "")
	require.Equal(t, before, snapshot(t, srv))
}

// Goroutines that do everything at once see whole states only. The race
// detector has its say too.
func TestMixedOperationsAtOnce(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("parallel", func(t *testing.T) {
		for i := range 100 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				mixed(t, i)
			})
		}
	})
	waitFor(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

func mixed(t *testing.T, i int) {
	srv := newWorld(t)
	client := srv.Client()
	ops := integrations.Ops()
	var wg sync.WaitGroup
	for n := range 2 {
		wg.Go(func() {
			for j := range ops {
				op := ops[(i+n*7+j)%len(ops)]
				err := calls[op](t.Context(), client)
				if err != nil && !errors.Is(err, integrations.ErrNotFound) { // another goroutine may have removed it
					t.Errorf("%s: %v", op, err)
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, srv.Events(), 2)
	for _, r := range srv.Requests() {
		require.NotEmpty(t, r.Op)
	}
}

// A list that is read while saves go on has every model of an integration or none.
func TestListsSeeWholeStates(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client()
	batch := func(models int) []integrations.Integration {
		item := integrations.Integration{Name: "ai", Type: integrations.TypeOpenAI, Configuration: integrations.Configuration{"api_key": "k"}}
		for i := range models {
			item.APIs = append(item.APIs, integrations.IntegrationAPI{API: fmt.Sprint("m", i), Description: "d"})
		}
		return []integrations.Integration{item, mail("mail")}
	}
	require.NoError(t, client.SaveAll(t.Context(), batch(50)))
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 40 {
			if err := client.SaveAll(t.Context(), batch(1+i%2*49)); err != nil {
				t.Error(err)
			}
		}
	})
	for range 40 {
		list, err := client.ListIntegrations(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Contains(t, []int{1, 50}, len(list[0].APIs))
		require.EqualValues(t, list[0].ModelsCount, len(list[0].APIs))
	}
	wg.Wait()
}
