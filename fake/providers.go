package fake

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/seed4e9a5e42/integrations"
)

// providerReply is an integration in a reply. The fake has reply types of its
// own, so that a mistake in a type of the client shows.
type providerReply struct {
	audit
	Name          string                     `json:"name"`
	Type          integrations.Type          `json:"type"`
	Description   string                     `json:"description"`
	Category      integrations.Category      `json:"category"`
	Configuration integrations.Configuration `json:"configuration"`
	Enabled       bool                       `json:"enabled"`
	Tags          []integrations.Tag         `json:"tags,omitzero"`
	ModelsCount   int                        `json:"modelsCount"`
	APIs          []modelReply               `json:"apis,omitzero"`
}

// bare returns the reply to a save: p without tags and models.
func (s *Server) bare(p *provider) providerReply {
	return providerReply{
		audit: p.audit, Name: p.name, Type: p.kind, Description: p.description, Category: p.category,
		Configuration: s.shown(p.kind, p.config), Enabled: p.enabled, ModelsCount: len(p.models),
	}
}

// full returns p with its tags.
func (s *Server) full(p *provider) providerReply {
	r := s.bare(p)
	r.Tags = listed(p.tags)
	return r
}

// listed returns list, or an empty list in the place of nil: the JSON is [].
func listed[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

// mask stands for a secret in a reply, as on the reference page.
const mask = "xxxxx"

// shown returns a copy of config as a reply shows it: with a mask for every
// secret that is not empty.
func (s *Server) shown(t integrations.Type, config integrations.Configuration) integrations.Configuration {
	shown := make(integrations.Configuration, len(config))
	for key, value := range config {
		if !s.cfg.behaviour.ClearSecrets && key.SecretIn(t) && value != "" {
			value = mask
		}
		shown[key] = value
	}
	return shown
}

// filter holds the query of a list.
type filter struct {
	category   integrations.Category // empty: any
	activeOnly bool
}

// filter reads the query. parameter is the name of the one for the category.
func (c *call) filter(parameter string) (filter, *reply) {
	activeOnly, err := parameterOr(c, "activeOnly", true, strconv.ParseBool)
	if err != nil {
		return filter{}, badRequest("activeOnly must be true or false")
	}
	return filter{category: integrations.Category(c.URL.Query().Get(parameter)), activeOnly: activeOnly}, nil
}

// parameterOr returns the first value of a parameter of the query, or the default if
// the value is absent or empty. No value may be of another kind.
func parameterOr[V any](c *call, name string, byDefault V, parse func(string) (V, error)) (V, error) {
	value := byDefault
	for i, text := range c.URL.Query()[name] {
		if text == "" {
			continue
		}
		v, err := parse(text)
		if err != nil {
			return v, err
		}
		if i == 0 {
			value = v
		}
	}
	return value, nil
}

// from returns the integrations that f lets through, sorted by name.
func (f filter) from(st *state) []*provider {
	var list []*provider
	for _, p := range st.providers.sorted() {
		if (f.category == "" || p.category == f.category) && (p.enabled || !f.activeOnly) {
			list = append(list, p)
		}
	}
	return list
}

// list answers a list of integrations. show makes an element of the list.
func (s *Server) list(c *call, parameter string, show func(filter, *provider) []any) *reply {
	f, refusal := c.filter(parameter)
	if refusal != nil {
		return refusal
	}
	var providers []*provider
	s.store.look(func(st *state) *reply {
		providers = f.from(st)
		return nil
	})
	elements := []any{}
	for _, p := range providers {
		elements = append(elements, show(f, p)...)
	}
	return jsonReply(http.StatusOK, elements)
}

// listProviders answers GET /api/integrations/provider.
func (s *Server) listProviders(c *call) *reply {
	return s.list(c, "category", func(_ filter, p *provider) []any { return []any{s.full(p)} })
}

// listIntegrations answers GET /api/integrations/. A model in it has no tags.
func (s *Server) listIntegrations(c *call) *reply {
	return s.list(c, "category", func(f filter, p *provider) []any {
		r := s.full(p)
		r.APIs = []modelReply{}
		for _, m := range s.visible(p, f.activeOnly) {
			r.APIs = append(r.APIs, s.model(p, m))
		}
		return []any{r}
	})
}

// listRefs answers GET /api/integrations/all.
func (s *Server) listRefs(c *call) *reply {
	return s.list(c, "type", func(f filter, p *provider) []any {
		models := s.visible(p, f.activeOnly)
		if len(models) == 0 {
			return []any{p.name}
		}
		var refs []any
		for _, m := range models {
			refs = append(refs, p.name+":"+m.name)
		}
		return refs
	})
}

// getProvider answers GET /api/integrations/provider/{provider}.
func (s *Server) getProvider(c *call) *reply {
	return s.read(c, func(_ *state, p *provider) *reply { return jsonReply(http.StatusOK, s.full(p)) })
}

// deleteProvider answers DELETE /api/integrations/provider/{provider}. What
// belongs to the integration goes with it.
func (s *Server) deleteProvider(c *call) *reply {
	return s.write(c, func(st *state, p *provider) *reply {
		st.putProvider(p.name, p, nil)
		return done()
	})
}

// update is the body of a single save.
type update struct {
	kind          integrations.Type
	category      integrations.Category
	description   *string
	enabled       *bool
	configuration integrations.Configuration
}

// parseUpdate reads a single save. Other fields of the body are ignored.
func parseUpdate(body []byte) (update, *reply) {
	var u update
	fields, err := parseObject(body)
	if err != nil {
		return u, badRequest(err.Error())
	}
	var c checker
	u = update{
		kind:          integrations.Type(c.text(fields, "", "type")),
		category:      integrations.Category(c.text(fields, "", "category")),
		description:   c.optional(fields, "", "description"),
		enabled:       c.flag(fields, "", "enabled"),
		configuration: c.configuration(fields, "", "configuration"),
	}
	if len(c.violations) > 0 {
		return u, badRequest("the save is refused", c.violations...)
	}
	return u, nil
}

// saveProvider answers POST /api/integrations/provider/{provider}.
func (s *Server) saveProvider(c *call) *reply {
	name := c.arg("provider")
	u, refusal := parseUpdate(c.body)
	switch {
	case s.cfg.readOnly[name]:
		return forbidden(name)
	case refusal != nil:
		return refusal
	}
	now := s.stamp()
	return s.change(c, func(st *state) *reply {
		old := st.providers.get(name)
		p, refusal := s.updated(st, old, u)
		if refusal != nil {
			return refusal
		}
		p.name, p.audit = name, now
		if old != nil {
			p.audit = now.since(old.audit)
		}
		if violations := s.checkSingle(st, p); len(violations) > 0 {
			return badRequest("the save is refused", violations...)
		}
		st.putProvider(name, old, p)
		if s.cfg.behaviour.EmptySaveReply {
			return done()
		}
		return jsonReply(http.StatusOK, s.bare(p))
	})
}

// updated returns what u makes of old, which is nil for a new integration.
func (s *Server) updated(st *state, old *provider, u update) (*provider, *reply) {
	p := &provider{enabled: true}
	if old != nil {
		*p = *old
	}
	switch {
	case u.kind == "" && old == nil:
		return nil, badRequest("the save is refused", violation{Path: "type", Message: "is required"})
	case u.kind != "" && old != nil && u.kind != old.kind:
		return nil, badRequest("the save is refused", violation{Path: "type", Message: "cannot be changed"})
	case u.kind != "" && old == nil && !s.knows(st, u.kind):
		return nil, errorReply(http.StatusNotFound, "", "unknown integration type: "+string(u.kind))
	}
	p.kind = cmp.Or(u.kind, p.kind)
	p.category = cmp.Or(u.category, p.category, st.categoryOf(p.kind))
	p.config = u.configuration
	if u.description != nil {
		p.description = *u.description
	}
	if u.enabled != nil {
		p.enabled = *u.enabled
	}
	return p, nil
}

// knows reports whether an integration of type t may be saved.
func (s *Server) knows(st *state, t integrations.Type) bool {
	_, known := t.Category()
	return known || s.cfg.unknownTypes || st.definition(t) != nil
}

// categoryOf returns the category that t implies, if any.
func (st *state) categoryOf(t integrations.Type) integrations.Category {
	if category, ok := t.Category(); ok {
		return category
	}
	if def := st.definition(t); def != nil {
		return def.Category
	}
	return ""
}
