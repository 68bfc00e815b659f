package integrations

import (
	"fmt"
	"maps"
	"slices"
)

// ValidationMode says how much is checked before a save.
type ValidationMode int

const (
	// Strict checks every integration against the reference page: fields, types,
	// categories, configuration keys, known values and models. It is the default.
	// A cluster may know more than the page, see [WithDefinitions].
	Strict ValidationMode = iota
	// Lenient also accepts unknown types, categories, keys and values, and
	// integrations without the models that their category needs. It still refuses
	// masks, and integrations of a known type that lack a required key.
	Lenient
	// Off checks only that JSON can carry every text and value unchanged.
	Off
)

// SaveOption is an option of [Client.SaveAll], [Client.SaveProvider],
// [Client.SaveModel] and [Validate].
type SaveOption interface {
	applySave(saveConfig) (saveConfig, error)
}

// saveConfig holds the settings of the save options.
type saveConfig struct {
	mode    ValidationMode
	defined map[Type]*rule // the types of the cluster's definitions
}

// rule returns the rule of t, or nil for an unknown type.
func (c saveConfig) rule(t Type) *rule {
	if r, ok := c.defined[t]; ok && c.mode == Strict {
		return r
	}
	return ruleFor()[t]
}

// types returns every known type, the types of the reference page first.
func (c saveConfig) types() []Type {
	return append(slices.Sorted(maps.Keys(ruleFor())), slices.Sorted(maps.Keys(c.defined))...)
}

// category returns the category that t belongs to, or "" for an unknown type.
func (c saveConfig) category(t Type) Category {
	if category, known := t.Category(); known {
		return category
	}
	if r, ok := c.defined[t]; ok {
		return r.category
	}
	return ""
}

// WithValidation chooses how much is checked before anything is sent. The
// default is [Strict]. An unknown mode is an error.
func WithValidation(m ValidationMode) SaveOption { return withValidation(m) }

type withValidation ValidationMode

func (o withValidation) applySave(c saveConfig) (saveConfig, error) {
	c.mode = ValidationMode(o)
	if c.mode < Strict || c.mode > Off {
		return c, fmt.Errorf("unknown validation mode %d", int(o))
	}
	return c, nil
}

// WithDefinitions lets [Strict] accept what the cluster itself defines, see
// [Client.ListDefinitions]. Several WithDefinitions add up. The definitions take
// nothing away from what the reference page knows:
//
//   - A type of the page takes the keys of the page and of the definition.
//   - A type that only a definition knows has the keys and the category of the
//     definition. A key is required if it is not optional, has no value and no
//     default, and if every condition on another key is met. Further keys pass,
//     except near misses of its first 300 keys. A value outside the options of a
//     [FieldTypeDropdown] is a problem.
//
// Definitions without a type and fields without a key are left out.
//
// [Lenient] and [Off] do not check the definitions. [Client.SaveProvider] takes
// a missing category from them in every mode.
func WithDefinitions(defs ...Definition) SaveOption {
	types := newDefinedTypes(defs)
	rules := addDefinitions(nil, types)
	return withDefinitions(func(c saveConfig) saveConfig {
		if c.defined == nil {
			c.defined = rules
		} else {
			c.defined = addDefinitions(c.defined, types)
		}
		return c
	})
}

// withDefinitions is a function, because fmt cannot look into a function: the
// values of a definition are not printed.
type withDefinitions func(saveConfig) saveConfig

func (o withDefinitions) applySave(c saveConfig) (saveConfig, error) { return o(c), nil }

// with returns c after opts.
func (c saveConfig) with(opts []SaveOption) (saveConfig, error) {
	err := applyAll("save option", opts, func(o SaveOption) (err error) {
		c, err = o.applySave(c)
		return err
	})
	return c, err
}
