package fake

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// pause waits for d. It fails when the client goes away or the server is closed. A
// server that is closed already knows no delay.
func (s *Server) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 || s.ctx.Err() != nil {
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
	case r.status == http.StatusSwitchingProtocols:
		s.upgrade(w)
	case c.fault.Truncate:
		truncate(w, r)
	case c.fault.Endless:
		s.flood(w, c, r)
	default:
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body)
	}
}

// drop ends the connection within the status line. At least one byte must arrive:
// net/http quietly repeats some requests on a connection that sends nothing.
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

// upgrade switches to a protocol that says nothing, until the client goes away
// or the server is closed.
func (s *Server) upgrade(w http.ResponseWriter) {
	s.mu.Lock()
	closed := s.ctx.Err() != nil
	if !closed {
		s.conns.Add(1) // nobody else knows when a hijacked connection ends
		defer s.conns.Done()
	}
	s.mu.Unlock()
	header := w.Header()
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if closed || err != nil { // HTTP/2
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	header.Set("Connection", "Upgrade")
	if header.Get("Upgrade") == "" {
		header.Set("Upgrade", "silence")
	}
	_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	_ = header.Write(buffered)
	_, _ = buffered.WriteString("\r\n")
	_ = buffered.Flush()
	_, _ = io.Copy(io.Discard, buffered)
}

// flood sends a body without end.
func (s *Server) flood(w http.ResponseWriter, c *call, r *reply) {
	// Only a deadline frees a write to a client that does not read.
	free := func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Now()) }
	defer context.AfterFunc(s.ctx, free)()

	// The headers are flushed for drop's reason. A length would end the body.
	w.Header().Del("Content-Length")
	w.WriteHeader(r.status)
	_ = http.NewResponseController(w).Flush()
	chunk, more := endless(c.op, r.body)
	for c.Context().Err() == nil && s.ctx.Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			break
		}
		chunk = more
	}
	panic(http.ErrAbortHandler)
}

// endless returns how a body without end begins, and the part to be repeated.
// An array goes on with wide elements, which cost a decoder little.
func endless(op integrations.Op, body []byte) (begin, more []byte) {
	begin, array := bytes.CutSuffix(body, []byte("]"))
	if !array {
		begin, _ = bytes.CutSuffix(body, []byte("}"))
		return begin, bytes.Repeat([]byte(" "), 4<<10)
	}
	element := wideElement(op)
	if len(begin) == 1 {
		begin = []byte("[" + element)
	}
	return begin, []byte("," + element)
}

// wideElement is an element of op's list. It has every name that the client
// insists on.
func wideElement(op integrations.Op) string {
	filler := strings.Repeat("-", 4<<10)
	if op == integrations.OpListRefs || op == integrations.OpListAvailableModels {
		return `"endless` + filler + `"`
	}
	return `{"name":"endless","type":"endless","integrationName":"endless","api":"endless","key":"endless","description":"` + filler + `"}`
}
