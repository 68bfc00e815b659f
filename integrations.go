package integrations

import (
	"context"
	"errors"
	"fmt"
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
	transport    *transport.Transport
	serverURL    string
	saveDefaults saveConfig
	maxElements  int64 // of a list
}

// NewClient makes a Client for the cluster at serverURL, such as
// https://acme.orkesconductor.io/api. The URL may end in /api or not, and may have
// a path in front of /api. The URL must be http or https. User info, a query and a
// fragment are errors.
//
// Without a credential option requests carry no token. NewClient sends nothing.
func NewClient(serverURL string, opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return newClient("server URL", serverURL, cfg)
}

// NewClientFromEnv makes a Client from the environment, as [NewClient] does:
//
//   - CONDUCTOR_SERVER_URL is the server URL. An empty URL is an error.
//   - CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET are the key pair. Half a pair is
//     an error.
//   - CONDUCTOR_AUTH_TOKEN is the token, if there is no key pair.
//
// A credential option replaces all credentials of the environment.
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

// newClient names the setting in its error and never shows the value: the value
// may hold a password.
func newClient(setting, serverURL string, cfg *config) (*Client, error) {
	base, err := parseServerURL(serverURL)
	if err != nil {
		return nil, fmt.Errorf("integrations: %s %w", setting, err)
	}
	return &Client{
		serverURL:    base.String(),
		saveDefaults: cfg.saveDefaults,
		maxElements:  max(1, cfg.maxBytes/bytesPerElement),
		transport: transport.New(transport.Config{
			BaseURL:     base,
			Credentials: cfg.credentials,
			HTTPClient:  cfg.httpClient,
			Timeout:     cfg.timeout,
			Retry:       transport.RetryPolicy(cfg.retry),
			MaxBytes:    cfg.maxBytes,
			UserAgent:   cfg.userAgent,
			Logger:      cfg.logger,
		}),
	}, nil
}

// parseServerURL brings every accepted form of the URL to the form that ends in
// /api.
func parseServerURL(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errors.New("is not set")
	}
	// Before url.Parse, which reads localhost:8080 as a scheme and cannot read
	// 127.0.0.1:8080 at all.
	scheme, _, _ := strings.Cut(raw, ":")
	if !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
		return nil, errors.New("must begin with https:// or http://")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("is not a URL")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("must not have user info, use WithKeySecret or WithToken")
	case strings.Contains(raw, "?"):
		return nil, errors.New("must not have a query")
	case strings.Contains(raw, "#"):
		return nil, errors.New("must not have a fragment")
	}
	u.Path, u.RawPath = endInAPI(u.Path), endInAPI(u.RawPath)
	// Some odd hosts parse, but their printed form does not parse again.
	if _, err := url.Parse(u.String()); err != nil {
		return nil, errors.New("is not a URL")
	}
	return u, nil
}

func endInAPI(path string) string {
	path = strings.TrimSuffix(strings.TrimRight(path, "/"), "/api")
	return strings.TrimRight(path, "/") + "/api"
}

// Format implements [fmt.Formatter]. A Client prints its server URL under every
// verb that fmt passes on.
func (c Client) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "integrations.Client(%s)", c.serverURL) }

// ServerURL returns the URL of the cluster. It ends in /api.
func (c *Client) ServerURL() string {
	if c == nil {
		return ""
	}
	return c.serverURL
}

// CloseIdleConnections closes the idle connections of the transport that the SDK
// made. It leaves the transport of [WithHTTPClient] alone.
func (c *Client) CloseIdleConnections() {
	if c != nil && c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

// SaveAll creates or updates items in one request, each with its models. It
// checks the whole batch first. If anything is wrong, nothing is sent and a
// [*ValidationError] lists every problem. An empty batch sends nothing.
//
// A save replaces the whole configuration of an integration. A model without an
// IntegrationName gets the name of its integration; items itself is not changed.
// A repeat does no harm. A new type for an existing integration is
// [ErrBadRequest]. Public sources do not say whether a server applies a part of a
// batch that it refuses, or removes models that a batch leaves out.
//
// An answer that is not a success, such as 400, 401 or 403, is an [*APIError].
// Without an answer the error wraps the error of the network, of the token
// source or of the context.
//
// POST /integrations/. Source: reference page "Save All Integrations".
func (c *Client) SaveAll(ctx context.Context, items []Integration, opts ...SaveOption) error {
	cfg, err := c.saveConfig(opts)
	if err != nil {
		return err
	}
	if err := checkItems(items, cfg); err != nil || len(items) == 0 {
		return err
	}
	return c.send(ctx, request{
		op:      OpSaveAll,
		method:  http.MethodPost,
		path:    "/integrations/",
		body:    batch(withIntegrationNames(items)),
		checked: true,
		missing: noSuchAPI,
	})
}

// saveConfig applies the client's own save options, and then opts.
func (c *Client) saveConfig(opts []SaveOption) (saveConfig, error) {
	if c == nil {
		return saveConfig{}.with(opts)
	}
	return c.saveDefaults.with(opts)
}

// Validate reports what [Client.SaveAll] of this client would refuse: the
// options of [WithSaveDefaults] apply before opts. It sends nothing.
func (c *Client) Validate(items []Integration, opts ...SaveOption) error {
	cfg, err := c.saveConfig(opts)
	if err != nil {
		return err
	}
	return checkItems(items, cfg)
}

// batch is the body of SaveAll.
type batch []Integration

func (b batch) names() []string {
	var names []string
	for i := range b {
		names = append(names, b[i].Name, string(b[i].Type), string(b[i].Category))
		names = append(names, tagList(b[i].Tags).names()...)
		for _, api := range b[i].APIs {
			names = append(names, api.API)
		}
	}
	return names
}

// withIntegrationNames fills in the integration's name where a model leaves it
// out. It copies the slices that it changes.
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
