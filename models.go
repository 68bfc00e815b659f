package integrations

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Model is a model of an AI provider, an index of a vector database or a table
// of a relational one, as the server returns it. Source: reference page get-integration-resource.
type Model struct {
	// IntegrationName is the name of the integration that the model belongs to.
	IntegrationName string `json:"integrationName"`
	// API is the name of the model, such as gpt-4o.
	API         string `json:"api"`
	Description string `json:"description"`
	// Enabled is false for an inactive model. Absent in a reply, it is true.
	Enabled bool `json:"enabled"`
	// Configuration is empty in every documented example.
	Configuration Configuration `json:"configuration"`
	// Tags is nil for a model within [Provider.APIs].
	Tags []Tag `json:"tags"`
	// CreateTime and UpdateTime are the times of the first and the last save.
	// CreatedBy and UpdatedBy are the users who saved.
	CreateTime Timestamp `json:"createTime"`
	UpdateTime Timestamp `json:"updateTime"`
	CreatedBy  string    `json:"createdBy"`
	UpdatedBy  string    `json:"updatedBy"`
}

// modelPath is the path of one model.
const modelPath = "/integrations/provider/{name}/integration/{model}"

func modelArgs(provider, model string) []arg {
	return []arg{{"provider", provider}, {"model", model}}
}

// ListModels returns the models of an integration, the active ones unless
// [IncludeInactive] is given. The list is never nil on success and is in the
// server's order.
//
// Public sources do not say whether a missing integration is [ErrNotFound] or
// has an empty list.
//
// GET /integrations/provider/{name}/integration. Source: the vendor's OpenAPI
// description; no reference page.
func (c *Client) ListModels(ctx context.Context, provider string, opts ...ModelListOption) ([]Model, error) {
	cfg, err := newModelListConfig(opts)
	if err != nil {
		return nil, err
	}
	return fetchList[Model, modelForm](ctx, c, request{
		op:      OpListModels,
		method:  http.MethodGet,
		path:    "/integrations/provider/{name}/integration",
		args:    []arg{{"provider", provider}},
		query:   cfg.query(),
		missing: noSuchIntegration(provider),
	})
}

// ListAvailableModels returns the names of the models that the provider itself
// offers, whether they are registered or not. Providers may offer no such list,
// and the server then answers with an error.
//
// GET /integrations/provider/{name}/integration/all. Source: the vendor's
// OpenAPI description; no reference page.
func (c *Client) ListAvailableModels(ctx context.Context, provider string) ([]string, error) {
	return fetchList[string, stringForm](ctx, c, request{
		op:      OpListAvailableModels,
		method:  http.MethodGet,
		path:    "/integrations/provider/{name}/integration/all",
		args:    []arg{{"provider", provider}},
		missing: noSuchIntegration(provider),
	})
}

// GetModel returns one model. A missing integration or model is [ErrNotFound].
// The model name "all" is refused before anything is sent, because the server
// has another operation under that path: find such a model with
// [Client.ListModels].
//
// GET /integrations/provider/{name}/integration/{model}. Source: reference page
// get-integration-resource.
func (c *Client) GetModel(ctx context.Context, provider, model string) (Model, error) {
	if model == "all" {
		return Model{}, errors.New(`integrations: GetModel: model is "all", which is another operation on the server; use ListModels`)
	}
	return fetch[Model, modelForm](ctx, c, request{
		op:      OpGetModel,
		method:  http.MethodGet,
		path:    modelPath,
		args:    modelArgs(provider, model),
		missing: noSuchModel(provider, model),
	})
}

// SaveModel creates or updates a model of an existing integration. API and
// Description are required; with [Off] the description may be empty. An
// IntegrationName other than provider is [ErrMismatch]. A nil Enabled or
// Configuration is left out of the request, and public sources do not say what a
// server makes of that. A repeat does no harm.
//
// POST /integrations/provider/{name}/integration/{model}. Source: reference page
// create-integration-resource.
func (c *Client) SaveModel(ctx context.Context, provider string, m IntegrationAPI, opts ...SaveOption) error {
	cfg, err := c.saveConfig(opts)
	if err != nil {
		return err
	}
	if err := checkModel(provider, m, cfg); err != nil {
		return err
	}
	return c.send(ctx, request{
		op:      OpSaveModel,
		method:  http.MethodPost,
		path:    modelPath,
		args:    modelArgs(provider, m.API),
		body:    modelUpdate{Description: m.Description, Enabled: m.Enabled, Configuration: m.Configuration},
		missing: noSuchIntegration(provider),
	})
}

// modelUpdate is the body of a model's save.
type modelUpdate struct {
	Description   string        `json:"description"`
	Enabled       *bool         `json:"enabled,omitempty"`
	Configuration Configuration `json:"configuration,omitzero"`
}

// DeleteModel removes a model. A missing integration or model is [ErrNotFound].
// If an earlier attempt of the same call may have removed the model, DeleteModel
// returns nil.
//
// DELETE /integrations/provider/{name}/integration/{model}. Source: reference
// page delete-integration-resource.
func (c *Client) DeleteModel(ctx context.Context, provider, model string) error {
	return c.send(ctx, request{
		op:      OpDeleteModel,
		method:  http.MethodDelete,
		path:    modelPath,
		args:    modelArgs(provider, model),
		missing: noSuchModel(provider, model),
	})
}

func noSuchModel(provider, model string) string {
	return fmt.Sprintf("there is no integration %q, or it has no model %q", provider, model)
}
