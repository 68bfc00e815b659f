package fake

import (
	"cmp"

	"github.com/seed4e9a5e42/integrations"
)

// batch is the body of a bulk save with its mistakes.
type batch struct {
	checker
	items []integrations.Integration
	bad   map[int]bool // places of the items with a mistake
}

// saveAll answers POST /api/integrations/.
func (s *Server) saveAll(c *call) *reply {
	b, err := parseBatch(c.body)
	if err != nil {
		return badRequest(err.Error())
	}
	now := s.stamp()
	return s.change(c, func(st *state) *reply {
		if len(b.violations) == 0 || s.cfg.behaviour.PartialSaves {
			s.check(st, b)
		}
		protected := b.protected(s.cfg.readOnly)
		if protected == "" && len(b.violations) == 0 || s.cfg.behaviour.PartialSaves {
			b.checkTypes(st, func(t integrations.Type) bool { return s.knows(st, t) })
		}
		if len(b.bad) == 0 || s.cfg.behaviour.PartialSaves {
			b.each(func(_ int, item *integrations.Integration) { st.upsert(*item, now, s.cfg.behaviour) })
		}
		switch {
		case protected != "":
			return forbidden(protected)
		case len(b.violations) > 0:
			return badRequest("the batch is refused", b.violations...)
		}
		return done()
	})
}

// each calls f for every item without a mistake.
func (b *batch) each(f func(i int, item *integrations.Integration)) {
	for i := range b.items {
		if !b.bad[i] {
			f(i, &b.items[i])
		}
	}
}

// note marks item i if it got violations since there were before of them.
func (b *batch) note(i, before int) {
	if len(b.violations) > before {
		b.mark(i)
	}
}

func (b *batch) mark(i int) {
	if b.bad == nil {
		b.bad = map[int]bool{}
	}
	b.bad[i] = true
}

// protected marks the items that are read-only, and returns the first one's name.
func (b *batch) protected(readOnly map[string]bool) (first string) {
	for i, item := range b.items {
		if readOnly[item.Name] {
			b.mark(i)
			first = cmp.Or(first, item.Name)
		}
	}
	return first
}

// checkTypes finds types that nobody knows, and types that differ from those
// saved or from another item of the batch.
func (b *batch) checkTypes(st *state, known func(integrations.Type) bool) {
	types := make(map[string]integrations.Type, len(b.items))
	b.each(func(i int, item *integrations.Integration) {
		if saved := st.providers.get(item.Name); saved != nil && types[item.Name] == "" {
			types[item.Name] = saved.kind
		}
		before := len(b.violations)
		switch earlier := types[item.Name]; {
		case earlier != "" && earlier != item.Type:
			b.add(prefix(i)+"type", "cannot be changed")
		case earlier == "" && !known(item.Type):
			b.add(prefix(i)+"type", "is not a known type")
		default:
			types[item.Name] = item.Type
		}
		b.note(i, before)
	})
}

// upsert saves one item of a batch.
func (st *state) upsert(item integrations.Integration, now audit, how Behaviour) {
	old := st.providers.get(item.Name)
	p := &provider{
		audit: now, name: item.Name, kind: item.Type, description: item.Description,
		category: cmp.Or(item.Category, st.categoryOf(item.Type)),
		enabled:  true, config: item.Configuration, tags: distinct(item.Tags),
	}
	if old != nil {
		p.audit, p.enabled, p.limits = now.since(old.audit), old.enabled, old.limits
		switch {
		case how.DropTags:
			p.tags = old.tags
		case how.MergeTags:
			p.tags = added(old.tags, item.Tags)
		}
	} else if how.DropTags {
		p.tags = nil
	}
	if item.Enabled != nil {
		p.enabled = *item.Enabled
	}
	p.models = mergedModels(old, item.APIs, now, how.KeepModels)
	st.putProvider(p.name, old, p)
}

// distinct returns tags with each pair once. nil stays nil.
func distinct(tags []integrations.Tag) []integrations.Tag {
	if tags == nil {
		return nil
	}
	return added([]integrations.Tag{}, tags)
}

// mergedModels returns the models after a bulk save. Of two of one name, the
// later one stays. Models that are left out are gone, unless keep is set.
func mergedModels(old *provider, apis []integrations.IntegrationAPI, now audit, keep bool) []model {
	var list []model
	if apis != nil {
		list = make([]model, 0, len(apis))
	}
	known := old.modelsByName()
	place := make(map[string]int, len(apis))
	for _, api := range apis {
		m := bulkModel(api, known[api.API], now)
		if i, twice := place[m.name]; twice {
			list[i] = m
			continue
		}
		place[m.name] = len(list)
		list = append(list, m)
	}
	if !keep || old == nil {
		return list
	}
	for _, m := range old.models {
		if _, saved := place[m.name]; !saved {
			list = append(list, m)
		}
	}
	return list
}

// bulkModel returns what a bulk save makes of a model, which is nil if it is new.
func bulkModel(api integrations.IntegrationAPI, old *model, now audit) model {
	m := model{audit: now, name: api.API, description: api.Description, enabled: true, config: api.Configuration}
	if old != nil {
		m.audit, m.enabled, m.tags = now.since(old.audit), old.enabled, old.tags
	}
	if api.Enabled != nil {
		m.enabled = *api.Enabled
	}
	return m
}

// parseBatch reads the body of a bulk save. An error means that it is no array.
func parseBatch(body []byte) (*batch, error) {
	elements, err := parseArray(body)
	if err != nil {
		return nil, err
	}
	b := &batch{items: make([]integrations.Integration, len(elements))}
	for i, element := range elements {
		before := len(b.violations)
		b.items[i] = b.integration(element, at("", i))
		b.note(i, before)
	}
	return b, nil
}

func (c *checker) integration(value any, path string) integrations.Integration {
	o := c.element(value, path)
	path += "."
	item := integrations.Integration{
		Name:          c.text(o, path, "name"),
		Type:          integrations.Type(c.text(o, path, "type")),
		Category:      integrations.Category(c.text(o, path, "category")),
		Description:   c.text(o, path, "description"),
		Enabled:       c.flag(o, path, "enabled"),
		Configuration: c.configuration(o, path, "configuration"),
	}
	item.Tags = elements(c, o, path, "tags", (*checker).tag)
	item.APIs = elements(c, o, path, "apis", (*checker).api)
	return item
}

func (c *checker) api(value any, path string) integrations.IntegrationAPI {
	o := c.element(value, path)
	path += "."
	return integrations.IntegrationAPI{
		IntegrationName: c.text(o, path, "integrationName"),
		API:             c.text(o, path, "api"),
		Description:     c.text(o, path, "description"),
		Enabled:         c.flag(o, path, "enabled"),
		Configuration:   c.configuration(o, path, "configuration"),
	}
}
