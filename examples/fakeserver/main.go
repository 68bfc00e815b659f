// Command fakeserver serves the in-memory Conductor of package fake on an
// address of your choice, for curl and for clients in other languages.
//
//	go run ./examples/fakeserver -addr 127.0.0.1:8080 -seed seed.json
//
// It prints its URL and its credentials. SIGINT and SIGTERM end it, once the
// requests under way are answered but within 5 seconds; a second signal ends it
// at once. The seed is a JSON array of integrations, in the shape of the API.
//
// The exit code is 0 after a signal, 2 for a wrong usage, and 1 for any other
// failure.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
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
		os.Exit(2)
	}
	os.Exit(1)
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

// settings are what the flags say.
type settings struct {
	addr, key, secret string
	noAuth            bool
	seed              string
}

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
	if err := seed(ctx, srv, set.seed); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	introduce(stdout, listener.Addr(), srv, set.noAuth)
	return serve(ctx, listener, srv)
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("fakeserver", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is printed where it is returned to
	flags.StringVar(&set.addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	flags.StringVar(&set.key, "key", "", "key id; set -secret too")
	flags.StringVar(&set.secret, "secret", "", "key secret; set -key too")
	flags.BoolVar(&set.noAuth, "no-auth", false, "serve requests without a token")
	flags.StringVar(&set.seed, "seed", "", "JSON file with the integrations to begin with")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: fakeserver [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return set, err
	case err != nil:
		return set, err
	case flags.NArg() > 0:
		return set, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case (set.key == "") != (set.secret == ""):
		return set, errors.New("-key and -secret go together")
	case set.noAuth && set.key != "":
		return set, errors.New("-no-auth takes no -key and -secret")
	}
	return set, nil
}

func (set settings) options() []fake.Option {
	var opts []fake.Option
	if set.key != "" {
		opts = append(opts, fake.WithKeySecret(set.key, set.secret))
	}
	if set.noAuth {
		opts = append(opts, fake.WithoutAuth())
	}
	return opts
}

// seed saves the integrations of a file, if there is one, so that a mistake in
// it gets the answer that a client would get.
func seed(ctx context.Context, srv *fake.Server, file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var items []integrations.Integration
	if err := json.Unmarshal(text, &items); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	err = srv.Client().SaveAll(ctx, items, integrations.WithValidation(integrations.Off))
	var refused *integrations.APIError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %s", file, refused.Message)
	}
	return err
}

// introduce prints what a client has to know.
func introduce(w io.Writer, addr net.Addr, srv *fake.Server, noAuth bool) {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	fmt.Fprintf(w, "url:        http://%s\n", host)
	if noAuth {
		fmt.Fprintln(w, "auth:       none, any token or no token is accepted")
		return
	}
	id, secret := srv.Credentials()
	fmt.Fprintf(w, "key id:     %s\nkey secret: %s\n", id, secret)
}

// forgetful is srv's handler without the records, which nobody looks at here.
func forgetful(srv *fake.Server) http.Handler {
	handler := srv.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer srv.TakeRequests()
		handler.ServeHTTP(w, r)
	})
}

// serve answers requests until ctx ends.
func serve(ctx context.Context, listener net.Listener, srv *fake.Server) error {
	server := &http.Server{Handler: forgetful(srv), ReadHeaderTimeout: 10 * time.Second}
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
