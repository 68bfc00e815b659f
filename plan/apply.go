package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// Apply carries the plan out, once: a second call returns [ErrApplied].
//
// Nothing is sent if the plan has conflicts ([*ConflictError]), or if a save
// would carry a mask or a placeholder ([*integrations.ValidationError] with
// [integrations.ErrMaskedSecret]). Afterwards every failure is an [*ApplyError].
//
// One request saves all creates and updates, each with its whole configuration.
// If there is something to delete, the cluster is then listed a second time. An
// integration is deleted only if it still has our owner tag, and no other, and
// was not saved since the plan was made. Deletes come last, and only after a good
// save.
//
// There is no lock on the server: of two saves at one time the last save wins.
//
// POST /integrations/, and for deletes GET /integrations/ and
// DELETE /integrations/provider/{name}.
func (p *Plan) Apply(ctx context.Context) error {
	if p.applied {
		return ErrApplied
	}
	if len(p.conflicts) > 0 {
		return &ConflictError{Conflicts: p.Conflicts()}
	}
	if err := p.placeholders(); err != nil {
		return err
	}
	p.applied = true
	if err := p.save(ctx); err != nil {
		return err
	}
	if p.count(Delete) == 0 {
		return nil
	}
	return p.delete(ctx)
}

// placeholders refuses a plan that would send a placeholder.
func (p *Plan) placeholders() error {
	var problems []integrations.Problem
	for _, c := range p.changes {
		problems = append(problems, c.placeholders...)
	}
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b integrations.Problem) int { return cmp.Compare(a.Index, b.Index) })
	return &integrations.ValidationError{Problems: problems}
}

// save sends the creates and updates. They are not validated again: the live part
// of them may be more than the reference page knows.
func (p *Plan) save(ctx context.Context) error {
	var items []integrations.Integration
	for _, c := range p.changes {
		if c.Action != Delete {
			items = append(items, c.item())
		}
	}
	if len(items) == 0 {
		return nil
	}
	if err := p.client.SaveAll(ctx, items, integrations.WithValidation(integrations.Off)); err != nil {
		return &ApplyError{Stage: stageSave, Err: err}
	}
	return nil
}

// delete deletes the integrations that are still ours and unchanged since the
// plan was made.
func (p *Plan) delete(ctx context.Context) error {
	listing, err := p.client.ListIntegrations(ctx, integrations.IncludeInactive())
	if err != nil {
		return &ApplyError{Stage: stageRead, Err: err}
	}
	live := make(map[string]*integrations.Provider, len(listing))
	for i := range listing {
		live[listing[i].Name] = &listing[i]
	}
	var deleted, changed []string
	for _, c := range p.changes {
		now := live[c.Name]
		switch {
		case c.Action != Delete || now == nil: // now is nil: somebody else has deleted it
			continue
		case !ownedBy(p.owner, now.Tags) || now.UpdateTime != c.UpdateTime:
			changed = append(changed, quoted(c.Name))
			continue
		}
		if err := p.client.DeleteProvider(ctx, c.Name); err != nil && !errors.Is(err, integrations.ErrNotFound) {
			err = fmt.Errorf("%s: %w", quoted(c.Name), err)
			return &ApplyError{Stage: stageDelete, Deleted: deleted, Err: joined(err, changed)}
		}
		deleted = append(deleted, c.Name)
	}
	if len(changed) > 0 {
		return &ApplyError{Stage: stageDelete, Deleted: deleted, Err: joined(nil, changed)}
	}
	return nil
}

// joined adds the integrations that changed to the error of a delete.
func joined(err error, changed []string) error {
	if len(changed) == 0 {
		return err
	}
	stale := fmt.Errorf("%s: %w", strings.Join(changed, ", "), ErrChanged)
	if err == nil {
		return stale
	}
	return fmt.Errorf("%w; %w", err, stale)
}

// Ensure makes a plan and applies it. It is for the start-up of a program, and
// any number of replicas may call it at one time with the same desired. If nothing
// differs, Ensure sends one GET. Its errors are those that [New] and [Plan.Apply]
// return.
//
// Ensure implies [RewriteSecrets]: a secret that was rotated in the program's
// environment must reach the cluster. Where the server masks secrets, every call
// therefore saves the integrations that have a secret. [Prune] is an error.
//
// Ensure shows no notes. On a server that hides models, make a plan first: a note
// says where a save may lose hidden models. Ensure does not save an integration with
// hidden models if it would only rewrite a secret.
//
// While a release replaces another, an old replica that starts again writes the
// old state back: the last start wins. With [CreateOnly] replicas create what is
// missing and change nothing, and a pipeline owns the updates.
func Ensure(ctx context.Context, c *integrations.Client, desired []integrations.Integration, opts ...Option) error {
	cfg, err := newConfig(opts)
	if cfg.prune { // first, because to mend another option would not help
		return errors.New("plan: Ensure does not delete: leave Prune to New and Apply")
	}
	if err != nil {
		return err
	}
	p, err := New(ctx, c, desired, append(slices.Clone(opts), RewriteSecrets())...)
	if err != nil {
		return err
	}
	return p.Apply(ctx)
}
