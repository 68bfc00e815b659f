package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// control adds to srv's handler the routes below /fake/, by which a test in any
// language seeds, fails and looks:
//
//   - GET /fake/requests returns the requests so far, except those to /fake/.
//     DELETE forgets them.
//   - GET /fake/integrations returns everything saved, with secrets as saved. PUT
//     saves an array of integrations. The array that GET returns will do. Each
//     integration replaces the saved integration of its name, see [fake.Server.Put]. DELETE
//     removes all.
//   - POST /fake/faults with {"op": "SaveAll", "faults": [{"status": 503}]} makes
//     the next requests of an operation fail, see [faultJSON]. With "always": true
//     the fault is for every request. DELETE takes back unused faults.
//   - POST /fake/expire-tokens ends every token.
//
// These routes need no token. They refuse a request with 400 and a line of text.
func control(srv *fake.Server) http.Handler {
	api, mux := srv.Handler(), http.NewServeMux()
	mux.HandleFunc("GET /fake/requests", func(w http.ResponseWriter, _ *http.Request) { reply(w, records(srv.Requests())) })
	mux.HandleFunc("DELETE /fake/requests", does(func() { srv.TakeRequests() }))
	mux.HandleFunc("GET /fake/integrations", func(w http.ResponseWriter, _ *http.Request) { reply(w, srv.Integrations()) })
	mux.HandleFunc("PUT /fake/integrations", refusable(func(r *http.Request) error { return put(srv, r.Body) }))
	mux.HandleFunc("DELETE /fake/integrations", does(func() { removeAll(srv) }))
	mux.HandleFunc("POST /fake/faults", refusable(func(r *http.Request) error { return fail(srv, r.Body) }))
	mux.HandleFunc("DELETE /fake/faults", does(func() { srv.ClearFaults() }))
	mux.HandleFunc("POST /fake/expire-tokens", does(func() { srv.ExpireTokens() }))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/fake/") {
			mux.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r) // not by the mux, which cleans paths
	})
}

// record is a request in the reply of GET /fake/requests. It has no header,
// which holds the token.
type record struct {
	Op      integrations.Op     `json:"op,omitempty"`
	Method  string              `json:"method"`
	Path    string              `json:"path"`
	Query   map[string][]string `json:"query,omitempty"`
	Body    any                 `json:"body,omitempty"` // as JSON, or as text where it is none
	Status  int                 `json:"status,omitempty"`
	Faulted bool                `json:"faulted,omitempty"`
}

func records(requests []fake.Request) []record {
	list := make([]record, len(requests))
	for i, r := range requests {
		list[i] = record{Op: r.Op, Method: r.Method, Path: r.Path, Query: r.Query, Status: r.Status, Faulted: r.Faulted}
		switch {
		case len(r.Body) == 0 || r.Op == integrations.OpToken: // a token's request holds the key secret
		case json.Valid(r.Body):
			list[i].Body = json.RawMessage(r.Body)
		default:
			list[i].Body = string(r.Body)
		}
	}
	return list
}

func put(srv *fake.Server, body io.Reader) error {
	var items []integrations.Integration
	if err := decode(body, &items); err != nil {
		return err
	}
	return attempt(func() { srv.Put(items...) })
}

func removeAll(srv *fake.Server) {
	for _, item := range srv.Integrations() {
		srv.Remove(item.Name)
	}
}

// faultJSON is a [fake.Fault] in JSON.
type faultJSON struct {
	Status      int               `json:"status"`
	Code        string            `json:"code"`
	Message     string            `json:"message"`
	Header      map[string]string `json:"header"`
	Body        *string           `json:"body"`  // replaces the reply's body
	Delay       string            `json:"delay"` // such as 2s
	Drop        bool              `json:"drop"`
	Truncate    bool              `json:"truncate"`
	Endless     bool              `json:"endless"`
	AfterCommit bool              `json:"afterCommit"`
}

func (f faultJSON) fault() (fake.Fault, error) {
	fault := fake.Fault{
		Status: f.Status, Code: f.Code, Message: f.Message, Header: http.Header{},
		Drop: f.Drop, Truncate: f.Truncate, Endless: f.Endless, AfterCommit: f.AfterCommit,
	}
	for name, value := range f.Header {
		fault.Header.Set(name, value)
	}
	if f.Body != nil {
		fault.RawBody = []byte(*f.Body)
	}
	var err error
	if f.Delay != "" {
		fault.Delay, err = time.ParseDuration(f.Delay)
	}
	return fault, err
}

func fail(srv *fake.Server, body io.Reader) error {
	var request struct {
		Op     integrations.Op `json:"op"`
		Faults []faultJSON     `json:"faults"`
		Always bool            `json:"always"`
	}
	if err := decode(body, &request); err != nil {
		return err
	}
	faults := make([]fake.Fault, len(request.Faults))
	for i, f := range request.Faults {
		var err error
		if faults[i], err = f.fault(); err != nil {
			return err
		}
	}
	switch {
	case len(faults) == 0:
		return errors.New("there are no faults")
	case !request.Always:
		return attempt(func() { srv.FailNext(request.Op, faults...) })
	case len(faults) > 1:
		return errors.New("always takes one fault")
	}
	return attempt(func() { srv.FailAlways(request.Op, faults[0]) })
}

// decode reads one JSON value. A misspelt field is an error.
func decode(body io.Reader, into any) error {
	dec := json.NewDecoder(body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("the body does not decode: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("the body has more than one JSON value")
	}
	return nil
}

// attempt returns what a fake without a test says by a panic.
func attempt(f func()) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%v", reason)
		}
	}()
	f()
	return nil
}

// does answers with an empty 200.
func does(f func()) http.HandlerFunc {
	return refusable(func(*http.Request) error {
		f()
		return nil
	})
}

func refusable(f func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusOK)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_ = json.NewEncoder(w).Encode(v)
}
