package integrations

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Definition describes an integration type of a cluster: its configuration keys
// and its operations. [WithDefinitions] lets [Strict] accept such a type.
// Source: the vendor's OpenAPI description and web UI; no reference page.
type Definition struct {
	// Type is the text that [Integration.Type] must equal.
	Type Type `json:"type"`
	// Name is the type's name for people.
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Category    Category `json:"category,omitempty"`
	// CategoryLabel is the category's name for people.
	CategoryLabel string `json:"categoryLabel,omitempty"`
	IconName      string `json:"iconName,omitempty"`
	// Enabled is sent as it stands. Absent in a reply, it is true.
	Enabled bool     `json:"enabled"`
	Tags    []string `json:"tags,omitempty"`
	// Configuration has an entry for each configuration key.
	Configuration []DefinitionField `json:"configuration,omitzero"`
	// APIs are the operations of a connected app.
	APIs []DefinitionAPI `json:"apis,omitempty"`
}

// DefinitionField describes one configuration key of a [Definition]. As an
// element of DependsOn it is a condition: Key with Value.
type DefinitionField struct {
	// Key is the configuration key.
	Key ConfigKey `json:"fieldName"`
	// Type says how the value is entered and stored.
	Type        FieldType `json:"fieldType,omitempty"`
	Label       string    `json:"label,omitempty"`
	Description string    `json:"description,omitempty"`
	// Value is a preset or, in DependsOn, the value to match. It is not printed.
	Value string `json:"value,omitempty"`
	// DefaultValue is used where no value is given. It is not printed.
	DefaultValue string `json:"defaultValue,omitempty"`
	// Optional is false for a required key. Absent in a reply, it is false.
	Optional bool `json:"optional,omitempty"`
	// Options are the choices of a [FieldTypeDropdown].
	Options []FieldOption `json:"valueOptions,omitempty"`
	// DependsOn limits the field to configurations that meet the conditions.
	// Public sources do not say whether one condition is enough.
	DependsOn []DefinitionField `json:"dependsOn,omitempty"`
}

// FieldType says how the value of a [DefinitionField] is entered and stored. It
// is an open set.
type FieldType string

// The field types of the vendor's OpenAPI description.
const (
	FieldTypeText     FieldType = "TEXT"
	FieldTypePassword FieldType = "PASSWORD" // stored as a secret
	FieldTypeDropdown FieldType = "DROPDOWN" // a choice from the options
	FieldTypeFile     FieldType = "FILE"     // the text of a file, stored as a secret
)

// FieldOption is a choice of a [FieldTypeDropdown].
type FieldOption struct {
	// Label is for people.
	Label string `json:"label"`
	// Value is the text that a configuration holds.
	Value string `json:"value"`
}

// DefinitionAPI is an operation of a connected app.
type DefinitionAPI struct {
	// API is the name of the operation.
	API             string `json:"api"`
	Description     string `json:"description,omitempty"`
	IntegrationType string `json:"integrationType,omitempty"`
	// InputSchema and OutputSchema hold the vendor's schema object as JSON.
	InputSchema  json.RawMessage `json:"inputSchema,omitempty"`
	OutputSchema json.RawMessage `json:"outputSchema,omitempty"`
}

// ListDefinitions returns the integration types that the cluster knows. The list
// depends on the server's version and licence. It is never nil on success. A
// definition without a type, a field without a key and an operation without a name
// are errors.
//
// GET /integrations/def. Source: the vendor's OpenAPI description; no reference
// page.
func (c *Client) ListDefinitions(ctx context.Context) ([]Definition, error) {
	return fetchList[Definition, definitionForm](ctx, c, request{
		op: OpListDefinitions, method: http.MethodGet, path: "/integrations/def", missing: noSuchAPI,
	})
}

// GetDefinition returns one definition. Public sources do not say whether a
// server finds it by its type or by its name. Servers of version 4 do not have
// this operation. A missing definition is [ErrNotFound].
//
// GET /integrations/def/{name}. Source: the vendor's OpenAPI description; no
// reference page.
func (c *Client) GetDefinition(ctx context.Context, name string) (Definition, error) {
	return fetch[Definition, definitionForm](ctx, c, request{
		op:      OpGetDefinition,
		method:  http.MethodGet,
		path:    "/integrations/def/{name}",
		args:    []arg{{"name", name}},
		missing: fmt.Sprintf("there is no definition %q, or the server is of version 4, which does not have this operation", name),
	})
}

// RegisterDefinitions creates or updates definitions of integration types. It
// probably takes an administrator. Servers of version 4 do not have this
// operation. Without definitions nothing is sent. A repeat does no harm.
//
// POST /integrations/def/register. Source: the vendor's OpenAPI description; no
// reference page.
func (c *Client) RegisterDefinitions(ctx context.Context, defs ...Definition) error {
	if len(defs) == 0 {
		return nil
	}
	return c.send(ctx, request{
		op:      OpRegisterDefinitions,
		method:  http.MethodPost,
		path:    "/integrations/def/register",
		body:    definitionList(defs),
		missing: "servers of version 4 do not have this operation",
	})
}

// definitionList is the body of RegisterDefinitions.
type definitionList []Definition

func (l definitionList) names() []string {
	var names []string
	for _, d := range l {
		names = append(names, string(d.Type), d.Name, string(d.Category))
		for _, field := range d.Configuration {
			names = append(names, string(field.Key), string(field.Type))
		}
	}
	return names
}
