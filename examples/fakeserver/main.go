// Command fakeserver serves the in-memory Conductor of package fake on an
// address of your choice, for curl and for tests in other languages.
//
//	go run ./examples/fakeserver -addr 127.0.0.1:8080 -seed seed.json
//
// It prints its URL, its credentials and the integrations it begins with. The
// seed is a JSON array of integrations, in the shape of the API. -h explains
// every flag with a curl line. With -control a test seeds, fails and looks over
// HTTP, see control.go.
//
// SIGINT and SIGTERM end the program, once the requests under way are answered
// but within 5 seconds. A second signal ends it at once. The exit code is 0 after
// a signal, 2 for a wrong usage, and 1 for any other failure.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "fakeserver:", err)
	if errors.As(err, new(usageError)) {
		fmt.Fprintln(os.Stderr, "fakeserver -h explains the flags.")
		os.Exit(2)
	}
	os.Exit(1)
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

// run serves until ctx ends, and then gives the requests under way 5 seconds.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return usageError{err}
	}
	srv := fake.NewServer(set.options()...)
	defer srv.Close()
	if err := seed(ctx, srv, set); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	introduce(stdout, listener.Addr(), srv, set)
	return serve(ctx, listener, handler(srv, set, stderr))
}

// seed puts the integrations of a file into srv, if there is a file. They are
// first saved on a server without read-only names, so that a mistake in the file
// gets the answer that a client would get.
func seed(ctx context.Context, srv *fake.Server, set settings) error {
	if set.seed == "" {
		return nil
	}
	text, err := os.ReadFile(set.seed)
	if err != nil {
		return err
	}
	var items []integrations.Integration
	if err := json.Unmarshal(text, &items); err != nil {
		return fmt.Errorf("%s: %w", set.seed, err)
	}
	set.readOnly = nil
	trial := fake.NewServer(set.options()...)
	defer trial.Close()
	err = trial.Client().SaveAll(ctx, described(items), integrations.WithValidation(integrations.Off))
	var refused *integrations.APIError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %s", set.seed, refused.Message)
	}
	if err != nil {
		return err
	}
	srv.Put(items...)
	return nil
}

// described returns items with a description of every model. A save requires
// descriptions, and what GET /fake/integrations returns may lack them.
func described(items []integrations.Integration) []integrations.Integration {
	items = slices.Clone(items)
	for i := range items {
		items[i].APIs = slices.Clone(items[i].APIs)
		for j := range items[i].APIs {
			api := &items[i].APIs[j]
			api.Description = cmp.Or(api.Description, api.API)
		}
	}
	return items
}

// introduce prints what a client has to know.
func introduce(w io.Writer, addr net.Addr, srv *fake.Server, set settings) {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	fmt.Fprintf(w, "url:        http://%s\n", host)
	for _, item := range srv.Integrations() {
		fmt.Fprintf(w, "seeded:     %q, type %q, models: %d\n", item.Name, item.Type, len(item.APIs))
	}
	if set.noAuth {
		fmt.Fprintln(w, "auth:       none, any token or no token is accepted")
		return
	}
	id, secret := srv.Credentials()
	fmt.Fprintf(w, "key id:     %s\nkey secret: %s\n", id, secret)
}

// handler is srv's handler with what the flags add.
func handler(srv *fake.Server, set settings, stderr io.Writer) http.Handler {
	var h http.Handler
	if set.control {
		h = control(srv)
	} else {
		h = forgetful(srv)
	}
	if set.log {
		h = logged(h, stderr)
	}
	return h
}

// forgetful is srv's handler without the records, which nobody looks at here.
func forgetful(srv *fake.Server) http.Handler {
	handler := srv.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer srv.TakeRequests()
		handler.ServeHTTP(w, r)
	})
}

// logged writes a line for each request, without headers, bodies and unknown
// query values.
func logged(next http.Handler, w io.Writer) http.Handler {
	lines := log.New(w, "", log.Ltime)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		status := &statusWriter{ResponseWriter: rw}
		defer func() {
			lines.Print(fake.Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Status: status.code})
		}()
		next.ServeHTTP(status, r)
	})
}

// statusWriter remembers the status of a reply.
type statusWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serve answers requests until ctx ends.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if server.Shutdown(grace) != nil {
		return server.Close() // of clients that are stuck
	}
	return nil
}
