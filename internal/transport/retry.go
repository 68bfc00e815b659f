package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// RetryPolicy says how often an attempt is repeated, and after how long a wait.
type RetryPolicy struct {
	MaxRetries       int
	MinWait, MaxWait time.Duration
}

// repeats reports whether another attempt follows f.
func (x *exchange) repeats(ctx context.Context, f *Failure) bool {
	if ctx.Err() != nil {
		return false
	}
	if f.Status != 0 || x.last == nil || x.last.Status == 0 {
		x.last = f
	}
	return f.again && !x.call.Once && x.retries < x.t.cfg.Retry.MaxRetries && !x.tooLong(ctx, f.RetryAfter)
}

// wait waits before the attempt that follows f. It fails when ctx ends first.
func (x *exchange) wait(ctx context.Context, f *Failure) error {
	wait := x.nextWait(f)
	if x.pause != nil {
		x.pause(f, wait)
	}
	x.logRetry(ctx, f, wait)
	x.retries++
	x.unsure = x.unsure || f.Status != http.StatusTooManyRequests
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if x.pause != nil {
		x.pause(nil, 0)
	}
	return nil
}

// alreadyDeleted reports whether f says that an earlier attempt of a DELETE was
// carried out: its answer was lost, and now the target is gone.
func (x *exchange) alreadyDeleted(f *Failure) bool {
	return x.unsure && x.call.Method == http.MethodDelete && f.Status == http.StatusNotFound
}

// tooLong reports whether the server asks for a longer wait than the policy or
// the context allows.
func (x *exchange) tooLong(ctx context.Context, wait time.Duration) bool {
	if wait > x.t.cfg.Retry.MaxWait {
		return true
	}
	deadline, ok := ctx.Deadline()
	return ok && wait > 0 && wait > time.Until(deadline)
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

// finalTexts are texts of errors for which net/http has no type.
var finalTexts = []string{
	"unsupported protocol scheme",
	"invalid header",
	"certificate is not trusted", // macOS
}

// final reports whether a network error stays the same however often the
// request is sent: too many redirects, an unsupported scheme, an invalid header,
// a certificate that is not trusted.
func final(err error) bool {
	var untrusted *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &untrusted) || errors.As(err, &unknown) {
		return true
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL, whose text proves nothing
	}
	text := err.Error()
	for _, s := range finalTexts {
		if strings.Contains(text, s) {
			return true
		}
	}
	return strings.HasPrefix(text, "stopped after ") && strings.HasSuffix(text, " redirects")
}
