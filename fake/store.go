package fake

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seed4e9a5e42/integrations"
)

// store holds the state. Whoever changes it works on a copy, which becomes the
// state or is thrown away.
type store struct {
	mu    sync.RWMutex
	state state
}

// look lets f read the state. f must not change it.
func (st *store) look(f func(*state) *reply) *reply {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return f(&st.state)
}

// change lets f work on a copy of the state. Only a commit keeps the copy.
func (st *store) change(commit bool, f func(*state) *reply) *reply {
	st.mu.Lock()
	defer st.mu.Unlock()
	draft := st.state
	answer := f(&draft)
	if commit {
		draft.providers.commit()
		draft.prompts.commit()
		st.state = draft
	}
	return answer
}

// state is everything that was saved. To copy the struct is to copy the state:
// no record in it ever changes, a change puts another record in its place.
type state struct {
	providers   table[provider]
	prompts     table[prompt]
	definitions []integrations.Definition // nil: the definitions of the key table
	usage       []integrations.TokenUsage
	events      []integrations.Event
}

// table holds records by name. A copy shares the saved records and has changes
// of its own, so that a copy costs nothing, however many records there are.
type table[R any] struct {
	saved   map[string]*R
	changes map[string]*R // nil: the record is removed
}

// get returns the record, or nil if there is none.
func (t *table[R]) get(name string) *R {
	if r, ok := t.changes[name]; ok {
		return r
	}
	return t.saved[name]
}

// empty reports whether there is neither a record nor a change.
func (t *table[R]) empty() bool { return len(t.saved)+len(t.changes) == 0 }

// put replaces the record. A nil record removes it.
func (t *table[R]) put(name string, r *R) {
	if t.changes == nil {
		t.changes = map[string]*R{}
	}
	t.changes[name] = r
}

// commit moves the changes to the saved records, which other copies see too.
func (t *table[R]) commit() {
	if t.saved == nil {
		t.saved = map[string]*R{}
	}
	for name, r := range t.changes {
		if r == nil {
			delete(t.saved, name)
		} else {
			t.saved[name] = r
		}
	}
	t.changes = nil
}

// sorted returns the records by name.
func (t *table[R]) sorted() []*R {
	names := slices.Collect(maps.Keys(t.saved))
	for name := range t.changes {
		if t.saved[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	list := make([]*R, 0, len(names))
	for _, name := range names {
		if r := t.get(name); r != nil {
			list = append(list, r)
		}
	}
	return list
}

// audit is who saved a record first and last, and when.
type audit struct {
	CreateTime integrations.Timestamp `json:"createTime"`
	UpdateTime integrations.Timestamp `json:"updateTime"`
	CreatedBy  string                 `json:"createdBy"`
	UpdatedBy  string                 `json:"updatedBy"`
}

// stamp returns the audit of a record that is saved for the first time now.
func (s *Server) stamp() audit {
	now := integrations.Timestamp(s.cfg.now().UnixMilli())
	return audit{CreateTime: now, UpdateTime: now, CreatedBy: s.cfg.user, UpdatedBy: s.cfg.user}
}

// since returns a with the creation of an earlier save.
func (a audit) since(earlier audit) audit {
	a.CreateTime, a.CreatedBy = earlier.CreateTime, earlier.CreatedBy
	return a
}

// provider is a saved integration.
type provider struct {
	audit
	name, description string
	kind              integrations.Type
	category          integrations.Category
	enabled           bool
	config            integrations.Configuration
	tags              []integrations.Tag
	models            []model // in the order of their saves
	limits            []limit // the last one saved is the last
}

// model is a saved model of a provider.
type model struct {
	audit
	name, description string
	enabled           bool
	config            integrations.Configuration
	tags              []integrations.Tag
}

// model returns the model of that name, or nil.
func (p *provider) model(name string) *model {
	for i := range p.models {
		if p.models[i].name == name {
			return &p.models[i]
		}
	}
	return nil
}

// with returns a copy of p that has m, in the place of a model of that name.
func (p *provider) with(m model) *provider {
	changed := *p
	changed.models = slices.Clone(p.models)
	if old := changed.model(m.name); old != nil {
		*old = m
	} else {
		changed.models = append(changed.models, m)
	}
	return &changed
}

// without returns a copy of p that has no model of that name.
func (p *provider) without(name string) *provider {
	changed := *p
	changed.models = slices.DeleteFunc(slices.Clone(p.models), func(m model) bool { return m.name == name })
	return &changed
}

// modelsByName returns the models of p, which may be nil.
func (p *provider) modelsByName() map[string]*model {
	models := map[string]*model{}
	if p != nil {
		for i := range p.models {
			models[p.models[i].name] = &p.models[i]
		}
	}
	return models
}

// sortedModels returns p's models by name.
func (p *provider) sortedModels() []model {
	return slices.SortedFunc(slices.Values(p.models), func(a, b model) int { return strings.Compare(a.name, b.name) })
}

// refs returns the text provider:model of every model.
func (p *provider) refs() map[integrations.Ref]bool {
	refs := make(map[integrations.Ref]bool, len(p.models))
	for _, m := range p.models {
		refs[integrations.Ref{Provider: p.name, Model: m.name}] = true
	}
	return refs
}

// putProvider replaces old, which may be nil, by changed, which may be nil.
// Prompts lose their links to models that go, and all links to an integration
// that goes.
func (st *state) putProvider(name string, old, changed *provider) {
	st.providers.put(name, changed)
	switch {
	case old == nil || st.prompts.empty():
	case changed == nil:
		st.unlink(func(ref integrations.Ref) bool { return ref.Provider == name })
	default:
		gone := old.refs()
		for ref := range changed.refs() {
			delete(gone, ref)
		}
		if len(gone) > 0 {
			st.unlink(func(ref integrations.Ref) bool { return gone[ref] })
		}
	}
}
