package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// forWorlds calls f with every random world and a cluster that has its live side.
func forWorlds(t *testing.T, f func(t *testing.T, w *world, s *fake.Server, c *in.Client)) {
	t.Helper()
	for n := range *runs {
		w := newWorld(n)
		s := fake.NewServer(fake.WithBehaviour(w.behaviour), fake.WithUnknownTypes(), fake.WithClock(newClock().now))
		s.Put(w.live...)
		ok := t.Run(fmt.Sprintf("world %d", n), func(t *testing.T) { f(t, w, s, s.Client(once)) })
		s.Close()
		if !ok {
			return
		}
	}
}

// state returns what s has, by name.
func state(s *fake.Server) map[string]in.Integration {
	all := map[string]in.Integration{}
	for _, item := range s.Integrations() {
		all[item.Name] = item
	}
	return all
}

func text(value any) string {
	body, _ := json.Marshal(value)
	return string(body)
}

// refused reports whether Apply may return err before it sends.
func refused(err error) bool {
	var conflicts *plan.ConflictError
	return errors.As(err, &conflicts) || errors.Is(err, in.ErrMaskedSecret)
}

func TestPropertyNewOnlyReads(t *testing.T) {
	t.Parallel()
	forWorlds(t, func(t *testing.T, w *world, s *fake.Server, c *in.Client) {
		before := text(s.Integrations())
		s.TakeRequests()
		p := newPlan(t, c, w.desired, w.opts...)
		requests := s.Requests(in.OpListIntegrations)
		require.Len(t, requests, 1)
		require.Equal(t, "false", requests[0].Query.Get("activeOnly"))
		require.Equal(t, []in.Op{in.OpListIntegrations}, ops(s))
		require.Equal(t, before, text(s.Integrations()))
		require.Equal(t, len(p.Changes()) == 0 && len(p.Conflicts()) == 0, p.Empty())
		require.Equal(t, p.String(), newPlan(t, c, w.desired, w.opts...).String(), "a plan is a pure function")
		for _, change := range p.Changes() {
			require.True(t, change.Action != plan.Update || len(change.Fields) > 0, "every update has a field")
			require.False(t, w.createOnly && change.Action != plan.Create, "CreateOnly never updates")
		}
	})
}

func TestPropertyApplyChangesOnlyWhatThePlanShows(t *testing.T) {
	t.Parallel()
	forWorlds(t, func(t *testing.T, w *world, s *fake.Server, c *in.Client) {
		before := state(s)
		p := newPlan(t, c, w.desired, w.opts...)
		s.TakeRequests()
		err := p.Apply(t.Context())
		if len(p.Conflicts()) > 0 || err != nil {
			require.True(t, refused(err), err)
			require.Empty(t, ops(s), "nothing is sent")
			require.Equal(t, text(before), text(state(s)))
			return
		}
		requireRequests(t, p, ops(s))
		requireOnlyShown(t, w, before, state(s), p)
	})
}

// requireRequests holds the requests of an Apply against its plan.
func requireRequests(t *testing.T, p *plan.Plan, seen []in.Op) {
	t.Helper()
	var want []in.Op
	deletes := 0
	for _, c := range p.Changes() {
		if c.Action == plan.Delete {
			deletes++
		}
	}
	if len(p.Changes()) > deletes {
		want = append(want, in.OpSaveAll)
	}
	if deletes > 0 {
		want = append(want, in.OpListIntegrations)
		want = append(want, slices.Repeat([]in.Op{in.OpDeleteProvider}, deletes)...)
	}
	require.Equal(t, want, seen)
}

// requireOnlyShown holds the state after one or more plans against the state
// before.
func requireOnlyShown(t *testing.T, w *world, before, after map[string]in.Integration, plans ...*plan.Plan) {
	t.Helper()
	actions, shown, notes := map[string]plan.Action{}, map[string][]string{}, ""
	for _, p := range plans {
		for _, c := range p.Changes() {
			if actions[c.Name] != plan.Create {
				actions[c.Name] = c.Action
			}
			for _, f := range c.Fields {
				shown[c.Name] = append(shown[c.Name], f.Path)
			}
		}
		notes += strings.Join(p.Notes(), "\n") + "\n"
	}
	for name, old := range before {
		now, exists := after[name]
		switch actions[name] {
		case plan.Delete:
			require.True(t, w.prune && soleOwner(old.Tags) && !desires(w, name), "%s must not be deleted", name)
		case plan.Update:
			require.True(t, exists)
			requireUpdate(t, w, old, now, func(path string) bool {
				return slices.Contains(shown[name], path) || strings.Contains(notes, name+": "+path+" ")
			})
		default:
			require.Equal(t, text(old), text(now), "%s is not in the plan", name)
		}
	}
	for name := range after {
		_, existed := before[name]
		require.True(t, existed || actions[name] == plan.Create, "%s is not in the plan", name)
	}
}

func soleOwner(tags []in.Tag) bool {
	var owners []string
	for _, tag := range tags {
		if tag.Key == "iac-owner" {
			owners = append(owners, tag.Value)
		}
	}
	return len(owners) == 1 && owners[0] == "us"
}

func desires(w *world, name string) bool {
	return slices.ContainsFunc(w.desired, func(i in.Integration) bool { return i.Name == name })
}

// requireUpdate compares an updated integration with the earlier integration.
func requireUpdate(t *testing.T, w *world, old, now in.Integration, shown func(path string) bool) {
	t.Helper()
	same := func(path string, a, b any) {
		t.Helper()
		if !shown(path) {
			require.Equal(t, text(a), text(b), path)
		}
	}
	same("category", old.Category, now.Category)
	same("description", old.Description, now.Description)
	same("enabled", old.Enabled, now.Enabled)
	requireConfig(t, w, "", old.Configuration, now.Configuration, shown)
	for _, tag := range old.Tags {
		require.True(t, slices.Contains(now.Tags, tag) || shown("tags["+tag.Key+"]"), "the tag %v is lost", tag)
	}
	for _, tag := range now.Tags {
		require.True(t, slices.Contains(old.Tags, tag) || shown("tags["+tag.Key+"]"), "the tag %v is new", tag)
	}
	for _, model := range old.APIs {
		i := slices.IndexFunc(now.APIs, func(a in.IntegrationAPI) bool { return a.API == model.API })
		if w.behaviour.InactiveHidden && (!*model.Enabled || i >= 0 && !*now.APIs[i].Enabled) {
			continue // nobody can send back what the listing hides: the plan has a note
		}
		require.GreaterOrEqual(t, i, 0, "the model %s is lost", model.API)
		path := "apis[" + model.API + "]"
		if model.API == "m:3" {
			path = `apis["m:3"]`
		}
		same(path+".description", model.Description, now.APIs[i].Description)
		same(path+".enabled", model.Enabled, now.APIs[i].Enabled)
		requireConfig(t, w, path+".", model.Configuration, now.APIs[i].Configuration, shown)
	}
}

func requireConfig(t *testing.T, w *world, prefix string, old, now in.Configuration, shown func(string) bool) {
	t.Helper()
	for _, config := range []in.Configuration{old, now} {
		for key := range config {
			path := prefix + "configuration." + string(key)
			serverSet := key == in.KeyProjectName || strings.HasPrefix(string(key), "oAuth2")
			unread := !blank(old[key]) && (!w.behaviour.ClearSecrets || stands(old[key]))
			if shown(path) || serverSet && unread || key == in.KeyEndpoint && (blank(old[key]) || unread) {
				continue // a value that is never compared comes from the file if the cluster cannot show it
			}
			if !blank(old[key]) || !blank(now[key]) {
				require.Equal(t, text(old[key]), text(now[key]), path)
			}
		}
	}
}

func blank(value any) bool { return value == nil || value == "" }

// stands reports whether value stands for another value, or has lost digits.
func stands(value any) bool {
	s := scalar(value)
	return slices.Contains([]string{"xxxxx", `\u003cKEY\u003e`, "•••", "a***b"}, s) || strings.HasPrefix(s, "115292150460684")
}

// scalar returns the form of a value that is compared: 8080 and "8080" are equal.
func scalar(value any) string {
	if blank(value) {
		return ""
	}
	return strings.Trim(text(value), `"`)
}

func TestPropertyAfterApplyThePlanIsEmpty(t *testing.T) {
	t.Parallel()
	forWorlds(t, func(t *testing.T, w *world, _ *fake.Server, c *in.Client) {
		if err := newPlan(t, c, w.desired, w.opts...).Apply(t.Context()); err != nil {
			require.True(t, refused(err), err)
			return
		}
		requireConverged(t, w, newPlan(t, c, w.desired, w.opts...))
	})
}

// requireConverged holds the plan after an Apply. Where a server does not store
// tags, or adds them, a plan says so for ever.
func requireConverged(t *testing.T, w *world, p *plan.Plan) {
	t.Helper()
	losesTags := w.behaviour.DropTags || w.behaviour.MergeTags
	for _, conflict := range p.Conflicts() {
		unowned := w.behaviour.DropTags && errors.Is(conflict.Err, plan.ErrUnowned)
		require.True(t, unowned || losesTags && errors.Is(conflict.Err, plan.ErrTokens), p)
	}
	for _, change := range p.Changes() {
		require.Equal(t, plan.Update, change.Action, p)
		for _, f := range change.Fields {
			require.True(t, w.rewrite && f.Op == plan.OpRewrite || losesTags && strings.HasPrefix(f.Path, "tags["), p)
		}
	}
}

func TestPropertyARunAfterAFailedRunFinishesIt(t *testing.T) {
	t.Parallel()
	faults := []fake.Fault{
		{Status: http.StatusInternalServerError}, {Status: http.StatusInternalServerError, AfterCommit: true},
		{Truncate: true}, {Truncate: true, AfterCommit: true}, {Drop: true}, {Drop: true, AfterCommit: true},
	}
	forWorlds(t, func(t *testing.T, w *world, s *fake.Server, c *in.Client) {
		before := state(s)
		first := newPlan(t, c, w.desired, w.opts...)
		op := pick(w, in.OpSaveAll, in.OpListIntegrations, in.OpDeleteProvider)
		s.FailNext(op, append(make([]fake.Fault, w.IntN(2)), pick(w, faults...))...)
		err := first.Apply(t.Context())
		s.ClearFaults()
		if refused(err) {
			return
		}
		var failed *plan.ApplyError
		require.True(t, err == nil || errors.As(err, &failed), err)
		second := newPlan(t, c, w.desired, w.opts...)
		if err := second.Apply(t.Context()); err != nil {
			require.True(t, refused(err) && (w.behaviour.DropTags || w.behaviour.MergeTags), err)
			return
		}
		requireOnlyShown(t, w, before, state(s), first, second)
		requireConverged(t, w, newPlan(t, c, w.desired, w.opts...))
	})
}

func TestPropertyAPlanOfAnExportIsEmpty(t *testing.T) {
	t.Parallel()
	forWorlds(t, func(t *testing.T, w *world, s *fake.Server, c *in.Client) {
		if len(w.live) > 0 && w.chance(30) {
			require.NoError(t, c.SaveModel(t.Context(), w.live[0].Name, in.IntegrationAPI{API: "bare", Enabled: in.Bool(true)}, in.WithValidation(in.Off)))
		}
		exported, err := plan.Export(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, exported, len(w.live))
		for _, change := range newPlan(t, c, exported).Changes() {
			require.Equal(t, []string{"+ apis[bare].description new=bare"}, lines(change.Fields))
		}
		body := text(exported)
		for _, secret := range []string{"oAuth2", "iac-owner", `"api_key":"one"`, `"odd":"one"`} {
			require.NotContains(t, body, secret)
		}
	})
}

func TestPropertyADigestDoesNotDependOnSecrets(t *testing.T) {
	t.Parallel()
	forWorlds(t, func(t *testing.T, w *world, _ *fake.Server, c *in.Client) {
		first := newPlan(t, c, w.desired, w.opts...)
		digest := first.Digest()
		require.Equal(t, digest, newPlan(t, c, w.desired, append(w.opts, plan.RewriteSecrets())...).Digest())
		for i, item := range w.desired {
			item.Configuration = rotated(item.Type, item.Configuration)
			item.APIs = slices.Clone(item.APIs)
			for j := range item.APIs {
				item.APIs[j].Configuration = rotated(item.Type, item.APIs[j].Configuration)
			}
			w.desired[i] = item
		}
		second := newPlan(t, c, w.desired, w.opts...)
		if len(first.Conflicts()) == len(second.Conflicts()) { // a mask that the file copied is a conflict
			require.Equal(t, digest, second.Digest())
		}
	})
}

// rotated returns a copy of config with other secrets.
func rotated(kind in.Type, config in.Configuration) in.Configuration {
	if config == nil {
		return nil
	}
	other := in.Configuration{}
	for key, value := range config {
		if key.SecretIn(kind) && !blank(value) {
			value = "rotated"
		}
		other[key] = value
	}
	return other
}
