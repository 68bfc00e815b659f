package fake

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/seed4e9a5e42/integrations"
)

// Request is a request that arrived whole, with the status of its reply.
//
// A Request prints and logs without its header and body, whatever the verb,
// because they hold tokens, key secrets and configuration values. Packages that
// read the fields show them all the same: encoding/json, go-cmp, testify, and fmt
// where the Request is in an unexported field of another struct.
type Request struct {
	// Op is empty where the request is for no operation of the client: an
	// unknown route, a wrong method, or a prompt.
	Op integrations.Op
	// Path is escaped, as it was sent.
	Method, Path string
	// Query has no parameter that does not decode. The fake answers 400 to such a
	// query.
	Query  url.Values
	Header http.Header
	// Body is nil where there was none, or where it was refused as too large.
	Body []byte
	// Status is the status of the reply, also of a reply that broke off. It is 0
	// before the reply, and where there never was a reply, as with [Fault].Drop.
	Status int
	// Faulted says that a [Fault] was applied.
	Faulted bool
}

// knownParameters are query parameters that hold no secret.
var knownParameters = []string{"activeOnly", "category", "type", "model", "lookUpWindow"}

// String names the operation, the method, the escaped path, the query and the
// status. A query parameter that the fake does not know shows without its value.
func (r Request) String() string {
	var b strings.Builder
	if r.Op != "" {
		b.WriteString(string(r.Op) + " ")
	}
	b.WriteString(r.Method + " " + printablePath(r.Path))
	if len(r.Query) > 0 {
		b.WriteString("?" + printableQuery(r.Query))
	}
	if r.Status == 0 {
		b.WriteString(": no reply")
	} else {
		b.WriteString(": " + strconv.Itoa(r.Status))
	}
	if r.Faulted {
		b.WriteString(", faulted")
	}
	return b.String()
}

// printableQuery returns a query without the values of unknown parameters.
func printableQuery(query url.Values) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		part := url.QueryEscape(name) + "=[hidden]"
		if slices.Contains(knownParameters, name) {
			part = url.Values{name: query[name]}.Encode()
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "&")
}

// printablePath returns an escaped path as it is, and escapes whatever would
// not stay on one line.
func printablePath(path string) string {
	text, err := url.PathUnescape(path)
	if err != nil {
		text = path
	}
	return (&url.URL{Path: text, RawPath: path}).EscapedPath()
}

// Format implements [fmt.Formatter]. Every verb prints [Request.String].
func (r Request) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue implements [slog.LogValuer]. It logs [Request.String].
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (r *Request) clone() Request {
	c := *r
	c.Query = url.Values(http.Header(r.Query).Clone())
	c.Header = r.Header.Clone()
	c.Body = slices.Clone(r.Body)
	return c
}

// recorder keeps the requests, in the order of their arrival.
type recorder struct {
	mu       sync.Mutex
	requests []*Request

	keepUnknown bool     // does not change once there are requests
	unknown     []string // method and path of requests to unknown routes, each once
}

// add records c, which has arrived.
func (rec *recorder) add(c *call, faulted bool) *Request {
	r := &Request{
		Op:      c.op,
		Method:  c.Method,
		Path:    c.URL.EscapedPath(),
		Query:   c.URL.Query(),
		Header:  c.Header.Clone(),
		Body:    c.body,
		Faulted: faulted,
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.requests = append(rec.requests, r)
	return r
}

// replied notes the status of r's reply, and that its route is unknown.
func (rec *recorder) replied(r *Request, status int, unknown bool) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	r.Status = status
	if !unknown || !rec.keepUnknown {
		return
	}
	if route := r.Method + " " + printablePath(r.Path); !slices.Contains(rec.unknown, route) {
		rec.unknown = append(rec.unknown, route)
	}
}

func (rec *recorder) unknownRoutes() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.unknown)
}

// Requests returns copies of the requests so far, in the order of their arrival.
// Without ops it returns all requests, token exchanges and prompts included.
func (s *Server) Requests(ops ...integrations.Op) []Request {
	rec := &s.recorder
	rec.mu.Lock()
	defer rec.mu.Unlock()
	list := []Request{}
	for _, r := range rec.requests {
		if len(ops) == 0 || slices.Contains(ops, r.Op) {
			list = append(list, r.clone())
		}
	}
	return list
}

// TakeRequests returns copies of all requests so far, and forgets the requests.
func (s *Server) TakeRequests() []Request {
	rec := &s.recorder
	rec.mu.Lock()
	defer rec.mu.Unlock()
	list := make([]Request, 0, len(rec.requests))
	for _, r := range rec.requests {
		list = append(list, r.clone()) // a reply may still be noted in r
	}
	rec.requests = nil
	return list
}
