package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// builder makes a plan of desired and one listing.
type builder struct {
	cfg      *config
	desired  []integrations.Integration
	live     map[string]*integrations.Provider
	show     *viewer
	plan     *Plan
	existing int // integrations that CreateOnly leaves alone
}

// build is the comparison: a pure function of the file, the listing and the
// options.
func build(cfg *config, desired []integrations.Integration, listing []integrations.Provider) (*Plan, error) {
	b := builder{
		cfg:     cfg,
		desired: desired,
		live:    make(map[string]*integrations.Provider, len(listing)),
		show:    &viewer{desired: desired, live: listing},
		plan:    &Plan{owner: cfg.owner, approved: map[string][]string{}},
	}
	for i := range listing {
		name := listing[i].Name
		if b.live[name] != nil {
			return nil, fmt.Errorf("plan: the listing has two integrations %s, and no plan can be made of it", quoted(name))
		}
		b.live[name] = &listing[i]
	}
	for i := range desired {
		b.item(i)
	}
	b.leftOver(listing)
	b.limits()
	b.sort()
	return b.plan, nil
}

// item plans one integration of the file.
func (b *builder) item(i int) {
	want := &b.desired[i]
	live := b.live[want.Name]
	switch {
	case live == nil:
		c := compare(b.cfg, b.show, want, nil)
		b.approve(Create, want.Name, want.Type, c.approved)
		b.save(i, Create, creation(b.cfg, want), c)
	case b.cfg.createOnly:
		b.existing++
		b.plan.unchanged++
	case b.conflicts(want, live):
	default:
		b.existingItem(i, live)
	}
}

// conflicts adds what forbids to save want over live.
func (b *builder) conflicts(want *integrations.Integration, live *integrations.Provider) bool {
	before := len(b.plan.conflicts)
	if conflict := ownership(b.cfg, live); conflict != nil {
		b.plan.conflicts = append(b.plan.conflicts, *conflict)
	}
	if want.Type != live.Type {
		b.conflict(want.Name, ErrType, "its type is %s and cannot become %s; give the new integration another name",
			quoted(string(live.Type)), quoted(string(want.Type)))
	}
	return len(b.plan.conflicts) > before
}

// existingItem compares an integration of the file with the live integration.
func (b *builder) existingItem(i int, live *integrations.Provider) {
	c := compare(b.cfg, b.show, &b.desired[i], live)
	if b.cfg.owner != "" && len(ownersOf(live.Tags)) == 0 {
		c.add(Field{Path: "tags[" + ownerTag + "]", Op: OpAdd, New: b.cfg.owner})
	}
	for _, note := range c.notes {
		b.note(live.Name, note)
	}
	if len(c.fields)+len(c.approved) == 0 {
		b.plan.unchanged++
		return
	}
	p := update(b.cfg, &b.desired[i], live)
	onlyRewrites := !slices.ContainsFunc(c.fields, isKnown)
	if !onlyRewrites && len(p.lost) > 0 {
		known := slices.DeleteFunc(slices.Clone(c.fields), isRewrite)
		b.conflict(live.Name, ErrTokens, "%s differs, but %s", paths(known), loss(p))
		return
	}
	if len(c.approved) > 0 {
		b.approve(Update, live.Name, live.Type, append(c.approved, p.described...))
	}
	switch {
	case len(c.fields) == 0:
		b.plan.unchanged++
	case onlyRewrites && len(p.lost) > 0:
		b.notRewritten(live.Name, c, loss(p))
	case onlyRewrites && countUnlisted(live) > 0:
		b.notRewritten(live.Name, c, "a save may remove models that the server does not list")
	default:
		b.save(i, Update, p, c)
	}
}

// notRewritten leaves an integration alone that only holds values that cannot be
// compared: it may be as the file says, and a save would do harm.
func (b *builder) notRewritten(name string, c comparison, harm string) {
	b.note(name, paths(c.fields)+" cannot be compared and is not saved again: "+harm)
	b.plan.unchanged++
}

func loss(p payload) string {
	return "a save would lose " + strings.Join(p.lost, ", ") + ", which cannot be read back"
}

func paths(fields []Field) string {
	var list []string
	for _, f := range fields {
		list = append(list, f.Path)
	}
	return strings.Join(list, ", ")
}

func isRewrite(f Field) bool { return f.Op == OpRewrite }
func isKnown(f Field) bool   { return f.Op != OpRewrite }

// save adds a create or an update.
func (b *builder) save(i int, action Action, p payload, found comparison) {
	want := &b.desired[i]
	c := change{item: func() integrations.Integration { return p.item }}
	c.placeholders = placeholders(i, want, &p.item)
	c.Change = Change{Action: action, Name: want.Name, Type: want.Type, Fields: append(found.fields, p.described...)}
	if live := b.live[want.Name]; live != nil {
		c.UpdatedBy, c.UpdateTime = live.UpdatedBy, live.UpdateTime
	}
	b.plan.changes = append(b.plan.changes, c)
}

// leftOver plans the integrations that the file does not have.
func (b *builder) leftOver(listing []integrations.Provider) {
	spelling := make(map[string]string, len(b.desired))
	inFile := make(map[string]bool, len(b.desired))
	for i := range b.desired {
		name := b.desired[i].Name
		inFile[name], spelling[strings.ToLower(name)] = true, name
	}
	for i := range listing {
		live := &listing[i]
		if inFile[live.Name] {
			continue
		}
		if other, ok := spelling[strings.ToLower(live.Name)]; ok {
			b.note(live.Name, "differs from "+quoted(other)+" of the file in case only, and counts as another integration")
		}
		b.orphan(live)
	}
	if b.existing > 0 {
		b.plan.notes = append(b.plan.notes, fmt.Sprintf("%d existing were left alone and not compared", b.existing))
	}
}

// orphan plans an integration that may be ours and that the file does not have.
func (b *builder) orphan(live *integrations.Provider) {
	owners := ownersOf(live.Tags)
	switch {
	case b.cfg.owner == "" || !slices.Contains(owners, b.cfg.owner):
	case len(owners) > 1:
		b.note(live.Name, "is not in the file, has more than one tag "+ownerTag+" and stays")
	case !b.cfg.prune:
		b.note(live.Name, "is owned by "+b.cfg.owner+", is not in the file and stays")
	default:
		b.approve(Delete, live.Name, live.Type, nil)
		b.plan.changes = append(b.plan.changes, change{Change: Change{
			Action: Delete, Name: live.Name, Type: live.Type, Fields: []Field{},
			UpdatedBy: live.UpdatedBy, UpdateTime: live.UpdateTime,
		}})
	}
}

// limits refuses a plan that deletes too much.
func (b *builder) limits() {
	if n := b.plan.count(Delete); n > b.cfg.limit {
		b.conflict("", ErrLimit, "%d would be deleted, and the limit is %d", n, b.cfg.limit)
	}
}

func (b *builder) conflict(name string, err error, format string, args ...any) {
	b.plan.conflicts = append(b.plan.conflicts, Conflict{Name: name, Reason: fmt.Sprintf(format, args...), Err: err})
}

func (b *builder) note(name, text string) {
	b.plan.notes = append(b.plan.notes, quoted(name)+": "+text)
}

func (b *builder) sort() {
	slices.SortFunc(b.plan.changes, func(a, b change) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(b.plan.conflicts, func(a, b Conflict) int { return cmp.Compare(a.Name, b.Name) })
	slices.Sort(b.plan.notes)
}
