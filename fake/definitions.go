package fake

import (
	"maps"
	"net/http"
	"slices"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/pagetypes"
)

// definition returns the definition of a type that was registered or put, or nil.
func (st *state) definition(t integrations.Type) *integrations.Definition {
	for i := range st.definitions {
		if st.definitions[i].Type == t {
			return &st.definitions[i]
		}
	}
	return nil
}

// allDefinitions returns the definitions of the state. If there are none, it
// returns the definitions of the key table.
func (st *state) allDefinitions() []integrations.Definition {
	if st.definitions != nil {
		return st.definitions
	}
	return pageDefinitions()
}

// listDefinitions answers GET /api/integrations/def.
func (s *Server) listDefinitions(*call) *reply {
	return s.store.look(func(st *state) *reply { return jsonReply(http.StatusOK, st.allDefinitions()) })
}

// getDefinition answers GET /api/integrations/def/{definition}.
func (s *Server) getDefinition(c *call) *reply {
	return s.store.look(func(st *state) *reply {
		name, list := c.arg("definition"), st.allDefinitions()
		i := slices.IndexFunc(list, func(d integrations.Definition) bool { return string(d.Type) == name })
		if i < 0 {
			i = slices.IndexFunc(list, func(d integrations.Definition) bool { return d.Name == name })
		}
		if i < 0 {
			return notFound("integration definition", name)
		}
		return jsonReply(http.StatusOK, list[i])
	})
}

// registerDefinitions answers POST /api/integrations/def/register.
func (s *Server) registerDefinitions(c *call) *reply {
	defs, check, err := parseAll(c.body, (*checker).definition)
	if err != nil {
		return badRequest(err.Error())
	}
	if len(check.violations) == 0 {
		for i, def := range defs {
			check.require(prefix(i)+"type", string(def.Type))
		}
	}
	if len(check.violations) > 0 {
		return badRequest("the definitions are refused", check.violations...)
	}
	return s.change(c, func(st *state) *reply {
		st.definitions = slices.Clone(st.allDefinitions())
		for _, def := range defs {
			if old := st.definition(def.Type); old != nil {
				*old = def
			} else {
				st.definitions = append(st.definitions, def)
			}
		}
		return done()
	})
}

// pageDefinitions makes a definition of each type of the key table.
func pageDefinitions() []integrations.Definition {
	defs := make([]integrations.Definition, 0, len(pagetypes.All))
	for _, t := range pagetypes.All {
		category, _ := t.Category()
		defs = append(defs, integrations.Definition{
			Type: t, Name: string(t), Category: category, CategoryLabel: string(category), Enabled: true,
			Configuration: pageFields(t),
		})
	}
	return defs
}

// pageFields makes a field of each key that t takes. One key is left out:
// strict clients of the vendor cannot read location.
func pageFields(t integrations.Type) []integrations.DefinitionField {
	rules, _ := integrations.KeysFor(t)
	var fields []integrations.DefinitionField
	add := func(field integrations.DefinitionField) {
		has := func(f integrations.DefinitionField) bool { return f.Key == field.Key }
		if field.Key == integrations.KeyLocation || slices.ContainsFunc(fields, has) {
			return
		}
		values := rules.Values[field.Key]
		field.Type, field.Label = fieldType(field.Key, values), string(field.Key)
		for _, value := range values {
			field.Options = append(field.Options, integrations.FieldOption{Label: value, Value: value})
		}
		fields = append(fields, field)
	}
	for _, key := range rules.Required {
		add(integrations.DefinitionField{Key: key})
	}
	for _, value := range slices.Sorted(maps.Keys(rules.Conditional)) {
		condition := integrations.DefinitionField{Key: integrations.KeyConnectionType, Value: value}
		for _, key := range rules.Conditional[value] {
			add(integrations.DefinitionField{Key: key, DependsOn: []integrations.DefinitionField{condition}})
		}
	}
	for _, key := range slices.Concat(rules.Optional, rules.Guide) {
		add(integrations.DefinitionField{Key: key, Optional: true})
	}
	return fields
}

// storedAs says how the vendor stores the values of these keys.
var storedAs = map[integrations.ConfigKey]integrations.FieldType{
	integrations.KeyAPIKey:                  integrations.FieldTypePassword,
	integrations.KeyPassword:                integrations.FieldTypePassword,
	integrations.KeyAWSAccountID:            integrations.FieldTypePassword,
	integrations.KeyExternalID:              integrations.FieldTypePassword,
	integrations.KeySchemaRegistryAPISecret: integrations.FieldTypePassword,
	integrations.KeyKeyStorePassword:        integrations.FieldTypePassword,
	integrations.KeyFile:                    integrations.FieldTypeFile,
	integrations.KeyTLSFile:                 integrations.FieldTypeFile,
}

// fieldType returns how the value of key is entered, where values are the
// closed set of its values, if there is one.
func fieldType(key integrations.ConfigKey, values []string) integrations.FieldType {
	if stored, ok := storedAs[key]; ok {
		return stored
	}
	if values != nil {
		return integrations.FieldTypeDropdown
	}
	return integrations.FieldTypeText
}
