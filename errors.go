package integrations

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations/internal/transport"
)

// The sentinels of an HTTP status. [errors.Is] matches an [*APIError] to them.
var (
	ErrBadRequest   = errors.New("bad request")  // 400
	ErrUnauthorized = errors.New("unauthorized") // 401
	ErrForbidden    = errors.New("forbidden")    // 403
	ErrNotFound     = errors.New("not found")    // 404
	ErrRateLimited  = errors.New("rate limited") // 429
	ErrServer       = errors.New("server error") // 500 and above
)

// The causes that an [*APIError] may wrap.
var (
	// ErrRedirect is a redirect. Redirects are never followed, because the new
	// address would get the credentials.
	ErrRedirect = transport.ErrRedirect
	// ErrResponseTooLarge is an answer over the limit of [WithMaxResponseBytes].
	ErrResponseTooLarge = transport.ErrTooLarge
)

// The sentinels of a [Problem]. [errors.Is] matches a [*ValidationError] to them.
var (
	ErrMissing         = errors.New("missing")          // a required field or key is absent or blank
	ErrUnknownType     = errors.New("unknown type")     // not on the reference page
	ErrUnknownCategory = errors.New("unknown category") // not on the reference page
	ErrUnknownKey      = errors.New("unknown key")      // the type does not take this configuration key
	ErrUnknownValue    = errors.New("unknown value")    // outside the known values, or JSON cannot carry the value
	ErrMismatch        = errors.New("mismatch")         // two fields contradict each other
	ErrDuplicate       = errors.New("duplicate")        // a name or a model occurs twice
	ErrMaskedSecret    = errors.New("masked secret")    // a mask, a placeholder or an unfilled reference in the place of a value
)

// APIError is an answer of the server that is no success, or a success that
// cannot be read. Every failure after a status line is an *APIError.
//
// By the status, [errors.Is] matches it to [ErrBadRequest], [ErrUnauthorized],
// [ErrForbidden], [ErrNotFound], [ErrRateLimited] or [ErrServer].
type APIError struct {
	// Op is the operation that failed.
	Op Op
	// StatusCode is the HTTP status. It is 200 when a success cannot be read.
	StatusCode int
	// Code is the server's own code, such as EXPIRED_TOKEN, or empty.
	Code string
	// Message is the server's text, or empty. It has at most 1 KiB. It does not
	// hold the token, the key secret or the configuration that was sent, see the
	// package doc.
	Message string
	// RetryAfter is the wait that the server asked for, or 0.
	RetryAfter time.Duration
	// Err is the cause beyond the status: [ErrRedirect], [ErrResponseTooLarge],
	// a failure to read or decode the body, or nil.
	Err error

	hint      string // what the status means for the operation
	attempts  int    // 0 when nothing was retried
	retryable bool   // true when the body broke off; the statuses decide otherwise
}

// Error says which operation failed, what the server answered, and what to do
// next if the status tells.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "integrations: %s: status %d", e.Op, e.StatusCode)
	text := http.StatusText(e.StatusCode)
	if text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		b.WriteString(" (" + e.Code + ")")
	}
	if e.Message != "" && e.Message != text {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if hint := cmp.Or(e.hint, nextStep[e.StatusCode]); hint != "" && (e.hint != "" || e.Err == nil) {
		b.WriteString("; " + hint)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; retry after %s", e.RetryAfter)
	}
	b.WriteString(afterAttempts(e.attempts))
	return b.String()
}

var nextStep = map[int]string{
	http.StatusUnauthorized: "check the credentials",
	http.StatusForbidden:    "check the permissions of the credentials' owner",
	http.StatusNotFound:     "check the server URL",
}

// Unwrap returns e.Err.
func (e *APIError) Unwrap() error { return e.Err }

// Is matches e to the sentinel of its status.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrBadRequest:
		return e.StatusCode == http.StatusBadRequest
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden:
		return e.StatusCode == http.StatusForbidden
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	case ErrServer:
		return e.StatusCode >= http.StatusInternalServerError
	}
	return false
}

// ValidationError is a batch that was refused before anything was sent. It is
// returned as a pointer, and [errors.Is] reaches the sentinel of every problem.
type ValidationError struct {
	// Problems has every problem of the batch, in the order of its items.
	Problems []Problem
}

// Problem is one mistake in one integration of a batch. It never holds a
// configuration value.
type Problem struct {
	// Index is the integration's place in the batch, from 0.
	Index int
	// Name is the integration's name, as given.
	Name string
	// Field is the path to the mistake, such as configuration.api_key or
	// apis[0].api.
	Field string
	// Reason is for people. It suggests the right key for a near miss.
	Reason string
	// Err is the sentinel to match, such as [ErrMissing].
	Err error
}

// String names the integration, the field and the reason.
func (p Problem) String() string {
	return fmt.Sprintf("integration %d %q: %s: %s", p.Index, p.Name, p.Field, p.Reason)
}

// Error lists every problem, one a line.
func (e *ValidationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "integrations: nothing was sent, problems in the batch: %d", len(e.Problems))
	for _, p := range e.Problems {
		b.WriteString("\n\t" + p.String())
	}
	return b.String()
}

// Unwrap returns the sentinel of every problem.
func (e *ValidationError) Unwrap() []error {
	errs := make([]error, 0, len(e.Problems))
	for _, p := range e.Problems {
		if p.Err != nil {
			errs = append(errs, p.Err)
		}
	}
	return errs
}

// callError is a call that ended without an answer: no connection, a cancelled
// context, a token source that failed. Its text holds no secret, even if the text
// of a cause does.
type callError struct {
	text      string
	causes    []error
	retryable bool
}

func (e *callError) Error() string   { return e.text }
func (e *callError) Unwrap() []error { return e.causes }

// hintedError is an error of the transport with the option that helps.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() + e.hint }
func (e *hintedError) Unwrap() error { return e.err }

// Format implements [fmt.Formatter]. Every verb prints the text of Error: %#v
// would print the fields of Err, and with them the text of a foreign error.
func (e *APIError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// Format implements [fmt.Formatter]. Every verb prints the text of Error.
func (e *ValidationError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

func (e *callError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

func (e *hintedError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// translate turns a failure of the transport into this package's errors.
func translate(f *transport.Failure) error {
	if f == nil {
		return nil
	}
	hint := hintFor(f.Err)
	if f.Status != 0 {
		e := &APIError{
			Op:         Op(f.Op),
			StatusCode: f.Status,
			Code:       f.Code,
			Message:    f.Message,
			RetryAfter: f.RetryAfter,
			Err:        f.Err,
			attempts:   f.Attempts,
			retryable:  f.Again(),
		}
		if hint != "" {
			e.Err = &hintedError{f.Err, hint}
		}
		return e
	}
	e := &callError{causes: []error{f.Err}, retryable: f.Again()}
	e.text = fmt.Sprintf("integrations: %s: %s%s", f.Op, cmp.Or(f.Message, f.Err.Error()), hint)
	if f.Last != nil {
		last := translate(f.Last)
		e.text += "; the last attempt: " + strings.TrimPrefix(last.Error(), "integrations: ")
		e.causes = append(e.causes, last)
	}
	e.text += afterAttempts(f.Attempts)
	return e
}

// hintFor names the option that helps against a failure of the transport.
func hintFor(err error) string {
	switch {
	case errors.Is(err, transport.ErrNoCredentials):
		return ": use WithKeySecret, WithToken or WithTokenSource, " +
			"or set CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET for NewClientFromEnv"
	case errors.Is(err, transport.ErrTooLarge):
		return ", see WithMaxResponseBytes"
	case errors.Is(err, transport.ErrTimeout):
		return ", see WithTimeout"
	}
	return ""
}

// afterAttempts says how many attempts a call with retries made.
func afterAttempts(n int) string {
	if n == 0 {
		return ""
	}
	if n == 1 {
		return "; after 1 attempt"
	}
	return fmt.Sprintf("; after %d attempts", n)
}

// Retryable reports whether the same call may succeed later: the server answered
// 429, 502, 503 or 504, its answer broke off, or there was no answer for a reason
// that may pass, such as a refused connection. It is false for nil, for every
// other answer, for a [*ValidationError], for a context that ended, and for a
// failure that repeats, such as a certificate that is not trusted. If a token source
// failed with an error of this package, Retryable judges that error.
//
// A repeated [Client.RecordEvents] may be counted twice.
func Retryable(err error) bool {
	var call *callError
	if errors.As(err, &call) {
		return call.retryable && !final(call.causes[0])
	}
	var api *APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return api.retryable
}

// final reports whether cause, such as an error of a token source, is an error of
// this package that a repeat does not change.
func final(cause error) bool {
	var call *callError
	var api *APIError
	var invalid *ValidationError
	ours := errors.As(cause, &call) || errors.As(cause, &api) || errors.As(cause, &invalid)
	return ours && !Retryable(cause)
}
