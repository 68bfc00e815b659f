package plan_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

func TestFiftyReplicasConverge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const replicas = 50
		s := server(t, list(openAI(func(i *in.Integration) { i.Name = "theirs" })), clearSecrets)
		start := func() {
			var group sync.WaitGroup
			for n := range replicas {
				c := s.Client()
				group.Go(func() {
					time.Sleep(time.Duration(n%7) * time.Millisecond)
					if err := plan.Ensure(t.Context(), c, list(openAI())); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
		}
		s.FailAlways(in.OpSaveAll, fake.Fault{Delay: 3 * time.Millisecond})
		start()
		require.Len(t, s.Requests(in.OpListIntegrations), replicas)
		saves := s.Requests(in.OpSaveAll)
		require.NotEmpty(t, saves)
		require.LessOrEqual(t, len(saves), replicas)
		for _, save := range saves {
			require.Equal(t, string(saves[0].Body), string(save.Body), "every replica writes the same bytes")
		}
		s.TakeRequests()
		start()
		require.Empty(t, s.Requests(in.OpSaveAll))
		require.Len(t, s.Requests(in.OpListIntegrations), replicas)
		require.Len(t, s.Integrations(), 2)
	})
}

func TestEnsureSavesARotatedSecretThatTheServerMasks(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()))
	require.NoError(t, plan.Ensure(t.Context(), s.Client(), list(openAI(set(in.KeyAPIKey, "sk-rotated")))))
	s.AssertSaved(t, openAI(set(in.KeyAPIKey, "sk-rotated")))
	require.Equal(t, []in.Op{in.OpListIntegrations, in.OpSaveAll}, ops(s))
}

func TestEnsureRemovesNoHiddenModelToRewriteASecret(t *testing.T) {
	t.Parallel()
	live := openAI(func(i *in.Integration) {
		i.APIs = append(i.APIs, in.IntegrationAPI{API: "gpt-5", Description: "GPT-5", Enabled: in.Bool(true)})
	})
	s := server(t, list(live), fake.WithBehaviour(fake.Behaviour{InactiveHidden: true}))
	file := openAI(func(i *in.Integration) { i.APIs = []in.IntegrationAPI{{API: "gpt-5", Description: "GPT-5"}} })
	require.NoError(t, plan.Ensure(t.Context(), s.Client(), list(file)))
	require.Equal(t, []in.Op{in.OpListIntegrations}, ops(s))
	s.AssertSaved(t, live)

	require.NoError(t, plan.Ensure(t.Context(), s.Client(), list(file, openAI(func(i *in.Integration) { i.Name = "new" }))))
	require.Len(t, sent(t, s), 1, "the rest is saved all the same")
}

func TestEnsureDoesNotDelete(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	for _, opts := range [][]plan.Option{{plan.Owner("a"), plan.Prune(1)}, {plan.Prune(1)}, {plan.Owner("a"), plan.CreateOnly(), plan.Prune(1)}} {
		err := plan.Ensure(t.Context(), s.Client(), list(openAI()), opts...)
		require.ErrorContains(t, err, "Ensure does not delete")
	}
	require.Empty(t, s.Requests())
}

func TestEnsureWithCreateOnlyLeavesANewerReleaseAlone(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(set(in.KeyEndpoint, "https://new"))))
	file := list(openAI(), openAI(func(i *in.Integration) { i.Name = "second" }))
	require.NoError(t, plan.Ensure(t.Context(), s.Client(), file, plan.CreateOnly()))
	s.AssertSaved(t, openAI(set(in.KeyEndpoint, "https://new")), file[1])
	p := newPlan(t, s.Client(), file, plan.CreateOnly())
	require.Equal(t, []string{"2 existing were left alone and not compared"}, p.Notes())
}

func TestEnsureReportsConflicts(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(owned("b"))))
	require.ErrorIs(t, plan.Ensure(t.Context(), s.Client(), list(openAI()), plan.Owner("a")), plan.ErrOwner)
	require.ErrorContains(t, plan.Ensure(t.Context(), s.Client(), list(openAI()), nil), "option 0 is nil")
	require.ErrorIs(t, plan.Ensure(t.Context(), s.Client(), list(openAI(func(i *in.Integration) { i.Name = "" }))), in.ErrMissing)
}
