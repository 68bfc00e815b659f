package fake

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seed4e9a5e42/integrations"
)

// store is what has been saved. A record is replaced, never changed.
type store struct {
	mu      sync.Mutex
	records map[string]record
}

type record struct {
	integrations.Integration
	created, updated stamp
}

// stamp is who saved, and when.
type stamp struct {
	by string
	at integrations.Timestamp
}

func (s *Server) stamp() stamp {
	return stamp{by: s.cfg.user, at: integrations.Timestamp(s.cfg.now().UnixMilli())}
}

// upsert saves all of items or, with a violation or without commit, none.
func (st *store) upsert(items []integrations.Integration, now stamp, commit bool) []violation {
	st.mu.Lock()
	defer st.mu.Unlock()
	if violations := st.typeChanges(items); len(violations) > 0 || !commit {
		return violations
	}
	if st.records == nil {
		st.records = map[string]record{}
	}
	for _, item := range items {
		r := record{Integration: item, created: now, updated: now}
		if old, ok := st.records[item.Name]; ok {
			r.created = old.created
			if r.Enabled == nil {
				r.Enabled = old.Enabled
			}
		}
		setDefaults(&r.Integration)
		st.records[item.Name] = r
	}
	return nil
}

// typeChanges compares items with what is saved and with each other.
func (st *store) typeChanges(items []integrations.Integration) []violation {
	var c checker
	seen := make(map[string]integrations.Type, len(items))
	for i, item := range items {
		before, ok := seen[item.Name]
		if !ok {
			before = st.records[item.Name].Type
		}
		if before != "" && item.Type != before {
			c.add(fmt.Sprintf("[%d].type", i), "cannot be changed")
		}
		seen[item.Name] = item.Type
	}
	return c.violations
}

// setDefaults fills in what a save may leave out.
func setDefaults(item *integrations.Integration) {
	if item.Category == "" {
		item.Category, _ = item.Type.Category()
	}
	if item.Enabled == nil {
		item.Enabled = integrations.Bool(true)
	}
}

// check returns what the server would refuse of items: what the pages say it
// does, and what [WithValidation] adds.
func (s *Server) check(items []integrations.Integration) []violation {
	violations := checkPages(items, s.cfg.validation != integrations.Lenient)
	if s.cfg.validation == integrations.Off {
		return violations
	}
	reported := make(map[string]bool, len(violations))
	for _, v := range violations {
		reported[v.Path] = true
	}
	var invalid *integrations.ValidationError
	if !errors.As(integrations.Validate(items, integrations.WithValidation(s.cfg.validation)), &invalid) {
		return violations
	}
	for _, problem := range invalid.Problems {
		path := fmt.Sprintf("[%d].%s", problem.Index, problem.Field)
		if !reported[path] {
			violations = append(violations, violation{Path: path, Message: problem.Reason})
		}
	}
	return violations
}

// checkPages is what the pages say. Without knownTypes any type will do.
func checkPages(items []integrations.Integration, knownTypes bool) []violation {
	var c checker
	for i, item := range items {
		path := fmt.Sprintf("[%d]", i)
		c.require(path+".name", item.Name)
		c.require(path+".type", string(item.Type))
		if _, known := item.Type.Category(); knownTypes && !known && item.Type != "" {
			c.add(path+".type", "is not a known type")
		}
		for j, api := range item.APIs {
			path := fmt.Sprintf("%s.apis[%d]", path, j)
			c.require(path+".integrationName", api.IntegrationName)
			if api.IntegrationName != "" && api.IntegrationName != item.Name {
				c.add(path+".integrationName", "must be the name of the integration")
			}
			c.require(path+".api", api.API)
			c.require(path+".description", api.Description)
		}
	}
	return c.violations
}

// providers returns what a listing shows, sorted by name and never nil.
func (st *store) providers(category integrations.Category, activeOnly bool) []integrations.Provider {
	list := []integrations.Provider{}
	for _, r := range st.sorted() {
		if category != "" && r.Category != category || activeOnly && !*r.Enabled {
			continue
		}
		list = append(list, r.provider())
	}
	return list
}

func (st *store) sorted() []record {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.SortedFunc(maps.Values(st.records), func(a, b record) int { return strings.Compare(a.Name, b.Name) })
}

func (r record) provider() integrations.Provider {
	tags := r.Tags
	if tags == nil {
		tags = []integrations.Tag{}
	}
	return integrations.Provider{
		Name:          r.Name,
		Type:          r.Type,
		Category:      r.Category,
		Description:   r.Description,
		Enabled:       *r.Enabled,
		Configuration: masked(r.Type, r.Configuration),
		Tags:          tags,
		ModelsCount:   int64(len(r.APIs)),
		CreateTime:    r.created.at,
		UpdateTime:    r.updated.at,
		CreatedBy:     r.created.by,
		UpdatedBy:     r.updated.by,
	}
}

// masked returns a copy of config with a mask for every secret that is not empty.
func masked(t integrations.Type, config integrations.Configuration) integrations.Configuration {
	shown := make(integrations.Configuration, len(config))
	for key, value := range config {
		if secret(t, key) && value != nil && value != "" {
			value = "xxxxx"
		}
		shown[key] = value
	}
	return shown
}

// secret adds to [integrations.ConfigKey.Secret] the endpoint that is a
// connection string, with a password in it.
func secret(t integrations.Type, key integrations.ConfigKey) bool {
	return key.Secret() || t == integrations.TypeMongoVectorDB && key == integrations.KeyEndpoint
}

// Put saves items as if a user without limits had: unrecorded, whatever
// [WithReadOnly] and [WithValidation] say, of any type, known or not, and with
// the integration's name filled in where a model has none. What else the pages
// say a server refuses is refused here too, the whole of items: the test fails
// with Errorf, or Put panics where there is no test.
func (s *Server) Put(items ...integrations.Integration) {
	s.t.Helper()
	if err := s.seed(items); err != nil {
		s.t.Errorf("fake: Put: %v", err)
	}
}

func (s *Server) seed(items []integrations.Integration) error {
	items, err := normalised(items)
	if err != nil {
		return err
	}
	violations := checkPages(items, false)
	if len(violations) == 0 {
		violations = s.store.upsert(items, s.stamp(), true)
	}
	var errs []error
	for _, v := range violations {
		errs = append(errs, errors.New(v.Path+" "+v.Message))
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
		// Not err itself: an encoder's text may hold the value.
		return nil, errors.New("a configuration value cannot be encoded")
	}
	arrived, _, err := parseBatch(body)
	return arrived, err
}

// Integrations returns deep copies of everything saved, sorted by name, with
// secrets as they were sent. It is never nil. Numbers of a configuration are
// float64, as from any JSON: beyond 2^53 they lose digits.
func (s *Server) Integrations() []integrations.Integration {
	list := []integrations.Integration{}
	for _, r := range s.store.sorted() {
		list = append(list, copied(r.Integration))
	}
	return list
}

// Integration returns a deep copy of what is saved under name, with secrets as
// they were sent, and false if there is nothing.
func (s *Server) Integration(name string) (integrations.Integration, bool) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	r, ok := s.store.records[name]
	if !ok {
		return integrations.Integration{}, false
	}
	return copied(r.Integration), true
}

// copied copies item, which came from JSON, and all it points to.
func copied(item integrations.Integration) integrations.Integration {
	item.Enabled = integrations.Bool(*item.Enabled)
	item.Tags = slices.Clone(item.Tags)
	item.APIs = slices.Clone(item.APIs)
	for i, api := range item.APIs {
		if api.Enabled != nil {
			item.APIs[i].Enabled = integrations.Bool(*api.Enabled)
		}
	}
	item.Configuration = maps.Clone(item.Configuration)
	for key, value := range item.Configuration {
		item.Configuration[key] = copiedValue(value)
	}
	return item
}

func copiedValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := maps.Clone(v)
		for key, element := range c {
			c[key] = copiedValue(element)
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i, element := range c {
			c[i] = copiedValue(element)
		}
		return c
	}
	return value
}

// AssertSaved fails the test with Errorf unless want, in any order, is all that
// is saved. What a save may leave out may be left out of want: the category,
// Enabled where it is true, the integration's name in a model; and nil is as
// good as empty. The message is a diff that shows no secret: one that both
// sides have is [secret], and [differs] stands for a saved one that is not the
// wanted one. A configuration key that does not look like one may be a secret
// in the wrong place, and shows as its length.
//
// Numbers of a configuration are compared as float64: beyond 2^53, two that
// differ in their last digits are the same.
func (s *Server) AssertSaved(t T, want ...integrations.Integration) {
	t.Helper()
	normal, err := normalised(want)
	if err != nil {
		t.Errorf("fake: AssertSaved: %v", err)
		return
	}
	wanted := make(map[string]integrations.Integration, len(want))
	for _, item := range normal {
		if _, ok := wanted[item.Name]; ok {
			t.Errorf("fake: AssertSaved: integration %q is wanted twice", item.Name)
		}
		setDefaults(&item)
		wanted[item.Name] = item
	}
	saved := make(map[string]integrations.Integration)
	for _, item := range s.Integrations() {
		saved[item.Name] = item
	}
	hideSecrets(wanted, saved)
	hideOddKeys(wanted, saved)
	if diff := cmp.Diff(wanted, saved, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("fake: what is saved is not what is wanted (-want +saved):\n%s", diff)
	}
}

// hideSecrets replaces every secret value on both sides by a word that is the
// same where the values are.
func hideSecrets(wanted, saved map[string]integrations.Integration) {
	for name, item := range saved {
		other := wanted[name]
		for key, value := range item.Configuration {
			expected, ok := other.Configuration[key]
			switch {
			case !secret(item.Type, key) && !secret(other.Type, key):
			case ok && !reflect.DeepEqual(value, expected):
				item.Configuration[key] = "[differs]"
			default:
				item.Configuration[key] = "[secret]"
			}
		}
	}
	for name, item := range wanted {
		for key := range item.Configuration {
			if secret(item.Type, key) || secret(saved[name].Type, key) {
				item.Configuration[key] = "[secret]"
			}
		}
	}
}

// hideOddKeys replaces every key that does not look like one, on both sides, by
// its length and a number, one for each key.
func hideOddKeys(sides ...map[string]integrations.Integration) {
	shown := map[integrations.ConfigKey]integrations.ConfigKey{}
	for _, side := range sides {
		for _, name := range slices.Sorted(maps.Keys(side)) {
			config := side[name].Configuration
			for _, key := range slices.Sorted(maps.Keys(config)) {
				if looksLikeKey(key) {
					continue
				}
				if shown[key] == "" {
					shown[key] = integrations.ConfigKey(fmt.Sprintf("[key of %d bytes #%d]", len(key), len(shown)+1))
				}
				config[shown[key]] = config[key]
				delete(config, key)
			}
		}
	}
}

// looksLikeKey asks for the rule that a Configuration prints its keys by.
func looksLikeKey(key integrations.ConfigKey) bool {
	return fmt.Sprint(integrations.Configuration{key: nil}) == "["+string(key)+"]"
}
