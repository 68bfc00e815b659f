package integrations

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// configuration looks up the keys of the type, and reads the whole
// configuration only where it has other keys.
func (v *validator) configuration() {
	config := v.item.Configuration
	if v.cfg.mode == Off || v.rule == nil {
		v.otherKeys(place{name: itemKey}, config, nil)
		return
	}
	seen, connection := v.requiredKeys()
	v.definedKeys()
	for _, key := range v.rule.Optional {
		if seen == len(config) {
			return
		}
		if value, ok := config[key]; ok {
			seen++
			v.value(place{itemKey, 0, key}, value)
		}
	}
	if seen < len(config) {
		v.otherKeys(place{name: itemKey}, config, func(key ConfigKey) bool {
			return slices.Contains(v.rule.Required, key) || slices.Contains(v.rule.Optional, key) ||
				slices.Contains(v.rule.Conditional[connection], key)
		})
	}
}

// requiredKeys returns how many of the required keys are there, and the value of
// connectionType where it requires further keys.
func (v *validator) requiredKeys() (seen int, connection string) {
	for _, key := range v.rule.Required {
		seen += v.requireKey(key, "")
	}
	if v.rule.Conditional == nil {
		return seen, ""
	}
	_, connection = wire(v.item.Configuration[KeyConnectionType])
	for _, key := range v.rule.Conditional[connection] {
		seen += v.requireKey(key, connection)
	}
	return seen, connection
}

// requireKey returns 1 if key is there, and 0 if not. connection is the
// connectionType that requires the key, or empty.
func (v *validator) requireKey(key ConfigKey, connection string) int {
	value, ok := v.item.Configuration[key]
	if ok && !v.value(place{itemKey, 0, key}, value) {
		return 1
	}
	where := ""
	if connection != "" {
		where = " where connectionType is " + connection
	}
	v.add(place{itemKey, 0, key}, ErrMissing, "is required for type %s%s", secret.Printable(string(v.item.Type)), where)
	if ok {
		return 1
	}
	return 0
}

// definedKeys checks the keys that a definition requires.
func (v *validator) definedKeys() {
	var missing map[ConfigKey]bool
	for i := range v.rule.defined {
		f := &v.rule.defined[i]
		if missing[f.key] || present(v.item.Configuration[f.key]) {
			continue
		}
		if f.requiredIn(v.item.Configuration) {
			if missing == nil {
				missing = map[ConfigKey]bool{}
			}
			missing[f.key] = true
			v.add(place{itemKey, 0, f.key}, ErrMissing, "is required for type %s", secret.Printable(string(v.item.Type)))
		}
	}
}

// otherKeys checks the entries of config that were not checked already. Their
// problems are in the order of the keys.
func (v *validator) otherKeys(p place, config Configuration, checked func(ConfigKey) bool) {
	before := len(v.problems)
	for key, value := range config {
		if checked != nil && checked(key) {
			continue
		}
		p.key = key
		if !validText(string(key)) {
			v.brokenText(p)
		}
		if p.name == itemKey && v.cfg.mode == Strict && v.rule != nil {
			v.key(key)
		}
		v.value(p, value)
	}
	slices.SortFunc(v.problems[before:], func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Reason, b.Reason))
	})
}

// key refuses a key that the type does not have. A type that only a definition
// knows may have further keys, but no near misses.
func (v *validator) key(key ConfigKey) {
	if v.rule.takes[key] {
		return
	}
	hint := suggest(string(key), v.rule.all)
	if hint != "" || !v.rule.open {
		v.add(place{itemKey, 0, key}, ErrUnknownKey, "is not a key of type %s%s", secret.Printable(string(v.item.Type)), hint)
	}
}

// value checks one value of a configuration, and reports whether it is blank.
func (v *validator) value(p place, value any) (isBlank bool) {
	kind, s := wire(value)
	switch {
	case kind == badValue:
		v.add(p, ErrUnknownValue, "is of a kind that JSON cannot carry")
	case kind == badText:
		v.add(p, ErrUnknownValue, notUTF8)
	case kind == null || kind == text && blank(s):
		return true
	case v.cfg.mode == Off:
	case kind == text && secret.Ordinary(s):
		if v.rule != nil && v.rule.Values != nil { // most types have none
			v.checkClosed(p, value)
		}
	case secret.Masked(s):
		what := "value"
		if p.key.SecretIn(v.item.Type) {
			what = "secret"
		}
		v.add(p, ErrMaskedSecret, "is a mask or a placeholder: saving it would overwrite the %s", what)
	case secret.Unfilled(s) && p.key.SecretIn(v.item.Type):
		v.add(p, ErrMaskedSecret, "is a reference such as ${NAME} that nobody has filled")
	case v.maskInside(p.key, kind, s, value):
		v.add(p, ErrMaskedSecret, "is a mask or a placeholder, or has one inside: saving it would overwrite the secret")
	default:
		v.checkClosed(p, value)
	}
	return false
}

// maskInside reports whether a secret is masked in part of a text, or has a mask, a
// placeholder or an unfilled reference in a list or an object. Under another key,
// and under a key that is not known here, such a value may be meant.
func (v *validator) maskInside(key ConfigKey, kind valueKind, s string, value any) bool {
	if _, known := knownKeys()[key]; !known || !key.SecretIn(v.item.Type) {
		return false
	}
	if kind == text {
		return secret.MaskedSecret(s)
	}
	return secret.HasMask(decoded(value))
}

// checkClosed refuses a value outside the closed set of its key.
func (v *validator) checkClosed(p place, value any) {
	if v.cfg.mode != Strict || v.rule == nil || v.rule.Values == nil || p.name != itemKey {
		return
	}
	values := v.rule.Values[p.key]
	if len(values) > 0 && !slices.Contains(values, shown(value)) {
		v.add(p, ErrUnknownValue, "must be one of %s", listed(values))
	}
}

// listed lists values, each once: a definition may repeat the values of the page. A
// text that is not plain, which a definition may have, is in quotes: a terminal must
// not obey it.
func listed(values []string) string {
	shown, seen := make([]string, 0, len(values)), make(map[string]bool, len(values))
	for _, value := range values {
		if seen[value] {
			continue
		}
		seen[value] = true
		if secret.Printable(value) != value {
			value = strconv.Quote(value)
		}
		shown = append(shown, value)
	}
	return strings.Join(shown, ", ")
}
