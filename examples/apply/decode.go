package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations"
)

// decode reads the API's own shape more strictly than encoding/json, which
// drops an unknown field, takes a known one in any case, and lets the last of
// two win: each would silently save something else than the file says.
//
// The error is about the file as a whole, the problems are about its
// integrations. One that is no object is a problem without a field.
func decode(data []byte) ([]integrations.Integration, []integrations.Problem, error) {
	if !utf8.Valid(data) {
		return nil, nil, errors.New("is not UTF-8")
	}
	var elements []json.RawMessage
	err := json.Unmarshal(data, &elements)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:max(0, syntax.Offset-1)], []byte("\n"))
		return nil, nil, fmt.Errorf("line %d: %w", line, err)
	case err != nil || elements == nil:
		return nil, nil, errors.New("is not an array of integrations")
	}

	items := make([]integrations.Integration, len(elements))
	var problems []integrations.Problem
	for i, element := range elements {
		d := decoder{index: i}
		items[i] = d.integration(element)
		for _, p := range d.problems {
			p.Name = items[i].Name
			problems = append(problems, p)
		}
	}
	return items, problems, nil
}

// decoder reads one integration.
type decoder struct {
	index    int
	problems []integrations.Problem
}

// fields maps the fields of an object to where their values go.
type fields map[string]any

func (d *decoder) integration(raw json.RawMessage) integrations.Integration {
	var (
		item          integrations.Integration
		configuration json.RawMessage
		tags, apis    []json.RawMessage
	)
	d.object("", raw, fields{
		"name":          &item.Name,
		"type":          &item.Type,
		"category":      &item.Category,
		"description":   &item.Description,
		"enabled":       &item.Enabled,
		"configuration": &configuration,
		"tags":          &tags,
		"apis":          &apis,
	})
	item.Configuration = d.configuration(configuration)
	// Absent and empty are not the same in the API: absent stays nil.
	if tags != nil {
		item.Tags = make([]integrations.Tag, len(tags))
	}
	for i, raw := range tags {
		tag := &item.Tags[i]
		d.object(fmt.Sprintf("tags[%d]", i), raw, fields{
			"key":   &tag.Key,
			"value": &tag.Value,
		})
	}
	if apis != nil {
		item.APIs = make([]integrations.IntegrationAPI, len(apis))
	}
	for i, raw := range apis {
		api := &item.APIs[i]
		d.object(fmt.Sprintf("apis[%d]", i), raw, fields{
			"integrationName": &api.IntegrationName,
			"api":             &api.API,
			"description":     &api.Description,
			"enabled":         &api.Enabled,
			"configuration":   &api.Configuration,
		})
	}
	return item
}

// object reads raw into the known fields.
func (d *decoder) object(path string, raw json.RawMessage, known fields) {
	for _, m := range d.members(path, raw) {
		field := fieldOf(path, m.name)
		target, ok := known[m.name]
		if !ok {
			d.add(field, "is not a field of the API%s", suggest(m.name, known))
			continue
		}
		if json.Unmarshal(m.value, target) != nil { // whose text may hold the value
			d.add(field, "must be %s", kind(target))
		}
	}
}

// configuration has no fixed set of keys: which ones belong is for validation
// to say.
func (d *decoder) configuration(raw json.RawMessage) integrations.Configuration {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	d.members("configuration", raw) // for what it reports
	var configuration integrations.Configuration
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // a float64 would change long numbers
	if dec.Decode(&configuration) != nil {
		return nil // no object, which has been reported
	}
	return configuration
}

// member is a field of an object, as it is in the file.
type member struct {
	name  string
	value json.RawMessage
}

// members returns those of an object, in the order of the file, and reports
// what is no object, and a member that is there twice.
func (d *decoder) members(path string, raw json.RawMessage) []member {
	if !isObject(raw) {
		d.add(path, "must be an object")
		return nil
	}
	var list []member
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token() // the brace; the syntax has been checked
	for dec.More() {
		name, nameErr := dec.Token()
		var value json.RawMessage
		if errors.Join(nameErr, dec.Decode(&value)) != nil {
			d.add(path, "cannot be read")
			break
		}
		m := member{name: name.(string), value: value}
		if slices.ContainsFunc(list, func(earlier member) bool { return earlier.name == m.name }) {
			d.add(fieldOf(path, m.name), "is there twice")
			continue
		}
		list = append(list, m)
	}
	return list
}

func (d *decoder) add(field, format string, args ...any) {
	d.problems = append(d.problems, integrations.Problem{
		Index: d.index, Field: field, Reason: fmt.Sprintf(format, args...),
	})
}

func isObject(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

// fieldOf returns the path of a field. A name that does not look like one may be
// a secret, where name and value were swapped, and is not shown.
func fieldOf(path, name string) string {
	if !fieldName.MatchString(name) {
		name = fmt.Sprintf("[%d bytes]", len(name))
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

var fieldName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// suggest finds the field that differs from name in nothing but case.
func suggest(name string, known fields) string {
	for field := range known {
		if strings.EqualFold(field, name) {
			return ", did you mean " + field + "?"
		}
	}
	return ""
}

// kind says what a field takes.
func kind(target any) string {
	switch target.(type) {
	case **bool:
		return "true or false"
	case *[]json.RawMessage:
		return "an array"
	}
	return "a string"
}
