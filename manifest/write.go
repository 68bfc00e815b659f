package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations"
)

// Write writes items as a list that [Read] reads, in YAML or with [AsJSON] in
// JSON. A $ becomes $$, and in the configurations a placeholder <NAME> becomes
// ${NAME}. The keys stand in the order of the key table, see
// [integrations.KeysFor], and then unknown keys in the order of the alphabet. A
// nil field and an empty text are left out. The default is YAML.
//
// Reading the text again gives the same items, if the variables have values.
// YAML makes one difference: Read takes the numbers and booleans of a
// configuration as texts.
//
// If a text is not UTF-8, or a value of a configuration is of a kind that JSON
// does not have, Write writes nothing and returns an [*Error]. An error of w is
// wrapped.
func Write(w io.Writer, items []integrations.Integration, opts ...Option) error {
	c, err := writeConfig(opts)
	if err != nil {
		return err
	}
	e := encoder{tracker{index: -1}}
	n := e.items(items)
	if err := newError(e.problems); err != nil {
		return err
	}
	render := renderYAML
	if c.asJSON {
		render = renderJSON
	}
	data, err := render(n)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	return nil
}

// encoder turns integrations into nodes.
type encoder struct{ tracker }

func (e *encoder) items(items []integrations.Integration) node {
	all := node{kind: list}
	for i := range items {
		e.index = i
		before := len(e.problems)
		all.members = append(all.members, member{value: e.integration(&items[i])})
		e.named(before, items[i].Name)
	}
	return all
}

func (e *encoder) integration(item *integrations.Integration) node {
	return e.object(integrationFields, func(field string) (node, bool) {
		switch field {
		case "name":
			return e.literal(item.Name), true
		case "type":
			return e.literal(string(item.Type)), true
		case "category":
			return e.literal(string(item.Category)), item.Category != ""
		case "description":
			return e.literal(item.Description), item.Description != ""
		case "enabled":
			return flag(item.Enabled)
		case "configuration":
			return e.configuration(item.Type, item.Configuration), item.Configuration != nil
		case "tags":
			return nodes(e, item.Tags, e.tag), item.Tags != nil
		default: // apis
			model := func(m integrations.IntegrationAPI) node { return e.model(item.Type, &m) }
			return nodes(e, item.APIs, model), item.APIs != nil
		}
	})
}

func (e *encoder) tag(tag integrations.Tag) node {
	return e.object(tagFields, func(field string) (node, bool) {
		if field == "key" {
			return e.literal(tag.Key), true
		}
		return e.literal(tag.Value), true
	})
}

func (e *encoder) model(t integrations.Type, m *integrations.IntegrationAPI) node {
	return e.object(modelFields, func(field string) (node, bool) {
		switch field {
		case "integrationName":
			return e.literal(m.IntegrationName), m.IntegrationName != ""
		case "api":
			return e.literal(m.API), true
		case "description":
			return e.literal(m.Description), m.Description != ""
		case "enabled":
			return flag(m.Enabled)
		default: // configuration
			return e.configuration(t, m.Configuration), m.Configuration != nil
		}
	})
}

// object asks value for each field, and leaves out the fields without one.
func (e *encoder) object(fields []string, value func(field string) (node, bool)) node {
	o := node{kind: object}
	for _, field := range fields {
		e.enter(field)
		if v, ok := value(field); ok {
			o.members = append(o.members, member{field, v})
		}
		e.leave()
	}
	return o
}

// nodes is the counterpart of elements.
func nodes[T any](e *encoder, all []T, encode func(T) node) node {
	l := node{kind: list}
	for i, element := range all {
		e.enterElement(i)
		l.members = append(l.members, member{value: encode(element)})
		e.leave()
	}
	return l
}

func (e *encoder) literal(s string) node { return e.text(escapeLiteral(s)) }

func (e *encoder) text(s string) node {
	if !utf8.ValidString(s) {
		e.add(0, "is not UTF-8")
	}
	return node{kind: text, text: s}
}

func flag(b *bool) (node, bool) {
	if b == nil {
		return node{}, false
	}
	return truth(*b), true
}

func truth(b bool) node { return node{kind: boolean, text: fmt.Sprint(b)} }

func (e *encoder) configuration(t integrations.Type, c integrations.Configuration) node {
	values := make(map[string]any, len(c))
	for key, value := range c {
		values[string(key)] = value
	}
	return e.values(keyOrder(t, values), values)
}

// keyOrder returns the keys of values in the order of the key table: required,
// conditional, optional and guide keys, and then the others in the order of the
// alphabet.
func keyOrder(t integrations.Type, values map[string]any) []string {
	rules, _ := integrations.KeysFor(t)
	known := rules.Required
	for _, connection := range slices.Sorted(maps.Keys(rules.Conditional)) {
		known = append(known, rules.Conditional[connection]...)
	}
	known = append(append(known, rules.Optional...), rules.Guide...)

	var order []string
	for _, key := range known {
		if _, ok := values[string(key)]; ok && !slices.Contains(order, string(key)) {
			order = append(order, string(key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, integrations.ConfigKey(key)) {
			order = append(order, key)
		}
	}
	return order
}

func (e *encoder) values(order []string, values map[string]any) node {
	o := node{kind: object}
	for _, key := range order {
		e.enter(key)
		e.text(key)
		o.members = append(o.members, member{key, e.value(values[key])})
		e.leave()
	}
	return o
}

func (e *encoder) value(v any) node {
	switch v := v.(type) {
	case nil:
		return node{kind: null}
	case string:
		return e.text(escape(v))
	case bool:
		return truth(v)
	case []any:
		if e.tooDeep() {
			return node{}
		}
		return nodes(e, v, e.value)
	case map[string]any:
		if e.tooDeep() {
			return node{}
		}
		return e.values(slices.Sorted(maps.Keys(v)), v)
	}
	return e.encoded(v)
}

// tooDeep reports whether a list or an object in the field under way would be
// nested too deep. The list of integrations is a level that the path does not
// have.
func (e *encoder) tooDeep() bool {
	deep := len(e.path)+1 >= maxDepth
	if deep {
		e.add(0, tooDeep)
	}
	return deep
}

// encoded is for every other kind of value. It goes by what the value is on the
// wire.
func (e *encoder) encoded(v any) node {
	encoded, err := json.Marshal(v)
	if err != nil { // whose text may hold the value
		e.add(0, "is of a kind that JSON does not have")
		return node{}
	}
	if encoded[0] == '-' || '0' <= encoded[0] && encoded[0] <= '9' {
		return node{kind: number, text: string(encoded)}
	}
	dec := json.NewDecoder(bytes.NewReader(encoded))
	dec.UseNumber()
	var plain any
	if dec.Decode(&plain) != nil || strings.ContainsRune(fmt.Sprint(plain), utf8.RuneError) {
		e.add(0, "is not UTF-8, or is of a kind that JSON does not have")
		return node{}
	}
	return e.value(plain)
}
