package fake

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/seed4e9a5e42/integrations"
)

// Put saves items as a user without limits would:
//
//   - No request is recorded.
//   - [WithReadOnly], [WithValidation] and [WithBehaviour] do not apply.
//   - An integration may be of any type, known or not.
//   - A model without an IntegrationName gets the name of its integration.
//
// Put refuses everything else that a server refuses according to the reference
// pages, such as a new type for a saved integration: [Server.Remove] the
// integration first. Put then saves none of items, and the test fails with Errorf.
// Where there is no test, Put panics.
func (s *Server) Put(items ...integrations.Integration) {
	s.t.Helper()
	if err := s.seed(items); err != nil {
		s.t.Errorf("fake: Put: %v", err)
	}
}

func (s *Server) seed(items []integrations.Integration) error {
	b, err := normalised(items)
	if err != nil {
		return err
	}
	for i := range b.items {
		b.checkPage(prefix(i), &b.items[i])
	}
	now := s.stamp()
	s.store.change(true, func(st *state) *reply {
		if len(b.violations) == 0 {
			b.checkTypes(st, func(integrations.Type) bool { return true })
		}
		if len(b.violations) == 0 {
			b.each(func(_ int, item *integrations.Integration) { st.upsert(*item, now, Behaviour{}) })
		}
		return nil
	})
	return b.err()
}

// err returns the mistakes of a seed.
func (c *checker) err() error {
	var errs []error
	for _, v := range c.violations {
		errs = append(errs, errors.New(v.Path+" "+v.Message))
	}
	return errors.Join(errs...)
}

// normalised returns items as a save by the client would bring them here.
func normalised(items []integrations.Integration) (*batch, error) {
	sent := make([]integrations.Integration, len(items))
	for i, item := range items {
		item.APIs = slices.Clone(item.APIs)
		for j := range item.APIs {
			if item.APIs[j].IntegrationName == "" {
				item.APIs[j].IntegrationName = item.Name
			}
		}
		sent[i] = item
	}
	body, err := json.Marshal(sent)
	if err != nil {
		// Not err itself: an encoder's text may hold the value.
		return nil, errors.New("a configuration value cannot be encoded")
	}
	return parseBatch(body)
}

// Remove removes integrations, with everything that belongs to them. [WithReadOnly]
// does not apply, and no request is recorded. A missing name is no error.
func (s *Server) Remove(names ...string) {
	s.store.change(true, func(st *state) *reply {
		for _, name := range names {
			if p := st.providers.get(name); p != nil {
				st.putProvider(name, p, nil)
			}
		}
		return nil
	})
}

// PutPrompts saves prompts. No request is recorded. A prompt replaces the saved
// prompt of its name, with the links to models. The fake sets the times and users.
// If Variables is nil, the fake finds the variables in the template. A Version of 0
// is 1.
//
// If a prompt has no name, nothing is saved, and the test fails with Errorf. Where
// there is no test, PutPrompts panics.
func (s *Server) PutPrompts(prompts ...integrations.Prompt) {
	s.t.Helper()
	var c checker
	for i, p := range prompts {
		c.require(prefix(i)+"name", p.Name)
	}
	if err := c.err(); err != nil {
		s.t.Errorf("fake: PutPrompts: %v", err)
		return
	}
	now := s.stamp()
	s.store.change(true, func(st *state) *reply {
		for _, p := range prompts {
			st.putPrompt(p, now)
		}
		return nil
	})
}

func (st *state) putPrompt(p integrations.Prompt, now audit) {
	saved := &prompt{
		audit: now, name: p.Name, description: p.Description, template: p.Template, version: max(1, p.Version),
		variables: slices.Clone(p.Variables), refs: slices.Clone(p.Integrations), tags: distinct(p.Tags),
	}
	if old := st.prompts.get(p.Name); old != nil {
		saved.audit = now.since(old.audit)
	}
	if p.Variables == nil {
		saved.variables = variables(p.Template)
	}
	st.prompts.put(p.Name, saved)
}

// PutDefinitions replaces all definitions. By default they are made from the key
// table. Without arguments no definition is left. The types of defs may be saved
// from now on, beside the types of the key table.
func (s *Server) PutDefinitions(defs ...integrations.Definition) {
	s.t.Helper()
	copies := []integrations.Definition{}
	for _, def := range defs {
		text, err := json.Marshal(def)
		var c integrations.Definition
		if err != nil || json.Unmarshal(text, &c) != nil {
			s.t.Errorf("fake: PutDefinitions: the definition of type %q cannot be encoded", def.Type)
			return
		}
		copies = append(copies, c)
	}
	s.store.change(true, func(st *state) *reply {
		st.definitions = copies
		return nil
	})
}

// PutTokenUsage adds to what [integrations.Client.ListTokenUsage] returns. Each
// usage is shown under the integration of its IntegrationName, if there is such
// an integration.
func (s *Server) PutTokenUsage(usage ...integrations.TokenUsage) {
	s.store.change(true, func(st *state) *reply {
		st.usage = append(st.usage, usage...)
		return nil
	})
}

// Events returns a copy of the events that clients recorded, in the order of
// their arrival. It is never nil.
func (s *Server) Events() []integrations.Event {
	list := []integrations.Event{}
	s.store.look(func(st *state) *reply {
		list = append(list, st.events...)
		return nil
	})
	return list
}

// Integrations returns deep copies of everything saved, sorted by name, with
// models, and with secrets as they were sent. Models are in the order of their
// saves, without their tags. The list is never nil. Numbers of a configuration
// are float64, as from any JSON: beyond 2^53 they lose digits.
func (s *Server) Integrations() []integrations.Integration {
	list := []integrations.Integration{}
	s.store.look(func(st *state) *reply {
		for _, p := range st.providers.sorted() {
			list = append(list, p.integration())
		}
		return nil
	})
	return list
}

// Integration returns a deep copy of the integration of that name, as
// [Server.Integrations] does, and false if there is none.
func (s *Server) Integration(name string) (item integrations.Integration, ok bool) {
	s.store.look(func(st *state) *reply {
		if p := st.providers.get(name); p != nil {
			item, ok = p.integration(), true
		}
		return nil
	})
	return item, ok
}

// integration returns a deep copy of p as a save would bring it.
func (p *provider) integration() integrations.Integration {
	item := integrations.Integration{
		Name: p.name, Type: p.kind, Category: p.category, Description: p.description,
		Enabled: integrations.Bool(p.enabled), Configuration: copied(p.config), Tags: slices.Clone(p.tags),
	}
	if p.models != nil {
		item.APIs = []integrations.IntegrationAPI{}
	}
	for _, m := range p.models {
		item.APIs = append(item.APIs, m.api(p.name))
	}
	return item
}

// api returns a deep copy of m as a save would bring it.
func (m *model) api(provider string) integrations.IntegrationAPI {
	return integrations.IntegrationAPI{
		IntegrationName: provider, API: m.name, Description: m.description,
		Enabled: integrations.Bool(m.enabled), Configuration: copied(m.config),
	}
}

// copied returns a deep copy of config, which came from JSON.
func copied(config integrations.Configuration) integrations.Configuration {
	config = maps.Clone(config)
	for key, value := range config {
		config[key] = copiedValue(value)
	}
	return config
}

func copiedValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := maps.Clone(v)
		for key, element := range c {
			c[key] = copiedValue(element)
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i, element := range c {
			c[i] = copiedValue(element)
		}
		return c
	}
	return value
}
