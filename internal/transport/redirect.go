package transport

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// ErrRedirect says that the server answered with a redirect.
var ErrRedirect = errors.New("redirects are not followed, check the server URL")

// noRedirects ends a redirected request before net/http sees the answer.
// net/http would send the token to the address that the server names, and on 307
// and 308 the body too. When net/http cannot parse the Location, its error quotes
// the Location.
type noRedirects struct{ base http.RoundTripper }

func (n noRedirects) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.base.RoundTrip(req)
	if err != nil || resp == nil {
		return resp, err
	}
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if resp.Body != nil { // a caller's RoundTripper may leave it nil
			_ = resp.Body.Close()
		}
		location := resp.Header.Get("Location")
		return nil, &redirectError{status: resp.StatusCode, to: target(req, location), location: location}
	}
	return resp, nil
}

// target returns scheme, host and path of location: the rest of a URL may hold
// credentials. It leaves out a path that may hold some too. It returns nothing
// when location does not parse.
func target(req *http.Request, location string) string {
	to, err := req.URL.Parse(location)
	if location == "" || err != nil || to.Host == "" {
		return ""
	}
	if strings.ContainsAny(to.Path, "@;") {
		to.Path = ""
	}
	return to.Scheme + "://" + to.Host + to.Path
}

// redirectError is a redirect. It matches ErrRedirect.
type redirectError struct {
	status int
	to     string // empty: the text says nothing of it
	// location is the text that the server sent. A part of a secret in location may
	// be in to as well.
	location string
}

func (e *redirectError) Error() string {
	if e.to == "" {
		return ErrRedirect.Error()
	}
	return ErrRedirect.Error() + ": it points to " + e.to
}

func (e *redirectError) Unwrap() error { return ErrRedirect }

// Format implements fmt.Formatter: every verb prints the same text.
func (e *redirectError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// shown returns the error that the caller sees.
func (e *redirectError) shown(redact func(string) string) error {
	to := redact(e.to)
	if strings.Count(redact(e.location), redacted) > strings.Count(to, redacted) {
		to = "" // the part that to leaves out has the rest of a secret
	}
	return &redirectError{status: e.status, to: to}
}
