package integrations

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations/internal/buildversion"
	"github.com/seed4e9a5e42/integrations/internal/transport"
)

// The defaults of a [Client].
const (
	defaultTimeout          = 30 * time.Second
	defaultMaxResponseBytes = 32 << 20
	// bytesPerElement bounds the elements of a list: an element takes at least
	// so many bytes of the response limit, however short its JSON is.
	bytesPerElement = 64
)

// The environment that [NewClientFromEnv] reads.
const (
	envServerURL  = "CONDUCTOR_SERVER_URL"
	envAuthKey    = "CONDUCTOR_AUTH_KEY"
	envAuthSecret = "CONDUCTOR_AUTH_SECRET"
	envAuthToken  = "CONDUCTOR_AUTH_TOKEN"
)

// Option configures a [Client]. A nil Option is an error.
type Option func(*config) error

// config is what the options fill.
type config struct {
	credentials transport.Credentials
	httpClient  *http.Client
	timeout     time.Duration
	retry       RetryPolicy
	maxBytes    int64
	userAgent   string
	logger      *slog.Logger

	saveDefaults saveConfig
}

func newConfig(opts []Option) (*config, error) {
	c := &config{
		timeout:   defaultTimeout,
		retry:     RetryPolicy{MaxRetries: 3},
		maxBytes:  defaultMaxResponseBytes,
		userAgent: sdkProduct + buildversion.Get(),
		logger:    slog.New(slog.DiscardHandler),
	}
	err := applyAll("option", opts, func(o Option) error { return o(c) })
	c.retry = c.retry.withDefaults()
	return c, err
}

// TokenSource gives the token to send. The client asks it for each attempt and
// never caches the token. A TokenSource must be safe for concurrent use.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// WithToken sends a token that the caller already has. The client never renews
// this token. White space around it is removed. A blank token is an error.
//
// If there are several credential options, the last option wins.
func WithToken(token string) Option {
	return func(c *config) error { return c.setToken("token", token) }
}

// WithKeySecret exchanges an application's access key for tokens, and renews
// them before they expire. The exchange has a context of its own, because many
// calls share it. White space around both texts is removed. Half a pair is an
// error.
//
// If there are several credential options, the last option wins.
func WithKeySecret(keyID, keySecret string) Option {
	return func(c *config) error { return c.setKeyPair("key id", keyID, "key secret", keySecret) }
}

// WithTokenSource asks src for the token of every attempt. A nil source is an
// error.
//
// If there are several credential options, the last option wins.
func WithTokenSource(src TokenSource) Option {
	return func(c *config) error {
		if src == nil {
			return errors.New("token source is nil")
		}
		c.credentials = transport.Credentials{Source: src}
		return nil
	}
}

// WithHTTPClient sends requests through a copy of hc, with its transport and its
// cookie jar. Every attempt passes the transport, retries and the token exchange
// too. The shorter timeout wins: the Timeout of hc or the timeout of
// [WithTimeout]. The redirect policy of hc is not used, because redirects are
// never followed. A nil client is an error.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) error {
		if hc == nil {
			return errors.New("HTTP client is nil")
		}
		c.httpClient = hc
		return nil
	}
}

// WithTimeout bounds every single attempt and includes the reading of the body.
// The default is 30 seconds, and 0 means no bound. A negative timeout is an
// error. The context bounds the whole call with all waits.
func WithTimeout(perAttempt time.Duration) Option {
	return func(c *config) error {
		if perAttempt < 0 {
			return errors.New("timeout is negative")
		}
		c.timeout = perAttempt
		return nil
	}
}

// RetryPolicy says how often a failed attempt is repeated, and after which wait.
type RetryPolicy struct {
	// MaxRetries is the number of attempts after the first. 0 means none.
	MaxRetries int
	// MinWait is the base of the exponential wait. 0 means 500 ms.
	MinWait time.Duration
	// MaxWait is the longest wait. When the server asks for a longer wait with
	// Retry-After, the call ends at once. 0 means 30 s.
	MaxWait time.Duration
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MinWait == 0 {
		p.MinWait = 500 * time.Millisecond
	}
	if p.MaxWait == 0 {
		p.MaxWait = 30 * time.Second
	}
	return p
}

// WithRetry replaces the default policy of 3 retries between 500 ms and 30 s. A
// request is retried when the server answers 429, 502, 503 or 504, when it does
// not answer, and when the answer breaks off. A negative field is an error, and
// so is a MinWait over MaxWait.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) error {
		if p.MaxRetries < 0 || p.MinWait < 0 || p.MaxWait < 0 {
			return errors.New("retry policy has a negative field")
		}
		if full := p.withDefaults(); full.MinWait > full.MaxWait {
			return fmt.Errorf("retry policy's MinWait %s is over its MaxWait %s", full.MinWait, full.MaxWait)
		}
		c.retry = p
		return nil
	}
}

// WithMaxResponseBytes bounds the body of an answer after decompression. The
// default is 32 MiB. Less than 1 is an error.
//
// Short elements take more memory than text, so more limits follow from the bound:
// a list may have one element for every 64 bytes of the bound. An answer may have
// one { for every 32 bytes, and one comma for every 8 bytes, or for every 64 bytes
// where commas are dense. A { and a comma inside of a text count too. An answer
// over a limit is [ErrResponseTooLarge].
//
// While a usual list is decoded, the memory grows by 3 times its text. The worst
// text, a configuration full of empty arrays, takes 40 times its size.
func WithMaxResponseBytes(n int64) Option {
	return func(c *config) error {
		if n <= 0 {
			return errors.New("maximum of response bytes is not positive")
		}
		c.maxBytes = n
		return nil
	}
}

// sdkProduct is the SDK's product token without its version.
const sdkProduct = "conductor-integrations-go/"

// WithUserAgent puts product, such as billing/1.4, before the SDK's own product
// token in the User-Agent header. Blank is an error.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		product, err := headerValue("user agent", product)
		c.userAgent = product + " " + sdkProduct + buildversion.Get()
		return err
	}
}

// WithLogger logs every attempt at debug level and every retry as a warning. The
// package doc lists what a line has. No line has a header, a body or a query. The
// default is silence. A nil logger is an error.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("logger is nil")
		}
		c.logger = l
		return nil
	}
}

// headerValue removes the white space around value and refuses a value that no
// header can carry. The error names the setting and never shows the value.
func headerValue(name, value string) (string, error) {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return "", fmt.Errorf("%s is blank", name)
	case !transport.ValidHeader(value):
		return "", fmt.Errorf("%s has a control character inside", name)
	case !utf8.ValidString(value):
		return "", fmt.Errorf("%s is not valid UTF-8", name)
	}
	return value, nil
}

func (c *config) setToken(name, token string) error {
	token, err := headerValue(name, token)
	c.credentials = transport.Credentials{Source: transport.StaticToken(token)}
	return err
}

func (c *config) setKeyPair(idName, id, secretName, secret string) error {
	id, idErr := headerValue(idName, id)
	secret, secretErr := headerValue(secretName, secret)
	c.credentials = transport.Credentials{KeyID: id, KeySecret: secret}
	return errors.Join(idErr, secretErr)
}

// readEnvironment takes the credentials from the environment. The key pair comes
// before the token. There may be none.
func (c *config) readEnvironment() error {
	id, secret, token := os.Getenv(envAuthKey), os.Getenv(envAuthSecret), os.Getenv(envAuthToken)
	switch {
	case id != "" || secret != "":
		return c.setKeyPair(envAuthKey, id, envAuthSecret, secret)
	case token != "":
		return c.setToken(envAuthToken, token)
	}
	return nil
}

// applyAll applies options in order. A nil option is an error.
func applyAll[O any](kind string, opts []O, apply func(O) error) error {
	for i := range opts {
		if reflect.ValueOf(&opts[i]).Elem().IsNil() { // an interface or a function
			return fmt.Errorf("integrations: %s %d is nil", kind, i)
		}
		if err := apply(opts[i]); err != nil {
			return fmt.Errorf("integrations: %w", err)
		}
	}
	return nil
}

// WithSaveDefaults sets the options of every save of the client, and of
// [Client.Validate]. The options of a call come after them. A nil option is an
// error. Of several WithSaveDefaults the last one wins.
func WithSaveDefaults(opts ...SaveOption) Option {
	return func(c *config) error {
		var err error
		c.saveDefaults, err = saveConfig{}.with(opts)
		return err
	}
}

// ListOption is an option of [Client.ListProviders], [Client.ListIntegrations]
// and [Client.ListRefs].
type ListOption interface{ applyList(*listConfig) error }

// ModelListOption is an option of [Client.ListModels].
type ModelListOption interface{ applyModelList(*listConfig) error }

// ListAnyOption is an option of every list with active and inactive elements.
type ListAnyOption interface {
	ListOption
	ModelListOption
}

type listConfig struct {
	category        Category
	includeInactive bool
}

// InCategory lists one category only. c may be a category without a constant. An
// empty category is an error.
func InCategory(c Category) ListOption { return inCategory(c) }

type inCategory Category

func (o inCategory) applyList(c *listConfig) error {
	if o == "" {
		return errors.New("category is empty")
	}
	c.category = Category(o)
	return nil
}

// IncludeInactive lists inactive elements too. The default lists active elements
// only.
func IncludeInactive() ListAnyOption { return includeInactive{} }

type includeInactive struct{}

func (includeInactive) applyList(c *listConfig) error {
	c.includeInactive = true
	return nil
}

func (o includeInactive) applyModelList(c *listConfig) error { return o.applyList(c) }

func newListConfig(opts []ListOption) (listConfig, error) {
	var c listConfig
	err := applyAll("list option", opts, func(o ListOption) error { return o.applyList(&c) })
	return c, err
}

func newModelListConfig(opts []ModelListOption) (listConfig, error) {
	var c listConfig
	err := applyAll("list option", opts, func(o ModelListOption) error { return o.applyModelList(&c) })
	return c, err
}

// query returns the query. It always has activeOnly, because the server's own
// default leaves out inactive elements.
func (c listConfig) query() url.Values {
	return url.Values{"activeOnly": {strconv.FormatBool(!c.includeInactive)}}
}
