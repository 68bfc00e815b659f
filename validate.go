package integrations

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// Validate reports exactly what [Client.SaveAll] would refuse. It needs no client.
// It returns a [*ValidationError] with every problem of the batch, or nil. A wrong
// option is another error.
func Validate(items []Integration, opts ...SaveOption) error {
	cfg, err := saveConfig{}.with(opts)
	if err != nil {
		return err
	}
	return checkItems(items, cfg)
}

// checkItems is the check of [Client.SaveAll].
func checkItems(items []Integration, cfg saveConfig) error {
	v := validator{cfg: cfg}
	if cfg.mode != Off {
		v.firstOf = firstPlaces(items)
	}
	for i := range items {
		v.begin(i, &items[i])
		v.fields()
		v.models()
	}
	return v.err()
}

// checkProvider is the check of [Client.SaveProvider].
func checkProvider(item Integration, cfg saveConfig) error {
	v := validator{cfg: cfg}
	v.begin(0, &item)
	if item.Configuration == nil {
		v.add(place{name: "configuration"}, ErrMissing, "is required, because a save replaces the whole configuration; an empty one is Configuration{}")
	}
	if item.Tags != nil {
		v.add(place{name: "tags"}, ErrMismatch, "must be nil, because SaveProvider saves no tags; use PutProviderTags")
		item.Tags = nil
	}
	if item.APIs != nil {
		v.add(place{name: "apis"}, ErrMismatch, "must be nil, because SaveProvider saves no models; use SaveModel")
	}
	v.fields()
	return v.err()
}

// checkModel is the check of [Client.SaveModel]. The name of a problem is the
// provider's.
func checkModel(provider string, m IntegrationAPI, cfg saveConfig) error {
	v := validator{cfg: cfg}
	v.begin(0, &Integration{Name: provider})
	if m.IntegrationName != "" && m.IntegrationName != provider {
		v.add(place{name: "integrationName"}, ErrMismatch, "is not the name of the integration")
	}
	if blank(m.API) {
		v.add(place{name: "api"}, ErrMissing, "is required")
	}
	if !validText(m.API) {
		v.brokenText(place{name: "api"})
	}
	v.description(place{name: "description"}, m.Description)
	v.otherKeys(place{name: itemKey}, m.Configuration, nil)
	return v.err()
}

// checkTags refuses tags without a key, and tags that JSON cannot carry. The
// name of a problem is the provider's.
func checkTags(provider string, tags []Tag) error {
	v := validator{}
	v.begin(0, &Integration{Name: provider, Tags: tags})
	v.tags()
	return v.err()
}

// validator collects the problems of a batch. A valid item costs little beside
// its encoding: no allocation, and no iteration over a configuration of the
// type's own keys, because looking up a few keys is faster.
type validator struct {
	cfg      saveConfig
	firstOf  map[string]int // where each name is first; nil: no name is there twice
	problems []Problem

	// The item under way.
	index int
	item  *Integration
	rule  *rule // nil: the type is not known

	types []Type // every known type, once a type is not known
}

// firstPlaces returns where each name is first, or nil if no name is there twice.
func firstPlaces(items []Integration) map[string]int {
	if len(items) < 2 {
		return nil
	}
	first := make(map[string]int, len(items))
	for i := len(items) - 1; i >= 0; i-- {
		first[items[i].Name] = i
	}
	if len(first) == len(items) {
		return nil
	}
	return first
}

// place is where a problem is. It becomes a text only when there is a problem.
type place struct {
	name string // [] in it stands for the index n; a dot at the end for key
	n    int
	key  ConfigKey
}

// The names of configuration keys.
const (
	itemKey  = "configuration."
	modelKey = "apis[].configuration."
)

func (p place) String() string {
	index := "[" + strconv.Itoa(p.n) + "]"
	return strings.Replace(p.name, "[]", index, 1) + secret.Printable(string(p.key))
}

func (v *validator) begin(index int, item *Integration) {
	if v.rule == nil || v.item.Type != item.Type {
		v.rule = v.cfg.rule(item.Type)
	}
	v.index, v.item = index, item
}

func (v *validator) add(p place, err error, format string, args ...any) {
	v.problems = append(v.problems, Problem{
		Index: v.index, Name: v.item.Name, Field: p.String(), Reason: fmt.Sprintf(format, args...), Err: err,
	})
}

func (v *validator) err() error {
	if len(v.problems) == 0 {
		return nil
	}
	return &ValidationError{Problems: v.problems}
}

// fields checks everything but the models.
func (v *validator) fields() {
	if !validText(v.item.Name) {
		v.brokenText(place{name: "name"})
	}
	if v.rule == nil && !validText(string(v.item.Type)) {
		v.brokenText(place{name: "type"})
	}
	if c := v.item.Category; (v.rule == nil || c != v.rule.category) && !validText(string(c)) {
		v.brokenText(place{name: "category"})
	}
	if v.cfg.mode != Off {
		v.name()
		v.kind()
		v.category()
	}
	if !validText(v.item.Description) {
		v.brokenText(place{name: "description"})
	}
	v.configuration()
	v.tags()
}

const notUTF8 = "is not valid UTF-8, which JSON cannot carry unchanged"

func (v *validator) brokenText(p place) { v.add(p, ErrUnknownValue, notUTF8) }

func (v *validator) name() {
	if blank(v.item.Name) {
		v.add(place{name: "name"}, ErrMissing, "is required")
		return
	}
	if earlier, ok := v.firstOf[v.item.Name]; ok && earlier < v.index {
		v.add(place{name: "name"}, ErrDuplicate, "is the name of integration %d too", earlier)
	}
}

func (v *validator) kind() {
	t := string(v.item.Type)
	switch {
	case v.rule != nil:
	case blank(t):
		v.add(place{name: "type"}, ErrMissing, "is required")
	case v.cfg.mode == Strict:
		if v.types == nil {
			v.types = v.cfg.types()
		}
		v.add(place{name: "type"}, ErrUnknownType, "%s is not a known type%s", secret.Printable(t), suggest(t, v.types))
	}
}

func (v *validator) category() {
	c := v.item.Category
	if c == "" || v.rule != nil && (c == v.rule.category || slices.Contains(v.rule.otherCategories, c)) {
		return
	}
	switch known := slices.Contains(categories, c); {
	case known && v.rule != nil && v.rule.category != "":
		v.add(place{name: "category"}, ErrMismatch, "is %s, but type %s belongs to %s", c,
			secret.Printable(string(v.item.Type)), secret.Printable(string(v.rule.category)))
	case !known && v.cfg.mode == Strict:
		v.add(place{name: "category"}, ErrUnknownCategory, "%s is not a known category%s",
			secret.Printable(string(c)), suggest(string(c), categories))
	}
}

func (v *validator) tags() {
	for n := range v.item.Tags {
		tag := &v.item.Tags[n]
		if !validText(tag.Key) {
			v.brokenText(place{"tags[].key", n, ""})
		}
		if !validText(tag.Value) {
			v.brokenText(place{"tags[].value", n, ""})
		}
		if v.cfg.mode != Off && blank(tag.Key) {
			v.add(place{"tags[].key", n, ""}, ErrMissing, "is required")
		}
	}
}
