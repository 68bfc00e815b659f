package integrations

import (
	"context"
	"net/http"
)

// Tag is a key with a value. Tags organise and filter integrations, and a tag
// can grant groups and applications access to what carries it.
//
// Public sources disagree about a second value of a key: the reference page says
// that the value is updated, and its example keeps both values.
type Tag struct {
	// Key is required.
	Key string `json:"key"`
	// Value may be empty.
	Value string `json:"value"`
}

// The paths of the tags of an integration and of a model.
const (
	providerTagsPath = "/integrations/provider/{name}/tags"
	modelTagsPath    = modelPath + "/tags"
)

// ListProviderTags returns the tags of an integration. The list is never nil on
// success. A missing integration is [ErrNotFound].
//
// GET /integrations/provider/{name}/tags. Source: reference page
// get-tags-from-integration-provider.
func (c *Client) ListProviderTags(ctx context.Context, provider string) ([]Tag, error) {
	return fetchList[Tag, Tag](ctx, c, providerTags(OpListProviderTags, http.MethodGet, provider))
}

// PutProviderTags adds tags to an integration and keeps the tags that are there.
// Without tags nothing is sent. A repeat does no harm.
//
// PUT /integrations/provider/{name}/tags. Source: reference page
// add-tags-to-integration-provider.
func (c *Client) PutProviderTags(ctx context.Context, provider string, tags ...Tag) error {
	return c.sendTags(ctx, providerTags(OpPutProviderTags, http.MethodPut, provider), tags)
}

// DeleteProviderTags removes the given pairs of key and value from an
// integration. Without tags nothing is sent. If an earlier attempt of the same
// call may have succeeded, and the retry meets 404, DeleteProviderTags returns
// nil. Public sources do not say what a server does with a pair that is not there.
//
// DELETE /integrations/provider/{name}/tags, with a body. Source: reference page
// delete-tags-from-integration-provider.
func (c *Client) DeleteProviderTags(ctx context.Context, provider string, tags ...Tag) error {
	return c.sendTags(ctx, providerTags(OpDeleteProviderTags, http.MethodDelete, provider), tags)
}

// ListModelTags returns the tags of a model. The list is never nil on success. A
// missing integration or model is [ErrNotFound].
//
// GET /integrations/provider/{name}/integration/{model}/tags. Source: reference
// page get-tags-from-integration-resource.
func (c *Client) ListModelTags(ctx context.Context, provider, model string) ([]Tag, error) {
	return fetchList[Tag, Tag](ctx, c, modelTags(OpListModelTags, http.MethodGet, provider, model))
}

// PutModelTags adds tags to a model, as [Client.PutProviderTags] does to an
// integration.
//
// PUT /integrations/provider/{name}/integration/{model}/tags. Source: reference
// page add-tags-to-integration-resource.
func (c *Client) PutModelTags(ctx context.Context, provider, model string, tags ...Tag) error {
	return c.sendTags(ctx, modelTags(OpPutModelTags, http.MethodPut, provider, model), tags)
}

// DeleteModelTags removes the given pairs of key and value from a model, as
// [Client.DeleteProviderTags] does from an integration.
//
// DELETE /integrations/provider/{name}/integration/{model}/tags, with a body.
// Source: reference page delete-tags-from-integration-resource.
func (c *Client) DeleteModelTags(ctx context.Context, provider, model string, tags ...Tag) error {
	return c.sendTags(ctx, modelTags(OpDeleteModelTags, http.MethodDelete, provider, model), tags)
}

func providerTags(op Op, method, provider string) request {
	return request{
		op:      op,
		method:  method,
		path:    providerTagsPath,
		args:    []arg{{"provider", provider}},
		missing: noSuchIntegration(provider),
	}
}

func modelTags(op Op, method, provider, model string) request {
	return request{
		op:      op,
		method:  method,
		path:    modelTagsPath,
		args:    modelArgs(provider, model),
		missing: noSuchModel(provider, model),
	}
}

// sendTags sends tags as the body of r.
func (c *Client) sendTags(ctx context.Context, r request, tags []Tag) error {
	if len(tags) == 0 {
		return nil
	}
	if err := checkTags(r.args[0].value, tags); err != nil {
		return err
	}
	r.body = tagList(tags)
	return c.send(ctx, r)
}

// tagList is the body of a change of tags.
type tagList []Tag

func (l tagList) names() []string {
	keys := make([]string, 0, len(l))
	for _, tag := range l {
		keys = append(keys, tag.Key)
	}
	return keys
}
