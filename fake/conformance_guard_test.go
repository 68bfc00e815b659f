package fake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// guard keeps the suite from doing harm to a cluster. It lets through what reads,
// and what writes under the names of the run, disabled.
type guard struct {
	next http.RoundTripper
	run  string
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.check(r); err != nil {
		return nil, err
	}
	return g.next.RoundTrip(r)
}

func (g guard) check(r *http.Request) error {
	path, body := r.URL.EscapedPath(), bodyOf(r)
	_, tail, _ := strings.Cut(path, "/api/")
	segments := strings.Split(tail, "/")
	switch {
	case r.Method == http.MethodGet || tail == "token":
		return nil
	case tail == "integrations" || tail == "integrations/":
		return g.checkItems(body, "name")
	case tail == "integrations/def/register":
		return g.checkItems(body, "type")
	case strings.HasPrefix(tail, "integrations/eventStats/"):
		return g.checkItems(body, "id")
	case len(segments) > 2 && segments[0] == "integrations" && (segments[1] == "provider" || segments[1] == "llm"):
		return g.checkPath(r, segments[2], segments[len(segments)-1], body)
	case len(segments) > 1 && segments[0] == "prompts":
		return g.checkPath(r, segments[1], "", body)
	}
	return fmt.Errorf("the suite must not send %s %s", r.Method, path)
}

func bodyOf(r *http.Request) []byte {
	if r.GetBody == nil {
		return nil
	}
	body, _ := r.GetBody()
	text, _ := io.ReadAll(body)
	return text
}

// checkPath looks at a write of one thing, whose path begins with name.
func (g guard) checkPath(r *http.Request, name, last string, body []byte) error {
	if text, err := url.PathUnescape(name); err != nil || !strings.HasPrefix(text, g.run) {
		return fmt.Errorf("the suite must not send %s for %q", r.Method, name)
	}
	var save map[string]any
	if r.Method == http.MethodPost && last != "token" && json.Unmarshal(body, &save) == nil && save["enabled"] != false {
		return fmt.Errorf("the suite must save %q as disabled", name)
	}
	return nil
}

// checkItems looks at a write of many things, each named by field. Nobody can
// save a body that is not JSON.
func (g guard) checkItems(body []byte, field string) error {
	var list []map[string]any
	if json.Unmarshal(body, &list) != nil {
		return nil
	}
	for _, item := range list {
		name, _ := item[field].(string)
		if !strings.HasPrefix(name, g.run) {
			return fmt.Errorf("the suite must not write %q", name)
		}
		if field == "name" && item["enabled"] != false {
			return fmt.Errorf("the suite must save %q as disabled", name)
		}
		apis, _ := item["apis"].([]any)
		for _, api := range apis {
			if model, ok := api.(map[string]any); ok && model["enabled"] != false {
				return fmt.Errorf("the suite must save the models of %q as disabled", name)
			}
		}
	}
	return nil
}

func TestGuardLetsOnlyHarmlessRequestsThrough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path, body string
		harmless           bool
	}{
		{"GET", "integrations/provider/theirs", ``, true},
		{"POST", "token", `{}`, true},
		{"POST", "integrations/", `[{"name": "run-a", "enabled": false, "apis": [{"enabled": false}]}]`, true},
		{"POST", "integrations/", `[{"name": "run-a", "enabled": false}, {"name": "theirs", "enabled": false}]`, false},
		{"POST", "integrations", `[{"name": "run-a", "enabled": true}]`, false},
		{"POST", "integrations", `[{"name": "run-a"}]`, false},
		{"POST", "integrations", `[{"name": "run-a", "enabled": false, "apis": [{}]}]`, false},
		{"POST", "integrations", `[`, true},
		{"POST", "integrations/provider/run-a", `{"enabled": false}`, true},
		{"POST", "integrations/provider/run-a", `{}`, false},
		{"POST", "integrations/provider/theirs", `{"enabled": false}`, false},
		{"POST", "integrations/provider/run-a/integration/m", `{"enabled": true}`, false},
		{"POST", "integrations/provider/run-a/integration/m/prompt/p", ``, true},
		{"DELETE", "integrations/provider/run-a", ``, true},
		{"DELETE", "integrations/provider/theirs", ``, false},
		{"DELETE", "integrations/provider/", ``, false},
		{"PUT", "integrations/provider/theirs/tags", `[]`, false},
		{"POST", "integrations/llm/run-a/token", `{"maxTokens": 1}`, true},
		{"POST", "integrations/llm/theirs/token", `{"maxTokens": 1}`, false},
		{"POST", "integrations/def/register", `[]`, true},
		{"POST", "integrations/def/register", `[{"type": "openai"}]`, false},
		{"POST", "integrations/eventStats/kafka", `[{"id": "theirs"}]`, false},
		{"POST", "prompts/run-p", `text`, true},
		{"DELETE", "prompts/theirs", ``, false},
		{"DELETE", "workflow/run-a", ``, false},
	} {
		r, err := http.NewRequest(c.method, "https://acme.example.com/api/"+c.path, strings.NewReader(c.body))
		require.NoError(t, err)
		err = guard{run: "run-"}.check(r)
		require.Equal(t, c.harmless, err == nil, "%s %s %s: %v", c.method, c.path, c.body, err)
	}
}
