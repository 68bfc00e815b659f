package integrations

func (v *validator) models() {
	apis := v.item.APIs
	if len(apis) == 0 {
		v.noModels()
	}
	for i := range apis {
		v.model(i, &apis[i])
	}
	if len(apis) > 1 && v.cfg.mode != Off {
		v.duplicateModels()
	}
}

func (v *validator) model(n int, m *IntegrationAPI) {
	if name := m.IntegrationName; name != "" && name != v.item.Name {
		v.text(place{"apis", n, "integrationName", ""}, name)
		if v.cfg.mode != Off {
			v.add(place{"apis", n, "integrationName", ""}, ErrMismatch, "is not the name of the integration")
		}
	}
	v.text(place{"apis", n, "api", ""}, m.API)
	if v.cfg.mode != Off && blank(m.API) {
		v.add(place{"apis", n, "api", ""}, ErrMissing, "is required")
	}
	v.description("apis", n, m.Description)
	if len(m.Configuration) > 0 {
		v.otherKeys(place{list: "apis", n: n}, m.Configuration, nil)
	}
}

// description checks the description of a model.
func (v *validator) description(list string, n int, s string) {
	v.text(place{list, n, "description", ""}, s)
	if v.cfg.mode != Off && blank(s) {
		v.add(place{list, n, "description", ""}, ErrMissing, "is required")
	}
}

// duplicateModels compares a few models pairwise, which allocates nothing.
func (v *validator) duplicateModels() {
	const few = 8
	apis := v.item.APIs
	var first map[string]int
	if len(apis) > few {
		first = make(map[string]int, len(apis))
	}
	for i := range apis {
		name, earlier := apis[i].API, i
		if first == nil {
			for earlier = 0; apis[earlier].API != name; earlier++ {
			}
		} else if at, ok := first[name]; ok {
			earlier = at
		} else {
			first[name] = i
		}
		if earlier < i && !blank(name) {
			v.add(place{"apis", i, "api", ""}, ErrDuplicate, "is the same as apis[%d].api", earlier)
		}
	}
}

func (v *validator) noModels() {
	if v.cfg.mode != Strict {
		return
	}
	category := v.item.Category
	if v.rule != nil && v.rule.category != "" {
		category = v.rule.category
	}
	switch category {
	case CategoryAIModel, CategoryVectorDB, CategoryRelationalDB:
		v.add(place{name: "apis"}, ErrMissing, "must have at least one model, index or table in category %s", category)
	}
}
