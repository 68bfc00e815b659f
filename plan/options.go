package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// Option changes what [New] and [Ensure] compare and plan. A nil Option is an
// error.
type Option interface{ apply(*config) error }

type option func(*config) error

func (o option) apply(c *config) error { return o(c) }

// config holds the settings of the options.
type config struct {
	owner      string // empty: no owner
	adopt      bool
	prune      bool
	limit      int // of prune
	createOnly bool
	rewrite    bool
	ignored    map[integrations.ConfigKey]bool
	validation []integrations.SaveOption
}

func newConfig(opts []Option) (config, error) {
	c := config{ignored: map[integrations.ConfigKey]bool{}}
	for i, opt := range opts {
		if opt == nil {
			return c, fmt.Errorf("plan: option %d is nil", i)
		}
		if err := opt.apply(&c); err != nil {
			return c, fmt.Errorf("plan: %w", err)
		}
	}
	return c, c.check()
}

// check refuses options that contradict each other.
func (c *config) check() error {
	switch {
	case c.adopt && c.owner == "":
		return errors.New("plan: Adopt needs Owner")
	case c.prune && c.owner == "":
		return errors.New("plan: Prune needs Owner: only integrations with an owner tag can be deleted")
	case c.adopt && c.prune:
		return errors.New("plan: Adopt and Prune exclude each other: adopt first, and prune in a later run")
	case c.createOnly && c.prune:
		return errors.New("plan: CreateOnly and Prune exclude each other")
	}
	return nil
}

// Owner keeps the tag iac-owner=name on every integration that desired holds. An
// integration with another owner is a conflict ([ErrOwner]), and so is an
// integration without an owner ([ErrUnowned]), unless [Adopt] is given.
//
// A name has 1 to 63 of the characters a to z, 0 to 9, dot and hyphen. There is
// no default owner, because a tag can grant access: everybody who has a grant on
// iac-owner=payments can use the integrations of that owner.
//
// Use one owner name for each file. Two files with one owner name delete each
// other's integrations as soon as [Prune] is given.
func Owner(name string) Option {
	return option(func(c *config) error {
		if !isOwnerName(name) {
			return errors.New("the owner name must have 1 to 63 of the characters a-z, 0-9, dot and hyphen")
		}
		c.owner = name
		return nil
	})
}

func isOwnerName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-"
	return name != "" && len(name) <= 63 && strings.Trim(name, allowed) == ""
}

// Adopt also takes over integrations that have no owner: the update adds the
// owner tag. An integration of another owner stays a conflict. Adopt needs
// [Owner] and excludes [Prune].
func Adopt() Option {
	return option(func(c *config) error {
		c.adopt = true
		return nil
	})
}

// Prune deletes the integrations that carry our owner tag and are not desired. If
// their number is over limit, the plan has a conflict ([ErrLimit]) and nothing at
// all is sent. Prune needs [Owner] and excludes [Adopt] and [CreateOnly]. A
// negative limit is an error, and so is an empty desired list.
//
// Without Prune nothing is deleted, and a note names such an integration.
func Prune(limit int) Option {
	return option(func(c *config) error {
		if limit < 0 {
			return errors.New("the limit of Prune is negative")
		}
		c.prune, c.limit = true, limit
		return nil
	})
}

// CreateOnly leaves every existing integration alone, whatever its type and its
// owner are. It is for workers whose releases overlap: an old replica that
// starts again does not write its old state back. CreateOnly excludes [Prune].
func CreateOnly() Option {
	return option(func(c *config) error {
		c.createOnly = true
		return nil
	})
}

// RewriteSecrets saves an integration again if a value of it cannot be compared,
// such as a secret that the server masks. The plan shows such a value with the
// sign "?". Without RewriteSecrets the value counts as equal, and a note says so.
//
// If there is no other change, and the save would lose something that the listing
// does not show, such as a hidden model, then a note takes the place of the save.
func RewriteSecrets() Option {
	return option(func(c *config) error {
		c.rewrite = true
		return nil
	})
}

// Ignore leaves a field out of the comparison, in every integration. The field has
// the form "configuration.KEY"; another form is an error. A create sends the
// desired value. An update sends the live value back, or the desired value if the
// server masks or lacks the live value. Several Ignore add up. The configurations
// of models are compared all the same.
func Ignore(field string) Option {
	return option(func(c *config) error {
		key, ok := strings.CutPrefix(field, configPrefix)
		if !ok || strings.TrimSpace(key) == "" {
			return errors.New("the field to ignore must have the form configuration.KEY")
		}
		c.ignored[integrations.ConfigKey(key)] = true
		return nil
	})
}

// WithSaveOptions says how desired is validated: a mode
// ([integrations.WithValidation]), or the definitions of the cluster
// ([integrations.WithDefinitions]). The defaults of the client come first. Several
// WithSaveOptions add up.
//
// The options do not change what [Plan.Apply] sends. Apply sends desired and live
// merged, and the live part may be more than the reference page knows.
func WithSaveOptions(opts ...integrations.SaveOption) Option {
	return option(func(c *config) error {
		c.validation = append(c.validation, opts...)
		return nil
	})
}
