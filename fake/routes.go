package fake

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// route is a row of the table: how a request becomes the call of a handler.
type route struct {
	// op is empty for the prompts, which are no operation of the client.
	op     integrations.Op
	method string
	// path has one {parameter} or one literal text in each segment.
	path   string
	handle func(*Server, *call) *reply
	// open marks a route that needs no token.
	open bool

	segments []string // of path
}

// routes has every operation and, below them, the prompts. Where two rows match
// a request, the upper row wins.
var routes = parsed([]route{
	{op: integrations.OpSaveAll, method: "POST", path: "/api/integrations/", handle: (*Server).saveAll},
	{op: integrations.OpListIntegrations, method: "GET", path: "/api/integrations/", handle: (*Server).listIntegrations},
	{op: integrations.OpListRefs, method: "GET", path: "/api/integrations/all", handle: (*Server).listRefs},
	{op: integrations.OpListProviders, method: "GET", path: "/api/integrations/provider", handle: (*Server).listProviders},
	{op: integrations.OpGetProvider, method: "GET", path: "/api/integrations/provider/{provider}", handle: (*Server).getProvider},
	{op: integrations.OpSaveProvider, method: "POST", path: "/api/integrations/provider/{provider}", handle: (*Server).saveProvider},
	{op: integrations.OpDeleteProvider, method: "DELETE", path: "/api/integrations/provider/{provider}", handle: (*Server).deleteProvider},
	{op: integrations.OpListProviderTags, method: "GET", path: "/api/integrations/provider/{provider}/tags", handle: (*Server).listProviderTags},
	{op: integrations.OpPutProviderTags, method: "PUT", path: "/api/integrations/provider/{provider}/tags", handle: (*Server).putProviderTags},
	{op: integrations.OpDeleteProviderTags, method: "DELETE", path: "/api/integrations/provider/{provider}/tags", handle: (*Server).deleteProviderTags},
	{op: integrations.OpListModels, method: "GET", path: "/api/integrations/provider/{provider}/integration", handle: (*Server).listModels},
	{op: integrations.OpListAvailableModels, method: "GET", path: "/api/integrations/provider/{provider}/integration/all", handle: (*Server).listAvailableModels},
	{op: integrations.OpGetModel, method: "GET", path: "/api/integrations/provider/{provider}/integration/{model}", handle: (*Server).getModel},
	{op: integrations.OpSaveModel, method: "POST", path: "/api/integrations/provider/{provider}/integration/{model}", handle: (*Server).saveModel},
	{op: integrations.OpDeleteModel, method: "DELETE", path: "/api/integrations/provider/{provider}/integration/{model}", handle: (*Server).deleteModel},
	{op: integrations.OpListModelTags, method: "GET", path: "/api/integrations/provider/{provider}/integration/{model}/tags", handle: (*Server).listModelTags},
	{op: integrations.OpPutModelTags, method: "PUT", path: "/api/integrations/provider/{provider}/integration/{model}/tags", handle: (*Server).putModelTags},
	{op: integrations.OpDeleteModelTags, method: "DELETE", path: "/api/integrations/provider/{provider}/integration/{model}/tags", handle: (*Server).deleteModelTags},
	{op: integrations.OpListPrompts, method: "GET", path: "/api/integrations/provider/{provider}/integration/{model}/prompt", handle: (*Server).listModelPrompts},
	{op: integrations.OpAssociatePrompt, method: "POST", path: "/api/integrations/provider/{provider}/integration/{model}/prompt/{prompt}", handle: (*Server).associatePrompt},
	{op: integrations.OpListDefinitions, method: "GET", path: "/api/integrations/def", handle: (*Server).listDefinitions},
	{op: integrations.OpRegisterDefinitions, method: "POST", path: "/api/integrations/def/register", handle: (*Server).registerDefinitions},
	{op: integrations.OpGetDefinition, method: "GET", path: "/api/integrations/def/{definition}", handle: (*Server).getDefinition},
	{op: integrations.OpGetTokenLimit, method: "GET", path: "/api/integrations/llm/{provider}/token", handle: (*Server).getTokenLimit},
	{op: integrations.OpSaveTokenLimit, method: "POST", path: "/api/integrations/llm/{provider}/token", handle: (*Server).saveTokenLimit},
	{op: integrations.OpListTokenUsage, method: "GET", path: "/api/integrations/llm/{provider}/token/history", handle: (*Server).listTokenUsage},
	{op: integrations.OpRecordEvents, method: "POST", path: "/api/integrations/eventStats/{type}", handle: (*Server).recordEvents},
	{op: integrations.OpToken, method: "POST", path: "/api/token", handle: (*Server).exchange, open: true},

	{method: "GET", path: "/api/prompts", handle: (*Server).listPrompts},
	{method: "GET", path: "/api/prompts/{prompt}", handle: (*Server).getPrompt},
	{method: "POST", path: "/api/prompts/{prompt}", handle: (*Server).savePrompt},
	{method: "DELETE", path: "/api/prompts/{prompt}", handle: (*Server).deletePrompt},
	{method: "GET", path: "/api/prompts/{prompt}/tags", handle: (*Server).listPromptTags},
	{method: "PUT", path: "/api/prompts/{prompt}/tags", handle: (*Server).putPromptTags},
	{method: "DELETE", path: "/api/prompts/{prompt}/tags", handle: (*Server).deletePromptTags},
})

func parsed(rows []route) []route {
	for i := range rows {
		rows[i].segments = strings.Split(rows[i].path, "/")
	}
	return rows
}

// find returns the row for a request, with the texts of its parameters. Without
// a row there is a refusal. With both, the server refuses the path before it
// asks which operation the path is for.
func find(method, escapedPath string) (*route, []string, *reply) {
	segments := segmentsOf(escapedPath)
	refusal := firewall(segments)
	var allowed []string
	for i := range routes {
		r := &routes[i]
		args, ok := r.match(segments)
		switch {
		case !ok:
		case r.method == method:
			return r, args, refusal
		case !slices.Contains(allowed, r.method):
			allowed = append(allowed, r.method)
		}
	}
	switch {
	case refusal != nil:
		return nil, nil, refusal
	case allowed != nil:
		return nil, nil, wrongMethod(allowed)
	}
	return nil, nil, errorReply(http.StatusNotFound, "", "the fake has no route "+escapedPath+nearPath(escapedPath)+"; its package documentation lists the routes")
}

func segmentsOf(escapedPath string) []string {
	if escapedPath == "/api/integrations" {
		escapedPath += "/" // the vendor's own clients differ here
	}
	return strings.Split(escapedPath, "/")
}

// nearPath suggests the path of a client whose base URL has /api too often or not at
// all, or returns "".
func nearPath(escapedPath string) string {
	near := "/api" + escapedPath
	if rest, ok := strings.CutPrefix(escapedPath, "/api/api/"); ok {
		near = "/api/" + rest
	}
	segments := segmentsOf(near)
	for i := range routes {
		if _, ok := routes[i].match(segments); ok {
			return ", did you mean " + near + "?"
		}
	}
	return ""
}

// match returns the texts of the parameters, in order. A blank segment matches
// no parameter.
func (r *route) match(segments []string) (args []string, ok bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	for i, want := range r.segments {
		switch {
		case !strings.HasPrefix(want, "{"):
			if segments[i] != want {
				return nil, false
			}
		case segments[i] == "":
			return nil, false
		default:
			arg, err := url.PathUnescape(segments[i])
			if err != nil {
				return nil, false
			}
			args = append(args, arg)
		}
	}
	return args, true
}

// firewall refuses a path as the vendor's server does: before any handler, with
// a page in HTML. The path has a character that must not be in a name, not even
// escaped, or a segment that means another resource.
func firewall(segments []string) *reply {
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		first, last := i == 0, i == len(segments)-1
		if err != nil || strings.ContainsAny(text, `/\%;`) || text == "." || text == ".." || text == "" && !first && !last {
			return htmlReply(http.StatusBadRequest)
		}
	}
	return nil
}

func wrongMethod(allowed []string) *reply {
	refusal := errorReply(http.StatusMethodNotAllowed, "", "the method must be "+strings.Join(allowed, " or "))
	refusal.header.Set("Allow", strings.Join(allowed, ", "))
	return refusal
}

// ops returns the operations of the table.
func ops() []integrations.Op {
	var list []integrations.Op
	for _, r := range routes {
		if r.op != "" {
			list = append(list, r.op)
		}
	}
	return list
}
