package main

import (
	"context"
	"slices"

	"github.com/seed4e9a5e42/integrations"
)

// saved looks whether the server has item: what item leaves out may be anything.
func (w *worker) saved(item integrations.Integration) error {
	got, _ := w.srv.Integration(item.Name)
	ok := got.Description == item.Description && containsAll(got.Tags, item.Tags)
	for _, m := range item.APIs {
		found := findModel(got, m.API)
		ok = ok && found != nil && found.Description == m.Description
	}
	if !ok {
		return lost("the save of", item.Name)
	}
	return nil
}

// savedModel looks whether home has m.
func (w *worker) savedModel(m integrations.IntegrationAPI) error {
	item, _ := w.srv.Integration(w.home)
	if found := findModel(item, m.API); found == nil || found.Description != m.Description {
		return lost("the save of the model", m.API)
	}
	return nil
}

func findModel(item integrations.Integration, name string) *integrations.IntegrationAPI {
	for i := range item.APIs {
		if item.APIs[i].API == name {
			return &item.APIs[i]
		}
	}
	return nil
}

func containsAll(tags, wanted []integrations.Tag) bool {
	for _, tag := range wanted {
		if !slices.Contains(tags, tag) {
			return false
		}
	}
	return true
}

// tagged is an integration or a model: both have tags.
type tagged struct {
	name            string
	put, remove     integrations.Op
	list            integrations.Op
	putTag, takeTag func(integrations.Tag) error
	tags            func() ([]integrations.Tag, error)
}

func (w *worker) providerTags(ctx context.Context) error {
	return w.tagAndUntag(tagged{
		name: w.home,
		put:  integrations.OpPutProviderTags, remove: integrations.OpDeleteProviderTags, list: integrations.OpListProviderTags,
		putTag:  func(tag integrations.Tag) error { return w.client.PutProviderTags(ctx, w.home, tag) },
		takeTag: func(tag integrations.Tag) error { return w.client.DeleteProviderTags(ctx, w.home, tag) },
		tags:    func() ([]integrations.Tag, error) { return w.client.ListProviderTags(ctx, w.home) },
	})
}

func (w *worker) modelTags(ctx context.Context) error {
	return w.tagAndUntag(tagged{
		name: model,
		put:  integrations.OpPutModelTags, remove: integrations.OpDeleteModelTags, list: integrations.OpListModelTags,
		putTag:  func(tag integrations.Tag) error { return w.client.PutModelTags(ctx, w.home, model, tag) },
		takeTag: func(tag integrations.Tag) error { return w.client.DeleteModelTags(ctx, w.home, model, tag) },
		tags:    func() ([]integrations.Tag, error) { return w.client.ListModelTags(ctx, w.home, model) },
	})
}

// tagAndUntag puts a tag, looks for it, removes it, and looks again.
func (w *worker) tagAndUntag(t tagged) error {
	tag := integrations.Tag{Key: "note", Value: w.text()}
	if err := w.call(t.put, func() error { return t.putTag(tag) }); err != nil {
		return err
	}
	tags, err := read(w, t.list, t.tags)
	if err != nil {
		return err
	}
	if !slices.Contains(tags, tag) {
		return lost("a tag of", t.name)
	}
	if err := w.call(t.remove, func() error { return t.takeTag(tag) }); err != nil {
		return err
	}
	tags, err = read(w, t.list, t.tags)
	if err == nil && slices.Contains(tags, tag) {
		return lost("the removal of a tag of", t.name)
	}
	return err
}

// lists looks for home in the lists of all integrations.
func (w *worker) lists(ctx context.Context) error {
	item, _ := w.srv.Integration(w.home)
	shown := func(p integrations.Provider) bool { return p.Name == w.home && p.Description == item.Description }
	short, err := read(w, integrations.OpListProviders, func() ([]integrations.Provider, error) {
		return w.client.ListProviders(ctx, integrations.IncludeInactive())
	})
	if err != nil {
		return err
	}
	long, err := read(w, integrations.OpListIntegrations, func() ([]integrations.Provider, error) {
		return w.client.ListIntegrations(ctx)
	})
	if err != nil {
		return err
	}
	refs, err := read(w, integrations.OpListRefs, func() ([]integrations.Ref, error) { return w.client.ListRefs(ctx) })
	if err != nil {
		return err
	}
	ref := integrations.Ref{Provider: w.home, Model: model}
	if !slices.ContainsFunc(short, shown) || !slices.ContainsFunc(long, shown) || !slices.Contains(refs, ref) {
		return lost("in a list:", w.home)
	}
	return nil
}

// models reads home and its model alone, and then the lists of models.
func (w *worker) models(ctx context.Context) error {
	item, _ := w.srv.Integration(w.home)
	provider, err := read(w, integrations.OpGetProvider, func() (integrations.Provider, error) {
		return w.client.GetProvider(ctx, w.home)
	})
	if err != nil {
		return err
	}
	one, err := read(w, integrations.OpGetModel, func() (integrations.Model, error) {
		return w.client.GetModel(ctx, w.home, model)
	})
	if err != nil {
		return err
	}
	if provider.Description != item.Description || one.Description != findModel(item, model).Description {
		return lost("a read of", w.home)
	}
	return w.modelLists(ctx)
}

// modelLists looks for the model in the lists of models.
func (w *worker) modelLists(ctx context.Context) error {
	list, err := read(w, integrations.OpListModels, func() ([]integrations.Model, error) {
		return w.client.ListModels(ctx, w.home)
	})
	if err != nil {
		return err
	}
	names, err := read(w, integrations.OpListAvailableModels, func() ([]string, error) {
		return w.client.ListAvailableModels(ctx, w.home)
	})
	if err != nil {
		return err
	}
	item, _ := w.srv.Integration(w.home)
	description := findModel(item, model).Description
	shown := func(m integrations.Model) bool { return m.API == model && m.Description == description }
	if !slices.ContainsFunc(list, shown) || !slices.Contains(names, model) {
		return lost("in a list: a model of", w.home)
	}
	return nil
}
