package plan

import "github.com/seed4e9a5e42/integrations"

// modelPath is the path of a model within the fields of a change.
func modelPath(name string) string { return "apis[" + quoted(name) + "]" }

// models compares the models of the file with the live models.
func (c *comparison) models(want []integrations.IntegrationAPI, provider *integrations.Provider) {
	live := modelsByName(provider)
	inFile := make(map[string]bool, len(want))
	for i := range want {
		inFile[want[i].API] = true
		switch model := live[want[i].API]; {
		case model != nil:
			c.model(&want[i], model)
		case countUnlisted(provider) > 0:
			c.unlisted(&want[i])
		default:
			c.newModel(&want[i])
		}
	}
	for i := range provider.APIs {
		if name := provider.APIs[i].API; !inFile[name] {
			c.note("model %s is not in the file and stays", quoted(name))
		}
	}
}

// countUnlisted returns how many models the server counts and does not list.
func countUnlisted(provider *integrations.Provider) int64 {
	return provider.ModelsCount - int64(len(provider.APIs))
}

func modelsByName(provider *integrations.Provider) map[string]*integrations.Model {
	live := make(map[string]*integrations.Model, len(provider.APIs))
	for i := range provider.APIs {
		live[provider.APIs[i].API] = &provider.APIs[i]
	}
	return live
}

// model compares a model that both sides have.
func (c *comparison) model(want *integrations.IntegrationAPI, live *integrations.Model) {
	path := modelPath(want.API)
	c.text(path+".description", want.Description, live.Description)
	c.flag(path+".enabled", want.Enabled, &live.Enabled)
	if want.Configuration != nil {
		c.configuration(path+".", want.Configuration, live.Configuration, func(key integrations.ConfigKey) bool {
			return serverSet(c.typ, key, live.Configuration)
		})
	}
}

// newModel adds a model that the cluster does not have. Its description is not
// shown, but a reviewer has read it in the file.
func (c *comparison) newModel(want *integrations.IntegrationAPI) {
	path := modelPath(want.API)
	c.add(Field{Path: path, Op: OpAdd})
	c.approved = append(c.approved, c.show.approvedText(Field{Path: path + ".description", Op: OpAdd, New: want.Description}))
	c.flag(path+".enabled", want.Enabled, nil)
	c.configuration(path+".", want.Configuration, nil, func(integrations.ConfigKey) bool { return false })
}

// unlisted deals with a model of the file that the server may have and not list. It
// may be new, and a save sends it as a whole, so that a reviewer approves all of it.
func (c *comparison) unlisted(want *integrations.IntegrationAPI) {
	if c.cfg.rewrite {
		c.add(Field{Path: modelPath(want.API), Op: OpRewrite})
	} else {
		c.note("model %s may be one of the models that are not listed: not compared", quoted(want.API))
	}
	whole := comparison{cfg: c.cfg, show: c.show, typ: c.typ}
	whole.newModel(want)
	c.approved = append(c.approved, whole.approved...)
}
