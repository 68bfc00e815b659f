package plan_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

func TestOwnersAreRespected(t *testing.T) {
	t.Parallel()
	ours := plan.Owner("payments")
	for _, row := range []struct {
		name     string
		live     in.Integration
		opts     []plan.Option
		conflict error
		fields   []string
	}{
		{"ours", openAI(owned("payments")), []plan.Option{ours}, nil, nil},
		{"another's", openAI(owned("web")), []plan.Option{ours}, plan.ErrOwner, nil},
		{"another's is not adopted", openAI(owned("web")), []plan.Option{ours, plan.Adopt()}, plan.ErrOwner, nil},
		{"a longer name", openAI(owned("payments-2")), []plan.Option{ours}, plan.ErrOwner, nil},
		{"two owners", openAI(owned("payments", "web")), []plan.Option{ours, plan.Adopt()}, plan.ErrOwner, nil},
		{"no owner", openAI(), []plan.Option{ours}, plan.ErrUnowned, nil},
		{"adopted", openAI(), []plan.Option{ours, plan.Adopt()}, nil, []string{"+ tags[iac-owner] new=payments"}},
		{"left alone", openAI(owned("web")), []plan.Option{ours, plan.CreateOnly()}, nil, nil},
		{"no one asks", openAI(owned("web")), nil, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, list(row.live), clearSecrets)
			p := newPlan(t, s.Client(), list(openAI()), row.opts...)
			require.Equal(t, row.conflict == nil && row.fields == nil, p.Empty())
			for _, c := range p.Conflicts() {
				require.ErrorIs(t, c.Err, row.conflict)
			}
			for _, c := range p.Changes() {
				require.Equal(t, row.fields, lines(c.Fields))
			}
			err := p.Apply(t.Context())
			require.ErrorIs(t, err, row.conflict)
			saved, _ := s.Integration("openai")
			if row.fields != nil {
				require.Equal(t, openAI(owned("payments")).Tags, saved.Tags)
			} else {
				require.Equal(t, row.live.Tags, saved.Tags)
			}
		})
	}
}

func TestAllConflictsComeAtOnce(t *testing.T) {
	t.Parallel()
	other := openAI(owned("web"), func(i *in.Integration) { i.Name, i.Type = "b", in.TypeGrok })
	stale := openAI(owned("a"), func(i *in.Integration) { i.Name = "stale" })
	s := server(t, list(openAI(), other, stale), clearSecrets)
	want := list(openAI(func(i *in.Integration) { i.Name = "b" }), openAI(), openAI(func(i *in.Integration) { i.Name = "new" }))
	p := newPlan(t, s.Client(), want, plan.Owner("a"), plan.Prune(0))
	require.Equal(t, "create new, delete stale", names(p.Changes()))
	err := p.Apply(t.Context())
	var conflicts *plan.ConflictError
	require.ErrorAs(t, err, &conflicts)
	require.Equal(t, p.Conflicts(), conflicts.Conflicts)
	for _, want := range []error{plan.ErrLimit, plan.ErrOwner, plan.ErrType, plan.ErrUnowned} {
		require.ErrorIs(t, err, want)
	}
	require.EqualError(t, err, `plan: nothing was sent, conflicts: 4
	1 would be deleted, and the limit is 0
	b: it belongs to web, not to a; leave it out of the file, or remove its tag iac-owner first
	b: its type is grok and cannot become openai; give the new integration another name
	openai: it exists and has no owner; adopt it to take it over`)
	require.Empty(t, s.Requests(in.OpSaveAll, in.OpDeleteProvider))
	require.ErrorAs(t, p.Apply(t.Context()), &conflicts, "a refused plan was not applied")
}

func TestErrorsQuoteOddNames(t *testing.T) {
	t.Parallel()
	conflicts := &plan.ConflictError{Conflicts: []plan.Conflict{{Name: "a\nb", Reason: "r"}}}
	require.EqualError(t, conflicts, "plan: nothing was sent, conflicts: 1\n\t\"a\\nb\": r")
	require.Empty(t, conflicts.Unwrap())
	failed := &plan.ApplyError{Stage: "delete", Deleted: []string{"a\nb"}}
	require.EqualError(t, failed, `plan: the delete failed, after deleting "a\nb"; a new plan holds what is left to do`)
}

func TestARunWithoutAnOwnerKeepsTheOwnerTag(t *testing.T) {
	t.Parallel()
	for name, tags := range map[string][]in.Tag{"tags of the file": {{Key: "team", Value: "new"}}, "live tags": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server(t, list(openAI(owned("payments"))), clearSecrets)
			want := openAI(set(in.KeyAPIKey, "sk-2"), func(i *in.Integration) { i.Tags = tags })
			require.NoError(t, newPlan(t, s.Client(), list(want)).Apply(t.Context()))
			saved, _ := s.Integration("openai")
			require.Contains(t, saved.Tags, in.Tag{Key: "iac-owner", Value: "payments"})
			require.Len(t, saved.Tags, 2)
		})
	}
}

func TestOrphansAreNotesUnlessTheyArePruned(t *testing.T) {
	t.Parallel()
	orphan := openAI(owned("a"), func(i *in.Integration) { i.Name = "orphan" })
	double := openAI(owned("a", "b"), func(i *in.Integration) { i.Name = "double" })
	others := openAI(owned("b"), func(i *in.Integration) { i.Name = "others" })
	free := openAI(func(i *in.Integration) { i.Name = "free" })
	s := server(t, list(openAI(owned("a")), orphan, double, others, free), clearSecrets)

	p := newPlan(t, s.Client(), list(openAI()), plan.Owner("a"))
	require.True(t, p.Empty())
	require.Equal(t, []string{
		"double: is not in the file, has more than one tag iac-owner and stays",
		"orphan: is owned by a, is not in the file and stays",
	}, p.Notes())
	require.Empty(t, newPlan(t, s.Client(), list(openAI())).Notes(), "without an owner there are no orphans")

	p = newPlan(t, s.Client(), list(openAI()), plan.Owner("a"), plan.Prune(1))
	require.Equal(t, "delete orphan", names(p.Changes()))
	require.NoError(t, p.Apply(t.Context()))
	s.AssertSaved(t, openAI(owned("a")), double, others, free)
}

func TestADeleteLooksASecondTime(t *testing.T) {
	t.Parallel()
	named := func(name string, owners ...string) in.Integration {
		return openAI(owned(owners...), func(i *in.Integration) { i.Name = name })
	}
	s := server(t, list(named("gone", "a"), named("kept", "a"), named("last", "a"), named("shared", "a"), named("taken", "a")), clearSecrets)
	p := newPlan(t, s.Client(), list(openAI()), plan.Owner("a"), plan.Prune(5))
	c := s.Client()
	require.NoError(t, c.DeleteProvider(t.Context(), "gone"))
	require.NoError(t, c.PutProviderTags(t.Context(), "shared", in.Tag{Key: "iac-owner", Value: "b"}))
	require.NoError(t, c.DeleteProviderTags(t.Context(), "taken", in.Tag{Key: "iac-owner", Value: "a"}))
	s.TakeRequests()

	err := p.Apply(t.Context())
	var failed *plan.ApplyError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, plan.ErrChanged)
	require.Equal(t, "delete", failed.Stage)
	require.Equal(t, []string{"kept", "last"}, failed.Deleted)
	require.Equal(t, []in.Op{in.OpSaveAll, in.OpListIntegrations, in.OpDeleteProvider, in.OpDeleteProvider}, ops(s))
	require.EqualError(t, err, "plan: the delete failed, after deleting kept, last: "+
		"shared, taken: changed since the plan was made, and not deleted; a new plan holds what is left to do")
}

func TestAnIntegrationThatWasSavedSinceThePlanIsNotDeleted(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := server(t, nil, clearSecrets, fake.WithClock(c.now))
	s.Put(openAI(owned("a")))
	p := newPlan(t, s.Client(), list(openAI(func(i *in.Integration) { i.Name = "new" })), plan.Owner("a"), plan.Prune(1))
	s.Put(openAI(owned("a")))
	require.ErrorIs(t, p.Apply(t.Context()), plan.ErrChanged)
	_, found := s.Integration("openai")
	require.True(t, found)
}

func TestPruneNeverTakesWhatIsDesired(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(owned("a"))), fake.WithBehaviour(fake.Behaviour{ClearSecrets: true, DropTags: true}))
	p := newPlan(t, s.Client(), list(openAI(set(in.KeyAPIKey, "sk-2"))), plan.Owner("a"), plan.Prune(9))
	require.Equal(t, "update openai", names(p.Changes()))
}

// A server may merge tags as pairs, and list a pair twice.
func TestAnOwnerTagThatIsListedTwiceIsOneOwner(t *testing.T) {
	t.Parallel()
	twice := listing(`[{"name": "mail", "type": "sendgrid", "tags": [{"key": "iac-owner", "value": "a"}, {"key": "iac-owner", "value": "a"}]}]`)
	c, err := in.NewClient("http://fake", in.WithHTTPClient(&http.Client{Transport: twice}))
	require.NoError(t, err)
	p := newPlan(t, c, list(in.Integration{Name: "mail", Type: in.TypeSendGrid}), plan.Owner("a"))
	require.True(t, p.Empty(), p)
}
