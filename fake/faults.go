package fake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/spell"
)

// Fault is a way for one request to fail. The zero Fault is the normal reply.
//
// A Fault that changes the reply leaves the state alone, unless AfterCommit is set.
// A plain Drop is a lost request. A Drop with AfterCommit is a lost reply. A Fault
// with only Delay and Header is carried out as usual.
type Fault struct {
	// Status is the status of the reply. The server sends it before it checks the
	// token. 0 is the normal reply, and the other fields then change this reply.
	// Otherwise Status must be from 200 to 599, or 101. 101 is an upgraded
	// connection that stays silent until the client goes away or the server is
	// closed.
	Status int
	// Code and Message fill the error body. They require a Status. By default the
	// code is absent, and the message is the usual text of the status. With one of
	// the five authentication codes, such as EXPIRED_TOKEN, the error body has the
	// shape of an authentication error.
	Code, Message string
	// Header is added to the reply. It replaces headers of the same name.
	Header http.Header
	// RawBody replaces the reply's body and headers. nil keeps both, and an empty
	// RawBody is an empty body. Without a Content-Type in Header, net/http guesses
	// the type from the body. RawBody excludes Code and Message.
	RawBody []byte
	// Delay holds the request back before anything is done. With AfterCommit it
	// holds the reply back. When the client goes away or the server is closed,
	// the delay and the connection end early.
	Delay time.Duration
	// Drop closes the connection after the first byte of the reply. Without that
	// byte net/http may repeat the request by itself. The error of a client that
	// does not retry therefore speaks of a malformed HTTP response.
	Drop bool
	// Truncate closes the connection after the reply's headers and half of its
	// body. Drop wins over Truncate.
	Truncate bool
	// Endless sends the reply's body without its closing bracket, and then more
	// until the client goes away or the server is closed. An array goes on with
	// elements that have a name. Any other body goes on with white space. Drop and
	// Truncate win over Endless.
	Endless bool
	// AfterCommit carries the request out as usual before the reply is spoilt.
	AfterCommit bool
}

// commits reports whether the request is carried out.
func (f *Fault) commits() bool {
	return f.AfterCommit || f.Status == 0 && f.RawBody == nil && !f.Drop && !f.Truncate && !f.Endless
}

// apply returns what becomes of the normal reply.
func (f *Fault) apply(normal *reply) *reply {
	r := normal
	if f.Status != 0 {
		message := f.Message
		if message == "" {
			message = http.StatusText(f.Status)
		}
		r = errorReply(f.Status, f.Code, message)
	}
	if f.RawBody != nil {
		r.body, r.value, r.header = f.RawBody, nil, http.Header{}
	}
	for name, values := range f.Header {
		r.header[http.CanonicalHeaderKey(name)] = values
	}
	return r
}

// kind describes f without any text of the caller.
func (f *Fault) kind() string {
	var parts []string
	if f.Status != 0 {
		parts = append(parts, strconv.Itoa(f.Status))
	}
	if f.RawBody != nil {
		parts = append(parts, "raw body")
	}
	if f.Delay != 0 {
		parts = append(parts, "delay "+f.Delay.String())
	}
	for _, end := range []struct {
		set  bool
		name string
	}{{f.Drop, "drop"}, {f.Truncate, "truncate"}, {f.Endless, "endless"}} {
		if end.set {
			parts = append(parts, end.name)
		}
	}
	if len(parts) == 0 {
		parts = []string{"normal reply"}
	}
	kind := strings.Join(parts, ", ")
	if f.AfterCommit {
		kind += " after commit"
	}
	return kind
}

// faults holds the prepared faults of each operation.
type faults struct {
	mu     sync.Mutex
	next   map[integrations.Op][]Fault
	always map[integrations.Op]Fault
}

// take returns the fault for a request that has arrived.
func (f *faults) take(op integrations.Op) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if queue := f.next[op]; len(queue) > 0 {
		f.next[op] = queue[1:]
		return queue[0], true
	}
	fault, ok := f.always[op]
	return fault, ok
}

// unused describes the faults of FailNext that are left, or is empty.
func (f *faults) unused(op integrations.Op) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	kinds := make([]string, len(f.next[op]))
	for i := range kinds {
		kinds[i] = f.next[op][i].kind()
	}
	return strings.Join(kinds, "; ")
}

// FailNext makes the next requests of op fail, one fault each. The faults are
// used in order, after the faults of an earlier FailNext. A fault that is never
// used fails the test. Without faults nothing is prepared: a row of a table of tests
// may have none.
//
// These mistakes fail the test at once with Errorf, or panic where there is no
// test. FailNext then keeps none of faults:
//
//   - an op that [integrations.Ops] does not have
//   - a Status that no reply has, or a negative Delay
//   - a Code or Message without a Status, or with a RawBody
//   - a RawBody, Truncate or Endless with a Status that has no body: 101, 204, 304
func (s *Server) FailNext(op integrations.Op, faults ...Fault) {
	s.t.Helper()
	if !s.knowsOp("FailNext", op) {
		return
	}
	copies := make([]Fault, len(faults))
	for i, fault := range faults {
		at := "FailNext"
		if len(faults) > 1 {
			at = fmt.Sprintf("FailNext: fault %d", i+1)
		}
		if !s.usable(at, fault) {
			return
		}
		copies[i] = fault.clone()
	}
	s.faults.append(op, copies)
}

func (f *faults) append(op integrations.Op, more []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[integrations.Op][]Fault{}
	}
	f.next[op] = append(f.next[op], more...)
}

// FailAlways makes every request of op fail, until another FailAlways or
// [Server.ClearFaults]. Faults of [Server.FailNext] come first. A fault of
// FailAlways may stay unused.
func (s *Server) FailAlways(op integrations.Op, f Fault) {
	s.t.Helper()
	if s.knowsOp("FailAlways", op) && s.usable("FailAlways", f) {
		s.faults.setAlways(op, f.clone())
	}
}

func (f *faults) setAlways(op integrations.Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.always == nil {
		f.always = map[integrations.Op]Fault{}
	}
	f.always[op] = fault
}

// ClearFaults takes back every fault that has not been used.
func (s *Server) ClearFaults() { s.faults.clear() }

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.next)
	clear(f.always)
}

// knowsOp reports whether the fake has op, and fails the test if not.
func (s *Server) knowsOp(at string, op integrations.Op) bool {
	s.t.Helper()
	if slices.Contains(ops(), op) {
		return true
	}
	s.t.Errorf("fake: %s: unknown operation %q%s", at, op, didYouMean(string(op)))
	return false
}

// usable reports whether f can be applied, and fails the test if not.
func (s *Server) usable(at string, f Fault) bool {
	s.t.Helper()
	noBody := f.Status == http.StatusSwitchingProtocols || f.Status == http.StatusNoContent || f.Status == http.StatusNotModified
	var complaint string
	switch {
	case f.Status != 0 && f.Status != http.StatusSwitchingProtocols && (f.Status < 200 || f.Status > 599):
		complaint = fmt.Sprintf("%d is not the status of a reply", f.Status)
	case noBody && (len(f.RawBody) > 0 || f.Truncate || f.Endless):
		complaint = fmt.Sprintf("a reply with status %d has no body", f.Status)
	case (f.Code != "" || f.Message != "") && f.Status == 0:
		complaint = "Code or Message without a Status"
	case (f.Code != "" || f.Message != "") && f.RawBody != nil:
		complaint = "Code or Message with a RawBody"
	case f.Delay < 0:
		complaint = "negative Delay"
	default:
		return true
	}
	s.t.Errorf("fake: %s: %s", at, complaint)
	return false
}

// didYouMean suggests the operation that somebody probably meant, if there is one.
func didYouMean(op string) string {
	var names []string
	for _, known := range ops() {
		names = append(names, string(known))
	}
	if best := spell.Suggest(op, names); best != "" {
		return ", did you mean " + best + "?"
	}
	return ""
}

func (f Fault) clone() Fault {
	f.Header = f.Header.Clone()
	f.RawBody = slices.Clone(f.RawBody)
	return f
}
