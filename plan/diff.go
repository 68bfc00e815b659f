package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
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
	// approved are the fields as Digest covers them: without secrets, and with the
	// other texts, also where fields hides a text.
	approved []Field
	notes    []string
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
		return !c.fresh && (cfg.ignored[key] || serverSet(c.typ, key, live.Configuration))
	})
	c.tags(want.Tags, live.Tags)
	if n := countUnlisted(live); n > 0 {
		c.note("the server counts models that it does not list (%d): they are not compared, and an update may remove them", n)
	}
	if want.APIs != nil {
		c.models(want.APIs, live)
	}
	return c
}

// text compares a text. An empty want is not managed.
func (c *comparison) text(path, want, live string) {
	if want != "" && want != live {
		c.add(difference(Field{Path: path, Old: live, New: want}))
	}
}

// flag compares a switch. A nil want is not managed. A nil live is absent.
func (c *comparison) flag(path string, want, live *bool) {
	switch {
	case want == nil || live != nil && *want == *live:
	case live == nil:
		c.add(Field{Path: path, Op: OpAdd, New: strconv.FormatBool(*want)})
	default:
		c.add(Field{Path: path, Op: OpChange, Old: strconv.FormatBool(*live), New: strconv.FormatBool(*want)})
	}
}

// difference returns f with the operation that its texts make. At least one text is
// not empty. A secret loses its texts.
func difference(f Field) Field {
	f.Op = OpChange
	if f.Old == "" {
		f.Op = OpAdd
	} else if f.New == "" {
		f.Op = OpRemove
	}
	if f.Sensitive {
		f.Old, f.New = "", ""
	}
	return f
}

// add adds a field, and hides a text of it that may be or hold a secret.
func (c *comparison) add(f Field) {
	c.addBoth(masking(f, c.show.text), c.show.approvedText(f))
}

// addBoth adds a field as it is shown, and as Digest covers it. A reviewer does not
// approve the change of a secret, nor a value that cannot be compared.
func (c *comparison) addBoth(shown, approved Field) {
	c.fields = append(c.fields, shown)
	if changedSecret := shown.Sensitive && shown.Op == OpChange; !changedSecret && shown.Op != OpRewrite {
		c.approved = append(c.approved, approved)
	}
}

// masking returns f with its texts as show shows them. Where one side is hidden,
// the other side is hidden too: it may be an earlier value of a secret.
func masking(f Field, show func(string) string) Field {
	f.Old, f.New = show(f.Old), show(f.New)
	if f.Op == OpChange && !f.Sensitive && (f.Old == hidden || f.New == hidden) {
		f.Old, f.New = hidden, hidden
	}
	return f
}

func (c *comparison) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// configuration compares two configurations key by key, but for the keys to skip.
func (c *comparison) configuration(prefix string, want, live integrations.Configuration, skip func(integrations.ConfigKey) bool) {
	start, approved := len(c.fields), len(c.approved)
	for key, raw := range want {
		switch file, now := canonical(raw), canonical(live[key]); {
		case !skip(key):
			c.value(prefix, key, file, now)
		case oAuth(key) && now.empty() && !file.empty():
			c.note("%s is set by the server alone: an update does not send it", prefix+configPrefix+secret.Printable(string(key)))
		}
	}
	for key, raw := range live {
		if _, ok := want[key]; !ok && !skip(key) {
			c.value(prefix, key, value{}, canonical(raw))
		}
	}
	slices.SortFunc(c.fields[start:], byPath)
	slices.SortFunc(c.approved[approved:], byPath)
}

// byPath orders fields. Keys that print as their length may share a path.
func byPath(a, b Field) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Op, b.Op)) }

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
		f := difference(Field{
			Path: prefix + configPrefix + secret.Printable(string(key)),
			Old:  live.text, New: want.text, Sensitive: key.SecretIn(c.typ),
		})
		show := c.show.text
		if live.compound || want.compound || hiddenKey(key) {
			show = hide
		}
		c.addBoth(masking(f, show), c.show.approvedValue(f, key, want, live))
	}
}

// unknown deals with a value that both sides have and that cannot be compared.
func (c *comparison) unknown(prefix string, key integrations.ConfigKey, reason string) {
	path := prefix + configPrefix + secret.Printable(string(key))
	if c.cfg.rewrite {
		c.add(Field{Path: path, Op: OpRewrite, Sensitive: key.SecretIn(c.typ)})
	} else {
		c.note("%s %s: not compared", path, reason)
	}
}

// tags compares two sets of pairs, without the owner tag. A nil want is not
// managed.
func (c *comparison) tags(want, live []integrations.Tag) {
	if want == nil {
		return
	}
	added, removed := missing(want, live), missing(live, want)
	for _, key := range slices.Sorted(maps.Keys(union(added, removed))) {
		path := "tags[" + quoted(key) + "]"
		if a, r := added[key], removed[key]; len(a) == 1 && len(r) == 1 {
			c.add(Field{Path: path, Op: OpChange, Old: r[0], New: a[0]})
			continue
		}
		for _, v := range removed[key] {
			c.add(Field{Path: path, Op: OpRemove, Old: v})
		}
		for _, v := range added[key] {
			c.add(Field{Path: path, Op: OpAdd, New: v})
		}
	}
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

// union returns a map that has the keys of both.
func union(a, b map[string][]string) map[string][]string {
	all := map[string][]string{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}
