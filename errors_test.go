package integrations_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestAPIErrorMatchesByStatus(t *testing.T) {
	t.Parallel()
	sentinels := []error{in.ErrBadRequest, in.ErrUnauthorized, in.ErrForbidden, in.ErrNotFound, in.ErrRateLimited, in.ErrServer}
	for status, want := range map[int]error{
		400: in.ErrBadRequest, 401: in.ErrUnauthorized, 403: in.ErrForbidden, 404: in.ErrNotFound,
		429: in.ErrRateLimited, 500: in.ErrServer, 503: in.ErrServer, 599: in.ErrServer, 0: nil, 200: nil, 302: nil, 418: nil,
	} {
		err := fmt.Errorf("wrapped: %w", &in.APIError{StatusCode: status})
		for _, sentinel := range sentinels {
			require.Equal(t, sentinel == want, errors.Is(err, sentinel), "%d %v", status, sentinel)
		}
	}
}

// An APIError that a test makes by hand prints and unwraps like any other.
func TestAPIErrorByHand(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*in.APIError{
		"integrations: : status 0": {},
		"integrations: SaveAll: status 403 Forbidden: no; check the permissions of the credentials' owner": {Op: in.OpSaveAll, StatusCode: 403, Message: "no"},
		"integrations: ListProviders: status 503 Service Unavailable":                                      {Op: in.OpListProviders, StatusCode: 503, Message: "Service Unavailable"},
		"integrations: ListProviders: status 299":                                                          {Op: in.OpListProviders, StatusCode: 299},
		"integrations: Token: status 429 Too Many Requests (SLOW): wait; retry after 3s": {
			Op: in.OpToken, StatusCode: 429, Code: "SLOW", Message: "wait", RetryAfter: 3 * time.Second,
		},
		"integrations: SaveAll: status 302 Found: " + in.ErrRedirect.Error(): {Op: in.OpSaveAll, StatusCode: 302, Err: in.ErrRedirect},
	} {
		require.EqualError(t, err, want)
	}
	require.ErrorIs(t, &in.APIError{Err: in.ErrRedirect}, in.ErrRedirect)
	require.NoError(t, (&in.APIError{}).Unwrap())
}

func TestValidationErrorByHand(t *testing.T) {
	t.Parallel()
	err := &in.ValidationError{Problems: []in.Problem{{Index: 2, Name: "n", Field: "f", Reason: "r"}, {Err: in.ErrMissing}}}
	require.EqualError(t, err, "integrations: nothing was sent, problems in the batch: 2\n\tintegration 2 \"n\": f: r\n\tintegration 0 \"\": : ")
	require.ErrorIs(t, err, in.ErrMissing)
	require.NotErrorIs(t, err, in.ErrDuplicate)
	require.EqualError(t, &in.ValidationError{}, "integrations: nothing was sent, problems in the batch: 0")
}

// talkative is a foreign error that prints a secret under every verb but its text.
type talkative struct{ Token string }

func (talkative) Error() string                { return "cannot connect" }
func (t talkative) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s", t.Token) }

// An error of ours prints the same text under every verb, whatever its causes do.
func TestErrorsPrintTheSameUnderEveryVerb(t *testing.T) {
	t.Parallel()
	foreign := talkative{"canary"}
	failing := func(*http.Request) (*http.Response, error) { return nil, foreign }
	breaking := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(iotest.ErrReader(foreign))}, nil
	}
	redirecting := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 302, Header: header("Location", "https://host/canary")}, nil
	}
	var errs []error
	for _, trip := range []roundTrip{failing, breaking, redirecting} {
		client, err := in.NewClient("https://cluster", in.WithToken("canary"), in.WithHTTPClient(&http.Client{Transport: trip}), in.WithRetry(in.RetryPolicy{}))
		require.NoError(t, err)
		err = list(t.Context(), client)
		require.Error(t, err)
		errs = append(errs, err)
		if api := (*in.APIError)(nil); errors.As(err, &api) {
			errs = append(errs, api.Err)
		}
	}
	errs = append(errs, in.Validate([]in.Integration{{}}), &in.APIError{StatusCode: 400, Err: fmt.Errorf("cannot %s", "connect")})
	for _, err := range errs {
		for _, verb := range "vsqdtecUxXbopTfg" {
			for _, flag := range []string{"", "+", "#"} {
				if verb == 'T' || verb == 'p' {
					continue // they print the type and the address, and ask nobody
				}
				require.Equal(t, err.Error(), fmt.Sprintf("%"+flag+string(verb), err))
			}
		}
		require.NotContains(t, err.Error(), "canary")
	}
}

// An error after retries says how many attempts were made.
func TestErrorsCountTheAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for want, trip := range map[string]roundTrip{
			"integrations: ListProviders: Get \"https://cluster/api/integrations/provider?activeOnly=true\": connection refused; after 4 attempts": func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED },
			"integrations: ListProviders: status 503 Service Unavailable; after 4 attempts":                                                        func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 503}, nil },
			"integrations: ListProviders: status 500 Internal Server Error":                                                                        func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 500}, nil },
		} {
			client, err := in.NewClient("https://cluster", in.WithHTTPClient(&http.Client{Transport: trip}))
			require.NoError(t, err)
			require.EqualError(t, list(t.Context(), client), want)
		}
		srv := fake.Start(t)
		srv.FailAlways(in.OpListProviders, fake.Fault{Status: 503, Header: header("Retry-After", "10")})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		require.EqualError(t, list(ctx, srv.Client()), "integrations: ListProviders: context canceled; the last attempt: "+
			"ListProviders: status 503 Service Unavailable; retry after 10s; after 1 attempt")
	})
}

// The documented answers, as a caller sees them.
func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	t.Run("400", func(t *testing.T) {
		t.Parallel()
		srv := fake.Start(t)
		client := srv.Client()
		require.NoError(t, client.SaveAll(t.Context(), []in.Integration{openAI()}))
		err := client.SaveAll(t.Context(), []in.Integration{openAI(func(i *in.Integration) { i.Type = in.TypePerplexity })})
		require.ErrorIs(t, err, in.ErrBadRequest)
		require.ErrorContains(t, err, "integrations: SaveAll: status 400 Bad Request: ")
	})
	t.Run("401", func(t *testing.T) {
		t.Parallel()
		srv := fake.Start(t)
		err := srv.Client(in.WithKeySecret("wrong", "pair")).SaveAll(t.Context(), []in.Integration{openAI()})
		require.ErrorIs(t, err, in.ErrUnauthorized)
		var api *in.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, in.OpToken, api.Op)
	})
	t.Run("403", func(t *testing.T) {
		t.Parallel()
		srv := fake.Start(t, fake.WithReadOnly("main"))
		err := srv.Client().SaveAll(t.Context(), []in.Integration{openAI()})
		require.ErrorIs(t, err, in.ErrForbidden)
		require.Len(t, srv.Requests(in.OpSaveAll), 1)
	})
	t.Run("any other", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{201, 204, 304, 300, 402, 405, 409, 413, 418, 500, 599} {
			srv := fake.Start(t)
			srv.FailNext(in.OpSaveAll, fake.Fault{Status: status, RawBody: []byte{}})
			err := srv.Client().SaveAll(t.Context(), []in.Integration{openAI()})
			if status < 300 {
				require.NoError(t, err)
				continue
			}
			var api *in.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, status, api.StatusCode)
			require.ErrorContains(t, err, http.StatusText(status))
		}
	})
}

// What Validate lets through, the fake saves and lists, as long as it is JSON's.
func FuzzSaveAll(f *testing.F) {
	for _, file := range []string{"save_batch.json", "save_openai.json", "save_anthropic.json"} {
		f.Add([]byte(golden(f, file)), true)
	}
	f.Add([]byte(`[{"name":"a","type":"aws","configuration":{"connectionType":"ACCESS_KEY","region":"r","user":"u","api_key":1}}]`), true)
	f.Add([]byte(`[{"name":"é","type":"t","tags":[{"key":"k"}],"apis":[{"api":"m","description":"d"}]}]`), false)
	f.Fuzz(func(t *testing.T, body []byte, strict bool) {
		var items []in.Integration
		if json.Unmarshal(body, &items) != nil {
			return
		}
		mode := in.Lenient
		if strict {
			mode = in.Strict
		}
		srv := fake.NewServer()
		defer srv.Close()
		client := srv.Client(in.WithRetry(in.RetryPolicy{}))
		invalid := in.Validate(items, in.WithValidation(mode))
		err := client.SaveAll(t.Context(), items, in.WithValidation(mode))
		if invalid != nil {
			require.Equal(t, invalid, err)
			require.Empty(t, srv.Requests())
			return
		}
		if err != nil { // the fake knows the page's types only
			require.False(t, strict, err)
			require.ErrorIs(t, err, in.ErrBadRequest)
			return
		}
		require.Len(t, srv.Integrations(), len(items))
		got, err := client.ListProviders(t.Context(), in.IncludeInactive())
		require.NoError(t, err)
		require.Len(t, got, len(items))
		for _, item := range items {
			saved, ok := srv.Integration(item.Name)
			require.True(t, ok)
			require.Equal(t, item.Type, saved.Type)
		}
	})
}
