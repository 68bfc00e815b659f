package fake

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// added returns a new list with the pairs of tags, and with the pairs of more that
// tags does not have. A key may have several values.
func added(tags, more []integrations.Tag) []integrations.Tag {
	list := slices.Clone(tags)
	for _, tag := range more {
		if !slices.Contains(list, tag) {
			list = append(list, tag)
		}
	}
	return list
}

// removed returns a new list of tags without the pairs of gone.
func removed(tags, gone []integrations.Tag) []integrations.Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(tag integrations.Tag) bool { return slices.Contains(gone, tag) })
}

// compareTags orders pairs by key, then by value.
func compareTags(a, b integrations.Tag) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Value, b.Value))
}

// edit is added or removed.
type edit func(tags, given []integrations.Tag) []integrations.Tag

// listProviderTags answers GET /api/integrations/provider/{provider}/tags.
func (s *Server) listProviderTags(c *call) *reply {
	return s.read(c, func(_ *state, p *provider) *reply { return jsonReply(http.StatusOK, listed(p.tags)) })
}

// putProviderTags answers PUT /api/integrations/provider/{provider}/tags.
func (s *Server) putProviderTags(c *call) *reply { return s.editProviderTags(c, added) }

// deleteProviderTags answers DELETE /api/integrations/provider/{provider}/tags.
func (s *Server) deleteProviderTags(c *call) *reply { return s.editProviderTags(c, removed) }

func (s *Server) editProviderTags(c *call, change edit) *reply {
	tags, refusal := parseTags(c.body)
	return s.write(c, func(st *state, p *provider) *reply {
		if refusal != nil {
			return refusal
		}
		changed := *p
		changed.tags = change(p.tags, tags)
		st.providers.put(p.name, &changed)
		return done()
	})
}

// listModelTags answers
// GET /api/integrations/provider/{provider}/integration/{model}/tags.
func (s *Server) listModelTags(c *call) *reply {
	return s.readModel(c, func(_ *state, _ *provider, m *model) *reply { return jsonReply(http.StatusOK, listed(m.tags)) })
}

// putModelTags answers
// PUT /api/integrations/provider/{provider}/integration/{model}/tags.
func (s *Server) putModelTags(c *call) *reply { return s.editModelTags(c, added) }

// deleteModelTags answers
// DELETE /api/integrations/provider/{provider}/integration/{model}/tags.
func (s *Server) deleteModelTags(c *call) *reply { return s.editModelTags(c, removed) }

func (s *Server) editModelTags(c *call, change edit) *reply {
	tags, refusal := parseTags(c.body)
	return s.writeModel(c, func(st *state, p *provider, m model) *reply {
		if refusal != nil {
			return refusal
		}
		m.tags = change(m.tags, tags)
		st.providers.put(p.name, p.with(m))
		return done()
	})
}
