package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations/internal/authcode"
)

// ErrTooLarge says that a body is larger than Config.MaxBytes.
var ErrTooLarge = errors.New("the answer is larger than allowed")

// ErrNoCredentials says that the server wants credentials and there are none.
var ErrNoCredentials = errors.New("the client has no credentials")

// ErrHTML says that the answer is a web page.
var ErrHTML = errors.New("the answer is a page of HTML, check the server URL")

var errInterim = errors.New("the server sent an interim answer and no final one, check the server URL")

// maxErrorBytes bounds what is read of the body of an error.
const maxErrorBytes = 64 << 10

// receive reads an answer within the attempt, so that a body that breaks off
// can be asked for again.
func (x *exchange) receive(resp *http.Response) *Failure {
	defer func() { _ = resp.Body.Close() }()
	resp.Body = &movingBody{ReadCloser: resp.Body}
	switch {
	case resp.StatusCode < 200:
		// The body is not read: it is an upgraded connection, which obeys no
		// context and no timeout.
		return &Failure{Op: x.call.Op, Status: resp.StatusCode, Message: withoutStatus(resp.StatusCode), Err: errInterim}
	case resp.StatusCode > 299:
		return x.refusal(resp)
	}
	return x.success(resp)
}

// withoutStatus returns the text of an answer without a status. A caller's
// RoundTripper may return such an answer.
func withoutStatus(status int) string {
	if status != 0 {
		return ""
	}
	return "the HTTP client gave an answer without a status"
}

// movingBody fails when many reads in a row give nothing. A caller's RoundTripper
// may have such a body, which obeys no context.
type movingBody struct {
	io.ReadCloser
	idle int
}

func (b *movingBody) Read(p []byte) (int, error) {
	const most = 100
	n, err := b.ReadCloser.Read(p)
	if b.idle++; n > 0 || len(p) == 0 {
		b.idle = 0
	}
	if b.idle > most && err == nil {
		err = io.ErrNoProgress
	}
	return n, err
}

// success decodes the body of a 2xx.
func (x *exchange) success(resp *http.Response) *Failure {
	body := &cappedReader{r: resp.Body, left: x.t.cfg.MaxBytes}
	decode := x.call.Decode
	if decode == nil {
		decode = discard
	}
	err := decode(body)
	if err != nil && body.err == nil {
		// Over TLS a body may end without an error when its context ends.
		ctx := resp.Request.Context()
		body.err = inTime(ctx, ctx.Err())
	}
	switch {
	case body.err == ErrTooLarge:
		err = ErrTooLarge
	case body.err != nil:
		// net/http quotes a malformed trailer.
		err = &hiddenError{x.redact(body.err.Error()), body.err}
	case body.first == '<', x.call.Decode == nil && body.first > ' ' && isHTML(resp.Header):
		err = ErrHTML
	case err == nil:
		return nil
	case err != ErrTooLarge:
		// A decoder names the element that it could not read.
		if text := x.redact(err.Error()); text != err.Error() {
			err = errors.New(text)
		}
	}
	return &Failure{Op: x.call.Op, Status: resp.StatusCode, Err: err, again: body.err != nil && err != ErrTooLarge}
}

// isHTML reports whether a header announces a page. Only an answer without a use
// is judged by it: a list may come under any content type.
func isHTML(header http.Header) bool {
	return strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/html")
}

func discard(body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}

// hiddenError replaces the text of an error that may hold a secret.
type hiddenError struct {
	text  string
	cause error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.cause }

// Format implements fmt.Formatter: no verb prints the cause.
func (e *hiddenError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.text) }

const byteOrderMark = "\xef\xbb\xbf"

// cappedReader fails with ErrTooLarge past its cap. It remembers a failure to
// read, because a decoder's own complaint may hide that failure. It remembers the
// first byte that is not white space, which tells HTML. Every read fills the
// buffer: json.Decoder looks at all white space again after each read, so that
// white space in small pieces would take quadratic time.
type cappedReader struct {
	r     io.Reader
	left  int64
	err   error
	first byte
}

func (c *cappedReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	// One byte more than is left shows whether the body ends here or goes on.
	if int64(len(p))-1 > c.left {
		p = p[:c.left+1]
	}
	n, err := 0, error(nil)
	for n < len(p) && err == nil {
		var more int
		more, err = c.r.Read(p[n:])
		n += more
	}
	for i := 0; i < n && (c.first <= ' ' || strings.IndexByte(byteOrderMark, c.first) >= 0); i++ {
		c.first = p[i]
	}
	if c.left -= int64(n); c.left < 0 {
		n, err = 0, ErrTooLarge
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// refusal reads an answer above 299.
func (x *exchange) refusal(resp *http.Response) *Failure {
	f := &Failure{Op: x.call.Op, Status: resp.StatusCode}
	// A body that breaks off does not change the error: the status is known.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
	code, message := readError(body)
	f.Code, f.Message = x.redact(code), x.redact(message)
	f.RetryAfter, f.waitKnown = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		f.tokenRefused = code == authcode.Expired || code == authcode.Invalid
		if x.t.source == nil && resp.StatusCode == http.StatusUnauthorized {
			f.Err = ErrNoCredentials
		}
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.again = true
	}
	return f
}

// readError reads the code and the text of an error's body. The server has the
// codes of package authcode in "error", and every other code in "code". Another
// body, such as a proxy's page, gives neither.
func readError(body []byte) (code, message string) {
	var e struct {
		Error, Code, Message string
		ValidationErrors     []struct{ Path, Message string }
	}
	// Unmarshal skips a field of another kind and fills the others.
	_ = json.Unmarshal(body, &e)
	code = e.Code
	if slices.Contains(authcode.All, e.Error) {
		code = e.Error
	}
	texts := []string{}
	if e.Message != "" {
		texts = append(texts, e.Message)
	}
	for _, v := range e.ValidationErrors {
		texts = append(texts, v.Path+": "+v.Message)
	}
	return code, strings.Join(texts, "; ")
}

// retryAfter reads a Retry-After header, in seconds or as a date.
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	const longest = 1 << 62
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		if err != nil || seconds > uint64(longest/time.Second) {
			return longest, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0, false
	}
	return max(0, date.Sub(now)), true
}

// shapeError describes the mistake in a JSON text and quotes nothing of the text.
// The errors of encoding/json quote numbers.
func shapeError(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		got, _, _ := strings.Cut(kind.Value, " ")
		return fmt.Errorf("invalid JSON shape: %s in place of %s", strings.TrimSpace(kind.Field+" "+got), kind.Type)
	case errors.As(err, &syntax):
		return fmt.Errorf("invalid JSON at byte %d", syntax.Offset)
	case errors.Is(err, io.EOF):
		return errors.New("the body is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON breaks off")
	}
	return err
}
