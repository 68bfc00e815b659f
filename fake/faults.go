package fake

import (
	"bytes"
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// Fault is a way for one request to go wrong. The zero Fault is the normal
// reply.
//
// A Fault that changes the reply leaves the state alone, unless AfterCommit is
// set: a plain Drop is a request that was lost, Drop with AfterCommit a reply
// that was lost. One with nothing but Delay and Header is carried out as usual.
type Fault struct {
	// Status is that of the reply, which is given before authentication. 0 is
	// the normal reply, which the other fields then apply to; otherwise it must
	// be from 200 to 599.
	Status int
	// Code and Message go into the error body of a Status. The code is absent
	// and the message the status's own text by default. One of the five
	// authentication codes, such as EXPIRED_TOKEN, makes it a body of that shape.
	Code, Message string
	// Header is added to the reply's, replacing headers of the same name.
	Header http.Header
	// RawBody replaces the reply's body, empty ones included, if it is not nil.
	RawBody []byte
	// Delay holds the request back, before it is looked at or, with
	// AfterCommit, before the reply. It ends early, and the connection with it,
	// when the client goes away or the server is closed.
	Delay time.Duration
	// Drop closes the connection after the first byte of the reply.
	Drop bool
	// Truncate closes the connection after the reply's headers and half of its
	// body. Drop wins over it.
	Truncate bool
	// Endless sends the reply's body without its closing bracket, and then more
	// of the same until the client goes away or the server is closed: array
	// elements after an array, white space after anything else. Drop and
	// Truncate win over it.
	Endless bool
	// AfterCommit carries the request out as usual before the reply goes wrong.
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
		r.body, r.header = f.RawBody, http.Header{}
	}
	for name, values := range f.Header {
		r.header[http.CanonicalHeaderKey(name)] = values
	}
	return r
}

// faults is what goes wrong next, per operation.
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

// unfired counts what FailNext has left over.
func (f *faults) unfired(op integrations.Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.next[op])
}

// FailNext lets the next requests of op go wrong, one fault each, in order and
// after those of an earlier FailNext. A fault that never comes to pass fails
// the test. An op that is not one of the client's three, or a Status that is no
// reply's, fails the test with Errorf, or panics where there is no test.
func (s *Server) FailNext(op integrations.Op, faults ...Fault) {
	s.t.Helper()
	for _, fault := range faults {
		if s.usable("FailNext", op, fault) {
			s.faults.append(op, fault.clone())
		}
	}
}

func (f *faults) append(op integrations.Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[integrations.Op][]Fault{}
	}
	f.next[op] = append(f.next[op], fault)
}

// FailAlways lets every request of op go wrong for which no fault of
// [Server.FailNext] is left, until another FailAlways or [Server.ClearFaults].
// It need not come to pass.
func (s *Server) FailAlways(op integrations.Op, f Fault) {
	s.t.Helper()
	if s.usable("FailAlways", op, f) {
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

// ClearFaults takes back every fault that has not come to pass.
func (s *Server) ClearFaults() { s.faults.clear() }

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.next)
	clear(f.always)
}

// ops returns the operations that can go wrong.
func ops() []integrations.Op {
	return []integrations.Op{integrations.OpSaveAll, integrations.OpListProviders, integrations.OpToken}
}

// usable complains about what can never come to pass.
func (s *Server) usable(method string, op integrations.Op, f Fault) bool {
	s.t.Helper()
	switch {
	case !slices.Contains(ops(), op):
		s.t.Errorf("fake: %s: unknown operation %q", method, op)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		s.t.Errorf("fake: %s: %d is not the status of a reply", method, f.Status)
	default:
		return true
	}
	return false
}

func (f Fault) clone() Fault {
	f.Header = f.Header.Clone()
	f.RawBody = slices.Clone(f.RawBody)
	return f
}

// pause waits for d. It fails when the client goes away or the server is closed.
func (s *Server) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return net.ErrClosed
	}
}

// send writes the reply, or what the fault leaves of it.
func (s *Server) send(w http.ResponseWriter, c *call, r *reply) {
	if c.fault.Drop {
		drop(w)
		return
	}
	maps.Copy(w.Header(), r.header)
	switch {
	case c.fault.Truncate:
		truncate(w, r)
	case c.fault.Endless:
		s.flood(w, c, r)
	default:
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body)
	}
}

// drop ends the connection within the status line, of which something must be
// seen: net/http quietly repeats some requests on a connection that says nothing.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write([]byte("H"))
	_ = conn.Close()
}

// truncate ends the connection within the body. The headers are flushed for
// drop's reason.
func truncate(w http.ResponseWriter, r *reply) {
	w.Header().Set("Content-Length", strconv.Itoa(max(1, len(r.body))))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body[:len(r.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// flood sends a body without end.
func (s *Server) flood(w http.ResponseWriter, c *call, r *reply) {
	// Of a client that does not read, only this frees the write.
	free := func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Now()) }
	defer context.AfterFunc(s.ctx, free)()

	w.WriteHeader(r.status)
	chunk, more := endless(r.body)
	for c.Context().Err() == nil && s.ctx.Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			break
		}
		chunk = more
	}
	panic(http.ErrAbortHandler)
}

// endless returns how a body without end begins, and what is to be repeated. An
// array goes on with wide elements, which cost a decoder little.
func endless(body []byte) (begin, more []byte) {
	begin, array := bytes.CutSuffix(body, []byte("]"))
	if !array {
		begin, _ = bytes.CutSuffix(body, []byte("}"))
		return begin, bytes.Repeat([]byte(" "), 4<<10)
	}
	element := `{"description":"` + strings.Repeat("-", 4<<10) + `"}`
	if len(begin) == 1 {
		begin = []byte("[" + element)
	}
	return begin, []byte("," + element)
}
