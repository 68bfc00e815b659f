package fake

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// AssertSaved fails the test with Errorf unless the server holds exactly the
// integrations of want. These differences do not count:
//
//   - the order of integrations, of models and of tags
//   - a tag that is there twice, and the earlier of two models of one name, which
//     a save leaves out
//   - fields that a save may leave out: the category, an Enabled that is true, and
//     the integration's name in a model
//   - nil in the place of an empty list or map
//   - a configuration key whose value is nil
//   - the last digits of a number beyond 2^53 in a configuration, because numbers
//     are compared as float64
//
// The message is a diff that shows no secret. An object, a list, and a URL with
// user info or a query count as secrets. These texts stand in the place of values
// and keys:
//
//	[secret]     a secret that both sides share
//	[differs]    a secret that differs
//	a length     a configuration key that may be a secret in the wrong place
func (s *Server) AssertSaved(t T, want ...integrations.Integration) {
	t.Helper()
	sent, err := normalised(want)
	if err != nil {
		t.Errorf("fake: AssertSaved: %v", err)
		return
	}
	wanted := make(map[string]integrations.Integration, len(want))
	s.store.look(func(st *state) *reply {
		for _, item := range sent {
			if _, ok := wanted[item.Name]; ok {
				t.Errorf("fake: AssertSaved: integration %q is wanted twice", item.Name)
			}
			st.setDefaults(&item)
			settle(&item)
			wanted[item.Name] = item
		}
		return nil
	})
	saved := make(map[string]integrations.Integration)
	for _, item := range s.Integrations() {
		settle(&item)
		saved[item.Name] = item
	}
	hideSecrets(wanted, saved)
	hideOddKeys(wanted, saved)
	if diff := cmp.Diff(wanted, saved, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("fake: what is saved is not what is wanted (-want +saved):\n%s", diff)
	}
}

// setDefaults fills in what a save may leave out.
func (st *state) setDefaults(item *integrations.Integration) {
	if item.Category == "" {
		item.Category = st.categoryOf(item.Type)
	}
	if item.Enabled == nil {
		item.Enabled = integrations.Bool(true)
	}
	for i := range item.APIs {
		if item.APIs[i].Enabled == nil {
			item.APIs[i].Enabled = integrations.Bool(true)
		}
	}
}

// settle brings models and tags into one order, each once. Of two models of one
// name the later one stays, as in a save.
func settle(item *integrations.Integration) {
	item.Tags = distinct(item.Tags)
	slices.SortFunc(item.Tags, compareTags)
	slices.Reverse(item.APIs)
	slices.SortStableFunc(item.APIs, func(a, b integrations.IntegrationAPI) int { return strings.Compare(a.API, b.API) })
	item.APIs = slices.CompactFunc(item.APIs, func(a, b integrations.IntegrationAPI) bool { return a.API == b.API })
}

// hideSecrets replaces every secret value on both sides by a word that is the
// same where the values are.
func hideSecrets(wanted, saved map[string]integrations.Integration) {
	for name := range union(wanted, saved) {
		want, save := wanted[name], saved[name]
		isSecret := func(key integrations.ConfigKey) bool { return key.SecretIn(want.Type) || key.SecretIn(save.Type) }
		hidePair(want.Configuration, save.Configuration, isSecret)
		wantModels, saveModels := modelConfigs(want), modelConfigs(save)
		for model := range union(wantModels, saveModels) {
			hidePair(wantModels[model], saveModels[model], isSecret)
		}
	}
}

func union[M ~map[K]V, K comparable, V any](a, b M) M {
	all := make(M, len(a)+len(b))
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// modelConfigs returns the configurations of item's models by name. item and the
// result share the maps.
func modelConfigs(item integrations.Integration) map[string]integrations.Configuration {
	configs := map[string]integrations.Configuration{}
	for _, api := range item.APIs {
		configs[api.API] = api.Configuration
	}
	return configs
}

// hidePair replaces the secrets of two configurations. A value that may carry a
// secret is hidden under any key.
func hidePair(want, save integrations.Configuration, isSecret func(integrations.ConfigKey) bool) {
	for key := range union(want, save) {
		expected, wanted := want[key]
		value, saved := save[key]
		if !isSecret(key) && !mayCarry(expected) && !mayCarry(value) {
			continue
		}
		if wanted {
			want[key] = "[secret]"
		}
		if saved {
			save[key] = "[secret]"
		}
		if wanted && saved && !reflect.DeepEqual(value, expected) {
			save[key] = "[differs]"
		}
	}
}

// mayCarry reports whether value, which came from JSON, is an object or a list,
// or a text with a password or a query of a URL.
func mayCarry(value any) bool {
	switch v := value.(type) {
	case string:
		return secret.MayCarry(v)
	case map[string]any, []any:
		return true
	}
	return false
}

// hideOddKeys replaces every key that does not look like one, on both sides, by
// its length and a number, one for each key.
func hideOddKeys(sides ...map[string]integrations.Integration) {
	shown := map[integrations.ConfigKey]integrations.ConfigKey{}
	for _, side := range sides {
		for _, name := range slices.Sorted(maps.Keys(side)) {
			hideKeys(shown, side[name].Configuration)
			for _, api := range side[name].APIs {
				hideKeys(shown, api.Configuration)
			}
		}
	}
}

// hideKeys replaces the odd keys of config by their text in shown.
func hideKeys(shown map[integrations.ConfigKey]integrations.ConfigKey, config integrations.Configuration) {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if secret.Printable(string(key)) == string(key) {
			continue
		}
		if shown[key] == "" {
			shown[key] = integrations.ConfigKey(fmt.Sprintf("[key of %d bytes #%d]", len(key), len(shown)+1))
		}
		config[shown[key]] = config[key]
		delete(config, key)
	}
}
