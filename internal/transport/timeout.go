package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// bounded gives every attempt, the reading of its body included, a limit of its
// own. It is in the place of http.Client's Timeout, which for a RoundTripper that
// is not a bare http.Transport starts a goroutine and a timer for each request.
type bounded struct {
	base  http.RoundTripper
	limit time.Duration // 0: none
	cause error         // what the attempt fails with
}

func newBounded(base http.RoundTripper, limit time.Duration) bounded {
	cause := fmt.Errorf("no whole answer within %s, see WithTimeout: %w", limit, context.DeadlineExceeded)
	return bounded{base, limit, cause}
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

// shorter returns the shorter of two bounds, where nothing positive is no bound.
func shorter(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return max(b, 0)
	}
	return a
}
