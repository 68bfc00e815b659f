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
		if !validText(name) {
			v.brokenText(place{"apis[].integrationName", n, ""})
		}
		if v.cfg.mode != Off {
			v.add(place{"apis[].integrationName", n, ""}, ErrMismatch, "is not the name of the integration")
		}
	}
	if !validText(m.API) {
		v.brokenText(place{"apis[].api", n, ""})
	}
	if v.cfg.mode != Off && blank(m.API) {
		v.add(place{"apis[].api", n, ""}, ErrMissing, "is required")
	}
	v.description(place{"apis[].description", n, ""}, m.Description)
	if len(m.Configuration) > 0 {
		v.otherKeys(place{modelKey, n, ""}, m.Configuration, nil)
	}
}

// description checks the description of a model.
func (v *validator) description(p place, s string) {
	if !validText(s) {
		v.brokenText(p)
	}
	if v.cfg.mode != Off && blank(s) {
		v.add(p, ErrMissing, "is required")
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
		if at, ok := first[name]; ok {
			earlier = at
		} else if first != nil {
			first[name] = i
		} else {
			earlier = 0
			for earlier < i && apis[earlier].API != name {
				earlier++
			}
		}
		if earlier < i && !blank(name) {
			v.add(place{"apis[].api", i, ""}, ErrDuplicate, "is the same as apis[%d].api", earlier)
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
