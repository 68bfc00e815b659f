package fake

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// Put saves items as a user without limits would:
//
//   - No request is recorded.
//   - [WithReadOnly], [WithValidation] and [WithBehaviour] do not apply.
//   - An integration may be of any type, known or not.
//   - A model without an IntegrationName gets the name of its integration.
//   - A model may have an empty description, as after the save of a single model.
//     Therefore Put takes what [Server.Integrations] returns.
//
// An item replaces the saved integration of its name, of whatever type that is. An
// absent Enabled is true. What an item cannot hold stays: createTime, createdBy, the
// token limits, and the tags and prompt links of models that stay. [Server.Remove]
// the integration first for a new beginning.
//
// Put refuses everything else that a server refuses according to the reference
// pages, such as a tag without a key. Put then saves none of items, and the test
// fails with Errorf. Where there is no test, Put panics.
func (s *Server) Put(items ...integrations.Integration) {
	s.t.Helper()
	if err := s.seed(items); err != nil {
		s.t.Errorf("fake: Put: %v", err)
	}
}

func (s *Server) seed(items []integrations.Integration) error {
	sent, err := normalised(items)
	if err != nil {
		return err
	}
	var errs []error
	for i := range sent {
		var c checker
		c.checkPage(prefix(i), &sent[i])
		errs = append(errs, c.err(sent[i].Name))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	now := s.stamp()
	s.store.change(true, func(st *state) *reply {
		for _, item := range sent {
			st.setDefaults(&item)
			st.upsert(item, now, Behaviour{})
		}
		return nil
	})
	return nil
}

// err returns the mistakes of a seed. name is the name of its integration, or empty.
func (c *checker) err(name string) error {
	owner := ""
	if name != "" {
		owner = fmt.Sprintf(" (integration %q)", name)
	}
	var errs []error
	for _, v := range c.violations {
		errs = append(errs, errors.New(v.Path+" "+v.Message+owner))
	}
	return errors.Join(errs...)
}

// normalised returns items as a save by the client would bring them here.
func normalised(items []integrations.Integration) ([]integrations.Integration, error) {
	sent := make([]integrations.Integration, len(items))
	for i, item := range items {
		item.APIs = slices.Clone(item.APIs)
		for j := range item.APIs {
			if item.APIs[j].IntegrationName == "" {
				item.APIs[j].IntegrationName = item.Name
			}
		}
		sent[i] = item
	}
	body, err := json.Marshal(sent)
	if err != nil {
		return nil, unencodable(sent)
	}
	b, err := parseBatch(body)
	if err != nil {
		return nil, err
	}
	return b.items, b.err("")
}

// unencodable names the values that JSON cannot carry. It does not quote the encoder,
// whose text may hold the value.
func unencodable(items []integrations.Integration) error {
	var errs []error
	for i, item := range items {
		var c checker
		c.encodable(prefix(i), item.Configuration)
		for j, api := range item.APIs {
			c.encodable(at(prefix(i)+"apis", j)+".", api.Configuration)
		}
		errs = append(errs, c.err(item.Name))
	}
	return errors.Join(errs...)
}

func (c *checker) encodable(path string, config integrations.Configuration) {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if _, err := json.Marshal(config[key]); err != nil {
			c.add(path+"configuration."+secret.Printable(string(key)), "cannot be encoded")
		}
	}
}

// Remove removes integrations, with everything that belongs to them. [WithReadOnly]
// does not apply, and no request is recorded. A missing name is no error.
func (s *Server) Remove(names ...string) {
	s.store.change(true, func(st *state) *reply {
		for _, name := range names {
			if p := st.providers.get(name); p != nil {
				st.putProvider(name, p, nil)
			}
		}
		return nil
	})
}

// PutPrompts saves prompts. No request is recorded. A prompt replaces the saved
// prompt of its name, with the links to models. The fake sets the times and users.
// If Variables is nil, the fake finds the variables in the template. A Version of 0
// is 1.
//
// If a prompt has no name, or if the provider of a link is empty or has a colon,
// nothing is saved, and the test fails with Errorf. Where there is no test, PutPrompts
// panics.
func (s *Server) PutPrompts(prompts ...integrations.Prompt) {
	s.t.Helper()
	var c checker
	for i, p := range prompts {
		c.require(prefix(i)+"name", p.Name)
		for j, ref := range p.Integrations {
			if _, err := ref.MarshalText(); err != nil {
				c.add(at(prefix(i)+"integrations", j), "must have a provider without a colon")
			}
		}
	}
	if err := c.err(""); err != nil {
		s.t.Errorf("fake: PutPrompts: %v", err)
		return
	}
	now := s.stamp()
	s.store.change(true, func(st *state) *reply {
		for _, p := range prompts {
			st.putPrompt(p, now)
		}
		return nil
	})
}

func (st *state) putPrompt(p integrations.Prompt, now audit) {
	saved := &prompt{
		audit: now, name: p.Name, description: p.Description, template: p.Template, version: max(1, p.Version),
		variables: slices.Clone(p.Variables), refs: slices.Clone(p.Integrations), tags: distinct(p.Tags),
	}
	if old := st.prompts.get(p.Name); old != nil {
		saved.audit = now.since(old.audit)
	}
	if p.Variables == nil {
		saved.variables = variables(p.Template)
	}
	st.prompts.put(p.Name, saved)
}

// PutDefinitions replaces all definitions. By default they are made from the key
// table. Without arguments no definition is left. The types of defs may be saved
// from now on, beside the types of the key table.
//
// If a definition has no type, or the type of an earlier one, nothing changes, and the
// test fails with Errorf. Where there is no test, PutDefinitions panics.
func (s *Server) PutDefinitions(defs ...integrations.Definition) {
	s.t.Helper()
	if err := checkDefinitions(defs); err != nil {
		s.t.Errorf("fake: PutDefinitions: %v", err)
		return
	}
	copies := []integrations.Definition{}
	for _, def := range defs {
		text, err := json.Marshal(def)
		var c integrations.Definition
		if err != nil || json.Unmarshal(text, &c) != nil {
			s.t.Errorf("fake: PutDefinitions: the definition of type %q cannot be encoded", def.Type)
			return
		}
		copies = append(copies, c)
	}
	s.store.change(true, func(st *state) *reply {
		st.definitions = copies
		return nil
	})
}

// checkDefinitions refuses a definition without a type, and a second definition of
// one type.
func checkDefinitions(defs []integrations.Definition) error {
	var c checker
	seen := map[integrations.Type]bool{}
	for i, def := range defs {
		c.require(prefix(i)+"type", string(def.Type))
		if def.Type != "" && seen[def.Type] {
			c.add(prefix(i)+"type", "is the type of an earlier definition")
		}
		seen[def.Type] = true
	}
	return c.err("")
}

// PutTokenUsage adds to what [integrations.Client.ListTokenUsage] returns. Each
// usage is shown under the integration of its IntegrationName, if there is such
// an integration. A PeriodStart of 0 is now, so that the usage is in every window.
//
// If a usage has no IntegrationName, nothing is added, and the test fails with Errorf.
// Where there is no test, PutTokenUsage panics.
func (s *Server) PutTokenUsage(usage ...integrations.TokenUsage) {
	s.t.Helper()
	var c checker
	added := slices.Clone(usage)
	for i := range added {
		c.require(prefix(i)+"integrationName", added[i].IntegrationName)
		added[i].PeriodStart = cmp.Or(added[i].PeriodStart, s.stamp().CreateTime)
	}
	if err := c.err(""); err != nil {
		s.t.Errorf("fake: PutTokenUsage: %v", err)
		return
	}
	s.store.change(true, func(st *state) *reply {
		st.usage = append(st.usage, added...)
		return nil
	})
}
