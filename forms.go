package integrations

import (
	"fmt"
	"slices"
)

// providerForm is a Provider in a reply. It repeats the fields, because
// encoding/json takes 7 % longer to fill an embedded struct.
type providerForm struct {
	Name          string            `json:"name"`
	Type          Type              `json:"type"`
	Category      Category          `json:"category"`
	Description   string            `json:"description"`
	Enabled       *bool             `json:"enabled"`
	Configuration configurationForm `json:"configuration"`
	Tags          []Tag             `json:"tags"`
	ModelsCount   int64             `json:"modelsCount"`
	CreateTime    Timestamp         `json:"createTime"`
	UpdateTime    Timestamp         `json:"updateTime"`
	CreatedBy     string            `json:"createdBy"`
	UpdatedBy     string            `json:"updatedBy"`
	APIs          []modelForm       `json:"apis"`
}

func (p providerForm) key() (string, string) { return "name", p.Name }

// clear keeps the memory of a list of usual length for the next provider.
func (p *providerForm) clear() {
	const usual = 64
	models := p.APIs[:cap(p.APIs)]
	if len(models) > usual {
		models = nil
	}
	clear(models) // encoding/json leaves a field that the JSON does not have
	*p = providerForm{APIs: models[:0]}
}

func (p providerForm) size() (int, error) {
	err := namedTags(p.Tags)
	for i := range p.APIs {
		if p.APIs[i].API == "" {
			err = fmt.Errorf("apis[%d].%w", i, missing("api"))
		}
	}
	return 1 + len(p.APIs), err
}

func (p providerForm) value() Provider {
	var models []Model
	if len(p.APIs) > 0 {
		models = make([]Model, len(p.APIs))
	}
	for i := range p.APIs {
		models[i] = p.APIs[i].value()
	}
	return Provider{
		p.Name, p.Type, p.Category, p.Description, orTrue(p.Enabled), Configuration(p.Configuration), p.Tags, p.ModelsCount,
		p.CreateTime, p.UpdateTime, p.CreatedBy, p.UpdatedBy, models,
	}
}

// configurationForm is a Configuration in a reply. With encoding/json/v2 it
// decodes itself.
type configurationForm Configuration

// modelForm is a Model in a reply. It repeats the fields, as providerForm does.
type modelForm struct {
	IntegrationName string            `json:"integrationName"`
	API             string            `json:"api"`
	Description     string            `json:"description"`
	Enabled         *bool             `json:"enabled"`
	Configuration   configurationForm `json:"configuration"`
	Tags            []Tag             `json:"tags"`
	CreateTime      Timestamp         `json:"createTime"`
	UpdateTime      Timestamp         `json:"updateTime"`
	CreatedBy       string            `json:"createdBy"`
	UpdatedBy       string            `json:"updatedBy"`
}

func (m modelForm) key() (string, string) { return "api", m.API }
func (m modelForm) size() (int, error)    { return 1, namedTags(m.Tags) }
func (m modelForm) value() Model {
	return Model{
		m.IntegrationName, m.API, m.Description, orTrue(m.Enabled), Configuration(m.Configuration), m.Tags,
		m.CreateTime, m.UpdateTime, m.CreatedBy, m.UpdatedBy,
	}
}

// definitionForm is a Definition in a reply. Its Enabled hides the embedded
// field.
type definitionForm struct {
	Definition
	Enabled *bool `json:"enabled"`
}

func (d definitionForm) key() (string, string) { return "type", string(d.Type) }
func (d definitionForm) size() (int, error) {
	size := 1 + len(d.Configuration) + len(d.APIs)
	for i := range d.APIs {
		if d.APIs[i].API == "" {
			return size, fmt.Errorf("apis[%d].%w", i, missing("api"))
		}
	}
	return size, nil
}
func (d definitionForm) value() Definition {
	d.Definition.Enabled = orTrue(d.Enabled)
	return d.Definition
}

// orTrue returns what a reply means by enabled. Absent and null mean true.
func orTrue(enabled *bool) bool { return enabled == nil || *enabled }

func namedTags(tags []Tag) error {
	for i := range tags {
		if tags[i].Key == "" {
			return fmt.Errorf("tags[%d].%w", i, missing("key"))
		}
	}
	return nil
}

// These types are their own form.

func (t Tag) key() (string, string) { return "key", t.Key }
func (t Tag) size() (int, error)    { return 1, nil }
func (t Tag) value() Tag            { return t }

func (p Prompt) key() (string, string) { return "name", p.Name }
func (p Prompt) value() Prompt         { return p }
func (p Prompt) size() (int, error) {
	if i := slices.Index(p.Integrations, Ref{}); i >= 0 {
		return 1, fmt.Errorf("integrations[%d] %w", i, errMissing)
	}
	return 1, namedTags(p.Tags)
}

func (r Ref) key() (string, string) { return "", "" }
func (r Ref) size() (int, error)    { return 1, nil }
func (r Ref) value() Ref            { return r }

func (l TokenLimit) key() (string, string) { return "", "" }
func (l TokenLimit) size() (int, error)    { return 1, nil }
func (l TokenLimit) value() TokenLimit     { return l }

func (u TokenUsage) key() (string, string) { return "", "" }
func (u TokenUsage) size() (int, error)    { return 1, nil }
func (u TokenUsage) value() TokenUsage     { return u }

// stringForm is a text in a reply.
type stringForm string

func (s stringForm) key() (string, string) { return "", "" }
func (s stringForm) size() (int, error)    { return 1, nil }
func (s stringForm) value() string         { return string(s) }
