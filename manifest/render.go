package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/seed4e9a5e42/integrations/internal/terminal"
)

func renderYAML(n node) ([]byte, error) {
	var out bytes.Buffer
	dumper, err := yaml.NewDumper(&out, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err == nil {
		err = errors.Join(dumper.Dump(yamlNode(n)), dumper.Close())
	}
	if err != nil { // whose text may hold a value
		return nil, errors.New("manifest: the integrations cannot be written as YAML")
	}
	return []byte(terminal.Escape(out.String())), nil
}

func yamlNode(n node) *yaml.Node {
	switch n.kind {
	case list:
		l := &yaml.Node{Kind: yaml.SequenceNode}
		for _, m := range n.members {
			l.Content = append(l.Content, yamlNode(m.value))
		}
		return flowIfEmpty(l)
	case object:
		o := &yaml.Node{Kind: yaml.MappingNode}
		for _, m := range n.members {
			o.Content = append(o.Content, yamlText(m.key), yamlNode(m.value))
		}
		return flowIfEmpty(o)
	case null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case text:
		return yamlText(n.text)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: n.text}
}

// flowIfEmpty makes an empty list [] and an empty object {}.
func flowIfEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

// yamlText returns a text node. The library writes several lines as a block
// where a block keeps every byte, and quotes what would not be read as a text
// otherwise.
func yamlText(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case slices.Contains(oldBooleans, strings.ToLower(s)):
		n.Style = yaml.SingleQuotedStyle
	case terminal.Escape(s) != s: // an escape needs double quotes
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// oldBooleans are texts here, and booleans for readers of YAML 1.1.
var oldBooleans = []string{"y", "n", "yes", "no", "on", "off"}

func renderJSON(n node) ([]byte, error) {
	r := jsonRenderer{}
	r.enc = json.NewEncoder(&r.out)
	r.enc.SetEscapeHTML(false)
	r.node(n, "\n")
	r.out.WriteByte('\n')
	return []byte(terminal.Escape(r.out.String())), r.err
}

type jsonRenderer struct {
	out bytes.Buffer
	enc *json.Encoder
	err error
}

// node writes n. Newline is a line break with the indent of n.
func (r *jsonRenderer) node(n node, newline string) {
	switch n.kind {
	case list, object:
		r.members(n, newline)
	case text:
		r.text(n.text)
	case null:
		r.out.WriteString("null")
	default:
		r.out.WriteString(n.text)
	}
}

func (r *jsonRenderer) members(n node, newline string) {
	brackets := "[]"
	if n.kind == object {
		brackets = "{}"
	}
	r.out.WriteByte(brackets[0])
	for i, m := range n.members {
		if i > 0 {
			r.out.WriteByte(',')
		}
		r.out.WriteString(newline + "  ")
		if n.kind == object {
			r.text(m.key)
			r.out.WriteString(": ")
		}
		r.node(m.value, newline+"  ")
	}
	if len(n.members) > 0 {
		r.out.WriteString(newline)
	}
	r.out.WriteByte(brackets[1])
}

func (r *jsonRenderer) text(s string) {
	if r.enc.Encode(s) != nil {
		r.err = errors.New("manifest: the integrations cannot be written as JSON")
	}
	r.out.Truncate(r.out.Len() - 1) // the line break that Encode adds
}
