package plan

import (
	"errors"
	"fmt"
	"strings"
)

// The sentinels of a [Conflict]. [errors.Is] matches a [*ConflictError] to them.
var (
	// ErrType: the live integration has another type.
	ErrType = errors.New("the type cannot be changed")
	// ErrOwner: the live integration has another owner tag, or several.
	ErrOwner = errors.New("another owner")
	// ErrUnowned: the live integration has no owner tag.
	ErrUnowned = errors.New("no owner")
	// ErrTokens: the live integration has OAuth tokens, or masked values that
	// desired does not have.
	ErrTokens = errors.New("a save would lose what cannot be read back")
	// ErrLimit: there are more deletes than [Prune] allows.
	ErrLimit = errors.New("over the limit")
)

var (
	// ErrApplied is the error of a second Apply of one plan.
	ErrApplied = errors.New("plan: the plan was applied before: make a new plan")
	// ErrChanged is the cause of an [*ApplyError] where an integration was not
	// deleted, because somebody saved it or gave it another owner after the plan
	// was made.
	ErrChanged = errors.New("changed since the plan was made, and not deleted")
)

// Conflict is a reason why a plan cannot be applied.
type Conflict struct {
	// Name is the name of the integration. It is empty if the conflict is about
	// the plan as a whole.
	Name string `json:"name"`
	// Reason is for people. It holds no configuration value.
	Reason string `json:"reason"`
	// Err is the sentinel to match, such as [ErrOwner].
	Err error `json:"-"`
}

// ConflictError is the error of [Plan.Apply] where the plan has conflicts.
// Nothing was sent. It is returned as a pointer, and [errors.Is] reaches the
// sentinel of every conflict. Conflicts has every conflict, sorted by name.
type ConflictError struct{ Conflicts []Conflict }

// Error lists every conflict, one a line.
func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan: nothing was sent, conflicts: %d", len(e.Conflicts))
	for _, c := range e.Conflicts {
		b.WriteString("\n\t" + c.line())
	}
	return b.String()
}

// line names the integration and the reason.
func (c Conflict) line() string {
	if c.Name == "" {
		return c.Reason
	}
	return quoted(c.Name) + ": " + c.Reason
}

// Unwrap returns the sentinel of every conflict.
func (e *ConflictError) Unwrap() []error {
	var errs []error
	for _, c := range e.Conflicts {
		if c.Err != nil {
			errs = append(errs, c.Err)
		}
	}
	return errs
}

// The stages of an [ApplyError].
const (
	stageSave   = "save"
	stageRead   = "read"
	stageDelete = "delete"
)

// ApplyError is a failure of [Plan.Apply] after something was sent. It is
// returned as a pointer. Nothing is undone. A new plan holds the changes that are
// left.
type ApplyError struct {
	// Stage is "save", "read" (the second look before deletes) or "delete". A save
	// that failed may have been carried out, in part or as a whole.
	Stage string
	// Deleted has the names of the integrations that Apply has deleted.
	Deleted []string
	// Err is the error of the client, or matches [ErrChanged].
	Err error
}

// Error names the stage, the deleted integrations, the cause and the next step.
func (e *ApplyError) Error() string {
	text := "plan: the " + e.Stage + " failed"
	if len(e.Deleted) > 0 {
		names := make([]string, len(e.Deleted))
		for i, name := range e.Deleted {
			names[i] = quoted(name)
		}
		text += ", after deleting " + strings.Join(names, ", ")
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + "; a new plan holds what is left to do"
}

// Unwrap returns e.Err.
func (e *ApplyError) Unwrap() error { return e.Err }
