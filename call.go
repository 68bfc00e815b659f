package integrations

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations/internal/authcode"
	"github.com/seed4e9a5e42/integrations/internal/brokentext"
	"github.com/seed4e9a5e42/integrations/internal/transport"
)

// Op names the operation that an [APIError] or a log line is about: the method of
// [Client], or [OpToken].
type Op string

// The operations. OpToken is the exchange of a key pair for a token: its failure
// is the failure of the call that needed the token.
const (
	OpSaveAll             Op = "SaveAll"
	OpListProviders       Op = "ListProviders"
	OpListIntegrations    Op = "ListIntegrations"
	OpListRefs            Op = "ListRefs"
	OpGetProvider         Op = "GetProvider"
	OpSaveProvider        Op = "SaveProvider"
	OpDeleteProvider      Op = "DeleteProvider"
	OpListModels          Op = "ListModels"
	OpListAvailableModels Op = "ListAvailableModels"
	OpGetModel            Op = "GetModel"
	OpSaveModel           Op = "SaveModel"
	OpDeleteModel         Op = "DeleteModel"
	OpListProviderTags    Op = "ListProviderTags"
	OpPutProviderTags     Op = "PutProviderTags"
	OpDeleteProviderTags  Op = "DeleteProviderTags"
	OpListModelTags       Op = "ListModelTags"
	OpPutModelTags        Op = "PutModelTags"
	OpDeleteModelTags     Op = "DeleteModelTags"
	OpListPrompts         Op = "ListPrompts"
	OpAssociatePrompt     Op = "AssociatePrompt"
	OpListDefinitions     Op = "ListDefinitions"
	OpGetDefinition       Op = "GetDefinition"
	OpRegisterDefinitions Op = "RegisterDefinitions"
	OpGetTokenLimit       Op = "GetTokenLimit"
	OpSaveTokenLimit      Op = "SaveTokenLimit"
	OpListTokenUsage      Op = "ListTokenUsage"
	OpRecordEvents        Op = "RecordEvents"
	OpToken               Op = "Token"
)

// Ops returns a copy of the list of all operations, in the order of the
// constants.
func Ops() []Op {
	return []Op{
		OpSaveAll, OpListProviders, OpListIntegrations, OpListRefs, OpGetProvider, OpSaveProvider, OpDeleteProvider,
		OpListModels, OpListAvailableModels, OpGetModel, OpSaveModel, OpDeleteModel,
		OpListProviderTags, OpPutProviderTags, OpDeleteProviderTags, OpListModelTags, OpPutModelTags, OpDeleteModelTags,
		OpListPrompts, OpAssociatePrompt,
		OpListDefinitions, OpGetDefinition, OpRegisterDefinitions,
		OpGetTokenLimit, OpSaveTokenLimit, OpListTokenUsage, OpRecordEvents,
		OpToken,
	}
}

// request is one operation on its way to the server.
type request struct {
	op     Op
	method string
	// path is the text of the API reference, such as
	// /integrations/provider/{name}. The args replace the braces, in order.
	path  string
	args  []arg
	query url.Values
	body  any // nil: the request has no body
	// checked says that the texts of body were checked already.
	checked bool
	// once marks an operation that the server would count twice.
	once bool
	// unquoted leaves the server's text and code out of an error, because they may
	// repeat the body.
	unquoted bool
	shown    map[string]bool // see readable
	// missing says what a 404 means.
	missing string
}

// named is a body with texts that an error may show: the server's text is about
// them.
type named interface{ names() []string }

// arg is the value of a path parameter, with the name of the Go parameter.
type arg struct{ name, value string }

// send carries out an operation whose reply holds nothing of use.
func (c *Client) send(ctx context.Context, r request) error {
	return c.do(ctx, r, nil)
}

// fetch carries out an operation that is answered with one object.
func fetch[T any, F form[T]](ctx context.Context, c *Client, r request) (T, error) {
	var result T
	err := c.do(ctx, r, func(body io.Reader) (err error) {
		result, err = decodeOne[T, F](body, c.maxElements)
		return err
	})
	return result, err
}

// fetchList carries out an operation that is answered with an array. The list
// is never nil on success.
func fetchList[T any, F form[T]](ctx context.Context, c *Client, r request) ([]T, error) {
	var list []T
	err := c.do(ctx, r, func(body io.Reader) (err error) {
		list, err = decodeList[T, F](body, c.maxElements)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// do builds the request, sends it and lets decode read the reply.
func (c *Client) do(ctx context.Context, r request, decode func(io.Reader) error) error {
	if c == nil || c.transport == nil {
		return errors.New("integrations: this Client was not made by NewClient")
	}
	if ctx == nil {
		return errors.New("integrations: the context is nil")
	}
	path, err := r.escapedPath()
	if err != nil {
		return fmt.Errorf("integrations: %s: %w", r.op, err)
	}
	body, err := r.encode()
	if err != nil {
		return err
	}
	return r.explain(translate(c.transport.Do(ctx, transport.Call{
		Op:       string(r.op),
		Method:   r.method,
		Path:     path,
		Query:    r.query.Encode(),
		Body:     body,
		Once:     r.once,
		Decode:   decode,
		Readable: r.readable,
	})))
}

// encode returns the body as JSON, or nil if there is none.
func (r *request) encode() ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	body, err := json.Marshal(r.body)
	if err != nil {
		// Not err itself: an encoder's text may hold the value.
		return nil, fmt.Errorf("integrations: %s: the body cannot be encoded", r.op)
	}
	if r.checked {
		return body, nil
	}
	if field, found := brokentext.Find(r.body, body); found {
		return nil, fmt.Errorf("integrations: %s: %s has text that is not valid UTF-8", r.op, cmp.Or(field, "the body"))
	}
	return body, nil
}

// bodyFields are the field names of all request bodies.
const bodyFields = `name type category categoryLabel iconName description enabled configuration tags key value apis
	integrationName api fieldName fieldType label defaultValue optional valueOptions dependsOn integrationType
	inputSchema outputSchema maxTokens tokenLimitPeriod createTime updateTime createdBy updatedBy id event eventType
	handlerName taskId workerId createdAt`

// readable reports whether an error may show a text of the request's body: the
// server's text is about names. The set is made when an answer quotes the body.
func (r *request) readable(text string) bool {
	if r.shown == nil {
		r.shown = map[string]bool{}
		for field := range strings.FieldsSeq(bodyFields) {
			r.shown[field] = true
		}
		for _, a := range r.args {
			r.shown[strings.TrimSpace(a.value)] = true
		}
		if body, ok := r.body.(named); ok {
			for _, name := range body.names() {
				r.shown[strings.TrimSpace(name)] = true
			}
		}
	}
	_, known := knownKeys()[ConfigKey(text)]
	return known || r.shown[text]
}

// escapedPath puts the arguments into the path, each as one escaped segment.
// This is the only place where a name becomes part of a path.
func (r *request) escapedPath() (string, error) {
	var b strings.Builder
	rest := r.path
	for _, a := range r.args {
		if err := a.check(); err != nil {
			return "", err
		}
		before, after, _ := strings.Cut(rest, "{")
		_, rest, _ = strings.Cut(after, "}")
		b.WriteString(before + url.PathEscape(a.value))
	}
	return b.String() + rest, nil
}

// check refuses a name that would be lost on the way: a server reads a blank
// name, "." and ".." as the parent resource, and a DELETE would take the parent.
func (a arg) check() error {
	switch {
	case strings.TrimSpace(a.value) == "":
		return fmt.Errorf("%s is blank", a.name)
	case a.value == "." || a.value == "..":
		return fmt.Errorf("%s is %q, which is no name in a path", a.name, a.value)
	case !utf8.ValidString(a.value):
		return fmt.Errorf("%s is not valid UTF-8", a.name)
	}
	return nil
}

// explain adds the meaning for this operation to an answer of the server.
func (r *request) explain(err error) error {
	// Not errors.As: a cause may be the *APIError of somebody else, such as a token
	// source.
	e, ok := err.(*APIError)
	if !ok || e.Op != r.op {
		return err
	}
	if r.unquoted {
		e.Message = ""
		if errors.Is(e.Err, ErrRedirect) {
			e.Err = ErrRedirect // without the address
		}
		if !slices.Contains(authcode.All, e.Code) {
			e.Code = ""
		}
	}
	if a, ok := r.awkwardName(); ok && (e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusNotFound || errors.Is(e, transport.ErrHTML)) {
		e.hint = fmt.Sprintf("%s %q: servers refuse the characters / \\ %% ; in a path", a.name, a.value)
		if r.savable(a) {
			e.hint += "; SaveAll can save an integration or a model with such a name, but no operation can read or delete it"
		}
	} else if e.StatusCode == http.StatusNotFound {
		e.hint = r.missing
	}
	return err
}

// savable reports whether a is the name of an integration or a model, which
// SaveAll sends in its body.
func (r *request) savable(a arg) bool {
	return a.name == "provider" || a.name == "model" || a.name == "name" && r.op != OpGetDefinition
}

// awkwardName returns the first name with a character that servers refuse in a
// path, even where it is escaped.
func (r *request) awkwardName() (arg, bool) {
	for _, a := range r.args {
		if strings.ContainsAny(a.value, `/\%;`) {
			return a, true
		}
	}
	return arg{}, false
}

// noSuchAPI is the meaning of a 404 if no name is in the path.
const noSuchAPI = "this server has no integrations API: Conductor's open-source server does not have it; check the server URL"

func noSuchIntegration(provider string) string {
	return fmt.Sprintf("there is no integration %q", provider)
}
