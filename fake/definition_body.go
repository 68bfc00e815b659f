package fake

import (
	"encoding/json"

	"github.com/seed4e9a5e42/integrations"
)

// definition reads a definition in a request. An absent enabled is true.
func (c *checker) definition(value any, path string) integrations.Definition {
	o := c.element(value, path)
	path += "."
	enabled := c.flag(o, path, "enabled")
	return integrations.Definition{
		Type:          integrations.Type(c.text(o, path, "type")),
		Name:          c.text(o, path, "name"),
		Description:   c.text(o, path, "description"),
		Category:      integrations.Category(c.text(o, path, "category")),
		CategoryLabel: c.text(o, path, "categoryLabel"),
		IconName:      c.text(o, path, "iconName"),
		Enabled:       enabled == nil || *enabled,
		Tags:          elements(c, o, path, "tags", (*checker).word),
		Configuration: elements(c, o, path, "configuration", (*checker).definitionField),
		APIs:          elements(c, o, path, "apis", (*checker).definitionAPI),
	}
}

// word reads an element that is a string.
func (c *checker) word(value any, path string) string {
	text, ok := value.(string)
	if !ok {
		c.add(path, "must be a string")
	}
	return text
}

func (c *checker) definitionField(value any, path string) integrations.DefinitionField {
	o := c.element(value, path)
	path += "."
	optional := c.flag(o, path, "optional")
	return integrations.DefinitionField{
		Key:          integrations.ConfigKey(c.text(o, path, "fieldName")),
		Type:         integrations.FieldType(c.text(o, path, "fieldType")),
		Label:        c.text(o, path, "label"),
		Description:  c.text(o, path, "description"),
		Value:        c.text(o, path, "value"),
		DefaultValue: c.text(o, path, "defaultValue"),
		Optional:     optional != nil && *optional,
		Options:      elements(c, o, path, "valueOptions", (*checker).fieldOption),
		DependsOn:    elements(c, o, path, "dependsOn", (*checker).definitionField),
	}
}

func (c *checker) fieldOption(value any, path string) integrations.FieldOption {
	o := c.element(value, path)
	return integrations.FieldOption{Label: c.text(o, path+".", "label"), Value: c.text(o, path+".", "value")}
}

func (c *checker) definitionAPI(value any, path string) integrations.DefinitionAPI {
	o := c.element(value, path)
	path += "."
	return integrations.DefinitionAPI{
		API:             c.text(o, path, "api"),
		Description:     c.text(o, path, "description"),
		IntegrationType: c.text(o, path, "integrationType"),
		InputSchema:     schema(o["inputSchema"]),
		OutputSchema:    schema(o["outputSchema"]),
	}
}

// schema returns any JSON as a text, or nil where it is absent.
func schema(value any) json.RawMessage {
	if value == nil {
		return nil
	}
	text, _ := json.Marshal(value) // which came from JSON
	return text
}
