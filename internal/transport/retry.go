package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// RetryPolicy says how often and how patiently an attempt is repeated.
type RetryPolicy struct {
	MaxRetries       int
	MinWait, MaxWait time.Duration
}

// exchange is one call under way, over all of its attempts.
type exchange struct {
	t      *Transport
	call   Call
	source Source   // nil: the request goes without a token
	token  string   // what the next attempt carries
	former []string // tokens that earlier attempts carried
	// secrets has every form of what call.Secrets returned, once it was asked.
	secrets []string
	// pause is told of every wait before another attempt as it begins, and
	// with nil as it is over. It may be nil.
	pause func(last *Failure, wait time.Duration)

	attempts, retries int
	begun             time.Time     // of the attempt under way
	received          bool          // whether its answer has been read
	wait              time.Duration // before the next attempt
	last              *Failure      // the last answer, or the last attempt if there was none
}

// send makes the attempts.
func (x *exchange) send(ctx context.Context) *Failure {
	req, err := x.request(ctx)
	if err != nil {
		return x.failure(ctx, err)
	}
	client := retryablehttp.Client{
		HTTPClient:   x.t.http,
		RetryMax:     math.MaxInt, // check counts
		CheckRetry:   x.check,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return x.wait },
		PrepareRetry: x.prepare,
		ErrorHandler: func(_ *http.Response, err error, _ int) (*http.Response, error) { return nil, err },
	}
	x.begin()
	if _, err := client.Do(req); err != nil {
		return x.failure(ctx, err)
	}
	return nil
}

func (x *exchange) request(ctx context.Context) (*retryablehttp.Request, error) {
	var body any
	if x.call.Body != nil {
		body = x.call.Body
	}
	target := x.t.base + x.call.Path
	if x.call.Query != "" {
		target += "?" + x.call.Query
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, x.call.Method, target, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json, */*;q=0.8")
	req.Header.Set("User-Agent", x.t.cfg.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if x.token != "" {
		req.Header.Set(tokenHeader, x.token)
	}
	req.SetResponseHandler(x.receive)
	return req, nil
}

// prepare gives a repeated attempt a token of its own, in a header of its own:
// the connection of the attempt before may still be reading the old one.
func (x *exchange) prepare(req *http.Request) error {
	if x.pause != nil {
		x.pause(nil, 0)
	}
	if failure := x.authorize(req.Context()); failure != nil {
		return failure
	}
	req.Header = req.Header.Clone()
	if x.token != "" {
		req.Header.Set(tokenHeader, x.token)
	}
	x.begin()
	return nil
}

func (x *exchange) begin() {
	x.attempts++
	x.begun = time.Now()
	x.received = false
}

// check decides what follows an attempt. It is asked twice about an answer:
// before receive has read it, when there is nothing to judge yet, and after.
func (x *exchange) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if resp != nil && !x.received {
		return false, nil
	}
	if err == nil {
		x.logAttempt(ctx, resp.StatusCode)
		return false, nil
	}
	f := x.failure(ctx, err)
	x.logAttempt(ctx, f.Status)
	if ctx.Err() != nil {
		return false, f
	}
	if f.Status != 0 || x.last == nil || x.last.Status == 0 {
		x.last = f
	}
	if !f.again || x.retries == x.t.cfg.Retry.MaxRetries || x.tooLong(ctx, f.RetryAfter) {
		return false, f
	}
	x.wait = x.nextWait(f)
	if x.pause != nil {
		x.pause(f, x.wait)
	}
	x.logRetry(ctx, f)
	x.retries++
	return true, nil
}

// tooLong reports whether a wait that the server asks for is more than the
// policy or the context allows.
func (x *exchange) tooLong(ctx context.Context, wait time.Duration) bool {
	if wait > x.t.cfg.Retry.MaxWait {
		return true
	}
	deadline, ok := ctx.Deadline()
	return ok && wait > time.Until(deadline)
}

// nextWait returns what the server asked for, or else a random wait from a
// range that doubles with every retry.
func (x *exchange) nextWait(f *Failure) time.Duration {
	if f.waitKnown {
		return f.RetryAfter
	}
	shortest, longest := x.t.cfg.Retry.MinWait, x.t.cfg.Retry.MaxWait
	high := shortest
	for n := 0; n <= x.retries && high < longest; n++ {
		high += min(high, longest-high)
	}
	low := max(shortest, high/2)
	return low + rand.N(high-low+1)
}

// failure turns whatever ended an attempt or the call into a Failure.
func (x *exchange) failure(ctx context.Context, err error) *Failure {
	var f *Failure
	var redirect *redirectError
	switch {
	case errors.As(err, &f):
	case errors.As(err, &redirect):
		f = &Failure{Op: x.call.Op, Status: redirect.status, Err: redirect.refusal(x.redact)}
	default:
		again, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, err)
		f = &Failure{Op: x.call.Op, Message: x.redact(err.Error()), Err: err, again: again}
	}
	if ended := ctx.Err(); ended != nil {
		return x.ended(f, ended)
	}
	return f
}

// ended makes f match the error of the context that ended the call, and keeps
// the last answer with it. An answer that is final anyway stays as it is.
func (x *exchange) ended(f *Failure, ctxErr error) *Failure {
	if f.Last != nil || f.Status != 0 && (!f.again || errors.Is(f, ctxErr)) {
		return f
	}
	e := &Failure{Op: x.call.Op, Message: ctxErr.Error(), Err: ctxErr, Last: x.last}
	switch {
	case f.Status != 0:
		e.Last = f
	case errors.Is(f, ctxErr):
		e.Message, e.Err = f.Message, f.Err
	default:
		e.Message, e.Err = e.Message+": "+f.Message, fmt.Errorf("%w: %w", ctxErr, f.Err)
	}
	return e
}

func (x *exchange) logAttempt(ctx context.Context, status int) {
	if x.t.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		x.log(ctx, slog.LevelDebug, "conductor request", status, slog.Duration("duration", time.Since(x.begun)))
	}
}

func (x *exchange) logRetry(ctx context.Context, f *Failure) {
	attrs := []slog.Attr{slog.Duration("wait", x.wait)}
	if f.Status == 0 {
		cause := f.Err
		if u, ok := cause.(*url.Error); ok {
			cause = u.Err // without the URL, which has the query
		}
		attrs = append(attrs, slog.String("error", x.redact(cause.Error())))
	}
	x.log(ctx, slog.LevelWarn, "conductor request will be repeated", f.Status, attrs...)
}

func (x *exchange) log(ctx context.Context, level slog.Level, msg string, status int, more ...slog.Attr) {
	x.t.cfg.Logger.LogAttrs(ctx, level, msg, append([]slog.Attr{
		slog.String("op", x.call.Op),
		slog.String("method", x.call.Method),
		slog.String("path", x.t.cfg.BaseURL.Path+x.call.Path),
		slog.Int("status", status),
		slog.Int("attempt", x.attempts),
	}, more...)...)
}
