package fake

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/seed4e9a5e42/integrations"
)

// T is the part of a test that the fake needs. [testing.T], [testing.B] and
// [testing.TB] have it.
type T interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Server is an in-memory Conductor. Make it with [Start] or [NewServer]. A Server
// is safe for concurrent use, and shares nothing with another Server.
type Server struct {
	cfg    config
	t      T
	bubble string // the testing/synctest bubble that the server was made in, or ""

	store    store
	tokens   tokens
	faults   faults
	recorder recorder

	http      *http.Server // serves the memory and the loopback listener
	memory    *memory
	transport *http.Transport

	ctx     context.Context // ends when the server is closed
	cancel  context.CancelFunc
	serving sync.WaitGroup // listeners
	conns   sync.WaitGroup // connections

	mu          sync.Mutex // guards the fields below, and the end of ctx
	url         string     // empty: there is no socket yet
	memoryInUse bool
	closed      bool
}

// Format implements [fmt.Formatter]. A *Server prints as the name of its type under
// every verb, because the state holds secrets.
func (s *Server) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "fake.Server") }

// Start makes a Server for a test. The Server closes itself at the end of the
// test. It fails the test if a fault of [Server.FailNext] was never used, or if a
// request went to a path that the fake does not have. A wrong method on a known path
// is only a 405.
func Start(t T, opts ...Option) *Server {
	t.Helper()
	s := newServer(t, opts)
	s.recorder.keepUnknown = true
	t.Cleanup(func() {
		t.Helper()
		s.Close()
		s.reportLeftovers()
	})
	return s
}

// NewServer makes a Server where there is no test, such as in an Example or a
// program. Misuse that would fail a test panics. Unused faults and unknown routes
// are not reported. Call [Server.Close] at the end.
func NewServer(opts ...Option) *Server { return newServer(noTest{}, opts) }

func newServer(t T, opts []Option) *Server {
	t.Helper()
	s := &Server{t: t, bubble: bubble()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.memory = &memory{conns: make(chan net.Conn), done: s.ctx.Done()}
	s.http = &http.Server{
		Handler:      s.Handler(),
		ConnState:    s.track,
		ErrorLog:     log.New(io.Discard, "", 0),
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // spares setting up HTTP/2
	}
	s.transport = &http.Transport{DialContext: s.dial, DialTLSContext: s.dial, MaxIdleConnsPerHost: 100}
	var err error
	if s.cfg, err = newConfig(opts); err != nil {
		s.t.Fatalf("fake: %v", err)
	}
	if err := s.seed(s.cfg.seeds); err != nil {
		s.t.Fatalf("fake: WithIntegrations: %v", err)
	}
	return s
}

// reportLeftovers reports faults that were never used, and unknown routes.
func (s *Server) reportLeftovers() {
	s.t.Helper()
	for _, op := range ops() {
		if unused := s.faults.unused(op); unused != "" {
			s.t.Errorf("fake: never used: %s faults %s", op, unused)
		}
	}
	for _, request := range s.recorder.unknownRoutes() {
		_, path, _ := strings.Cut(request, " ")
		s.t.Errorf("fake: request to a route that the fake does not have: %s%s; its package documentation lists the routes", request, nearPath(path))
	}
}

// Handler returns the server as a handler. Mount it at the root of a server of
// your own. The state is the same. After [Server.Close] the handler goes on
// working, but without delays, endless bodies and upgraded connections.
//
// A [Fault] that breaks the reply off needs a real server. An
// [net/http/httptest.ResponseRecorder] has no connection to close: there Drop,
// Truncate and status 101 panic with [http.ErrAbortHandler], and Endless fills
// the memory.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// URL returns the address of a loopback socket, for clients of any kind. It has no
// slash and no /api at its end, such as http://127.0.0.1:41234. The first call
// opens the socket. A failure to open it ends the test with Fatalf. Where there is
// no test, URL panics. After [Server.Close], URL opens nothing and its result is of
// no use.
//
// Inside a testing/synctest bubble URL ends the test at once with Fatalf, because a
// request over a socket would hang there. Use [Server.Client] or
// [Server.Transport] instead.
func (s *Server) URL() string {
	s.t.Helper()
	if bubble() != "" {
		s.t.Fatalf("fake: URL: a socket does not work inside a synctest bubble: use Client or Transport")
		return ""
	}
	if s.bubble != "" {
		s.t.Fatalf("%v", errInsideBubble)
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url != "" || s.ctx.Err() != nil {
		return s.url
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatalf("fake: %v", err)
		return ""
	}
	s.url = "http://" + l.Addr().String()
	s.listen(l)
	return s.url
}

// listen serves l until the server is closed. s.mu is held.
func (s *Server) listen(l net.Listener) {
	s.serving.Go(func() { _ = s.http.Serve(l) })
}

// Client returns a client of the server, over connections in memory and with
// the credentials of [Server.Credentials]. The options come after that wiring,
// so that they can replace it. A bad option fails the test with Fatalf, or Client
// panics where there is no test.
//
// The client retries as any client does by default. Outside a testing/synctest
// bubble a retry really waits half a second or more, unless opts have an
// [integrations.WithRetry]. An [integrations.WithHTTPClient] in opts replaces
// the connections in memory: give such an HTTP client the [Server.Transport].
func (s *Server) Client(opts ...integrations.Option) *integrations.Client {
	s.t.Helper()
	wiring := []integrations.Option{integrations.WithHTTPClient(&http.Client{Transport: s.transport})}
	if !s.cfg.noAuth {
		wiring = append(wiring, integrations.WithKeySecret(s.cfg.keyID, s.cfg.keySecret))
	}
	client, err := integrations.NewClient("http://fake", append(wiring, opts...)...)
	if err != nil {
		s.t.Fatalf("fake: Client: %v", err)
	}
	return client
}

// Credentials returns the key pair that is exchanged for tokens.
func (s *Server) Credentials() (keyID, keySecret string) { return s.cfg.keyID, s.cfg.keySecret }

// Close ends every connection and every delay, and waits until nothing of the
// server runs any more. The state and the recorded requests stay readable. A
// second Close does nothing.
//
// A server that was made inside a testing/synctest bubble must be closed there, or
// Close fails the test with Errorf. Where there is no test, Close panics.
func (s *Server) Close() {
	s.t.Helper()
	if s.bubble != "" && s.bubble != bubble() {
		s.refuseClose()
		return
	}
	s.mu.Lock()
	s.closed = true
	s.cancel()
	s.mu.Unlock()
	_ = s.http.Close()
	s.serving.Wait()
	s.conns.Wait()
	s.transport.CloseIdleConnections()
}

// refuseClose reports a Close outside the bubble of the server, unless the server is
// closed already. A Close there would end the program.
func (s *Server) refuseClose() {
	s.t.Helper()
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if !closed {
		s.t.Errorf("fake: the server was started inside a synctest bubble and not closed there: give Start the T of the bubble, or call Close inside it")
	}
}

// track counts the connections, and ends one that came in while the server was
// being closed.
func (s *Server) track(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
		if s.ctx.Err() != nil {
			_ = conn.Close()
		}
	case http.StateHijacked, http.StateClosed:
		s.conns.Done()
	}
}

// noTest is the T of a [NewServer].
type noTest struct{}

func (noTest) Helper()        {}
func (noTest) Cleanup(func()) {}

func (noTest) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (noTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
