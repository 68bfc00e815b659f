package plan_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

var once = in.WithRetry(in.RetryPolicy{MaxRetries: 0})

// A run of this scenario lists, saves, lists again and deletes twice.
func scenario() (live, desired []in.Integration, opts []plan.Option) {
	named := func(name string, change ...func(*in.Integration)) in.Integration {
		return openAI(append(change, func(i *in.Integration) { i.Name = name })...)
	}
	live = list(named("changed", owned("a")), named("old-1", owned("a")), named("old-2", owned("a")),
		named("same", owned("a")), named("theirs", owned("b")), named("free"))
	desired = list(named("changed", set(in.KeyEndpoint, "https://eu")), named("new"), named("same"))
	return live, desired, []plan.Option{plan.Owner("a"), plan.Prune(2), anyFile}
}

func TestASecondRunFinishesWhatAFaultStopped(t *testing.T) {
	t.Parallel()
	faults := map[string]fake.Fault{
		"before the commit":          {Status: http.StatusInternalServerError},
		"after the commit":           {Status: http.StatusInternalServerError, AfterCommit: true},
		"forbidden":                  {Status: http.StatusForbidden},
		"too large":                  {Status: http.StatusRequestEntityTooLarge},
		"cut before the commit":      {Truncate: true, RawBody: []byte("<html>")},
		"cut after the commit":       {Truncate: true, RawBody: []byte("<html>"), AfterCommit: true},
		"dropped":                    {Drop: true},
		"dropped after the commit":   {Drop: true, AfterCommit: true},
		"a page after the commit":    {RawBody: []byte("<html>"), AfterCommit: true},
		"rate limited, with no wait": {Status: http.StatusTooManyRequests},
	}
	steps := []struct {
		op    in.Op
		skip  int
		stage string // empty: there is no plan
	}{
		{in.OpListIntegrations, 0, ""}, {in.OpSaveAll, 0, "save"}, {in.OpListIntegrations, 1, "read"},
		{in.OpDeleteProvider, 0, "delete"}, {in.OpDeleteProvider, 1, "delete"},
	}
	for name, fault := range faults {
		for _, step := range steps {
			t.Run(fmt.Sprintf("%s %d %s", step.op, step.skip, name), func(t *testing.T) {
				t.Parallel()
				live, desired, opts := scenario()
				s := server(t, live, clearSecrets)
				c := s.Client(once)
				s.FailNext(step.op, append(make([]fake.Fault, step.skip), fault)...)
				p, err := plan.New(t.Context(), c, desired, opts...)
				if step.stage == "" {
					require.Error(t, err)
					require.Nil(t, p)
				} else {
					require.NoError(t, err)
					requireFailure(t, s, p.Apply(t.Context()), step.stage, step.skip, fault)
					require.ErrorIs(t, p.Apply(t.Context()), plan.ErrApplied)
				}
				p, err = plan.New(t.Context(), c, desired, opts...)
				require.NoError(t, err)
				require.NoError(t, p.Apply(t.Context()))
				p, err = plan.New(t.Context(), c, desired, opts...)
				require.NoError(t, err)
				require.True(t, p.Empty(), p)
				for i := range desired {
					owned("a")(&desired[i])
				}
				s.AssertSaved(t, append(desired, live[4], live[5])...)
			})
		}
	}
}

// requireFailure holds err against the stage at which a fault came.
func requireFailure(t *testing.T, s *fake.Server, err error, stage string, deletes int, fault fake.Fault) {
	t.Helper()
	var failed *plan.ApplyError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, stage, failed.Stage)
	if fault.Status != 0 {
		var answer *in.APIError
		require.ErrorAs(t, err, &answer)
		require.Equal(t, fault.Status, answer.StatusCode)
	}
	seen := s.Requests(in.OpDeleteProvider)
	switch stage {
	case "delete":
		require.Len(t, seen, deletes+1, "nothing is deleted after a delete that failed")
		require.Len(t, failed.Deleted, deletes)
	default:
		require.Empty(t, seen)
		require.Empty(t, failed.Deleted)
	}
}

func TestADeleteThatIsRetriedAndMeetsNotFoundIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		live, desired, opts := scenario()
		s := server(t, live, clearSecrets)
		p, err := plan.New(t.Context(), s.Client(), desired, opts...)
		require.NoError(t, err)
		s.FailNext(in.OpDeleteProvider, fake.Fault{Drop: true, AfterCommit: true})
		require.NoError(t, p.Apply(t.Context()))
		require.Len(t, s.Requests(in.OpDeleteProvider), 3)
		require.Len(t, s.Integrations(), 5)
	})
}

func TestADeleteThatMeetsNotFoundIsDone(t *testing.T) {
	t.Parallel()
	live, desired, opts := scenario()
	s := server(t, live, clearSecrets)
	p, err := plan.New(t.Context(), s.Client(), desired, opts...)
	require.NoError(t, err)
	s.FailNext(in.OpDeleteProvider, fake.Fault{Status: http.StatusNotFound})
	require.NoError(t, p.Apply(t.Context()))
	require.Len(t, s.Requests(in.OpDeleteProvider), 2)
}

func TestAContextThatEndsMatches(t *testing.T) {
	t.Parallel()
	for _, op := range []in.Op{in.OpSaveAll, in.OpDeleteProvider} {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				live, desired, opts := scenario()
				s := server(t, live, clearSecrets)
				p, err := plan.New(t.Context(), s.Client(), desired, opts...)
				require.NoError(t, err)
				s.FailNext(op, fake.Fault{Delay: time.Hour})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err = p.Apply(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				var failed *plan.ApplyError
				require.ErrorAs(t, err, &failed)
			})
		})
	}
}

func TestAFaultAfterAStaleDeleteNamesBoth(t *testing.T) {
	t.Parallel()
	live, desired, opts := scenario()
	s := server(t, live, clearSecrets)
	c := s.Client(once)
	p, err := plan.New(t.Context(), c, desired, opts...)
	require.NoError(t, err)
	require.NoError(t, c.PutProviderTags(t.Context(), "old-1", in.Tag{Key: "iac-owner", Value: "b"}))
	s.FailNext(in.OpDeleteProvider, fake.Fault{Status: http.StatusForbidden})
	err = p.Apply(t.Context())
	require.ErrorIs(t, err, plan.ErrChanged)
	require.ErrorIs(t, err, in.ErrForbidden)
}

func TestARunAfterABatchThatWasAppliedInPartFinishesIt(t *testing.T) {
	t.Parallel()
	live, desired, opts := scenario()
	s := server(t, live, fake.WithReadOnly("new"), fake.WithBehaviour(fake.Behaviour{ClearSecrets: true, PartialSaves: true}))
	p, err := plan.New(t.Context(), s.Client(), desired, opts...)
	require.NoError(t, err)
	require.Equal(t, "update changed, create new, delete old-1, delete old-2", names(p.Changes()))
	require.ErrorIs(t, p.Apply(t.Context()), in.ErrForbidden)
	p, err = plan.New(t.Context(), s.Client(), desired, opts...)
	require.NoError(t, err)
	require.Equal(t, "create new, delete old-1, delete old-2", names(p.Changes()))
}
