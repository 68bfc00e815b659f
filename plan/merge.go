package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// payload is the integration that a save sends: the file and the live side merged,
// so that the save changes only the fields that the plan shows.
type payload struct {
	item integrations.Integration
	// lost has the paths of live values that the save would lose: it would have
	// to send them back, and they cannot be read.
	lost []string
	// described has the paths of live models without a description. A save
	// requires a description, so that the save gives them their name.
	described []Field
}

// creation returns the payload of an integration that does not exist.
func creation(cfg *config, want *integrations.Integration) payload {
	item := *want
	item.Enabled = copied(want.Enabled)
	item.Configuration = copiedConfig(want.Configuration)
	item.Tags = slices.Clone(want.Tags)
	if cfg.owner != "" {
		item.Tags = append(item.Tags, integrations.Tag{Key: ownerTag, Value: cfg.owner})
	}
	item.APIs = slices.Clone(want.APIs)
	for i := range item.APIs {
		api := &item.APIs[i]
		api.Enabled, api.Configuration = copied(api.Enabled), copiedConfig(api.Configuration)
	}
	return payload{item: item}
}

// update returns the payload of an integration that exists.
func update(cfg *config, want *integrations.Integration, live *integrations.Provider) payload {
	p := payload{item: integrations.Integration{
		Name:        want.Name,
		Type:        want.Type,
		Category:    cmp.Or(want.Category, live.Category),
		Description: cmp.Or(want.Description, live.Description),
		Enabled:     copied(cmp.Or(want.Enabled, &live.Enabled)),
		Tags:        mergedTags(cfg, want.Tags, live.Tags),
	}}
	p.item.Configuration = p.config("", want.Configuration, live.Configuration, func(key integrations.ConfigKey) bool {
		return cfg.ignored[key] || serverSet(want.Type, key, live.Configuration)
	})
	for _, key := range slices.Sorted(maps.Keys(live.Configuration)) {
		if token(key) && !canonical(live.Configuration[key]).empty() {
			p.lost = append(p.lost, configPrefix+secret.Printable(string(key)))
		}
	}
	p.models(want, live)
	slices.Sort(p.lost)
	p.lost = slices.Compact(p.lost)
	return p
}

// config merges two configurations. back selects the keys whose live value is sent
// back. A live value also goes back where it is equal to the value of the file: the
// file may have the text "8080" where the server has a number. A mask of the live
// side that somebody has copied into the file would overwrite the value. The result
// is never nil: a server may take an absent configuration for an unchanged one.
func (p *payload) config(prefix string, want, live integrations.Configuration, back func(integrations.ConfigKey) bool) integrations.Configuration {
	sent := make(integrations.Configuration, len(want))
	for key, raw := range want {
		file, now := canonical(raw), canonical(live[key])
		if oAuth(key) && !now.unreadable() {
			continue
		}
		sent[key] = sendable(raw)
		switch {
		case copiedMask(file, now):
			p.lost = append(p.lost, prefix+configPrefix+secret.Printable(string(key))+" (the file has its mask)")
		case file.equal(now) && !now.empty() && !now.unreadable():
			sent[key] = live[key]
		}
	}
	for key, raw := range live {
		if !back(key) || canonical(raw).empty() {
			continue
		}
		switch {
		case !canonical(raw).unreadable():
			sent[key] = raw
		case canonical(want[key]).empty():
			p.lost = append(p.lost, prefix+configPrefix+secret.Printable(string(key)))
		}
	}
	return sent
}

// copiedMask reports whether want, a value of the file, is the mask that the
// listing shows. Apply refuses the masks that SaveAll knows.
func copiedMask(want, live value) bool {
	return live.masked && want.equal(live) && (live.compound || !secret.Masked(live.text))
}

// models merges the models of the file with the live models, which stay.
func (p *payload) models(want *integrations.Integration, provider *integrations.Provider) {
	live := modelsByName(provider)
	for _, api := range want.APIs {
		api.IntegrationName = want.Name
		api.Enabled = copied(api.Enabled)
		if model := live[api.API]; model != nil {
			p.model(api, model, want.Type)
			delete(live, api.API)
			continue
		}
		api.Configuration = copiedConfig(api.Configuration)
		p.item.APIs = append(p.item.APIs, api)
	}
	for i := range provider.APIs {
		model := &provider.APIs[i]
		if live[model.API] == model {
			p.model(integrations.IntegrationAPI{IntegrationName: want.Name, API: model.API}, model, want.Type)
		}
	}
}

// model adds a model that exists.
func (p *payload) model(api integrations.IntegrationAPI, live *integrations.Model, t integrations.Type) {
	path := modelPath(api.API)
	managed := api.Configuration != nil
	api.Configuration = p.config(path+".", api.Configuration, live.Configuration, func(key integrations.ConfigKey) bool {
		return !managed || serverSet(t, key, live.Configuration)
	})
	if !managed && len(api.Configuration) == 0 {
		api.Configuration = nil // the reference page knows no configuration of a model
	}
	api.Enabled = copied(cmp.Or(api.Enabled, &live.Enabled))
	api.Description = cmp.Or(api.Description, live.Description)
	if api.Description == "" {
		api.Description = api.API
		p.described = append(p.described, Field{Path: path + ".description", Op: OpAdd, New: api.API})
	}
	p.item.APIs = append(p.item.APIs, api)
}

// mergedTags returns the tags to send. nil want is not managed: the live tags go
// back. The owner tags are ours, or else the live owner tags.
func mergedTags(cfg *config, want, live []integrations.Tag) []integrations.Tag {
	source := want
	if want == nil {
		source = live
	}
	var tags []integrations.Tag
	if want != nil {
		tags = []integrations.Tag{} // an absent list may count as unchanged
	}
	for _, tag := range source {
		if tag.Key != ownerTag && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	owners := ownersOf(live)
	if cfg.owner != "" {
		owners = []string{cfg.owner}
	}
	for _, owner := range owners {
		tags = append(tags, integrations.Tag{Key: ownerTag, Value: owner})
	}
	return tags
}

func copied(b *bool) *bool {
	if b == nil {
		return nil
	}
	return integrations.Bool(*b)
}

func copiedConfig(config integrations.Configuration) integrations.Configuration {
	if config == nil {
		return nil
	}
	sent := make(integrations.Configuration, len(config))
	for key, raw := range config {
		sent[key] = sendable(raw)
	}
	return sent
}
