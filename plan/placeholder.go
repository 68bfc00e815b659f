package plan

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/pagetypes"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// placeholder reports whether v, a value of the file, stands for a value that the
// file does not have. SaveAll refuses the same values.
func placeholder(t integrations.Type, key integrations.ConfigKey, v value) bool {
	switch {
	case secret.Masked(v.text):
		return true
	case !key.SecretIn(t):
		return false
	case knownKeys()[key]:
		return slices.ContainsFunc(v.texts(), func(s string) bool { return secret.HasMask(s) })
	}
	return secret.Unfilled(v.text) // of an unknown key, more may be meant
}

// knownKeys has the keys of all types of the reference page.
var knownKeys = sync.OnceValue(func() map[integrations.ConfigKey]bool {
	known := map[integrations.ConfigKey]bool{}
	add := func(keys []integrations.ConfigKey) {
		for _, key := range keys {
			known[key] = true
		}
	}
	for _, t := range pagetypes.All {
		rules, _ := integrations.KeysFor(t)
		add(rules.Required)
		add(rules.Optional)
		add(rules.Guide)
		for _, keys := range rules.Conditional {
			add(keys)
		}
	}
	return known
})

// placeholders returns the placeholders of want, integration number i of the file,
// that a save of item would send. A placeholder that the live value has replaced
// is not sent.
func placeholders(i int, want, item *integrations.Integration) []integrations.Problem {
	var problems []integrations.Problem
	find := func(prefix string, file, sent integrations.Configuration) {
		for key, raw := range file {
			v := canonical(raw)
			if !placeholder(want.Type, key, v) || !v.equal(canonical(sent[key])) {
				continue
			}
			problems = append(problems, integrations.Problem{
				Index:  i,
				Name:   want.Name,
				Field:  prefix + configPrefix + secret.Printable(string(key)),
				Reason: "is a mask or a placeholder: fill it in, because saving it would overwrite the value",
				Err:    integrations.ErrMaskedSecret,
			})
		}
	}
	find("", want.Configuration, item.Configuration)
	for j := range want.APIs { // the models of the file come first in item
		find(fmt.Sprintf("apis[%d].", j), want.APIs[j].Configuration, item.APIs[j].Configuration)
	}
	slices.SortFunc(problems, func(a, b integrations.Problem) int { return strings.Compare(a.Field, b.Field) })
	return problems
}
