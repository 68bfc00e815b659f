package integrations

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
)

// definedType is what a definition says of a type. It shares no memory with the
// [Definition], which belongs to the caller.
type definedType struct {
	name     Type
	category Category
	fields   []definedField
}

// definedField is what a definition says of a key.
type definedField struct {
	key        ConfigKey
	required   bool
	conditions []condition
	options    []string // of a dropdown; nil: every value is good
}

// condition is the value that another key must have. An empty value stands for
// every value that is not blank.
type condition struct {
	key   ConfigKey
	value string
}

// newDefinedTypes leaves out definitions without a type and fields without a key:
// no integration can have them.
func newDefinedTypes(defs []Definition) []definedType {
	types := make([]definedType, 0, len(defs))
	for _, d := range defs {
		if blank(string(d.Type)) {
			continue
		}
		t := definedType{name: d.Type, category: d.Category}
		for _, f := range d.Configuration {
			if !blank(string(f.Key)) {
				t.fields = append(t.fields, newDefinedField(f))
			}
		}
		types = append(types, t)
	}
	return types
}

func newDefinedField(f DefinitionField) definedField {
	field := definedField{
		key:      f.Key,
		required: !f.Optional && f.Value == "" && f.DefaultValue == "",
	}
	for _, other := range f.DependsOn {
		field.conditions = append(field.conditions, condition{other.Key, other.Value})
	}
	if f.Type == FieldTypeDropdown {
		for _, option := range f.Options {
			if !blank(option.Value) { // a blank value is checked nowhere
				field.options = append(field.options, option.Value)
			}
		}
	}
	return field
}

// requiredIn reports whether config must have the field. Public sources do not
// say whether one condition is enough or all must hold. A field is required only
// where both readings agree: all conditions hold.
func (f *definedField) requiredIn(config Configuration) bool {
	return f.required && !slices.ContainsFunc(f.conditions, func(c condition) bool { return !c.holds(config) })
}

func (c condition) holds(config Configuration) bool {
	if c.value == "" {
		return present(config[c.key])
	}
	return shown(config[c.key]) == c.value
}

// shown returns a value as the texts of a definition have it: a number and a
// boolean are texts there.
func shown(value any) string {
	kind, s := wire(value)
	if kind == other {
		encoded, _ := json.Marshal(value) // wire has encoded it before
		return string(encoded)
	}
	return s
}

// addDefinitions returns a copy of rules to which types are added. A type that is
// not in rules begins with what the reference page knows of it.
func addDefinitions(rules map[Type]*rule, types []definedType) map[Type]*rule {
	added := make(map[Type]*rule, len(rules)+len(types))
	maps.Copy(added, rules)
	for _, t := range types {
		r := added[t.name]
		if r == rules[t.name] { // not copied yet
			r = cmp.Or(r, ruleFor()[t.name], &rule{open: true}).clone()
			added[t.name] = r
		}
		r.add(t)
	}
	return added
}

// clone returns a copy of r. The copy shares nothing that add changes.
func (r *rule) clone() *rule {
	c := *r
	c.all, c.otherCategories, c.defined = slices.Clone(r.all), slices.Clone(r.otherCategories), slices.Clone(r.defined)
	c.takes = make(map[ConfigKey]bool, len(r.takes))
	maps.Copy(c.takes, r.takes)
	if c.Values = cloneLists(r.Values); c.Values == nil {
		c.Values = map[ConfigKey][]string{}
	}
	return &c
}

// add adds what a definition says to r.
func (r *rule) add(t definedType) {
	switch {
	case r.open && r.category == "":
		r.category = t.category
	case t.category != "":
		r.otherCategories = append(r.otherCategories, t.category)
	}
	for _, f := range t.fields {
		r.addValues(f)
		if r.open {
			r.defined = append(r.defined, f)
		}
		if !r.takes[f.key] {
			r.takes[f.key] = true
			r.all = append(r.all, f.key)
		}
	}
}

// addValues adds the options of a field to the values of its key. On the
// reference page's types only a closed set of values grows. A key of several
// fields stays open if any of the fields is open.
func (r *rule) addValues(f definedField) {
	values := r.Values[f.key]
	first := r.open && !r.takes[f.key]
	switch {
	case len(f.options) > 0 && (first || len(values) > 0):
		r.Values[f.key] = append(values, f.options...)
	case r.open:
		delete(r.Values, f.key)
	}
}
