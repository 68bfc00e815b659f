// Package transport moves the bytes: attempts, retries, tokens, redirects, size
// caps and redaction. It knows no integration, no option and no environment
// variable. Each file holds one policy.
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

// Config configures a Transport. Credentials and HTTPClient are optional, every
// other field is required.
type Config struct {
	BaseURL     *url.URL // ends in /api
	Credentials Credentials
	HTTPClient  *http.Client // nil: the transport makes its own
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
	own    *http.Transport // nil when the caller brought a client
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

// CloseIdleConnections closes the idle connections of a pool that New made. It
// leaves the caller's pool alone.
func (t *Transport) CloseIdleConnections() {
	if t.own != nil {
		t.own.CloseIdleConnections()
	}
}

// Call describes one request and what to do with the body of its success.
type Call struct {
	Op, Method string
	// Path is escaped already and begins with a slash. It is appended to the
	// escaped path of the base URL and sent exactly as it is.
	Path  string
	Query string
	Body  []byte // JSON; nil: no body
	// Once says that the call is not idempotent. Such a call is never retried.
	// Only a refused token repeats it.
	Once bool
	// Decode reads the body of a 2xx to its end. When an attempt's body cannot
	// be read, Decode is called again with the body of the next attempt. Nil
	// discards the body.
	Decode func(body io.Reader) error
	// Readable reports whether an error may show s, a text of Body without the
	// white space around it. Nil: an error shows no text of Body.
	Readable func(s string) bool
}

// Do carries out call. It returns nil, or why the call failed. When the server
// refuses the token, Do gets a new token and repeats the request once. This
// repetition is no retry.
func (t *Transport) Do(ctx context.Context, call Call) *Failure {
	x := &exchange{t: t, call: call, source: t.source}
	if err := ctx.Err(); err != nil {
		return x.failure(ctx, err)
	}
	if failure := x.authorize(ctx); failure != nil {
		return failure
	}
	failure := x.send(ctx)
	if !x.judgeToken(failure) {
		return failure
	}
	refused := x.token
	if mint := x.authorize(ctx); mint != nil {
		return mint
	}
	if x.token == refused {
		return failure
	}
	failure = x.send(ctx)
	x.judgeToken(failure)
	return failure
}

// Failure says why a call failed. Its texts hold no secret of the call.
type Failure struct {
	Op         string
	Status     int    // 0: there was no answer
	Code       string // the server's code
	Message    string // the server's text; without an answer, the text of Err
	RetryAfter time.Duration
	Attempts   int // how many attempts were made; 0 when nothing was retried
	Err        error
	Last       *Failure // the failure of the last attempt, when the context ended the call

	again        bool // another attempt may help
	waitKnown    bool // the server sent RetryAfter, possibly 0
	tokenRefused bool // another token may help
}

// Error makes Failure an error, so that a Source can return one.
func (f *Failure) Error() string { return f.Op + ": " + f.Message }

// Unwrap returns f.Err.
func (f *Failure) Unwrap() error { return f.Err }

// Again reports whether another attempt may help.
func (f *Failure) Again() bool { return f.again }
