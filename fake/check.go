package fake

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// check finds what the pages say that a server refuses, and what
// [WithValidation] adds. Types are checked against the state, see checkTypes.
func (s *Server) check(st *state, b *batch) {
	unread := maps.Clone(b.bad)
	b.each(func(i int, item *integrations.Integration) {
		before := len(b.violations)
		b.checkPage(prefix(i), item)
		b.checkDescriptions(prefix(i), item)
		b.note(i, before)
	})
	reported := make(map[string]bool, len(b.violations))
	for _, v := range b.violations {
		reported[v.Path] = true
	}
	for _, problem := range s.keyTable(st, b.items...) {
		path := prefix(problem.Index) + problem.Field
		if !unread[problem.Index] && !reported[path] {
			b.add(path, problem.Reason)
			b.mark(problem.Index)
		}
	}
}

// checkPage checks the rules of the reference pages that hold for every save.
func (c *checker) checkPage(prefix string, item *integrations.Integration) {
	c.require(prefix+"name", item.Name)
	c.require(prefix+"type", string(item.Type))
	for j, tag := range item.Tags {
		c.require(at(prefix+"tags", j)+".key", tag.Key)
	}
	for j, api := range item.APIs {
		path := at(prefix+"apis", j)
		c.require(path+".integrationName", api.IntegrationName)
		if api.IntegrationName != "" && api.IntegrationName != item.Name {
			c.add(path+".integrationName", "must be the name of the integration")
		}
		c.require(path+".api", api.API)
	}
}

// checkDescriptions checks a rule that the save of a single model does not have.
func (c *checker) checkDescriptions(prefix string, item *integrations.Integration) {
	for j, api := range item.APIs {
		c.require(at(prefix+"apis", j)+".description", api.Description)
	}
}

// keyTable returns what [WithValidation] refuses of items. Which types may be
// saved is decided elsewhere, in the same way for every mode. A type that is not
// on the reference page may have any category.
func (s *Server) keyTable(st *state, items ...integrations.Integration) []integrations.Problem {
	if s.cfg.validation == integrations.Off {
		return nil
	}
	err := integrations.Validate(items, integrations.WithValidation(s.cfg.validation), integrations.WithDefinitions(st.definitions...))
	var invalid *integrations.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	return slices.DeleteFunc(invalid.Problems, func(problem integrations.Problem) bool {
		_, onPage := items[problem.Index].Type.Category()
		return errors.Is(problem.Err, integrations.ErrUnknownType) || problem.Field == "category" && !onPage
	})
}

// checkSingle returns what [WithValidation] refuses of a single save of p. It
// leaves out the models, which have saves of their own.
func (s *Server) checkSingle(st *state, p *provider) []violation {
	var c checker
	item := p.integration()
	item.APIs = nil
	for _, problem := range s.keyTable(st, item) {
		if !strings.HasPrefix(problem.Field, "apis") {
			c.add(problem.Field, problem.Reason)
		}
	}
	return c.violations
}

// checkModel returns what [WithValidation] refuses of a single save of m.
func (s *Server) checkModel(st *state, p *provider, m model) []violation {
	var c checker
	item := p.integration()
	item.APIs = []integrations.IntegrationAPI{m.api(p.name)}
	for _, problem := range s.keyTable(st, item) {
		if field, ok := strings.CutPrefix(problem.Field, "apis[0]."); ok {
			c.add(field, problem.Reason)
		}
	}
	return c.violations
}
