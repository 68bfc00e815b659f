package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// ErrTimeout says that an attempt took longer than Config.Timeout.
var ErrTimeout = errors.New("the attempt took too long")

// timeoutError is an attempt that took too long. It matches ErrTimeout and
// context.DeadlineExceeded.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string   { return "no whole answer within " + e.limit.String() }
func (e *timeoutError) Unwrap() []error { return []error{ErrTimeout, context.DeadlineExceeded} }

// bounded limits the time of every attempt, the reading of the body included.
// It replaces http.Client's Timeout. That Timeout starts a goroutine and a timer
// for each request when the RoundTripper is not a bare http.Transport.
type bounded struct {
	base  http.RoundTripper
	limit time.Duration // 0: none
	cause error         // what the attempt fails with
}

func newBounded(base http.RoundTripper, limit time.Duration) bounded {
	return bounded{base, limit, &timeoutError{limit}}
}

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if b.limit == 0 {
		return b.base.RoundTrip(req)
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), b.limit, b.cause)
	resp, err := b.base.RoundTrip(req.WithContext(ctx))
	if err != nil || resp == nil || resp.Body == nil {
		cancel()
		return resp, err
	}
	resp.Body = &boundedBody{resp.Body, cancel}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *boundedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// shorter returns the shorter of two limits. A limit of 0 or less is no limit.
func shorter(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return max(b, 0)
	}
	return a
}
