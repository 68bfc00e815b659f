package fake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/seed4e9a5e42/integrations/internal/authcode"
)

// reply is an answer to be sent.
type reply struct {
	status int
	header http.Header
	body   []byte
	value  any // becomes the body, unless it is nil
}

// done is the reply to a write: an empty body.
func done() *reply { return &reply{status: http.StatusOK, header: http.Header{}} }

// jsonReply answers with v, which is made of what JSON can carry. v is encoded
// later, when no lock is held: therefore v must not be changed.
func jsonReply(status int, v any) *reply {
	return &reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, value: v}
}

// encoded returns r with its value as the body.
func (r *reply) encoded() *reply {
	if r.value != nil {
		r.body, _ = json.Marshal(r.value)
		r.value = nil
	}
	return r
}

// htmlReply is the page of a web server that no handler of the application saw.
func htmlReply(status int) *reply {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return &reply{
		status: status,
		header: http.Header{"Content-Type": {"text/html;charset=utf-8"}},
		body:   []byte("<!doctype html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"),
	}
}

// violation is one mistake in a request. InvalidValue is always null, because
// the value might be a secret.
type violation struct {
	Path         string `json:"path"`
	Message      string `json:"message"`
	InvalidValue any    `json:"invalidValue"`
}

func badRequest(message string, violations ...violation) *reply {
	return jsonReply(http.StatusBadRequest, applicationError{
		Status: http.StatusBadRequest, Message: message, Instance: instance, ValidationErrors: violations,
	})
}

// notFound names a missing thing, such as an integration, in the words of the
// vendor's server.
func notFound(what, name string) *reply {
	return errorReply(http.StatusNotFound, "", "No such "+what+": "+name)
}

// forbidden refuses a write to an integration of [WithReadOnly].
func forbidden(name string) *reply {
	return errorReply(http.StatusForbidden, "", "no permission to update integration "+strconv.Quote(name))
}

// errorReply makes the vendor's error body, in the shape that fits the code.
func errorReply(status int, code, message string) *reply {
	if slices.Contains(authcode.All, code) {
		return jsonReply(status, map[string]string{"error": code, "message": message})
	}
	retryable := slices.Contains([]int{
		http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, status)
	return jsonReply(status, applicationError{
		Status: status, Code: code, Message: message, Instance: instance, Retryable: retryable,
	})
}

const instance = "fake"

// applicationError is the body of every error but a failed authentication.
type applicationError struct {
	Status           int         `json:"status"`
	Code             string      `json:"code,omitempty"`
	Message          string      `json:"message"`
	Instance         string      `json:"instance"`
	Retryable        bool        `json:"retryable"`
	ValidationErrors []violation `json:"validationErrors,omitempty"`
}
