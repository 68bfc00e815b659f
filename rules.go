package integrations

import (
	"slices"
	"sync"
)

// rule has the facts that the validation needs of a type.
type rule struct {
	KeyRules
	category Category
	all      []ConfigKey        // every key that the type takes
	takes    map[ConfigKey]bool // all as a set

	// The cluster's definitions add these.
	otherCategories []Category     // as good as category
	defined         []definedField // of a type that only a definition knows
	open            bool           // only a definition knows the type
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
		r.takes = make(map[ConfigKey]bool, len(r.all))
		for _, key := range r.all {
			r.takes[key] = true
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
