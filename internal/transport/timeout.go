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
	ctx, cancel := req.Context(), context.CancelFunc(func() {})
	if b.limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, b.limit, b.cause)
		req = req.WithContext(ctx)
	}
	resp, err := b.base.RoundTrip(req)
	if err != nil || resp == nil || resp.Body == nil {
		err = inTime(ctx, err)
		cancel()
		return resp, err
	}
	resp.Request = req // a caller's RoundTripper may leave it nil
	resp.Body = &boundedBody{resp.Body, ctx, cancel}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelFunc
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != io.EOF {
		err = inTime(b.ctx, err)
	}
	return n, err
}

// inTime returns err, or the timeout if that ended the attempt: with HTTP/2 and
// with a caller's RoundTripper the error only says that a context ended.
func inTime(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, ErrTimeout) {
		return cause
	}
	return err
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
