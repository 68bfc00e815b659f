package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrRedirect says that the server answered with a redirect.
var ErrRedirect = errors.New("redirects are not followed, check the server URL")

// noRedirects ends a redirected request before net/http sees the answer: it
// would send the token along to wherever the server points, and on 307 and 308
// the body too; and where it cannot parse the Location, its error quotes it.
type noRedirects struct{ base http.RoundTripper }

func (n noRedirects) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.base.RoundTrip(req)
	if err != nil || resp == nil {
		return resp, err
	}
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		_ = resp.Body.Close()
		return nil, &redirectError{status: resp.StatusCode, to: target(req, resp.Header.Get("Location"))}
	}
	return resp, nil
}

// target returns scheme, host and path of location, as the rest of a URL is
// where credentials are, and no path that might have some. It returns nothing
// when there is nothing to parse.
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

type redirectError struct {
	status int
	to     string
}

func (e *redirectError) Error() string { return ErrRedirect.Error() }

// refusal is what the caller sees.
func (e *redirectError) refusal(redact func(string) string) error {
	if e.to == "" {
		return ErrRedirect
	}
	return fmt.Errorf("%w: it points to %s", ErrRedirect, redact(e.to))
}
