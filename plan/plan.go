package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed4e9a5e42/integrations"
)

// Action says what a [Change] does.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Op says what happens to a [Field].
type Op string

// The signs of a field, as a plan prints them.
const (
	OpAdd    Op = "+"
	OpChange Op = "~"
	OpRemove Op = "-"
	// OpRewrite is for a value that cannot be compared and is saved again, see
	// [RewriteSecrets].
	OpRewrite Op = "?"
)

// Change creates, updates or deletes one integration. It holds no secret.
type Change struct {
	Action Action            `json:"action"`
	Name   string            `json:"name"`
	Type   integrations.Type `json:"type"`
	// Fields lists the fields that are added, changed and removed. An update has
	// at least one field, a delete has none.
	Fields []Field `json:"fields"`
	// UpdatedBy and UpdateTime are the user and the time of the last save of the
	// live integration. They are empty in a create.
	UpdatedBy  string                 `json:"-"`
	UpdateTime integrations.Timestamp `json:"-"`
}

// Field is one difference of an integration. It holds no secret.
type Field struct {
	// Path is "description", "configuration.KEY", "tags[key]",
	// "apis[name].enabled" and so on. A name with other characters than letters,
	// digits, dot, underscore and hyphen is in quotes.
	Path string `json:"path"`
	Op   Op     `json:"op"`
	// Old and New are the live and the desired value, as text. They are empty if
	// the field is Sensitive, and "(hidden)" if a value may hold a secret.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Sensitive is true for a secret.
	Sensitive bool `json:"sensitive"`
}

// Plan has the changes that make a cluster as desired, and the conflicts and notes
// beside them. Make it with [New]. It shares nothing with the arguments of New. It
// shows no secret under any verb of fmt, in slog or in JSON. A Plan is for one
// goroutine.
type Plan struct {
	client    *integrations.Client
	owner     string
	changes   []change
	conflicts []Conflict
	notes     []string
	unchanged int
	applied   bool
	// approved has what Digest covers of each integration, by name.
	approved map[string][]string
}

// change is a Change with what Apply and Digest need.
type change struct {
	Change
	// placeholders has the values of the file that Apply refuses to send.
	placeholders []integrations.Problem
	// item returns the integration that a save sends. It is a function, so that a
	// dump of a Plan does not reach a configuration.
	item func() integrations.Integration
}

// New lists the cluster once and compares the listing with desired. It only
// reads, and it neither changes nor keeps desired.
//
// An error means that there is no plan: desired is invalid
// ([*integrations.ValidationError]), options contradict each other, or the
// listing failed. Masks and placeholders are allowed in desired, because a plan
// needs no secrets; [Plan.Apply] refuses them. A [Conflict] is not an error of
// New: the plan shows all its conflicts beside its changes.
//
// GET /integrations/.
func New(ctx context.Context, c *integrations.Client, desired []integrations.Integration, opts ...Option) (*Plan, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if err := check(c, desired, &cfg); err != nil {
		return nil, err
	}
	live, err := c.ListIntegrations(ctx, integrations.IncludeInactive())
	if err != nil {
		return nil, fmt.Errorf("plan: the cluster cannot be listed, and nothing was changed: %w", err)
	}
	plan, err := build(&cfg, desired, live)
	if err != nil {
		return nil, err
	}
	plan.client = c
	return plan, nil
}

// check refuses what no plan can be made of.
func check(c *integrations.Client, desired []integrations.Integration, cfg *config) error {
	err := c.Validate(desired, cfg.validation...)
	var invalid *integrations.ValidationError
	if err != nil && !errors.As(err, &invalid) {
		return fmt.Errorf("plan: %w", err)
	}
	var problems []integrations.Problem
	if invalid != nil {
		for _, p := range invalid.Problems {
			if !errors.Is(p.Err, integrations.ErrMaskedSecret) {
				problems = append(problems, p)
			}
		}
	}
	if problems = append(problems, ownProblems(desired, problems)...); len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b integrations.Problem) int { return a.Index - b.Index })
		return &integrations.ValidationError{Problems: problems}
	}
	if cfg.prune && len(desired) == 0 {
		return errors.New("plan: desired is empty, and Prune would delete all that " + cfg.owner + " owns")
	}
	return nil
}

// ownProblems finds the mistakes that no plan can deal with, in any mode of
// validation. It leaves out the known problems.
func ownProblems(desired []integrations.Integration, known []integrations.Problem) []integrations.Problem {
	type place struct {
		index int
		field string
	}
	found := make(map[place]bool, len(known))
	for _, p := range known {
		found[place{p.Index, p.Field}] = true
	}
	var problems []integrations.Problem
	names := make(map[string]bool, len(desired))
	for i, item := range desired {
		add := func(field, reason string, err error) {
			if !found[place{i, field}] {
				problems = append(problems, integrations.Problem{Index: i, Name: item.Name, Field: field, Reason: reason, Err: err})
			}
		}
		if names[item.Name] {
			add("name", "is the name of an earlier integration too", integrations.ErrDuplicate)
		}
		names[item.Name] = true
		for j, tag := range item.Tags {
			if tag.Key == ownerTag {
				add(fmt.Sprintf("tags[%d].key", j), "is "+ownerTag+", which cannot stand in the file: the owner of the plan sets it", integrations.ErrMismatch)
			}
		}
		models := make(map[string]bool, len(item.APIs))
		for j, api := range item.APIs {
			if models[api.API] {
				add(fmt.Sprintf("apis[%d].api", j), "is the name of an earlier model too", integrations.ErrDuplicate)
			}
			models[api.API] = true
		}
	}
	return problems
}

// Empty reports whether the plan has no change and no conflict. Notes do not
// count.
func (p *Plan) Empty() bool { return len(p.changes) == 0 && len(p.conflicts) == 0 }

// Changes returns a copy of the changes, sorted by name. Every update has at
// least one field. An integration with a conflict has no change.
func (p *Plan) Changes() []Change {
	changes := make([]Change, 0, len(p.changes))
	for _, c := range p.changes {
		c.Fields = append([]Field{}, c.Fields...) // never null in JSON
		changes = append(changes, c.Change)
	}
	return changes
}

// Conflicts returns a copy of all reasons why the plan cannot be applied, sorted
// by name.
func (p *Plan) Conflicts() []Conflict { return slices.Clone(p.conflicts) }

// Notes returns a copy of the notes, sorted. A note blocks nothing. It names, for
// example, a value that could not be compared, an owned integration that is not
// desired, or a model that is not desired.
func (p *Plan) Notes() []string { return slices.Clone(p.notes) }

// count returns how many changes have the action a.
func (p *Plan) count(a Action) int {
	n := 0
	for _, c := range p.changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// server returns the URL of the cluster.
func (p *Plan) server() string { return p.client.ServerURL() }
