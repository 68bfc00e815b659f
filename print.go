package integrations

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// The types of this file print with fmt, and log with slog, without secrets. They
// show the keys of a configuration and no value, the keys of a definition and no
// default value, and no template of a prompt. encoding/json is the wire format
// and shows everything.

// Format implements [fmt.Formatter]. It prints the keys under every verb
// that fmt passes on.
func (c Configuration) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.keys()) }

// LogValue implements [slog.LogValuer]. It logs the keys.
func (c Configuration) LogValue() slog.Value { return slog.AnyValue(c.keys()) }

// keys returns the printable keys, sorted.
func (c Configuration) keys() []string {
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, secret.Printable(string(k)))
	}
	slices.Sort(keys)
	return keys
}

// String returns t as a time in UTC, such as 2026-03-06T08:57:50.214Z.
func (t Timestamp) String() string { return t.Time().Format(time.RFC3339Nano) }

// enabled prints the three states of an Enabled field.
type enabled string

func enabledOf(b *bool) enabled {
	if b == nil {
		return "unset"
	}
	return enabled(fmt.Sprint(*b))
}

// Format prints the state without quotes under every verb that fmt passes on.
func (e enabled) Format(f fmt.State, _ rune) { fmt.Fprint(f, string(e)) }

// printAs prints shown as fmt prints a struct of the exported type name.
func printAs(f fmt.State, verb rune, name string, shown any) {
	text := fmt.Sprintf(fmt.FormatString(f, verb), shown)
	fmt.Fprint(f, strings.Replace(text, fmt.Sprintf("%T{", shown), "integrations."+name+"{", 1))
}

// Format implements [fmt.Formatter]. It prints the fields, the keys of the
// Configuration, and Enabled as true, false or unset.
func (i Integration) Format(f fmt.State, verb rune) {
	printAs(f, verb, "Integration", struct {
		Name          string
		Type          Type
		Category      Category
		Description   string
		Enabled       enabled
		Configuration Configuration
		Tags          []Tag
		APIs          []IntegrationAPI
	}{i.Name, i.Type, i.Category, i.Description, enabledOf(i.Enabled), i.Configuration, i.Tags, i.APIs})
}

// LogValue implements [slog.LogValuer]. Without it, the JSON handler of slog
// would encode the values of the configuration.
func (i Integration) LogValue() slog.Value {
	apis := slices.Clone(i.APIs)
	for n := range apis {
		apis[n].Configuration = nil // a handler encodes a list as JSON
	}
	attrs := []slog.Attr{
		slog.String("name", i.Name),
		slog.String("type", string(i.Type)),
		slog.String("category", string(i.Category)),
		slog.Any("configuration", i.Configuration),
		slog.Any("apis", apis),
	}
	if i.Enabled != nil {
		attrs = append(attrs, slog.Bool("enabled", *i.Enabled))
	}
	return slog.GroupValue(attrs...)
}

// Format implements [fmt.Formatter], as for [Integration].
func (m IntegrationAPI) Format(f fmt.State, verb rune) {
	printAs(f, verb, "IntegrationAPI", struct {
		IntegrationName, API, Description string
		Enabled                           enabled
		Configuration                     Configuration
	}{m.IntegrationName, m.API, m.Description, enabledOf(m.Enabled), m.Configuration})
}

// LogValue implements [slog.LogValuer], as for [Integration].
func (m IntegrationAPI) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("integrationName", m.IntegrationName),
		slog.String("api", m.API),
		slog.Any("configuration", m.Configuration),
	)
}

// Format implements [fmt.Formatter], as for [Integration].
func (p Provider) Format(f fmt.State, verb rune) {
	type shown Provider
	printAs(f, verb, "Provider", shown(p))
}

// LogValue implements [slog.LogValuer], as for [Integration].
func (p Provider) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("name", p.Name),
		slog.String("type", string(p.Type)),
		slog.String("category", string(p.Category)),
		slog.Bool("enabled", p.Enabled),
		slog.Any("configuration", p.Configuration),
		slog.Int64("modelsCount", p.ModelsCount),
	)
}

// Format implements [fmt.Formatter], as for [Integration].
func (m Model) Format(f fmt.State, verb rune) {
	type shown Model
	printAs(f, verb, "Model", shown(m))
}

// LogValue implements [slog.LogValuer], as for [Integration].
func (m Model) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("integrationName", m.IntegrationName),
		slog.String("api", m.API),
		slog.Bool("enabled", m.Enabled),
		slog.Any("configuration", m.Configuration),
	)
}

// Format implements [fmt.Formatter]. It prints names, keys of the configuration
// and names of the operations, and no default value.
func (d Definition) Format(f fmt.State, verb rune) {
	printAs(f, verb, "Definition", struct {
		Type          Type
		Name          string
		Category      Category
		Enabled       bool
		Tags          []string
		Configuration []string
		APIs          []string
	}{d.Type, d.Name, d.Category, d.Enabled, d.Tags, fieldKeys(d.Configuration), d.operations()})
}

// LogValue implements [slog.LogValuer], as Format.
func (d Definition) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("type", string(d.Type)),
		slog.String("name", d.Name),
		slog.String("category", string(d.Category)),
		slog.Bool("enabled", d.Enabled),
		slog.Any("configuration", fieldKeys(d.Configuration)),
	)
}

func (d Definition) operations() []string {
	names := make([]string, 0, len(d.APIs))
	for _, api := range d.APIs {
		names = append(names, api.API)
	}
	return names
}

func fieldKeys(list []DefinitionField) []string {
	keys := make([]string, 0, len(list))
	for _, field := range list {
		keys = append(keys, secret.Printable(string(field.Key)))
	}
	return keys
}

// Format implements [fmt.Formatter]. It never prints Value or DefaultValue. It
// prints the keys of DependsOn.
func (d DefinitionField) Format(f fmt.State, verb rune) {
	printAs(f, verb, "DefinitionField", struct {
		Key       string
		Type      FieldType
		Label     string
		Optional  bool
		DependsOn []string
	}{secret.Printable(string(d.Key)), d.Type, d.Label, d.Optional, fieldKeys(d.DependsOn)})
}

// LogValue implements [slog.LogValuer], as Format.
func (d DefinitionField) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("key", secret.Printable(string(d.Key))),
		slog.String("type", string(d.Type)),
		slog.Bool("optional", d.Optional),
	)
}

// Format implements [fmt.Formatter]. It prints every field except the template.
func (p Prompt) Format(f fmt.State, verb rune) {
	printAs(f, verb, "Prompt", struct {
		Name, Description      string
		Version                int
		Variables              []string
		Integrations           []Ref
		Tags                   []Tag
		CreateTime, UpdateTime Timestamp
		CreatedBy, UpdatedBy   string
	}{p.Name, p.Description, p.Version, p.Variables, p.Integrations, p.Tags, p.CreateTime, p.UpdateTime, p.CreatedBy, p.UpdatedBy})
}

// LogValue implements [slog.LogValuer], as Format.
func (p Prompt) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("name", p.Name),
		slog.Int("version", p.Version),
		slog.Any("variables", p.Variables),
	)
}
