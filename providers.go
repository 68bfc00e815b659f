package integrations

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// ListProviders returns the integrations of the cluster without their models,
// the active ones unless [IncludeInactive] is given. The list is never nil on
// success, is in the server's order, and belongs to the caller. Secrets in it
// may be masked.
//
// When a reply leaves enabled out, Enabled is true. These elements are an error
// that names the element and the field: null, an element without a name, and an
// element with a field of another kind. [WithMaxResponseBytes] bounds the list.
//
// GET /integrations/provider. Source: reference page "Get All Integration
// Providers".
func (c *Client) ListProviders(ctx context.Context, opts ...ListOption) ([]Provider, error) {
	return listIntegrations[Provider, providerForm](ctx, c, opts, OpListProviders, "/integrations/provider", "category")
}

// ListIntegrations returns the integrations of the cluster with their models. It
// lists active integrations only, unless [IncludeInactive] is given.
// [Provider.APIs] is never nil. ListIntegrations sends one request, whereas
// [Client.ListModels] takes a request for each integration. The models in the list
// have no tags. [Client.ListProviders] says which elements of a reply are an error.
// Models are elements too, and [WithMaxResponseBytes] counts them.
//
// Public sources do not say whether a server leaves inactive models out when
// inactive integrations are included.
//
// GET /integrations/. Source: reference page get-all-integrations.
func (c *Client) ListIntegrations(ctx context.Context, opts ...ListOption) ([]Provider, error) {
	list, err := listIntegrations[Provider, providerForm](ctx, c, opts, OpListIntegrations, "/integrations/", "category")
	for i := range list {
		if list[i].APIs == nil {
			list[i].APIs = []Model{}
		}
	}
	return list, err
}

// ListRefs returns the names of all models that the caller may use, each with
// the name of its integration. An integration without models stands alone.
//
// [InCategory] is sent as the parameter type: the reference page says category
// in its table, and type in its example and in the vendor's OpenAPI description.
//
// GET /integrations/all. Source: reference page get-integration-list.
func (c *Client) ListRefs(ctx context.Context, opts ...ListOption) ([]Ref, error) {
	return listIntegrations[Ref, Ref](ctx, c, opts, OpListRefs, "/integrations/all", "type")
}

// listIntegrations lists what a cluster has. category is the name of the query
// parameter that selects a category.
func listIntegrations[T any, F form[T]](ctx context.Context, c *Client, opts []ListOption, op Op, path, category string) ([]T, error) {
	cfg, err := newListConfig(opts)
	if err != nil {
		return nil, err
	}
	query := cfg.query()
	if cfg.category != "" {
		query.Set(category, string(cfg.category))
	}
	return fetchList[T, F](ctx, c, request{op: op, method: http.MethodGet, path: path, query: query, missing: noSuchAPI})
}

// GetProvider returns one integration without its models, an inactive one too.
// A missing integration is [ErrNotFound]. An empty name, "." and ".." are
// refused before anything is sent.
//
// GET /integrations/provider/{name}. Source: reference page get-integration-provider.
func (c *Client) GetProvider(ctx context.Context, name string) (Provider, error) {
	return fetch[Provider, providerForm](ctx, c, request{
		op:      OpGetProvider,
		method:  http.MethodGet,
		path:    "/integrations/provider/{name}",
		args:    []arg{{"name", name}},
		missing: noSuchIntegration(name),
	})
}

// SaveProvider creates or updates one integration and leaves its models and tags
// alone. It checks item as [Client.SaveAll] does, except for models. APIs and
// Tags must be nil.
//
// A save replaces the whole configuration: a secret that is left out is wiped.
// An empty configuration is sent as {}, and a nil configuration is [ErrMissing].
// An empty category becomes the category of the type. A nil Enabled is left out,
// and the server decides. The type of an existing integration cannot be changed.
// A repeat does no harm.
//
// POST /integrations/provider/{name}. Source: reference page create-integration-provider.
func (c *Client) SaveProvider(ctx context.Context, item Integration, opts ...SaveOption) error {
	cfg, err := c.saveConfig(opts)
	if err != nil {
		return err
	}
	if err := checkProvider(item, cfg); err != nil {
		return err
	}
	if item.Category == "" {
		item.Category = cfg.category(item.Type)
	}
	return c.send(ctx, request{
		op:     OpSaveProvider,
		method: http.MethodPost,
		path:   "/integrations/provider/{name}",
		args:   []arg{{"name", item.Name}},
		body: providerUpdate{
			Type: item.Type, Category: item.Category, Description: item.Description,
			Enabled: item.Enabled, Configuration: item.Configuration,
		},
		missing: fmt.Sprintf("the server does not know the type %s", secret.Printable(string(item.Type))),
	})
}

// providerUpdate is the body of a single save. The category may be empty for a
// type that neither the page nor a definition knows.
type providerUpdate struct {
	Type          Type          `json:"type"`
	Category      Category      `json:"category,omitempty"`
	Description   string        `json:"description"`
	Enabled       *bool         `json:"enabled,omitempty"`
	Configuration Configuration `json:"configuration"`
}

func (p providerUpdate) names() []string { return []string{string(p.Type), string(p.Category)} }

// DeleteProvider removes an integration. Its models go with it. A missing
// integration is [ErrNotFound]. If an earlier attempt of the same call may have
// removed the integration, DeleteProvider returns nil.
//
// Public sources do not say what becomes of its prompts, grants and stored
// secrets.
//
// DELETE /integrations/provider/{name}. Source: reference page delete-integration-provider.
func (c *Client) DeleteProvider(ctx context.Context, name string) error {
	return c.send(ctx, request{
		op:      OpDeleteProvider,
		method:  http.MethodDelete,
		path:    "/integrations/provider/{name}",
		args:    []arg{{"name", name}},
		missing: noSuchIntegration(name),
	})
}

// Ref names a model of an integration, or an integration alone. Its text is
// provider:model, split at the first colon.
type Ref struct {
	// Provider is the name of the integration. It must not have a colon.
	Provider string
	// Model is the name of the model, which may have colons. Empty: the Ref
	// names the integration alone.
	Model string
}

var (
	_ encoding.TextMarshaler   = Ref{}
	_ encoding.TextUnmarshaler = (*Ref)(nil)
)

// String returns provider:model, or the provider alone.
func (r Ref) String() string {
	if r.Model == "" {
		return r.Provider
	}
	return r.Provider + ":" + r.Model
}

// MarshalText implements [encoding.TextMarshaler]. A Ref without a Provider and
// a Provider with a colon are errors.
func (r Ref) MarshalText() ([]byte, error) {
	if r.Provider == "" || strings.Contains(r.Provider, ":") {
		return nil, errors.New("integrations: the provider of a Ref is empty or has a colon")
	}
	return []byte(r.String()), nil
}

var errEmptyRef = errors.New("the text of a Ref is empty")

// UnmarshalText implements [encoding.TextUnmarshaler]. An empty text is an
// error.
func (r *Ref) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errEmptyRef
	}
	r.Provider, r.Model, _ = strings.Cut(string(text), ":")
	return nil
}
