// Package transport moves the bytes: attempts, retries, tokens, redirects and
// size caps. It knows no integration. One file is one policy.
package transport

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// Config is what a Transport is made of. Everything but Credentials and
// HTTPClient is required.
type Config struct {
	BaseURL     *url.URL // ends in /api
	Credentials Credentials
	HTTPClient  *http.Client // nil: one of the transport's own
	Timeout     time.Duration
	Retry       RetryPolicy
	MaxBytes    int64
	UserAgent   string
	Logger      *slog.Logger
}

// Transport carries out calls. It is safe for concurrent use.
type Transport struct {
	cfg    Config
	base   string
	http   *http.Client
	own    *http.Transport // nil when the caller brought one
	source Source          // nil: no credentials
	minter *minter         // nil unless the credentials are a key pair
}

// New makes a Transport.
func New(cfg Config) *Transport {
	t := &Transport{cfg: cfg, base: cfg.BaseURL.String(), source: cfg.Credentials.Source}
	if cfg.Credentials.KeyID != "" {
		t.minter = &minter{mint: t.mint}
		t.source = t.minter
	}
	var hc http.Client
	if cfg.HTTPClient == nil {
		t.own = cleanhttp.DefaultPooledTransport()
		hc.Transport = t.own
	} else {
		hc = *cfg.HTTPClient
	}
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = noRedirects{newBounded(hc.Transport, shorter(hc.Timeout, cfg.Timeout))}
	hc.Timeout = 0
	t.http = &hc
	return t
}

// CloseIdleConnections closes those of a pool made here; the caller's pool is
// the caller's.
func (t *Transport) CloseIdleConnections() {
	if t.own != nil {
		t.own.CloseIdleConnections()
	}
}

// Call is one exchange: a request, and what to do with the body of its success.
type Call struct {
	Op, Method, Path string
	Query            string
	Body             []byte // JSON; nil: no body
	// Decode reads the body of a 2xx to its end. It is called again, on the
	// body of another attempt, when the first one could not be read.
	Decode func(body io.Reader) error
	// Secrets returns what must not be shown of the request, should an answer
	// quote it. It is called when something failed; nil: there is nothing.
	Secrets func() ([]string, error)
}

// Do carries out call and returns nil or why it failed. A token that the server
// refuses is replaced and the request repeated, once, which is no retry.
func (t *Transport) Do(ctx context.Context, call Call) *Failure {
	x := &exchange{t: t, call: call, source: t.source}
	if err := ctx.Err(); err != nil {
		return x.failure(ctx, err)
	}
	if failure := x.authorize(ctx); failure != nil {
		return failure
	}
	failure := x.send(ctx)
	if failure == nil || !x.dropToken(failure) {
		return failure
	}
	refused := x.token
	if mint := x.authorize(ctx); mint != nil {
		return mint
	}
	if x.token == refused {
		return failure
	}
	if failure = x.send(ctx); failure != nil {
		x.dropToken(failure)
	}
	return failure
}

// Failure is why a call failed. Its texts are free of the call's secrets.
type Failure struct {
	Op         string
	Status     int    // 0: there was no answer
	Code       string // the server's code
	Message    string // the server's text; without an answer, that of Err
	RetryAfter time.Duration
	Err        error
	Last       *Failure // what the call was repeated for when its context ended

	again        bool // another attempt may help
	waitKnown    bool // RetryAfter was given, be it 0
	tokenRefused bool // another token may help
}

// Error makes Failure an error on its way through the libraries.
func (f *Failure) Error() string { return f.Op + ": " + f.Message }

// Unwrap returns f.Err.
func (f *Failure) Unwrap() error { return f.Err }
