package fake

import (
	"maps"
	"slices"

	"github.com/seed4e9a5e42/integrations"
)

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
