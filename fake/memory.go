package fake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
)

// Transport returns the connections in memory, for an HTTP client of your own,
// such as an instrumented client. A request reaches the fake whatever the host of
// its URL is. A URL with https works too, without TLS.
//
// [Server.Client] uses the same transport and the same connections.
func (s *Server) Transport() http.RoundTripper { return s.transport }

// bubble returns a name for the testing/synctest bubble of the caller, or "" outside.
// Only the first line of a stack trace tells: goroutine 7 [running, synctest bubble 2]:
func bubble() string {
	trace := make([]byte, 256)
	trace = trace[:runtime.Stack(trace, false)]
	_, rest, found := strings.Cut(string(trace), ", synctest bubble ")
	if !found {
		return ""
	}
	afterNumber := strings.TrimLeft(rest, "0123456789")
	return "bubble " + rest[:len(rest)-len(afterNumber)]
}

var errClosed = fmt.Errorf("the fake is closed: %w", net.ErrClosed)

var (
	errOutsideBubble = errors.New("fake: the server was started outside this synctest bubble: call Start inside it")
	errInsideBubble  = errors.New("fake: the server was started inside a synctest bubble: it works in that bubble only")
)

// dial connects [Server.Client], whatever the address.
func (s *Server) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	// A bubble cannot wait for a goroutine outside, and the server has such
	// goroutines. To touch a channel of another bubble ends the program.
	switch here := bubble(); {
	case here == s.bubble:
	case here != "":
		return nil, errOutsideBubble
	default:
		return nil, errInsideBubble
	}
	s.mu.Lock()
	if !s.memoryInUse && s.ctx.Err() == nil {
		s.memoryInUse = true
		s.listen(s.memory)
	}
	s.mu.Unlock()
	return s.memory.dial(ctx)
}

// memory is a listener whose connections are pipes.
type memory struct {
	conns chan net.Conn
	done  <-chan struct{} // closed with the server
}

func (m *memory) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-m.done:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: errClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.conns:
		return conn, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]. Only the server's own Close ends it.
func (m *memory) Close() error { return nil }

// Addr implements [net.Listener].
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "fake", Net: "memory"} }
