package integrations

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// rule has the facts that the validation needs of a type.
type rule struct {
	KeyRules
	category Category
	all      []ConfigKey // every key that the type takes

	// The cluster's definitions add these.
	otherCategory Category       // as good as category
	defined       []definedField // of a type that only a definition knows
	open          bool           // only a definition knows the type
}

// definedField is a key that a definition requires, with its conditions.
type definedField struct {
	key      ConfigKey
	required bool
	// conditions has the accepted values of other keys, by key. An empty value
	// accepts every text that is not blank.
	conditions map[ConfigKey][]string
}

// What the reference page knows. The maps are made at their first use, because a
// program that only lists needs none of them.
var (
	ruleFor    = sync.OnceValue(buildRules)
	knownKeys  = sync.OnceValue(buildKnownKeys)
	categories = []Category{CategoryAIModel, CategoryVectorDB, CategoryMessageBroker, CategoryCloud, CategoryRelationalDB, CategoryEmail, CategoryGit}
)

func buildRules() map[Type]*rule {
	rules := make(map[Type]*rule, len(keyTable))
	for _, line := range keyTable {
		r := &rule{category: line.Category, KeyRules: KeyRules{
			Required: fields(line.Required),
			Optional: fields(line.Optional),
			Guide:    fields(line.Guide + " " + categoryGuide[line.Category] + " " + everyGuide),
			Values:   closedValues(line.Type),
		}}
		r.all = slices.Concat(r.Required, r.Optional, r.Guide)
		if slices.Contains(awsTypes, line.Type) {
			r.Conditional = awsConnections
			for _, connection := range r.Values[KeyConnectionType] {
				r.all = append(r.all, awsConnections[connection]...)
			}
		}
		rules[line.Type] = r
	}
	return rules
}

// buildKnownKeys returns every key of every type, and whether its value is secret.
func buildKnownKeys() map[ConfigKey]bool {
	secret := fields(secretKeys)
	known := map[ConfigKey]bool{}
	for _, r := range ruleFor() {
		for _, key := range r.all {
			known[key] = slices.Contains(secret, key)
		}
	}
	return known
}

// addDefinitions returns a copy of rules to which defs are added. A type that is
// not in rules begins with what the reference page knows of it.
func addDefinitions(rules map[Type]*rule, defs []Definition) map[Type]*rule {
	added := make(map[Type]*rule, len(rules)+len(defs))
	maps.Copy(added, rules)
	for _, d := range defs {
		r := rule{open: true}
		if known := cmp.Or(added[d.Type], ruleFor()[d.Type]); known != nil {
			r = *known
		}
		r.add(d)
		added[d.Type] = &r
	}
	return added
}

// add adds a definition to r. It changes no slice and no map that r shares.
func (r *rule) add(d Definition) {
	if r.open {
		r.category = cmp.Or(r.category, d.Category)
	} else {
		r.otherCategory = cmp.Or(d.Category, r.otherCategory)
	}
	r.all, r.defined, r.Values = slices.Clip(r.all), slices.Clip(r.defined), cloneLists(r.Values)
	if r.Values == nil {
		r.Values = map[ConfigKey][]string{}
	}
	for _, f := range d.Configuration {
		r.addValues(f)
		if r.open {
			r.defined = append(r.defined, newDefinedField(f))
		}
		r.all = append(r.all, f.Key)
	}
}

// addValues adds the options of a field to the values of its key. On the
// reference page's types only a closed set of values grows. A key of several
// fields stays open if any of the fields is open.
func (r *rule) addValues(f DefinitionField) {
	values := r.Values[f.Key]
	first := r.open && !slices.Contains(r.all, f.Key)
	switch {
	case f.Type == FieldTypeDropdown && len(f.Options) > 0 && (first || len(values) > 0):
		for _, option := range f.Options {
			if !slices.Contains(values, option.Value) {
				values = append(values, option.Value)
			}
		}
		r.Values[f.Key] = values
	case r.open:
		delete(r.Values, f.Key)
	}
}

func newDefinedField(f DefinitionField) definedField {
	field := definedField{
		key:        f.Key,
		required:   !f.Optional && f.Value == "" && f.DefaultValue == "",
		conditions: make(map[ConfigKey][]string, len(f.DependsOn)),
	}
	for _, condition := range f.DependsOn {
		field.conditions[condition.Key] = append(field.conditions[condition.Key], condition.Value)
	}
	return field
}

// requiredIn reports whether config must have the field. Public sources do not
// say whether one condition is enough or all must hold. A field is required only
// where both readings agree: every key of the conditions has a value that the
// conditions name.
func (f *definedField) requiredIn(config Configuration) bool {
	if !f.required {
		return false
	}
	for key, accepted := range f.conditions {
		kind, s := wire(config[key])
		holds := slices.ContainsFunc(accepted, func(value string) bool {
			if value == "" {
				return kind != null && (kind != text || !blank(s))
			}
			return s == value
		})
		if !holds {
			return false
		}
	}
	return true
}
