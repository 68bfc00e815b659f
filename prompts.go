package integrations

import (
	"context"
	"fmt"
	"net/http"
)

// Prompt is a prompt template that is associated with a model. Source: reference
// page list-integration-model-prompts.
type Prompt struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Template is the text of the prompt, with variables as ${name}. It is not
	// printed.
	Template string `json:"template"`
	// Version counts from 1.
	Version int `json:"version"`
	// Variables are the names of the variables in Template.
	Variables []string `json:"variables"`
	// Integrations are the models that can use the prompt.
	Integrations []Ref `json:"integrations"`
	// Tags is nil in the list of a model's prompts.
	Tags       []Tag     `json:"tags"`
	CreateTime Timestamp `json:"createTime"`
	UpdateTime Timestamp `json:"updateTime"`
	CreatedBy  string    `json:"createdBy"`
	UpdatedBy  string    `json:"updatedBy"`
}

// ListPrompts returns the prompts that are associated with a model. The list is
// never nil on success. A missing integration or model is [ErrNotFound], and a
// prompt that the caller may not read is [ErrForbidden].
//
// GET /integrations/provider/{name}/integration/{model}/prompt. Source:
// reference page list-integration-model-prompts.
func (c *Client) ListPrompts(ctx context.Context, provider, model string) ([]Prompt, error) {
	return fetchList[Prompt, Prompt](ctx, c, request{
		op:      OpListPrompts,
		method:  http.MethodGet,
		path:    modelPath + "/prompt",
		args:    modelArgs(provider, model),
		missing: noSuchModel(provider, model),
	})
}

// AssociatePrompt lets tasks use a prompt with a model. Integration, model and
// prompt must exist, otherwise the error is [ErrNotFound]. A repeat does no
// harm. No operation of this API undoes an association.
//
// POST /integrations/provider/{name}/integration/{model}/prompt/{prompt},
// without a body. Source: reference page associate-prompt-with-integration-model.
func (c *Client) AssociatePrompt(ctx context.Context, provider, model, prompt string) error {
	return c.send(ctx, request{
		op:      OpAssociatePrompt,
		method:  http.MethodPost,
		path:    modelPath + "/prompt/{prompt}",
		args:    append(modelArgs(provider, model), arg{"prompt", prompt}),
		missing: fmt.Sprintf("%s, or there is no prompt %q", noSuchModel(provider, model), prompt),
	})
}
