package fake_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
)

// learned holds the findings of a probe. It prints as a list, for a person who
// wants the fake to act like that server.
type learned struct {
	fake.Behaviour
	lines []string
}

func (l learned) String() string {
	return fmt.Sprintf("what public sources leave open, on this server:\n  %s\nfake.WithBehaviour(fake.Behaviour{%s})",
		strings.Join(l.lines, "\n  "), strings.Join(knobsOf(l.Behaviour), ", "))
}

// knobsOf returns the fields that are set, as in Go code.
func knobsOf(b fake.Behaviour) (knobs []string) {
	for field, value := range reflect.ValueOf(b).Fields() {
		if value.Bool() {
			knobs = append(knobs, field.Name+": true")
		}
	}
	return knobs
}

// note records an answer. knob is the field that the answer sets or clears.
func (l *learned) note(question, knob, answer string, set bool) {
	reflect.ValueOf(&l.Behaviour).Elem().FieldByName(knob).SetBool(set)
	l.lines = append(l.lines, fmt.Sprintf("%-38s %-62s %s: %t", question, answer, knob, set))
}

// unclear records that the server did not let the probe ask.
func (l *learned) unclear(question, knob string, got answer) {
	l.note(question, knob, fmt.Sprintf("not clear: status %d", got.status), false)
}

// probe asks a server the questions that public sources leave open. A question
// that a server does not let the probe ask fails, and the others are still
// answered.
func probe(t *testing.T, to target) (l learned) {
	for _, ask := range []func(*site, *learned){probeSecrets, probePartialSaves, probeModels, probeTags, probeSaveReply, probeInactive} {
		t.Run("question", func(t *testing.T) { ask(connect(t, to), &l) })
	}
	return l
}

// probeSecrets tells how a GET shows a secret.
func probeSecrets(s *site, l *learned) {
	const secret = "sk-conformance-0123456789"
	s.mustSave(s.ai("secrets", `"configuration": {"api_key": "`+secret+`"},`))
	config, _ := s.object(providerPath + s.run + "secrets")["configuration"].(jsonObject)
	shown, ok := config["api_key"]
	switch {
	case !ok:
		l.note("secrets on GET", "ClearSecrets", "left out", false)
	case shown == secret:
		l.note("secrets on GET", "ClearSecrets", "shown as saved", true)
	default:
		l.note("secrets on GET", "ClearSecrets", fmt.Sprintf("masked as %q", shown), false)
	}
}

// probePartialSaves sends a batch whose second item has another type than the
// saved one, and looks for the items before and after it.
func probePartialSaves(s *site, l *learned) {
	const question, knob = "good items of a refused bulk save", "PartialSaves"
	s.mustSave(s.ai("bad", ""))
	bad := strings.Replace(s.ai("bad", ""), `"openai"`, `"mistral"`, 1)
	got := s.save("[" + s.ai("first", "") + "," + bad + "," + s.ai("last", "") + "]")
	if got.status < 400 {
		l.unclear(question, knob, got)
		return
	}
	first, last := s.listed("?activeOnly=false", "first") != nil, s.listed("?activeOnly=false", "last") != nil
	switch {
	case first && last:
		l.note(question, knob, "saved", true)
	case first:
		l.note(question, knob, "saved as far as the bad item", true)
	default:
		l.note(question, knob, "not saved", false)
	}
}

// probeModels tells what becomes of a model that a bulk save leaves out.
func probeModels(s *site, l *learned) {
	const question, knob = "models left out of a bulk save", "KeepModels"
	s.mustSave(s.ai("models", ""))
	path := providerPath + s.integration("models") + "/integration/"
	s.write("POST", path+"other", `{"description": "d", "enabled": false}`)
	s.mustSave(s.ai("models", ""))
	switch got := s.send("GET", path+"other", ""); got.status {
	case 200:
		l.note(question, knob, "stay", true)
	case 404:
		l.note(question, knob, "are removed", false)
	default:
		l.unclear(question, knob, got)
	}
}

// probeTags tells what becomes of the tags of a bulk save.
func probeTags(s *site, l *learned) {
	const question = "tags of a bulk save"
	s.mustSave(s.ai("tags", ""))
	path := providerPath + s.run + "tags/tags"
	s.write("PUT", path, `[{"key": "before", "value": "1"}]`)
	s.mustSave(s.ai("tags", `"tags": [{"key": "bulk", "value": "1"}],`))
	tags := pairs(s.objects(path))
	old, bulk := slices.Contains(tags, "before=1"), slices.Contains(tags, "bulk=1")
	answer := "replace the tags that were there"
	switch {
	case bulk && old:
		answer = "are added to the tags that were there"
	case old:
		answer = "are ignored"
	case !bulk:
		answer = "remove the tags that were there, and are ignored"
	}
	l.note(question, "MergeTags", answer, bulk && old)
	l.note(question, "DropTags", answer, !bulk)
}

// probeSaveReply tells what answers the save of one integration.
func probeSaveReply(s *site, l *learned) {
	got := s.write("POST", providerPath+s.integration("reply"), single)
	if strings.TrimSpace(got.body) == "" {
		l.note("reply to a single save", "EmptySaveReply", "empty", true)
		return
	}
	l.note("reply to a single save", "EmptySaveReply", fmt.Sprintf("%d bytes of %s", len(got.body), got.header.Get("Content-Type")), false)
}

// probeInactive tells which lists show an inactive model when asked to.
func probeInactive(s *site, l *learned) {
	s.mustSave(s.ai("inactive", ""))
	name := s.run + "inactive"
	own := find(s.objects(providerPath+name+"/integration?activeOnly=false"), "api", "gpt-4o") != nil
	apis, _ := find(s.objects("/api/integrations/?activeOnly=false"), "name", name)["apis"].([]any)
	refs := readJSON[[]string](s, "/api/integrations/all?activeOnly=false")
	shown := map[bool]string{true: "shown", false: "hidden"}
	l.note("inactive models with activeOnly=false", "InactiveHidden", fmt.Sprintf("%s alone, %s in integrations, %s in references",
		shown[own], shown[len(apis) > 0], shown[slices.Contains(refs, name+":gpt-4o")]), !own)
}

// behaviours has a Behaviour for each field, with that field alone, and one
// without any.
func behaviours() map[string]fake.Behaviour {
	list := map[string]fake.Behaviour{"default": {}}
	for field := range reflect.ValueOf(fake.Behaviour{}).Fields() {
		var b fake.Behaviour
		reflect.ValueOf(&b).Elem().FieldByIndex(field.Index).SetBool(true)
		list[field.Name] = b
	}
	return list
}

func TestProbeFindsEveryBehaviour(t *testing.T) {
	t.Parallel()
	require.Len(t, behaviours(), 1+reflect.TypeFor[fake.Behaviour]().NumField())
	for name, behaviour := range behaviours() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := probe(t, fakeTarget(fake.Start(t, fake.WithBehaviour(behaviour))))
			require.Equal(t, behaviour, got.Behaviour)
			for field := range reflect.ValueOf(behaviour).Fields() {
				require.Contains(t, got.String(), field.Name+": ", "the answer about it is printed")
			}
		})
	}
}

func TestProbeFindsSeveralBehavioursAtOnce(t *testing.T) {
	t.Parallel()
	behaviour := fake.Behaviour{ClearSecrets: true, PartialSaves: true, KeepModels: true, MergeTags: true, EmptySaveReply: true, InactiveHidden: true}
	got := probe(t, fakeTarget(fake.Start(t, fake.WithBehaviour(behaviour))))
	require.Equal(t, behaviour, got.Behaviour)
	require.Contains(t, got.String(), "fake.Behaviour{ClearSecrets: true, PartialSaves: true, KeepModels: true, MergeTags: true, EmptySaveReply: true, InactiveHidden: true}")
}
