package fake

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// Option configures a [Server]. A nil Option and an impossible value end the test
// with Fatalf. Where there is no test, they panic.
type Option func(*config) error

// config holds the settings of the options. It does not change afterwards.
type config struct {
	keyID, keySecret string
	token            string // accepted beside the minted tokens; empty: none
	noAuth           bool
	user             string
	now              func() time.Time
	tokenTTL         time.Duration
	readOnly         map[string]bool
	validation       integrations.ValidationMode
	unknownTypes     bool
	behaviour        Behaviour
	seeds            []integrations.Integration
}

func newConfig(opts []Option) (config, error) {
	c := config{
		keyID:      "fake-key-id",
		keySecret:  "fake-key-secret",
		user:       "user@example.com",
		now:        time.Now,
		tokenTTL:   time.Hour,
		readOnly:   map[string]bool{},
		validation: integrations.Off,
	}
	var errs []error
	for i, opt := range opts {
		if opt == nil {
			errs = append(errs, fmt.Errorf("option %d of %d is nil", i+1, len(opts)))
			continue
		}
		errs = append(errs, opt(&c))
	}
	return c, errors.Join(errs...)
}

// WithIntegrations seeds the server, like [Server.Put]. Several WithIntegrations
// add up. An integration that Put refuses is an impossible value.
func WithIntegrations(items ...integrations.Integration) Option {
	return func(c *config) error {
		c.seeds = append(c.seeds, items...)
		return nil
	}
}

// WithKeySecret sets the key pair that is exchanged for tokens. The default is
// a fixed pair, see [Server.Credentials]. An empty half is an error.
func WithKeySecret(id, secret string) Option {
	return func(c *config) error {
		if id == "" || secret == "" {
			return errors.New("WithKeySecret: the key pair has an empty half")
		}
		c.keyID, c.keySecret = id, secret
		return nil
	}
}

// WithToken accepts token beside the minted tokens. The token never expires, and
// [Server.ExpireTokens] does not change that. [Server.Client] still uses the key
// pair. An empty token is an error.
func WithToken(token string) Option {
	return func(c *config) error {
		if token == "" {
			return errors.New("WithToken: the token is empty")
		}
		c.token = token
		return nil
	}
}

// WithoutAuth turns authentication off. The server serves a request with any token
// or none, and mints a token for any key pair. [Server.Client] sends no token.
func WithoutAuth() Option {
	return func(c *config) error {
		c.noAuth = true
		return nil
	}
}

// WithUser sets the authenticated user. A listing shows the user as createdBy and
// updatedBy. The default is user@example.com.
func WithUser(email string) Option {
	return func(c *config) error {
		c.user = email
		return nil
	}
}

// WithClock sets the clock for createTime, updateTime and the life of tokens. The
// clock does not change the delay of a [Fault]. The default is [time.Now]. The
// function must be safe for concurrent use. nil is an error.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return errors.New("WithClock: the clock is nil")
		}
		c.now = now
		return nil
	}
}

// WithTokenTTL sets the life of a token, unless the token's request names a life.
// The default is an hour. Zero or less is an error.
func WithTokenTTL(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithTokenTTL: the life of a token must be positive")
		}
		c.tokenTTL = d
		return nil
	}
}

// WithReadOnly names integrations that the user may not change. Every write under
// such a name is refused with 403: a write of the integration, its models, tags,
// prompt links and token limits. A bulk save with such a name is refused whole, and
// so is the save of a prompt that adds a link to it. A link that the save or the
// removal of a prompt leaves out goes all the same. The integrations need not exist.
// [Server.Put] may change them. Several WithReadOnly add up.
func WithReadOnly(names ...string) Option {
	return func(c *config) error {
		for _, name := range names {
			c.readOnly[name] = true
		}
		return nil
	}
}

// WithValidation also checks every save against the reference page's key table, as
// [integrations.Validate] does in that mode. The definitions that were registered
// or put count like [integrations.WithDefinitions]. The default is
// [integrations.Off]. No mode accepts a type that the fake refuses by default, see
// [WithUnknownTypes]. An unknown mode is an error.
func WithValidation(mode integrations.ValidationMode) Option {
	return func(c *config) error {
		c.validation = mode
		if err := integrations.Validate(nil, integrations.WithValidation(mode)); err != nil {
			return fmt.Errorf("WithValidation: %w", err)
		}
		return nil
	}
}

// WithUnknownTypes lets integrations of any type be saved, as a cluster does
// that knows more types than the reference page. It wins over every
// [WithValidation].
func WithUnknownTypes() Option {
	return func(c *config) error {
		c.unknownTypes = true
		return nil
	}
}

// WithBehaviour replaces choices that the fake has made where public sources are
// silent. [Server.Put] is not affected. The last WithBehaviour wins.
func WithBehaviour(b Behaviour) Option {
	return func(c *config) error {
		c.behaviour = b
		return nil
	}
}

// Behaviour answers questions that public sources leave open. The zero value is the
// default, as the package documentation describes it.
type Behaviour struct {
	// ClearSecrets shows secrets in replies as they were saved, in the place of
	// a mask.
	ClearSecrets bool
	// PartialSaves applies the good items of a bulk save that is refused. The reply
	// is the refusal.
	PartialSaves bool
	// KeepModels keeps the models that a bulk save leaves out.
	KeepModels bool
	// MergeTags adds the tags of a bulk save to those that are there.
	MergeTags bool
	// DropTags ignores the tags of a bulk save. It wins over MergeTags.
	DropTags bool
	// EmptySaveReply answers a save of one integration with an empty body, in
	// the place of the integration.
	EmptySaveReply bool
	// InactiveHidden leaves inactive models out of every list of models, also where
	// activeOnly is false. The list of references and the models within the list of
	// integrations are such lists too.
	InactiveHidden bool
}
