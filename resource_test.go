package integrations_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// stub answers the requests of one operation with a fault, and every other
// request as usual.
type stub struct {
	op    in.Op
	fault func(attempt int64, r *http.Request) (*http.Response, error)
	// attempts counts the requests of the operation.
	attempts atomic.Int64
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	token := r.URL.Path == "/api/token"
	if token != (s.op == in.OpToken) {
		return reply(r, http.StatusOK, "[]"), nil
	}
	return s.fault(s.attempts.Add(1), r)
}

// call makes the operation once, with at most one retry. The token exchange is
// the one in front of ListProviders.
func (s *stub) call(ctx context.Context, t *testing.T, opts ...in.Option) (any, error) {
	t.Helper()
	tt := operations[s.op]
	if s.op == in.OpToken {
		tt = operations[in.OpListProviders]
		opts = append(opts, in.WithKeySecret("the-id", "the-secret"))
	}
	opts = append([]in.Option{in.WithHTTPClient(&http.Client{Transport: s}), in.WithRetry(in.RetryPolicy{MaxRetries: 1, MinWait: 1, MaxWait: 1})}, opts...)
	client, err := in.NewClient("https://cluster", opts...)
	require.NoError(t, err)
	return tt.call(ctx, client)
}

func reply(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: r}
}

// always answers every attempt alike.
func always(status int, h http.Header, body string) func(int64, *http.Request) (*http.Response, error) {
	return func(_ int64, r *http.Request) (*http.Response, error) {
		resp := reply(r, status, body)
		resp.Header = h.Clone()
		return resp, nil
	}
}

// forEachOp runs check for every operation.
func forEachOp(t *testing.T, check func(t *testing.T, op in.Op)) {
	t.Helper()
	for _, op := range in.Ops() {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			check(t, op)
		})
	}
}

// idempotent leaves out the operation that is never retried.
func idempotent(op in.Op) bool { return op != in.OpRecordEvents }

// Each of these answers is final: the operation asks once, and the error has the
// operation, the status and the sentinel.
func TestFinalAnswersOfEveryOperation(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		header http.Header
		body   string
		is     error
		want   string
	}{
		"no token": {401, nil, `{"error":"INVALID_TOKEN","message":"Token cannot be null or empty"}`, in.ErrUnauthorized, "(INVALID_TOKEN): Token cannot be null or empty"},
		"403":      {403, nil, `{"status":403,"message":"no access"}`, in.ErrForbidden, "status 403 Forbidden: no access"},
		"404":      {404, nil, `{"status":404,"message":"not here"}`, in.ErrNotFound, "status 404 Not Found: not here"},
		"429":      {429, header("Retry-After", "60"), "", in.ErrRateLimited, "retry after 1m0s"},
		"500":      {500, nil, "<html>canary", in.ErrServer, "status 500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachOp(t, func(t *testing.T, op in.Op) {
				s := &stub{op: op, fault: always(tt.status, tt.header, tt.body)}
				_, err := s.call(t.Context(), t)
				require.ErrorIs(t, err, tt.is)
				require.ErrorContains(t, err, "integrations: "+string(op)+": ")
				want := tt.want
				if op == in.OpRecordEvents { // it shows no text of the server
					want, _, _ = strings.Cut(want, ": ")
				}
				require.ErrorContains(t, err, want)
				require.NotContains(t, err.Error(), "canary")
				require.EqualValues(t, 1, s.attempts.Load())
				var api *in.APIError
				require.ErrorAs(t, err, &api)
				require.Equal(t, op, api.Op)
				require.Equal(t, tt.status, api.StatusCode)
			})
		})
	}
}

func TestA401OfEveryOperationNamesTheCredentialOptions(t *testing.T) {
	t.Parallel()
	forEachOp(t, func(t *testing.T, op in.Op) {
		if op == in.OpToken {
			return // it has credentials
		}
		_, err := (&stub{op: op, fault: always(401, nil, "")}).call(t.Context(), t)
		require.ErrorContains(t, err, "WithKeySecret")
	})
}

// A 404 says in words which thing is missing, or that the API is.
func TestA404SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	forEachOp(t, func(t *testing.T, op in.Op) {
		_, err := (&stub{op: op, fault: always(404, nil, `{"message":"gone"}`)}).call(t.Context(), t)
		want := operations[op].missing
		if op == in.OpToken { // its 404 does not mean a missing integration
			want = "check the server URL"
		}
		status := "status 404 Not Found: gone; "
		if op == in.OpRecordEvents { // it shows no text of the server
			status = "status 404 Not Found; "
		}
		require.EqualError(t, err, "integrations: "+string(op)+": "+status+want)
	})
}

// The same fault twice is an error after two attempts. Once, it is not noticed.
func TestPassingFaultsOfEveryOperation(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault func(*http.Request) (*http.Response, error)
		is    error
	}{
		"503":  {func(r *http.Request) (*http.Response, error) { return reply(r, 503, ""), nil }, in.ErrServer},
		"lost": {func(*http.Request) (*http.Response, error) { return nil, io.ErrClosedPipe }, io.ErrClosedPipe},
		"cut body": {func(r *http.Request) (*http.Response, error) {
			resp := reply(r, 200, "")
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`[{"name":`), iotest.ErrReader(io.ErrUnexpectedEOF)))
			return resp, nil
		}, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachOp(t, func(t *testing.T, op in.Op) {
				if !idempotent(op) {
					return
				}
				s := &stub{op: op, fault: func(_ int64, r *http.Request) (*http.Response, error) { return tt.fault(r) }}
				_, err := s.call(t.Context(), t)
				require.ErrorIs(t, err, tt.is)
				require.ErrorContains(t, err, "integrations: "+string(op)+": ")
				require.EqualValues(t, 2, s.attempts.Load())

				s = &stub{op: op, fault: func(attempt int64, r *http.Request) (*http.Response, error) {
					if attempt == 1 {
						return tt.fault(r)
					}
					return reply(r, http.StatusOK, body(t, op, "reply")), nil
				}}
				got, err := s.call(t.Context(), t)
				require.NoError(t, err)
				require.EqualValues(t, 2, s.attempts.Load())
				if op != in.OpToken {
					require.Empty(t, cmp.Diff(operations[op].want, got))
				}
			})
		})
	}
}

func TestHTMLIsNoSuccessOfAnyOperation(t *testing.T) {
	t.Parallel()
	forEachOp(t, func(t *testing.T, op in.Op) {
		s := &stub{op: op, fault: always(200, nil, "\n<html>canary</html>")}
		got, err := s.call(t.Context(), t)
		require.ErrorContains(t, err, "integrations: "+string(op)+": status 200 OK: ")
		require.ErrorContains(t, err, "HTML")
		require.NotContains(t, err.Error(), "canary")
		require.EqualValues(t, 1, s.attempts.Load())
		if got != nil { // a zero value, or a nil list
			text, err := json.Marshal(got)
			require.NoError(t, err)
			require.NotContains(t, string(text), "canary")
		}
	})
}

// A server that hangs is left as soon as the context ends.
func TestAContextEndsEveryOperation(t *testing.T) {
	t.Parallel()
	forEachOp(t, func(t *testing.T, op in.Op) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &stub{op: op, fault: func(_ int64, r *http.Request) (*http.Response, error) {
			cancel()
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		if op == in.OpToken { // the exchange has a context of its own, and the call does not wait for it
			s.fault = func(_ int64, r *http.Request) (*http.Response, error) {
				cancel()
				select {
				case <-r.Context().Done():
				case <-t.Context().Done():
				}
				return nil, io.ErrClosedPipe
			}
		}
		_, err := s.call(ctx, t)
		require.ErrorIs(t, err, context.Canceled)
		require.EqualValues(t, 1, s.attempts.Load())

		s.attempts.Store(0)
		_, err = s.call(ctx, t)
		require.ErrorIs(t, err, context.Canceled, "the context has ended before")
		require.Zero(t, s.attempts.Load())
	})
}

func TestCallsWithoutElementsSendNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	client, requests := answering(t, http.StatusOK, "")
	require.NoError(t, client.PutProviderTags(ctx, "p"))
	require.NoError(t, client.DeleteProviderTags(ctx, "p"))
	require.NoError(t, client.PutModelTags(ctx, "p", "m"))
	require.NoError(t, client.DeleteModelTags(ctx, "p", "m", []in.Tag{}...))
	require.NoError(t, client.RegisterDefinitions(ctx))
	require.NoError(t, client.RecordEvents(ctx, "kafka"))
	require.Empty(t, *requests)
}

func TestQueriesOfTheLists(t *testing.T) {
	t.Parallel()
	client, requests := answering(t, http.StatusOK, "[]")
	for _, tt := range []struct {
		want string
		call func(context.Context) error
	}{
		{"activeOnly=true", func(ctx context.Context) error { _, err := client.ListIntegrations(ctx); return err }},
		{"activeOnly=false", func(ctx context.Context) error {
			_, err := client.ListIntegrations(ctx, in.IncludeInactive())
			return err
		}},
		{"activeOnly=true&category=X+%26+Y", func(ctx context.Context) error {
			_, err := client.ListIntegrations(ctx, in.InCategory("X & Y"))
			return err
		}},
		{"activeOnly=true", func(ctx context.Context) error { _, err := client.ListRefs(ctx); return err }},
		{"activeOnly=true&type=MCP", func(ctx context.Context) error { _, err := client.ListRefs(ctx, in.InCategory("MCP")); return err }},
		{"activeOnly=true", func(ctx context.Context) error { _, err := client.ListModels(ctx, "p"); return err }},
		{"activeOnly=false", func(ctx context.Context) error {
			_, err := client.ListModels(ctx, "p", in.IncludeInactive())
			return err
		}},
		{"", func(ctx context.Context) error { _, err := client.ListAvailableModels(ctx, "p"); return err }},
		{"", func(ctx context.Context) error { _, err := client.ListTokenUsage(ctx, "p"); return err }},
		{"model=a%2Fb", func(ctx context.Context) error {
			_, err := client.ListTokenUsage(ctx, "p", in.OfModel("a/b"))
			return err
		}},
		{"lookUpWindow=7", func(ctx context.Context) error {
			_, err := client.ListTokenUsage(ctx, "p", in.WithinDays(7))
			return err
		}},
	} {
		*requests = nil
		require.NoError(t, tt.call(t.Context()))
		require.Len(t, *requests, 1)
		require.Equal(t, tt.want, (*requests)[0].Query)
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	client, requests := answering(t, http.StatusOK, "[]")
	for want, opt := range map[string]in.UsageOption{
		"integrations: model is empty":        in.OfModel(""),
		"integrations: days are not positive": in.WithinDays(0),
		"integrations: usage option 0 is nil": nil,
	} {
		_, err := client.ListTokenUsage(ctx, "p", opt)
		require.EqualError(t, err, want)
	}
	_, err := client.ListModels(ctx, "p", nil)
	require.EqualError(t, err, "integrations: list option 0 is nil")
	_, err = client.ListRefs(ctx, in.InCategory(""))
	require.EqualError(t, err, "integrations: category is empty")
	require.Empty(t, *requests)
}

// A misplaced option does not compile, because it lacks the method of the kind.
func TestOptionsBelongToTheirCalls(t *testing.T) {
	t.Parallel()
	_, models := in.InCategory("X").(in.ModelListOption)
	require.False(t, models, "InCategory with ListModels")
	var list in.ListOption = in.IncludeInactive()
	var model in.ModelListOption = in.IncludeInactive()
	require.NotNil(t, list)
	require.NotNil(t, model)
	_, usage := any(in.IncludeInactive()).(in.UsageOption)
	require.False(t, usage, "IncludeInactive with ListTokenUsage")
	_, save := any(in.InCategory("X")).(in.SaveOption)
	require.False(t, save, "InCategory with SaveAll")
}

func TestRef(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]in.Ref{
		"p:m":     {Provider: "p", Model: "m"},
		"p:m:7b":  {Provider: "p", Model: "m:7b"},
		"p":       {Provider: "p"},
		"p q:m/n": {Provider: "p q", Model: "m/n"},
	} {
		var got in.Ref
		require.NoError(t, got.UnmarshalText([]byte(text)))
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
		back, err := got.MarshalText()
		require.NoError(t, err)
		require.Equal(t, text, string(back))
	}
	var got in.Ref
	require.Error(t, got.UnmarshalText(nil))
	require.NoError(t, got.UnmarshalText([]byte(":m")), "nothing else is checked on the way in")
	require.Equal(t, in.Ref{Model: "m"}, got)
	require.NoError(t, got.UnmarshalText([]byte("p:")))
	require.Equal(t, in.Ref{Provider: "p"}, got)
	for _, ref := range []in.Ref{{}, {Model: "m"}, {Provider: "a:b"}, {Provider: "a:b", Model: "m"}} {
		_, err := ref.MarshalText()
		require.ErrorContains(t, err, "the provider of a Ref is empty or has a colon")
	}
}

func TestOpsIsACopy(t *testing.T) {
	t.Parallel()
	in.Ops()[0] = "changed"
	require.Equal(t, in.OpSaveAll, in.Ops()[0])
}

func TestEveryOperationWantsAClientOfNewClient(t *testing.T) {
	t.Parallel()
	for op, tt := range operations {
		_, err := tt.call(t.Context(), &in.Client{})
		require.EqualError(t, err, "integrations: this Client was not made by NewClient", op)
		_, err = tt.call(t.Context(), nil)
		require.EqualError(t, err, "integrations: this Client was not made by NewClient", op)
	}
}
