package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/seed4e9a5e42/integrations/fake"
)

// wire carries the requests of one client to the fake of the round, and counts
// the connections that are open.
type wire struct {
	current      atomic.Pointer[http.Transport]
	open, dialed atomic.Int64
}

// use sends the requests to srv from now on.
func (w *wire) use(srv *fake.Server) error {
	memory, ok := srv.Transport().(*http.Transport)
	if !ok {
		return errors.New("the connections of the fake cannot be counted")
	}
	counted := memory.Clone()
	counted.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := memory.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		w.open.Add(1)
		w.dialed.Add(1)
		return &countedConn{Conn: conn, open: &w.open}, nil
	}
	w.current.Store(counted)
	return nil
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	return w.current.Load().RoundTrip(r)
}

// close closes the connections that nobody uses.
func (w *wire) close() { w.current.Load().CloseIdleConnections() }

// countedConn counts itself out when it is closed.
type countedConn struct {
	net.Conn
	open   *atomic.Int64
	closed atomic.Bool
}

func (c *countedConn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}
