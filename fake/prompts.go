package fake

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// prompt is a saved prompt. Prompts are a resource of their own. The fake has only
// the part that integrations need.
type prompt struct {
	audit
	name, description, template string
	version                     int
	variables                   []string
	refs                        []integrations.Ref // the models that may use it
	tags                        []integrations.Tag
}

// promptReply is a prompt in a reply.
type promptReply struct {
	audit
	Name         string             `json:"name"`
	Template     string             `json:"template"`
	Description  string             `json:"description"`
	Variables    []string           `json:"variables"`
	Integrations []string           `json:"integrations"`
	Version      int                `json:"version"`
	Tags         []integrations.Tag `json:"tags,omitzero"`
}

// reply returns p without its tags.
func (p *prompt) reply() promptReply {
	r := promptReply{
		audit: p.audit, Name: p.name, Template: p.template, Description: p.description,
		Variables: listed(p.variables), Integrations: []string{}, Version: p.version,
	}
	for _, ref := range p.refs {
		r.Integrations = append(r.Integrations, ref.String())
	}
	return r
}

// tagged returns p with its tags, which only a prompt alone shows.
func (p *prompt) tagged() promptReply {
	r := p.reply()
	r.Tags = listed(p.tags)
	return r
}

// unlink takes the links that are gone from every prompt.
func (st *state) unlink(gone func(integrations.Ref) bool) {
	for _, p := range st.prompts.sorted() {
		if slices.ContainsFunc(p.refs, gone) {
			changed := *p
			changed.refs = slices.DeleteFunc(slices.Clone(p.refs), gone)
			st.prompts.put(p.name, &changed)
		}
	}
}

// listModelPrompts answers
// GET /api/integrations/provider/{provider}/integration/{model}/prompt.
func (s *Server) listModelPrompts(c *call) *reply {
	return s.readModel(c, func(st *state, p *provider, m *model) *reply {
		ref := integrations.Ref{Provider: p.name, Model: m.name}
		list := []promptReply{}
		for _, prompt := range st.prompts.sorted() {
			if slices.Contains(prompt.refs, ref) {
				list = append(list, prompt.reply())
			}
		}
		return jsonReply(http.StatusOK, list)
	})
}

// associatePrompt answers
// POST /api/integrations/provider/{provider}/integration/{model}/prompt/{prompt}.
func (s *Server) associatePrompt(c *call) *reply {
	return s.writeModel(c, func(st *state, p *provider, m model) *reply {
		found := st.prompts.get(c.arg("prompt"))
		if found == nil {
			return notFound("prompt", c.arg("prompt"))
		}
		ref := integrations.Ref{Provider: p.name, Model: m.name}
		if !slices.Contains(found.refs, ref) {
			changed := *found
			changed.refs = append(slices.Clone(found.refs), ref)
			st.prompts.put(found.name, &changed)
		}
		return done()
	})
}

// listPrompts answers GET /api/prompts.
func (s *Server) listPrompts(*call) *reply {
	return s.store.look(func(st *state) *reply {
		list := []promptReply{}
		for _, p := range st.prompts.sorted() {
			list = append(list, p.reply())
		}
		return jsonReply(http.StatusOK, list)
	})
}

// readPrompt lets f read the prompt in the path of c, which must exist.
func (s *Server) readPrompt(c *call, f func(*prompt) *reply) *reply {
	return s.store.look(func(st *state) *reply {
		p := st.prompts.get(c.arg("prompt"))
		if p == nil {
			return notFound("prompt", c.arg("prompt"))
		}
		return f(p)
	})
}

// writePrompt puts what change returns in the place of the prompt in the path
// of c, which must exist.
func (s *Server) writePrompt(c *call, change func(prompt) *prompt) *reply {
	return s.change(c, func(st *state) *reply {
		name := c.arg("prompt")
		p := st.prompts.get(name)
		if p == nil {
			return notFound("prompt", name)
		}
		st.prompts.put(name, change(*p))
		return done()
	})
}

// getPrompt answers GET /api/prompts/{prompt}.
func (s *Server) getPrompt(c *call) *reply {
	return s.readPrompt(c, func(p *prompt) *reply { return jsonReply(http.StatusOK, p.tagged()) })
}

// deletePrompt answers DELETE /api/prompts/{prompt}.
func (s *Server) deletePrompt(c *call) *reply {
	return s.writePrompt(c, func(prompt) *prompt { return nil })
}

// savePrompt answers POST /api/prompts/{prompt}. The query has the description
// and, once for each link, a models=provider:model. Without models the links
// stay.
func (s *Server) savePrompt(c *call) *reply {
	name, query, now := c.arg("prompt"), c.URL.Query(), s.stamp()
	refs, refusal := s.links(query["models"])
	if refusal != nil {
		return refusal
	}
	return s.change(c, func(st *state) *reply {
		p := prompt{name: name, audit: now, version: 1}
		if old := st.prompts.get(name); old != nil {
			p = *old
			p.audit = now.since(old.audit)
		}
		p.template = text(c.body)
		p.variables = variables(p.template)
		p.description = query.Get("description")
		if refs != nil {
			p.refs = refs
		}
		st.prompts.put(name, &p)
		return done()
	})
}

// links reads the links of a save of a prompt.
func (s *Server) links(texts []string) ([]integrations.Ref, *reply) {
	var refs []integrations.Ref
	for _, text := range texts {
		provider, model, _ := strings.Cut(text, ":")
		switch {
		case strings.TrimSpace(provider) == "" || strings.TrimSpace(model) == "":
			return nil, badRequest("models must be provider:model")
		case s.cfg.readOnly[provider]:
			return nil, forbidden(provider)
		}
		refs = append(refs, integrations.Ref{Provider: provider, Model: model})
	}
	return refs, nil
}

// text returns a body that is a JSON string or the raw text itself.
func text(body []byte) string {
	var s *string
	if json.Unmarshal(body, &s) == nil && s != nil {
		return *s
	}
	return string(body)
}

var variable = regexp.MustCompile(`\$\{([^{}]+)\}`)

// variables returns the names in ${name}, each once and in order.
func variables(template string) []string {
	var names []string
	for _, match := range variable.FindAllStringSubmatch(template, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}

// listPromptTags answers GET /api/prompts/{prompt}/tags.
func (s *Server) listPromptTags(c *call) *reply {
	return s.readPrompt(c, func(p *prompt) *reply { return jsonReply(http.StatusOK, listed(p.tags)) })
}

// putPromptTags answers PUT /api/prompts/{prompt}/tags.
func (s *Server) putPromptTags(c *call) *reply { return s.editPromptTags(c, added) }

// deletePromptTags answers DELETE /api/prompts/{prompt}/tags.
func (s *Server) deletePromptTags(c *call) *reply { return s.editPromptTags(c, removed) }

func (s *Server) editPromptTags(c *call, change edit) *reply {
	tags, refusal := parseTags(c.body)
	if refusal != nil {
		return refusal
	}
	return s.writePrompt(c, func(p prompt) *prompt {
		p.tags = change(p.tags, tags)
		return &p
	})
}
