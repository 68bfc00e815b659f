package plan_test

import (
	"math/rand/v2"
	"reflect"
	"slices"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// world is a random scenario. The same number always gives the same world.
type world struct {
	*rand.Rand
	behaviour fake.Behaviour
	live      []in.Integration
	desired   []in.Integration

	opts                                     []plan.Option
	owner, prune, createOnly, rewrite, adopt bool
	limit                                    int
}

// newWorld makes world number n. The numbers go through all behaviours.
func newWorld(n int) *world {
	w := &world{Rand: rand.New(rand.NewPCG(42, uint64(n)))}
	fields := reflect.ValueOf(&w.behaviour).Elem()
	for i := range fields.NumField() {
		fields.Field(i).SetBool(n>>i&1 == 1)
	}
	w.options()
	for _, name := range []string{"a", "b", "c", "d", "A"} {
		kind := pick(w, in.TypeOpenAI, in.TypeKafka, in.TypePineconeDB, in.TypeMongoVectorDB, "custom")
		live := w.item(name, kind)
		w.ownerTags(&live)
		for i := range live.APIs {
			live.APIs[i].Description = pick(w, "one", "two")
		}
		if w.chance(3) {
			live.Configuration[in.KeyOAuth2RefreshToken] = "token"
		}
		if w.chance(70) {
			w.live = append(w.live, live)
		} else {
			live.APIs = nil
		}
		want := w.item(name, kind)
		if w.chance(50) { // the file of a cluster that is mostly in order
			want = near(w, live)
		}
		if w.chance(2) {
			want.Type = in.TypeGrok
		}
		if w.chance(60) {
			w.desired = append(w.desired, w.described(want, live))
		}
	}
	if len(w.desired) == 0 {
		w.desired = append(w.desired, w.item("e", "custom"))
		w.desired[0].APIs = nil
	}
	return w
}

func (w *world) chance(percent int) bool { return w.IntN(100) < percent }

func pick[T any](w *world, from ...T) T { return from[w.IntN(len(from))] }

func (w *world) options() {
	w.owner, w.rewrite = w.chance(60), w.chance(30)
	w.opts = []plan.Option{anyFile}
	if w.owner {
		w.opts = append(w.opts, plan.Owner("us"))
		w.prune = w.chance(50)
		w.adopt = !w.prune && w.chance(60)
	}
	if w.prune {
		w.limit = pick(w, 0, 5, 5, 5)
		w.opts = append(w.opts, plan.Prune(w.limit))
	}
	if w.adopt {
		w.opts = append(w.opts, plan.Adopt())
	}
	if w.createOnly = !w.prune && w.chance(10); w.createOnly {
		w.opts = append(w.opts, plan.CreateOnly())
	}
	if w.rewrite {
		w.opts = append(w.opts, plan.RewriteSecrets())
	}
	if w.chance(20) {
		w.opts = append(w.opts, plan.Ignore("configuration.endpoint"))
	}
}

func (w *world) item(name string, kind in.Type) in.Integration {
	item := in.Integration{
		Name: name, Type: kind, Configuration: w.config(),
		Category: pick(w, "", in.CategoryAIModel, "API"), Description: pick(w, "", "one", "two"), Enabled: w.flag(),
	}
	for _, tag := range []in.Tag{{Key: "team", Value: "a"}, {Key: "team", Value: "b"}, {Key: "stage", Value: ""}} {
		if w.chance(40) {
			item.Tags = append(item.Tags, tag)
		}
	}
	if item.Tags == nil && w.chance(50) {
		item.Tags = []in.Tag{}
	}
	for _, model := range []string{"m1", "m2", "m:3"} {
		if w.chance(40) {
			api := in.IntegrationAPI{API: model, Description: pick(w, "", "one", "two"), Enabled: w.flag()}
			if w.chance(40) {
				api.Configuration = in.Configuration{pick(w, in.KeyEndpoint, in.KeyEndpoint, in.KeyAPIKey): w.value()}
			}
			item.APIs = append(item.APIs, api)
		}
	}
	if item.APIs == nil && w.chance(50) {
		item.APIs = []in.IntegrationAPI{}
	}
	return item
}

func (w *world) flag() *bool { return pick(w, nil, in.Bool(true), in.Bool(false)) }

func (w *world) config() in.Configuration {
	config := in.Configuration{}
	for _, key := range []in.ConfigKey{in.KeyAPIKey, in.KeyEndpoint, in.KeyProjectName, in.KeyPort, in.KeyUser, "odd", in.KeyOAuth2RedirectURI} {
		if w.chance(50) {
			config[key] = w.value()
		}
	}
	return config
}

func (w *world) value() any {
	if w.chance(2) {
		return pick[any](w, "xxxxx", "<KEY>", "•••", "a***b", int64(1<<60))
	}
	return pick[any](w, "one", "two", "", nil, 8080, "8080", true, "true", 1.5, map[string]any{"a": 1}, []any{"x", 2})
}

// ownerTags gives a live integration an owner, or none, or two. Most worlds can be
// applied: the owner fits the options.
func (w *world) ownerTags(item *in.Integration) {
	owners := []string{"us"}
	switch n := w.IntN(100); {
	case n < 4:
		owners = []string{"them"}
	case n < 7:
		owners = []string{"them", "us"}
	case n < 12, w.adopt && n < 50, !w.owner && n < 70:
		owners = nil
	}
	for _, owner := range owners {
		item.Tags = append(item.Tags, in.Tag{Key: "iac-owner", Value: owner})
	}
}

// near returns a file that wants most of the live integrations.
func near(w *world, live in.Integration) in.Integration {
	want := live
	want.Configuration = in.Configuration{}
	for key, value := range live.Configuration {
		if w.chance(95) {
			want.Configuration[key] = value
		}
	}
	want.Tags = nil
	if w.chance(50) {
		want.Description, want.Enabled, want.APIs = "", nil, nil
	}
	return want
}

// described gives a description to the models that live does not show: a save
// requires it.
func (w *world) described(want, live in.Integration) in.Integration {
	want.APIs = slices.Clone(want.APIs)
	for i := range want.APIs {
		if api := &want.APIs[i]; api.Description == "" {
			api.Description = "new"
			for _, model := range live.APIs {
				if model.API == api.API && !w.behaviour.InactiveHidden {
					api.Description = ""
				}
			}
		}
	}
	return want
}
