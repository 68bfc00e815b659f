package manifest

import (
	"errors"
	"fmt"
	"os"
)

// Option configures a call of this package. A nil Option is an error, and so is
// an Option that the function does not take.
type Option func(*config) error

// config holds the settings of the options.
type config struct {
	lookup      func(name string) (string, bool)
	keepMissing bool
	asJSON      bool
	lines       *Lines
}

// WithLookup says where the values of ${NAME} come from. The default is
// [os.LookupEnv]. A name that lookup knows counts as set, even if its value is
// empty. A nil lookup is an error. WithLookup is an option of [Read],
// [ReadFile] and [ReadFS].
func WithLookup(lookup func(name string) (string, bool)) Option {
	return func(c *config) error {
		if lookup == nil {
			return errors.New("the lookup is nil")
		}
		c.lookup = lookup
		return nil
	}
}

// KeepMissing is for planning without the secrets. If a secret has a ${NAME}
// that is not set, the whole secret becomes the placeholder <NAME>, even if it
// is a list or an object. Under a key that is not secret, see
// [integrations.ConfigKey.Secret], only a value that is one ${NAME} as a whole
// becomes a placeholder. A name that is not set stays an error in a longer
// text. SaveAll refuses a placeholder. KeepMissing is an option of [Read],
// [ReadFile] and [ReadFS].
func KeepMissing() Option {
	return func(c *config) error {
		c.keepMissing = true
		return nil
	}
}

// WithLines fills lines with the lines of the file. A program can then show the
// line of a problem that [integrations.Validate] finds. If the file is neither
// YAML nor JSON, lines does not change. A nil lines is an error. WithLines is
// an option of [Read], [ReadFile] and [ReadFS].
func WithLines(lines *Lines) Option {
	return func(c *config) error {
		if lines == nil {
			return errors.New("the lines are nil")
		}
		c.lines = lines
		return nil
	}
}

// AsJSON makes [Write] write JSON. The default is YAML. AsJSON is an option of
// Write alone.
func AsJSON() Option {
	return func(c *config) error {
		c.asJSON = true
		return nil
	}
}

func newConfig(opts []Option) (config, error) {
	var c config
	for i, opt := range opts {
		if opt == nil {
			return c, fmt.Errorf("manifest: option %d is nil", i)
		}
		if err := opt(&c); err != nil {
			return c, fmt.Errorf("manifest: %w", err)
		}
	}
	return c, nil
}

func readConfig(opts []Option) (config, error) {
	c, err := newConfig(opts)
	if err == nil && c.asJSON {
		err = errors.New("manifest: AsJSON is an option of Write only")
	}
	if c.lookup == nil {
		c.lookup = os.LookupEnv
	}
	return c, err
}

func writeConfig(opts []Option) (config, error) {
	c, err := newConfig(opts)
	if err == nil && (c.lookup != nil || c.keepMissing || c.lines != nil) {
		err = errors.New("manifest: WithLookup, KeepMissing and WithLines are no options of Write")
	}
	return c, err
}
