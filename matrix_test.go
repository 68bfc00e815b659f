package integrations_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// encounter is a situation on the server, and the result that the caller sees.
// Times pass in a bubble.
type encounter struct {
	fault    fake.Fault
	always   bool          // every request meets the fault, and not only the first request
	stranger bool          // the caller has no credentials, and there is no fault
	deadline time.Duration // of the caller's context; 0: none

	// want is the result of the call. once is the result of a call that is not
	// retried.
	want, once result
	attempts   int
	min, max   time.Duration // bounds of the time that the call takes
}

// result is the end of a call.
type result struct {
	status int   // 0: the error is no APIError
	is     error // nil: the call succeeds
	again  bool  // the error is Retryable
}

// errAny stands for an error without a sentinel of this package.
var errAny = errors.New("any error")

// The wait before the first retry is 0.5 to 1 s. Three waits are 3.5 to 7 s.
const (
	minWait, maxWait   = 500 * time.Millisecond, time.Second
	minWaits, maxWaits = 3500 * time.Millisecond, 7 * time.Second
	timeout            = 30 * time.Second // of an attempt
	deadline           = 5 * time.Second
)

// final is an encounter that ends the call at once.
func final(f fake.Fault, r result) encounter {
	return encounter{fault: f, want: r, once: r, attempts: 1}
}

// passing is an encounter that a retry overcomes.
func passing(f fake.Fault, once result) encounter {
	return encounter{fault: f, once: once, attempts: 2, min: minWait, max: maxWait}
}

// hanging is an encounter that lasts until the caller's context ends.
func hanging(f fake.Fault) encounter {
	e := final(f, result{is: context.DeadlineExceeded})
	e.deadline, e.min, e.max = deadline, deadline, deadline
	return e
}

// encounters has what every operation must bear.
func encounters() map[string]encounter {
	busy := result{status: 503, is: in.ErrServer, again: true}
	lost := result{is: errAny, again: true}
	unreadable := result{status: 200, is: errAny}
	cutOff := result{status: 200, is: errAny, again: true}
	return map[string]encounter{
		"no token": {stranger: true, want: result{status: 401, is: in.ErrUnauthorized}, once: result{status: 401, is: in.ErrUnauthorized}, attempts: 1},
		"403":      final(fake.Fault{Status: 403}, result{status: 403, is: in.ErrForbidden}),
		"404":      final(fake.Fault{Status: 404}, result{status: 404, is: in.ErrNotFound}),
		"HTML":     final(fake.Fault{RawBody: []byte("<html>canary</html>")}, unreadable),
		"429 with Retry-After": {
			fault: fake.Fault{Status: 429, Header: header("Retry-After", "20")}, once: result{status: 429, is: in.ErrRateLimited, again: true},
			attempts: 2, min: 20 * time.Second, max: 20 * time.Second,
		},
		"503":                         passing(fake.Fault{Status: 503}, busy),
		"503 after commit":            passing(fake.Fault{Status: 503, AfterCommit: true}, busy),
		"503 for good":                {fault: fake.Fault{Status: 503}, always: true, want: busy, once: busy, attempts: 4, min: minWaits, max: maxWaits},
		"lost reply before commit":    passing(fake.Fault{Drop: true}, lost),
		"lost reply after commit":     passing(fake.Fault{Drop: true, AfterCommit: true}, lost),
		"cut body":                    passing(fake.Fault{Truncate: true}, cutOff),
		"cut body after commit":       passing(fake.Fault{Truncate: true, AfterCommit: true}, cutOff),
		"hang until the context ends": hanging(fake.Fault{Delay: time.Hour}),
		"hang after commit until the context ends": hanging(fake.Fault{Delay: time.Hour, AfterCommit: true}),
		"hang until the attempt's timeout": {
			fault: fake.Fault{Delay: time.Hour}, once: result{is: context.DeadlineExceeded, again: true},
			attempts: 2, min: timeout + minWait, max: timeout + maxWait,
		},
	}
}

// of fits the encounter to an operation: without a retry there is no wait.
func (e encounter) of(op in.Op) encounter {
	if idempotent(op) {
		return e
	}
	if e.attempts > 1 {
		e.attempts, e.min, e.max = 1, 0, min(e.fault.Delay, timeout)
	}
	e.want = e.once
	return e
}

// Every operation of Ops meets every encounter. The error and the number of
// attempts are as documented, and what the call was to change is changed exactly
// once, or not at all.
func TestEveryOperationBearsEveryEncounter(t *testing.T) {
	t.Parallel()
	for name, e := range encounters() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachOp(t, func(t *testing.T, op in.Op) {
				synctest.Test(t, func(t *testing.T) { meet(t, op, e.of(op)) })
			})
		})
	}
}

// meet makes the call of op on a fake, and checks what becomes of the call and of
// the state.
func meet(t *testing.T, op in.Op, e encounter) {
	t.Helper()
	untouched := stateOf(t, matrixFake(t, op))
	srv := matrixFake(t, op)
	client := srv.Client()
	switch {
	case e.stranger:
		client = strangerTo(t, srv, op)
	case e.always:
		srv.FailAlways(op, e.fault)
	default:
		srv.FailNext(op, e.fault)
	}
	ctx := t.Context()
	if e.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.deadline)
		defer cancel()
	}
	begun := time.Now()
	_, err := matrixCall(t, op)(ctx, client)
	took := time.Since(begun)

	e.want.check(t, op, err)
	require.Len(t, srv.Requests(op), e.attempts)
	require.GreaterOrEqual(t, took, e.min)
	require.LessOrEqual(t, took, e.max)
	srv.ClearFaults()
	want := untouched
	if err == nil || e.fault.AfterCommit {
		want = carriedOut(t, op)
	}
	require.Equal(t, want, stateOf(t, srv))
}

// check holds an error against the result.
func (r result) check(t *testing.T, op in.Op, err error) {
	t.Helper()
	if r.is == nil {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	begins := "integrations: " + string(op) + ": "
	if op == in.OpToken && errors.Is(err, context.DeadlineExceeded) {
		begins = "integrations: ListProviders: waiting for a token: " // the exchange itself goes on
	}
	require.True(t, strings.HasPrefix(err.Error(), begins), err)
	require.NotContains(t, err.Error(), "canary")
	require.Equal(t, r.again, in.Retryable(err), err)
	if !errors.Is(r.is, errAny) {
		require.ErrorIs(t, err, r.is)
	}
	var api *in.APIError
	require.Equal(t, r.status != 0, errors.As(err, &api), err)
	if api != nil {
		require.Equal(t, op, api.Op)
		require.Equal(t, r.status, api.StatusCode)
		if api.StatusCode == http.StatusTooManyRequests {
			require.Equal(t, 20*time.Second, api.RetryAfter)
		}
	}
}

// matrixCall returns the call of op in the table of operations. The token
// exchange is the one in front of ListProviders.
func matrixCall(t *testing.T, op in.Op) func(context.Context, *in.Client) (any, error) {
	t.Helper()
	if op == in.OpToken {
		op = in.OpListProviders
	}
	tt, ok := operations[op]
	require.True(t, ok, "the table of operations lacks %s", op)
	return tt.call
}

// matrixFake starts a fake on which the call of op succeeds and, if op writes,
// changes something.
func matrixFake(t *testing.T, op in.Op) *fake.Server {
	t.Helper()
	srv := fake.Start(t, fake.WithClock(func() time.Time { return time.UnixMilli(1_777_623_244_640) }))
	srv.Put(openAI(func(i *in.Integration) {
		i.Name, i.Tags = "openAI", []in.Tag{{Key: "team", Value: "docs"}}
	}))
	srv.PutPrompts(in.Prompt{Name: "population-prompt", Template: "How many people live in ${country}?"})
	srv.PutDefinitions(in.Definition{Type: in.TypeOpenAI, Name: "OpenAI"}, in.Definition{Type: "sample_type", Name: "Sample"})
	srv.PutTokenUsage(in.TokenUsage{IntegrationName: "openAI", API: "gpt-4o", TotalTokens: 7, PeriodStart: 1_777_623_244_000})
	client := srv.Client()
	require.NoError(t, client.SaveTokenLimit(t.Context(), "openAI", in.TokenLimit{MaxTokens: 7, Period: in.LimitPeriodDay}))
	if op == in.OpDeleteModelTags {
		require.NoError(t, client.PutModelTags(t.Context(), "openAI", "gpt-4o", in.Tag{Key: "test", Value: "tag"}))
	}
	srv.TakeRequests()
	return srv
}

// strangerTo returns a client that sends no token. To the token exchange it
// sends a key pair that nobody has.
func strangerTo(t *testing.T, srv *fake.Server, op in.Op) *in.Client {
	t.Helper()
	if op == in.OpToken {
		return srv.Client(in.WithKeySecret("canary-nobody", "canary-secret"))
	}
	client, err := in.NewClient("http://fake", in.WithHTTPClient(&http.Client{Transport: srv.Transport()}))
	require.NoError(t, err)
	return client
}

// carriedOut returns the state after one call of op that met nothing.
func carriedOut(t *testing.T, op in.Op) string {
	t.Helper()
	srv := matrixFake(t, op)
	before := stateOf(t, srv)
	_, err := matrixCall(t, op)(t.Context(), srv.Client())
	require.NoError(t, err)
	after := stateOf(t, srv)
	require.Equal(t, writes(op), before != after, "%s must change the state if it writes", op)
	return after
}

// writes reports whether op changes the state of a server.
func writes(op in.Op) bool {
	return !strings.HasPrefix(string(op), "List") && !strings.HasPrefix(string(op), "Get") && op != in.OpToken
}

// stateOf returns all of the fake's state that a client can see, as JSON.
func stateOf(t *testing.T, srv *fake.Server) string {
	t.Helper()
	client := srv.Client()
	state := []any{srv.Integrations(), srv.Events()}
	for _, op := range []in.Op{
		in.OpListIntegrations, in.OpListModels, in.OpListProviderTags, in.OpListModelTags, in.OpListPrompts, in.OpListDefinitions, in.OpGetTokenLimit,
	} {
		got, err := operations[op].call(t.Context(), client)
		if !errors.Is(err, in.ErrNotFound) { // the operation may have removed it
			require.NoError(t, err)
		}
		state = append(state, got)
	}
	text, err := json.MarshalIndent(state, "", "\t")
	require.NoError(t, err)
	return string(text)
}
