package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// exchange is one call under way, over all of its attempts.
type exchange struct {
	t      *Transport
	call   Call
	source Source   // nil: the request goes without a token
	token  string   // what the next attempt carries
	former []string // tokens that earlier attempts carried
	// pause is called when a wait before another attempt begins. It is called
	// with nil when the wait is over. It may be nil.
	pause func(last *Failure, wait time.Duration)

	attempts, retries int
	last              *Failure // the last answer, or the last attempt if there was no answer
	// unsure says that an earlier attempt may have been carried out although
	// its answer did not say so.
	unsure bool
}

// send makes attempts until one succeeds or no further attempt is allowed.
func (x *exchange) send(ctx context.Context) *Failure {
	for {
		f := x.attempt(ctx)
		if f == nil || x.alreadyDeleted(f) {
			return nil
		}
		if !x.repeats(ctx, f) {
			return x.counted(f)
		}
		if err := x.wait(ctx, f); err != nil {
			return x.counted(x.failure(ctx, err))
		}
		if f := x.authorize(ctx); f != nil {
			return x.counted(f)
		}
	}
}

// attempt sends the request once and reads the answer.
func (x *exchange) attempt(ctx context.Context) *Failure {
	req, err := x.request(ctx)
	if err != nil {
		return &Failure{Op: x.call.Op, Message: x.redact(err.Error()), Err: err}
	}
	x.attempts++
	begun := time.Now()
	resp, err := x.t.http.Do(req)
	if err != nil {
		f := x.failure(ctx, err)
		x.logAttempt(ctx, f.Status, f.Err, begun)
		return f
	}
	f := x.receive(resp)
	if f == nil {
		x.logAttempt(ctx, resp.StatusCode, nil, begun)
		return nil
	}
	x.logAttempt(ctx, resp.StatusCode, f.Err, begun)
	return x.failure(ctx, f)
}

// request makes a request for one attempt. Attempts share no header: the
// connection of an earlier attempt may still be reading the old one.
func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	target := x.t.base + x.call.Path
	if x.call.Query != "" {
		target += "?" + x.call.Query
	}
	var body io.Reader
	if x.call.Body != nil {
		body = bytes.NewReader(x.call.Body)
	}
	req, err := http.NewRequestWithContext(ctx, x.call.Method, target, body)
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
	return req, nil
}

// counted adds the number of attempts to the failure that ends a call after
// retries. A failure of a mint counts its own attempts.
func (x *exchange) counted(f *Failure) *Failure {
	if x.retries > 0 && f.Op == x.call.Op {
		f.Attempts = x.attempts
	}
	return f
}

// failure turns the error that ended an attempt or the call into a Failure.
func (x *exchange) failure(ctx context.Context, err error) *Failure {
	var f *Failure
	var redirect *redirectError
	switch {
	case errors.As(err, &f):
	case errors.As(err, &redirect):
		f = &Failure{Op: x.call.Op, Status: redirect.status, Err: redirect.shown(x.redact)}
	default:
		f = &Failure{Op: x.call.Op, Message: x.redact(err.Error()), Err: err, again: !final(err)}
	}
	if ended := ctx.Err(); ended != nil {
		return x.ended(f, ended)
	}
	return f
}

// ended returns a failure that matches the error of the context that ended the
// call, and keeps the last answer with it. A final answer stays as it is.
func (x *exchange) ended(f *Failure, ctxErr error) *Failure {
	if f.Last != nil || f.Status != 0 && !f.again {
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
