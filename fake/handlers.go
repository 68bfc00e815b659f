package fake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

const (
	pathSave  = "/api/integrations"
	pathList  = "/api/integrations/provider"
	pathToken = "/api/token"

	routes = "it has POST " + pathSave + "/, GET " + pathList + " and POST " + pathToken

	maxBody    = 32 << 20  // bytes that a request may have
	maxDiscard = 256 << 20 // bytes read of a larger one, so that its sender sees the reply
)

// call is a request on its way to the reply.
type call struct {
	*http.Request
	op      integrations.Op
	body    []byte
	refusal *reply // why it is a request for no operation, or nil
	fault   Fault
}

// serve is the handler: it reads the whole request, records it, and replies.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{Request: r}
	c.op, c.refusal = route(r)
	var err error
	if c.body, err = readBody(r); errors.Is(err, errTooLarge) {
		c.refusal = errorReply(http.StatusRequestEntityTooLarge, "", err.Error())
	} else if err != nil {
		panic(http.ErrAbortHandler) // nobody is there to reply to
	}
	var faulted bool
	c.fault, faulted = s.faults.take(c.op)
	entry := s.recorder.add(c, faulted)
	answer, err := s.answer(c)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !c.fault.Drop {
		s.recorder.replied(entry, answer.status)
	}
	s.send(w, c, answer)
}

// route finds the operation that r asks for, or the refusal of one that is none.
func route(r *http.Request) (integrations.Op, *reply) {
	var op integrations.Op
	method := http.MethodPost
	switch r.URL.Path {
	case pathSave, pathSave + "/":
		op = integrations.OpSaveAll
	case pathList:
		op, method = integrations.OpListProviders, http.MethodGet
	case pathToken:
		op = integrations.OpToken
	default:
		return "", errorReply(http.StatusNotFound, "", "the fake has no route "+escaped(r.URL.Path)+"; "+routes)
	}
	if r.Method != method {
		refusal := errorReply(http.StatusMethodNotAllowed, "", "the method must be "+method)
		refusal.header.Set("Allow", method)
		return "", refusal
	}
	return op, nil
}

var errTooLarge = errors.New("the request is larger than 32 MiB")

// readBody reads r's body, or reads over it if it is too large.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength <= maxBody {
		var body bytes.Buffer
		body.Grow(int(max(0, r.ContentLength)) + bytes.MinRead)
		_, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
		if err != nil || body.Len() <= maxBody {
			return body.Bytes(), err
		}
	}
	_, _ = io.CopyN(io.Discard, r.Body, maxDiscard)
	return nil, errTooLarge
}

// answer carries c out, as far as its fault lets it, and returns the reply.
func (s *Server) answer(c *call) (*reply, error) {
	f := &c.fault
	if !f.AfterCommit {
		if err := s.pause(c.Context(), f.Delay); err != nil {
			return nil, err
		}
	}
	answer := c.refusal
	if answer == nil && (f.Status == 0 || f.AfterCommit) {
		answer = s.handle(c)
	}
	if f.AfterCommit {
		if err := s.pause(c.Context(), f.Delay); err != nil {
			return nil, err
		}
	}
	return f.apply(answer), nil
}

// handle gives the reply of a server where nothing goes wrong.
func (s *Server) handle(c *call) *reply {
	if c.op == integrations.OpToken {
		return s.exchange(c.body)
	}
	if refusal := s.authenticate(c.Header.Get(tokenHeader)); refusal != nil {
		return refusal
	}
	if c.op == integrations.OpListProviders {
		return s.list(c.URL.Query())
	}
	return s.save(c.body, c.fault.commits())
}

// list answers GET /api/integrations/provider.
func (s *Server) list(query url.Values) *reply {
	activeOnly := true
	if text := query.Get("activeOnly"); text != "" {
		var err error
		if activeOnly, err = strconv.ParseBool(text); err != nil {
			return badRequest("activeOnly must be true or false")
		}
	}
	return jsonReply(http.StatusOK, s.store.providers(integrations.Category(query.Get("category")), activeOnly))
}

// save answers POST /api/integrations/. Without commit the state stays as it is.
func (s *Server) save(body []byte, commit bool) *reply {
	items, violations, err := parseBatch(body)
	switch {
	case err != nil:
		return badRequest(err.Error())
	case len(violations) > 0:
		return badRequest("the batch is refused", violations...)
	}
	for _, item := range items {
		if s.cfg.readOnly[item.Name] {
			return errorReply(http.StatusForbidden, "", fmt.Sprintf("no permission to update integration %q", item.Name))
		}
	}
	if violations = s.check(items); len(violations) == 0 {
		violations = s.store.upsert(items, s.stamp(), commit)
	}
	if len(violations) > 0 {
		return badRequest("the batch is refused", violations...)
	}
	return &reply{status: http.StatusOK, header: http.Header{}}
}

// reply is an answer to be sent.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// jsonReply encodes v, which is made of what JSON can carry.
func jsonReply(status int, v any) *reply {
	body, _ := json.Marshal(v)
	return &reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// violation is one mistake in a request. InvalidValue is always null: it might
// be a secret.
type violation struct {
	Path         string `json:"path"`
	Message      string `json:"message"`
	InvalidValue any    `json:"invalidValue"`
}

func badRequest(message string, violations ...violation) *reply {
	return jsonReply(http.StatusBadRequest, applicationError{
		Status: http.StatusBadRequest, Message: message, Instance: instance, ValidationErrors: violations,
	})
}

// errorReply makes the vendor's error body, in the shape that fits the code.
func errorReply(status int, code, message string) *reply {
	if slices.Contains([]string{invalidToken, expiredToken, "USER_NOT_FOUND", "EMAIL_NOT_VERIFIED", "ERROR_WHILE_FETCHING"}, code) {
		return jsonReply(status, map[string]string{"error": code, "message": message})
	}
	retryable := slices.Contains([]int{
		http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, status)
	return jsonReply(status, applicationError{
		Status: status, Code: code, Message: message, Instance: instance, Retryable: retryable,
	})
}

const instance = "fake"

// applicationError is the body of every error but a failed authentication.
type applicationError struct {
	Status           int         `json:"status"`
	Code             string      `json:"code,omitempty"`
	Message          string      `json:"message"`
	Instance         string      `json:"instance"`
	Retryable        bool        `json:"retryable"`
	ValidationErrors []violation `json:"validationErrors,omitempty"`
}

// checker collects what is wrong with a request. It reads JSON as it is written:
// names are case-sensitive and kinds are not converted, null is absent, and
// unknown fields are skipped.
type checker struct{ violations []violation }

// object is a JSON object whose fields are not read yet.
type object map[string]json.RawMessage

func (c *checker) add(path, message string) {
	c.violations = append(c.violations, violation{Path: path, Message: message})
}

func (c *checker) require(path, value string) {
	if strings.TrimSpace(value) == "" {
		c.add(path, "is required")
	}
}

// read decodes raw, if there is any, or says that it must be of kind.
func (c *checker) read(path string, raw json.RawMessage, into any, kind string) {
	if len(raw) > 0 && json.Unmarshal(raw, into) != nil {
		c.add(path, "must be "+kind)
	}
}

// element reads an element of an array, in which null is no object.
func (c *checker) element(path string, raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) != nil || o == nil {
		c.add(path, "must be an object")
	}
	return o
}

// parseBatch reads the body of a save. An error means that it is no array.
func parseBatch(body []byte) ([]integrations.Integration, []violation, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(body, &elements); err != nil || elements == nil {
		return nil, nil, notJSON(err, "an array")
	}
	var c checker
	items := make([]integrations.Integration, len(elements))
	for i, raw := range elements {
		c.integration(fmt.Sprintf("[%d]", i), raw, &items[i])
	}
	return items, c.violations, nil
}

func (c *checker) integration(path string, raw json.RawMessage, item *integrations.Integration) {
	o := c.element(path, raw)
	c.read(path+".name", o["name"], &item.Name, "a string")
	c.read(path+".type", o["type"], &item.Type, "a string")
	c.read(path+".category", o["category"], &item.Category, "a string")
	c.read(path+".description", o["description"], &item.Description, "a string")
	c.read(path+".enabled", o["enabled"], &item.Enabled, "a boolean")
	c.read(path+".configuration", o["configuration"], &item.Configuration, "an object")
	var tags, apis []json.RawMessage
	c.read(path+".tags", o["tags"], &tags, "an array")
	c.read(path+".apis", o["apis"], &apis, "an array")
	if tags != nil {
		item.Tags = make([]integrations.Tag, len(tags))
	}
	for i := range item.Tags {
		c.tag(fmt.Sprintf("%s.tags[%d]", path, i), tags[i], &item.Tags[i])
	}
	if apis != nil {
		item.APIs = make([]integrations.IntegrationAPI, len(apis))
	}
	for i := range item.APIs {
		c.api(fmt.Sprintf("%s.apis[%d]", path, i), apis[i], &item.APIs[i])
	}
}

func (c *checker) tag(path string, raw json.RawMessage, tag *integrations.Tag) {
	o := c.element(path, raw)
	c.read(path+".key", o["key"], &tag.Key, "a string")
	c.read(path+".value", o["value"], &tag.Value, "a string")
}

func (c *checker) api(path string, raw json.RawMessage, api *integrations.IntegrationAPI) {
	o := c.element(path, raw)
	c.read(path+".integrationName", o["integrationName"], &api.IntegrationName, "a string")
	c.read(path+".api", o["api"], &api.API, "a string")
	c.read(path+".description", o["description"], &api.Description, "a string")
	c.read(path+".enabled", o["enabled"], &api.Enabled, "a boolean")
}

// notJSON says why a body is not what it must be, without quoting it.
func notJSON(err error, want string) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("the body is not JSON, see byte %d", syntax.Offset)
	}
	return errors.New("the body must be " + want)
}
