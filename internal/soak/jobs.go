package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed4e9a5e42/integrations"
	ensure "github.com/seed4e9a5e42/integrations/plan"
)

// jobs use every operation. A job that writes looks whether the write is there.
var jobs = []struct {
	name string
	do   func(*worker, context.Context) error
}{
	{"save all", (*worker).saveAll},
	{"save one", (*worker).saveProvider},
	{"save and delete one", (*worker).deleteProvider},
	{"save a model", (*worker).saveModel},
	{"save, link and delete a model", (*worker).deleteModel},
	{"tags", (*worker).providerTags},
	{"tags of a model", (*worker).modelTags},
	{"definitions", (*worker).definitions},
	{"token limit", (*worker).tokenLimit},
	{"token usage", (*worker).tokenUsage},
	{"events", (*worker).events},
	{"lists", (*worker).lists},
	{"models", (*worker).models},
	{"a list in a hurry", (*worker).hurriedList},
	{"ensure", (*worker).ensure},
}

func (w *worker) saveAll(ctx context.Context) error {
	item := w.item(w.text())
	save := func() error { return w.client.SaveAll(ctx, []integrations.Integration{item}) }
	if err := w.call(integrations.OpSaveAll, save); err != nil {
		return err
	}
	return w.saved(item)
}

// ensure lets a plan write what saveAll writes.
func (w *worker) ensure(ctx context.Context) error {
	op := integrations.OpListIntegrations
	if w.random.IntN(2) == 0 {
		op = integrations.OpSaveAll
	}
	item := w.item(w.text())
	keep := func() error { return ensure.Ensure(ctx, w.client, []integrations.Integration{item}) }
	if err := w.call(op, keep); err != nil {
		return err
	}
	return w.saved(item)
}

func (w *worker) saveProvider(ctx context.Context) error {
	item := w.item(w.text())
	item.APIs, item.Tags = nil, nil
	save := func() error { return w.client.SaveProvider(ctx, item) }
	if err := w.call(integrations.OpSaveProvider, save); err != nil {
		return err
	}
	return w.saved(item)
}

// deleteProvider saves guest and deletes it.
func (w *worker) deleteProvider(ctx context.Context) error {
	item := w.item(w.text())
	item.Name, item.APIs, item.Tags = w.guest, nil, nil
	save := func() error { return w.client.SaveProvider(ctx, item) }
	if err := w.call(integrations.OpSaveProvider, save); err != nil {
		return err
	}
	if err := w.saved(item); err != nil {
		return err
	}
	if err := w.remove(integrations.OpDeleteProvider, func() error { return w.client.DeleteProvider(ctx, w.guest) }); err != nil {
		return err
	}
	if _, there := w.srv.Integration(w.guest); there {
		return lost("the delete of", w.guest)
	}
	return nil
}

func (w *worker) saveModel(ctx context.Context) error {
	m := integrations.IntegrationAPI{API: model, Description: w.text()}
	save := func() error { return w.client.SaveModel(ctx, w.home, m) }
	if err := w.call(integrations.OpSaveModel, save); err != nil {
		return err
	}
	return w.savedModel(m)
}

// deleteModel saves a model, associates the prompt with it, and deletes it.
func (w *worker) deleteModel(ctx context.Context) error {
	m := integrations.IntegrationAPI{API: guestModel, Description: w.text()}
	save := func() error { return w.client.SaveModel(ctx, w.home, m) }
	if err := w.call(integrations.OpSaveModel, save); err != nil {
		return err
	}
	if err := w.savedModel(m); err != nil {
		return err
	}
	if err := w.link(ctx); err != nil {
		return err
	}
	if err := w.remove(integrations.OpDeleteModel, func() error { return w.client.DeleteModel(ctx, w.home, guestModel) }); err != nil {
		return err
	}
	if item, _ := w.srv.Integration(w.home); findModel(item, guestModel) != nil {
		return lost("the delete of the model", guestModel)
	}
	return nil
}

// link associates the prompt with the guest model.
func (w *worker) link(ctx context.Context) error {
	associate := func() error { return w.client.AssociatePrompt(ctx, w.home, guestModel, w.prompt) }
	if err := w.call(integrations.OpAssociatePrompt, associate); err != nil {
		return err
	}
	prompts, err := read(w, integrations.OpListPrompts, func() ([]integrations.Prompt, error) {
		return w.client.ListPrompts(ctx, w.home, guestModel)
	})
	if err != nil {
		return err
	}
	if len(prompts) != 1 || prompts[0].Name != w.prompt {
		return lost("the association of", w.prompt)
	}
	return nil
}

// remove makes a call that deletes. A call that was carried out although it
// failed may find nothing when it is made again.
func (w *worker) remove(op integrations.Op, do func() error) error {
	tries := 0
	return w.call(op, func() error {
		tries++
		err := do()
		if tries > 1 && errors.Is(err, integrations.ErrNotFound) {
			return nil
		}
		return err
	})
}

// tokenLimit saves a limit and reads it back.
func (w *worker) tokenLimit(ctx context.Context) error {
	w.serial++
	want := int64(w.serial)
	save := func() error {
		return w.client.SaveTokenLimit(ctx, w.home, integrations.TokenLimit{MaxTokens: want, Period: integrations.LimitPeriodDay})
	}
	if err := w.call(integrations.OpSaveTokenLimit, save); err != nil {
		return err
	}
	limit, err := read(w, integrations.OpGetTokenLimit, func() (integrations.TokenLimit, error) {
		return w.client.GetTokenLimit(ctx, w.home)
	})
	if err == nil && limit.MaxTokens != want {
		return lost("the token limit of", w.home)
	}
	return err
}

func (w *worker) tokenUsage(ctx context.Context) error {
	usage, err := read(w, integrations.OpListTokenUsage, func() ([]integrations.TokenUsage, error) {
		return w.client.ListTokenUsage(ctx, w.home)
	})
	if err == nil && (len(usage) != 1 || usage[0].TotalTokens != 42) {
		return lost("the token usage of", w.home)
	}
	return err
}

// events sends two events once, and notes what became of the call.
func (w *worker) events(ctx context.Context) error {
	w.counts.calls.Add(1)
	w.disturb(integrations.OpRecordEvents)
	events := []integrations.Event{{ID: w.text()}, {ID: w.text()}}
	err := w.client.RecordEvents(ctx, "kafka", events...)
	w.log.sent(events, err == nil)
	if err == nil {
		return nil
	}
	name := nameOf(err)
	if name == "" {
		name = once
	}
	w.ledger.fail(name)
	return nil
}

// hurriedList lists with a context that ends soon.
func (w *worker) hurriedList(ctx context.Context) error {
	hurry, cancel := context.WithTimeout(ctx, time.Duration(w.random.Int64N(int64(2*time.Millisecond))))
	defer cancel()
	_, err := read(w, integrations.OpListProviders, func() ([]integrations.Provider, error) {
		return w.client.ListProviders(hurry)
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// definitions registers a type and reads it back, alone and among all others.
func (w *worker) definitions(ctx context.Context) error {
	def := integrations.Definition{Type: w.kind, Name: string(w.kind), Description: w.text(), Enabled: true}
	register := func() error { return w.client.RegisterDefinitions(ctx, def) }
	if err := w.call(integrations.OpRegisterDefinitions, register); err != nil {
		return err
	}
	one, err := read(w, integrations.OpGetDefinition, func() (integrations.Definition, error) {
		return w.client.GetDefinition(ctx, string(w.kind))
	})
	if err != nil {
		return err
	}
	all, err := read(w, integrations.OpListDefinitions, func() ([]integrations.Definition, error) {
		return w.client.ListDefinitions(ctx)
	})
	if err != nil {
		return err
	}
	same := func(d integrations.Definition) bool { return d.Type == w.kind && d.Description == def.Description }
	if !same(one) || !slices.ContainsFunc(all, same) {
		return lost("the definition of", string(w.kind))
	}
	return nil
}

// lost is the error of a write that is not there.
func lost(what, name string) error { return fmt.Errorf("%s %s is lost", what, name) }
