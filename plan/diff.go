package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

const configPrefix = "configuration."

// comparison collects how one integration of the file differs from the live
// integration. It is a pure function of the two, and of the options.
type comparison struct {
	cfg   *config
	show  *viewer
	typ   integrations.Type
	fresh bool // there is no live integration

	fields []Field
	notes  []string
}

// compare compares want with live. live is nil for an integration that does not
// exist.
func compare(cfg *config, show *viewer, want *integrations.Integration, live *integrations.Provider) comparison {
	c := comparison{cfg: cfg, show: show, typ: want.Type}
	var enabled *bool
	if live == nil {
		c.fresh, live = true, &integrations.Provider{}
	} else {
		enabled = &live.Enabled
	}
	c.text("category", string(want.Category), string(live.Category))
	c.text("description", want.Description, live.Description)
	c.flag("enabled", want.Enabled, enabled)
	c.configuration("", want.Configuration, live.Configuration, func(key integrations.ConfigKey) bool {
		return !c.fresh && (cfg.ignored[key] || serverSet(c.typ, key))
	})
	c.tags(want.Tags, live.Tags)
	if want.APIs != nil {
		c.models(want.APIs, live)
	}
	return c
}

// text compares a text. An empty want is not managed.
func (c *comparison) text(path, want, live string) {
	if want != "" && want != live {
		c.differs(path, c.show.text(live), c.show.text(want), false)
	}
}

// flag compares a switch. A nil want is not managed. A nil live is absent.
func (c *comparison) flag(path string, want, live *bool) {
	switch {
	case want == nil || live != nil && *want == *live:
	case live == nil:
		c.differs(path, "", strconv.FormatBool(*want), false)
	default:
		c.differs(path, strconv.FormatBool(*live), strconv.FormatBool(*want), false)
	}
}

// differs adds a field of which at least one side is not empty.
func (c *comparison) differs(path, old, wanted string, sensitive bool) {
	op := OpChange
	if old == "" {
		op = OpAdd
	} else if wanted == "" {
		op = OpRemove
	}
	if sensitive {
		old, wanted = "", ""
	}
	c.fields = append(c.fields, Field{Path: path, Op: op, Old: old, New: wanted, Sensitive: sensitive})
}

func (c *comparison) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// configuration compares two configurations key by key, but for the keys to skip.
func (c *comparison) configuration(prefix string, want, live integrations.Configuration, skip func(integrations.ConfigKey) bool) {
	start := len(c.fields)
	for key, raw := range want {
		if !skip(key) {
			c.value(prefix, key, canonical(raw), canonical(live[key]))
		}
	}
	for key, raw := range live {
		if _, ok := want[key]; !ok && !skip(key) {
			c.value(prefix, key, value{}, canonical(raw))
		}
	}
	slices.SortFunc(c.fields[start:], func(a, b Field) int { return cmp.Compare(a.Path, b.Path) })
}

// value compares one configuration value.
func (c *comparison) value(prefix string, key integrations.ConfigKey, want, live value) {
	known := !want.empty() && !live.empty()
	switch {
	case known && placeholder(c.typ, key, want):
		c.unknown(prefix, key, "is a placeholder in the file")
	case known && live.masked:
		c.unknown(prefix, key, "is masked by the server")
	case known && live.inexact:
		c.unknown(prefix, key, "is a number that has lost digits in the listing")
	case want.equal(live):
	default:
		c.differs(prefix+configPrefix+printable(key), c.show.value(key, live), c.show.value(key, want), secretIn(c.typ, key))
	}
}

// unknown deals with a value that both sides have and that cannot be compared.
func (c *comparison) unknown(prefix string, key integrations.ConfigKey, reason string) {
	path := prefix + configPrefix + printable(key)
	if c.cfg.rewrite {
		c.fields = append(c.fields, Field{Path: path, Op: OpRewrite, Sensitive: secretIn(c.typ, key)})
	} else {
		c.note("%s %s and was not compared", path, reason)
	}
}

// tags compares two sets of pairs, without the owner tag. A nil want is not
// managed.
func (c *comparison) tags(want, live []integrations.Tag) {
	if want == nil {
		return
	}
	added, removed := missing(want, live), missing(live, want)
	for _, key := range slices.Sorted(maps.Keys(merged(added, removed))) {
		path := "tags[" + quoted(key) + "]"
		if a, r := added[key], removed[key]; len(a) == 1 && len(r) == 1 {
			c.tag(path, OpChange, r[0], a[0])
			continue
		}
		for _, v := range removed[key] {
			c.tag(path, OpRemove, v, "")
		}
		for _, v := range added[key] {
			c.tag(path, OpAdd, "", v)
		}
	}
}

func (c *comparison) tag(path string, op Op, old, wanted string) {
	c.fields = append(c.fields, Field{Path: path, Op: op, Old: c.show.text(old), New: c.show.text(wanted)})
}

// missing returns the pairs of tags that are not in others, as sorted values of
// each key.
func missing(tags, others []integrations.Tag) map[string][]string {
	var found map[string][]string
	for _, tag := range tags {
		if tag.Key == ownerTag || slices.Contains(others, tag) || slices.Contains(found[tag.Key], tag.Value) {
			continue
		}
		if found == nil {
			found = map[string][]string{}
		}
		found[tag.Key] = append(found[tag.Key], tag.Value)
		slices.SortFunc(found[tag.Key], strings.Compare)
	}
	return found
}

func merged(a, b map[string][]string) map[string][]string {
	all := map[string][]string{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}
