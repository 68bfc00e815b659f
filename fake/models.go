package fake

import (
	"net/http"

	"github.com/seed4e9a5e42/integrations"
)

// modelReply is a model in a reply.
type modelReply struct {
	audit
	IntegrationName string                     `json:"integrationName"`
	API             string                     `json:"api"`
	Description     string                     `json:"description"`
	Configuration   integrations.Configuration `json:"configuration"`
	Enabled         bool                       `json:"enabled"`
	Tags            []integrations.Tag         `json:"tags,omitzero"`
}

// model returns m without its tags.
func (s *Server) model(p *provider, m model) modelReply {
	return modelReply{
		audit: m.audit, IntegrationName: p.name, API: m.name, Description: m.description,
		Configuration: s.shown(p.kind, m.config), Enabled: m.enabled,
	}
}

// taggedModel returns m with its tags.
func (s *Server) taggedModel(p *provider, m model) modelReply {
	r := s.model(p, m)
	r.Tags = listed(m.tags)
	return r
}

// visible returns the models that a list shows, sorted by name.
func (s *Server) visible(p *provider, activeOnly bool) []model {
	var list []model
	for _, m := range p.sortedModels() {
		if m.enabled || !activeOnly && !s.cfg.behaviour.InactiveHidden {
			list = append(list, m)
		}
	}
	return list
}

// listModels answers GET /api/integrations/provider/{provider}/integration.
func (s *Server) listModels(c *call) *reply {
	f, refusal := c.filter("category")
	if refusal != nil {
		return refusal
	}
	return s.read(c, func(_ *state, p *provider) *reply {
		list := []modelReply{}
		for _, m := range s.visible(p, f.activeOnly) {
			list = append(list, s.taggedModel(p, m))
		}
		return jsonReply(http.StatusOK, list)
	})
}

// listAvailableModels answers
// GET /api/integrations/provider/{provider}/integration/all.
func (s *Server) listAvailableModels(c *call) *reply {
	return s.read(c, func(_ *state, p *provider) *reply {
		names := []string{}
		for _, m := range p.sortedModels() {
			names = append(names, m.name)
		}
		return jsonReply(http.StatusOK, names)
	})
}

// getModel answers GET /api/integrations/provider/{provider}/integration/{model}.
func (s *Server) getModel(c *call) *reply {
	return s.readModel(c, func(_ *state, p *provider, m *model) *reply {
		return jsonReply(http.StatusOK, s.taggedModel(p, *m))
	})
}

// saveModel answers POST /api/integrations/provider/{provider}/integration/{model}.
func (s *Server) saveModel(c *call) *reply {
	u, refusal := parseUpdate(c.body)
	now := s.stamp()
	return s.write(c, func(st *state, p *provider) *reply {
		if refusal != nil {
			return refusal
		}
		m := model{name: c.arg("model"), audit: now, enabled: true}
		if old := p.model(m.name); old != nil {
			m = *old
			m.audit = now.since(old.audit)
		}
		m.config = u.configuration
		if u.description != nil {
			m.description = *u.description
		}
		if u.enabled != nil {
			m.enabled = *u.enabled
		}
		if violations := s.checkModel(st, p, m); len(violations) > 0 {
			return badRequest("the save is refused", violations...)
		}
		st.putProvider(p.name, p, p.with(m))
		return done()
	})
}

// deleteModel answers DELETE /api/integrations/provider/{provider}/integration/{model}.
func (s *Server) deleteModel(c *call) *reply {
	return s.writeModel(c, func(st *state, p *provider, m model) *reply {
		st.putProvider(p.name, p, p.without(m.name))
		return done()
	})
}
