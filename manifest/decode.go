package manifest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/spell"
)

// The fields that each object of a file may have, in the order in which Write
// writes them.
var (
	documentFields    = []string{"integrations"}
	integrationFields = []string{"name", "type", "category", "description", "enabled", "configuration", "tags", "apis"}
	tagFields         = []string{"key", "value"}
	modelFields       = []string{"integrationName", "api", "description", "enabled", "configuration"}
)

// decoder turns nodes into integrations.
type decoder struct {
	*config
	tracker
	items []integrations.Integration
	nodes []node // that the items were made of
	unset string // the first variable that the secret under way needs and that is not set
	grown int    // how many bytes variables have put into texts
}

// document reads what a JSON file or a YAML document has: a list, or an object
// with a list.
func (d *decoder) document(n node) {
	switch {
	case n.kind == null && n.text == "": // a YAML document without content
	case n.kind == object:
		d.wrapped(n)
	case d.is(n, list, "must be a list of integrations, or an object with the field integrations"):
		d.integrations(n)
	}
}

func (d *decoder) wrapped(n node) {
	found := false
	for _, m := range n.members {
		found = found || m.key == "integrations" || spell.Suggest(m.key, documentFields) != ""
	}
	if !found { // such as an integration that stands alone: one mistake, not a mistake a field
		d.add(n.line, "must be a list of integrations, or an object with the field integrations")
		return
	}
	d.object(n, "a file", documentFields, func(_ string, v node) {
		if v.kind == null || !d.is(v, list, "must be a list") {
			return
		}
		path := d.path
		d.path = nil // an integration's path begins in the integration
		d.integrations(v)
		d.path = path
	})
}

func (d *decoder) integrations(n node) {
	for _, m := range n.members {
		if d.full() {
			break // nobody can look for further mistakes
		}
		d.index = len(d.items)
		before := len(d.problems)
		item := d.integration(m.value)
		d.items, d.nodes = append(d.items, item), append(d.nodes, m.value)
		d.named(before, item.Name)
	}
	d.index = -1
}

func (d *decoder) integration(n node) integrations.Integration {
	var item integrations.Integration
	var configuration, models node
	d.object(n, "an integration", integrationFields, func(field string, v node) {
		switch field {
		case "name":
			item.Name = d.text(v)
		case "type":
			item.Type = integrations.Type(d.text(v))
		case "category":
			item.Category = integrations.Category(d.text(v))
		case "description":
			item.Description = d.text(v)
		case "enabled":
			item.Enabled = d.boolean(v)
		case "configuration":
			configuration = v
		case "tags":
			item.Tags = elements(d, v, d.tag)
		case "apis":
			models = v
		}
	})
	// Which values are secret depends on the type, which may stand last.
	d.enter("configuration")
	item.Configuration = d.configuration(configuration, item.Type)
	d.leave()
	d.enter("apis")
	item.APIs = elements(d, models, func(n node) integrations.IntegrationAPI { return d.model(n, item.Type) })
	d.leave()
	return item
}

func (d *decoder) tag(n node) integrations.Tag {
	var tag integrations.Tag
	d.object(n, "a tag", tagFields, func(field string, v node) {
		switch field {
		case "key":
			tag.Key = d.text(v)
		case "value":
			tag.Value = d.text(v)
		}
	})
	return tag
}

func (d *decoder) model(n node, t integrations.Type) integrations.IntegrationAPI {
	var model integrations.IntegrationAPI
	d.object(n, "a model", modelFields, func(field string, v node) {
		switch field {
		case "integrationName":
			model.IntegrationName = d.text(v)
		case "api":
			model.API = d.text(v)
		case "description":
			model.Description = d.text(v)
		case "enabled":
			model.Enabled = d.boolean(v)
		case "configuration":
			model.Configuration = d.configuration(v, t)
		}
	})
	return model
}

// object calls take for each known field of n. The argument what names the
// object in messages.
func (d *decoder) object(n node, what string, known []string, take func(field string, v node)) {
	if !d.is(n, object, "must be an object") {
		return
	}
	d.members(n, func(m member) {
		if slices.Contains(known, m.key) {
			take(m.key, m.value)
			return
		}
		reason := "is not a field of " + what
		if near := spell.Suggest(m.key, known); near != "" {
			reason += ", did you mean " + near + "?"
		}
		d.add(m.value.line, reason)
	})
}

// members calls take for each member of n. A key that n has twice is a mistake.
func (d *decoder) members(n node, take func(m member)) {
	twice := duplicates(n.members)
	for i, m := range n.members {
		d.enter(m.key)
		if earlier, ok := twice[i]; ok {
			d.add(m.value.line, "stands twice in the same object, first on line "+strconv.Itoa(earlier))
		} else {
			take(m)
		}
		d.leave()
	}
}

// elements returns what decode makes of the elements of n. It is a function
// because a method has no type parameters.
func elements[T any](d *decoder, n node, decode func(n node) T) []T {
	if n.kind == null || !d.is(n, list, "must be a list") {
		return nil
	}
	all := make([]T, len(n.members))
	for i, m := range n.members {
		d.enterElement(i)
		all[i] = decode(m.value)
		d.leave()
	}
	return all
}

// is reports whether n is of kind want. Otherwise it notes a mistake.
func (d *decoder) is(n node, want kind, reason string) bool {
	if n.kind == want {
		return true
	}
	if n.kind == unreadable {
		reason = n.text
	}
	d.add(n.line, reason)
	return false
}

func (d *decoder) text(n node) string {
	if n.kind == null || n.kind != plainBoolean && !d.is(n, text, "must be a text") {
		return ""
	}
	return d.literal(n.text, n.line)
}

func (d *decoder) boolean(n node) *bool {
	reason := "must be true or false"
	if isTruth := strings.EqualFold(n.text, "true") || strings.EqualFold(n.text, "false"); isTruth {
		reason += ", without quotes"
	}
	if n.kind == null || n.kind != plainBoolean && !d.is(n, boolean, reason) {
		return nil
	}
	return integrations.Bool(strings.EqualFold(n.text, "true"))
}

func (d *decoder) configuration(n node, t integrations.Type) integrations.Configuration {
	if n.kind == null || !d.is(n, object, "must be an object") {
		return nil
	}
	c := make(integrations.Configuration, len(n.members))
	d.members(n, func(m member) {
		key := integrations.ConfigKey(m.key)
		d.unset = ""
		c[key] = d.value(m.value, key.SecretIn(t) || m.value.isVariable())
		if d.unset != "" { // in a list or an object too, a placeholder stands for the secret as a whole
			c[key] = "<" + d.unset + ">"
		}
	})
	return c
}

// value returns what a configuration holds for n.
func (d *decoder) value(n node, secret bool) any {
	switch n.kind {
	case null:
		return nil
	case number: // a float64 would change long numbers
		return json.Number(n.text)
	case boolean:
		return n.text == "true"
	case list:
		return elements(d, n, func(n node) any { return d.value(n, secret) })
	case object:
		values := make(map[string]any, len(n.members))
		d.members(n, func(m member) { values[m.key] = d.value(m.value, secret) })
		return values
	case unreadable:
		d.add(n.line, n.text)
		return nil
	}
	return d.fill(n.text, n.line, secret)
}

// isVariable reports whether n is one ${NAME} as a whole. Such a value may be a
// secret under any key, for example the URL of a broker with a password.
func (n node) isVariable() bool {
	name, rest, ok := strings.Cut(n.text, "}")
	name, begins := strings.CutPrefix(name, "${")
	return n.kind == text && ok && begins && rest == "" && isVariable(name)
}
