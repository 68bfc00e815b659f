package integrations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/transport"
)

// Client calls the integrations API of one Conductor cluster. It is safe for
// concurrent use, and one Client is enough for a process. Make it with
// [NewClient] or [NewClientFromEnv].
type Client struct {
	transport *transport.Transport
	serverURL string
}

// NewClient makes a Client for the cluster at serverURL, given with or without
// the /api at its end and with or without a path in front of it. The URL must
// be http or https and may have no user info, query or fragment.
//
// Without a credential option requests carry no token.
func NewClient(serverURL string, opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return newClient("server URL", serverURL, cfg)
}

// NewClientFromEnv makes a Client from CONDUCTOR_SERVER_URL and from
// CONDUCTOR_AUTH_KEY with CONDUCTOR_AUTH_SECRET, or else CONDUCTOR_AUTH_TOKEN.
// A credential option replaces all of the environment's credentials.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if cfg.credentials == (transport.Credentials{}) {
		if err := cfg.readEnvironment(); err != nil {
			return nil, fmt.Errorf("integrations: %w", err)
		}
	}
	return newClient(envServerURL, os.Getenv(envServerURL), cfg)
}

// newClient names the setting, not its value, when the URL is no good: what is
// wrong with it may be a password.
func newClient(setting, serverURL string, cfg *config) (*Client, error) {
	base, err := parseServerURL(serverURL)
	if err != nil {
		return nil, fmt.Errorf("integrations: %s %w", setting, err)
	}
	return &Client{serverURL: base.String(), transport: transport.New(transport.Config{
		BaseURL:     base,
		Credentials: cfg.credentials,
		HTTPClient:  cfg.httpClient,
		Timeout:     cfg.timeout,
		Retry:       transport.RetryPolicy(cfg.retry),
		MaxBytes:    cfg.maxBytes,
		UserAgent:   cfg.userAgent,
		Logger:      cfg.logger,
	})}, nil
}

// parseServerURL brings every accepted form to the one that ends in /api.
func parseServerURL(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errors.New("is not set")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https:// or http://")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("must not have user info, use WithKeySecret or WithToken")
	case strings.Contains(raw, "?"):
		return nil, errors.New("must not have a query")
	case strings.Contains(raw, "#"):
		return nil, errors.New("must not have a fragment")
	}
	for _, path := range []*string{&u.Path, &u.RawPath} {
		*path = strings.TrimSuffix(strings.TrimRight(*path, "/"), "/api")
		*path = strings.TrimRight(*path, "/") + "/api"
	}
	// Some odd hosts parse, but not what is printed of them.
	if _, err := url.Parse(u.String()); err != nil {
		return nil, errors.New("is not a URL")
	}
	return u, nil
}

// Format implements [fmt.Formatter]: a Client prints its server URL, whatever
// the verb.
func (c Client) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "integrations.Client(%s)", c.serverURL) }

// CloseIdleConnections closes the kept-alive connections of the transport that
// the SDK made. That of a [WithHTTPClient] is left alone.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

// SaveAll creates or updates items in one request, each with its models. The
// whole batch is checked first, and where anything is wrong nothing is sent and
// a [*ValidationError] lists every problem. An empty batch sends nothing.
//
// A model without an IntegrationName gets that of its integration; items
// itself is not changed. A save replaces the whole configuration. Whether a
// server applies a batch that it refuses in part is not documented.
//
// An answer that is not a success, such as 400, 401 or 403, is an [*APIError].
// Without an answer the error wraps that of the network, the token source or
// the context. Source: reference page "Save All Integrations".
func (c *Client) SaveAll(ctx context.Context, items []Integration, opts ...SaveOption) error {
	if err := Validate(items, opts...); err != nil || len(items) == 0 {
		return err
	}
	body, err := json.Marshal(withIntegrationNames(items))
	if err != nil {
		// Not err itself: an encoder's text may hold the value.
		return errors.New("integrations: SaveAll: the batch cannot be encoded")
	}
	if bytes.Contains(body, []byte(replacement)) {
		v := validator{items: items}
		if v.texts(); len(v.problems) > 0 {
			return v.err()
		}
	}
	return c.do(ctx, transport.Call{
		Op:       string(OpSaveAll),
		Method:   http.MethodPost,
		Path:     "/integrations/",
		Body:     body,
		Readable: readableIn(items),
	})
}

// ListProviders returns what the cluster has, the active ones unless
// [IncludeInactive] is given. It is never nil on success, and the caller owns
// it. Secrets in it are masked by the server. Errors are those of
// [Client.SaveAll]. Source: reference page "Get All Integration Providers".
func (c *Client) ListProviders(ctx context.Context, opts ...ListOption) ([]Provider, error) {
	cfg, err := newListConfig(opts)
	if err != nil {
		return nil, err
	}
	var providers []Provider
	err = c.do(ctx, transport.Call{
		Op:     string(OpListProviders),
		Method: http.MethodGet,
		Path:   "/integrations/provider",
		Query:  cfg.query(),
		Decode: func(body io.Reader) (err error) {
			providers, err = decodeProviders(body)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return providers, nil
}

func (c *Client) do(ctx context.Context, call transport.Call) error {
	if c == nil || c.transport == nil {
		return errors.New("integrations: this Client was not made by NewClient")
	}
	if ctx == nil {
		return errors.New("integrations: the context is nil")
	}
	return translate(c.transport.Do(ctx, call))
}

// withIntegrationNames fills in the name that models may leave out, on a copy
// of what it changes.
func withIntegrationNames(items []Integration) []Integration {
	copied := false
	for i := range items {
		first := firstUnnamed(items[i].APIs)
		if first < 0 {
			continue
		}
		if !copied {
			items, copied = slices.Clone(items), true
		}
		apis := slices.Clone(items[i].APIs)
		for j := first; j < len(apis); j++ {
			if apis[j].IntegrationName == "" {
				apis[j].IntegrationName = items[i].Name
			}
		}
		items[i].APIs = apis
	}
	return items
}

func firstUnnamed(apis []IntegrationAPI) int {
	for i := range apis {
		if apis[i].IntegrationName == "" {
			return i
		}
	}
	return -1
}

// readableIn returns what an error may show of a save: the names that the
// server's answer is about, and the keys of the request.
func readableIn(items []Integration) func(string) bool {
	var names map[string]bool // made when an answer quotes the request
	return func(s string) bool {
		if names == nil {
			names = namesIn(items)
		}
		return names[s] || knownKeys[ConfigKey(s)]
	}
}

func namesIn(items []Integration) map[string]bool {
	names := map[string]bool{}
	for _, field := range []string{"name", "type", "category", "description", "enabled", "configuration", "tags", "key", "value", "apis", "integrationName", "api"} {
		names[field] = true
	}
	for _, item := range items {
		for _, name := range []string{item.Name, string(item.Type), string(item.Category)} {
			names[strings.TrimSpace(name)] = true
		}
		for _, tag := range item.Tags {
			names[strings.TrimSpace(tag.Key)] = true
		}
		for _, api := range item.APIs {
			names[strings.TrimSpace(api.API)] = true
			names[strings.TrimSpace(api.IntegrationName)] = true
		}
	}
	return names
}

// decodeProviders reads a JSON array of providers, and nothing after it.
func decodeProviders(body io.Reader) ([]Provider, error) {
	dec := json.NewDecoder(body)
	providers, err := decodeArray(dec)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return providers, nil
		}
	}
	if err == nil {
		err = errors.New("there is more after the array")
	}
	return nil, fmt.Errorf("the provider list does not decode: %w", transport.ShapeError(err))
}

// decodeArray decodes element by element, so that no more of the text than one
// provider is in memory, into blocks that need no copying as the list grows.
func decodeArray(dec *json.Decoder) ([]Provider, error) {
	open, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('[') {
		return nil, errors.New("it is not an array")
	}
	var blocks [][]Provider
	block := make([]Provider, 0, 1)
	for dec.More() {
		if len(block) == cap(block) {
			blocks = append(blocks, block)
			block = make([]Provider, 0, min(2*len(block), 512))
		}
		block = block[:len(block)+1]
		if err := dec.Decode(&block[len(block)-1]); err != nil {
			return nil, unexpected(err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, unexpected(err)
	}
	if len(blocks) == 0 {
		return block, nil
	}
	return slices.Concat(append(blocks, block)...), nil
}

// unexpected says of an end within the array what it is.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
