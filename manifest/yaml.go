package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
)

// parseYAML returns the content of every document.
func parseYAML(data []byte) ([]node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, fileError(0, notYAML)
	}
	var documents []node
	var e expander // one for all documents, so that its bound is one for the file
	for {
		var document yaml.Node
		err := loader.Load(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, yamlError(data, err)
		}
		for _, content := range document.Content {
			documents = append(documents, e.node(content, 0))
		}
		if e.err != nil {
			return nil, e.err
		}
	}
}

const notYAML = "this is not valid YAML; check the indentation, and put values with special characters into quotes"

// yamlError takes the place of a mistake from the library's error. It leaves
// the library's text, which may hold a value.
func yamlError(data []byte, err error) error {
	var at *yaml.LoadError
	if !errors.As(err, &at) {
		return fileError(0, notYAML)
	}
	mark, begin := at.Mark, at.ContextMark.Line
	switch {
	case at.Stage == "reader": // gives an offset in bytes and no line
		return fileError(lineAt(data, mark.Index), "has a control character; write it as an escape such as \"\\x07\"")
	case at.Stage == "composer":
		return fileError(mark.Line, "refers to an anchor that the file does not have before; a text that begins with * needs quotes")
	case at.Stage == "scanner" && begin > 0 && begin < mark.Line:
		return fileError(begin, fmt.Sprintf("between this line and line %d, %s", mark.Line, notYAML))
	}
	return fileError(mark.Line, notYAML)
}

// lineAt returns the line of the byte at offset.
func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
}

// maxAliased is how many values the aliases of a file may stand for. It stops
// files that are small and expand to millions of values. A long text counts as
// a value for each of its textPerValue bytes, because each copy is filled in on
// its own.
const (
	maxAliased   = 250_000
	textPerValue = 64
)

// expander turns the library's nodes into nodes without aliases and merge keys.
type expander struct {
	inAlias int   // how many aliases are around the node under way
	aliased int   // how many nodes aliases have added
	err     error // ends the work
}

func (e *expander) node(n *yaml.Node, depth int) node {
	if e.inAlias > 0 {
		e.aliased += 1 + len(n.Value)/textPerValue
	}
	switch {
	case e.err != nil:
		return node{}
	case depth >= maxDepth && n.Kind != yaml.ScalarNode: // also where an anchor contains itself
		e.err = fileError(n.Line, tooDeep)
		return node{}
	case e.aliased > maxAliased:
		e.err = fileError(n.Line, fmt.Sprintf("the aliases of the file stand for more than %d values", maxAliased))
		return node{}
	case !knownTag(n):
		return unreadableAt(n, "has a tag, which is not supported; a text that begins with ! needs quotes")
	}
	switch n.Kind {
	case yaml.AliasNode:
		aliased := e.alias(n, depth)
		aliased.line = n.Line
		return aliased
	case yaml.SequenceNode:
		return e.list(n, depth)
	case yaml.MappingNode:
		return e.object(n, depth)
	}
	return scalar(n)
}

func unreadableAt(n *yaml.Node, reason string) node {
	return node{kind: unreadable, line: n.Line, text: reason}
}

// knownTag reports whether n has no tag of its own, or a tag that at most makes
// a text.
func knownTag(n *yaml.Node) bool {
	if n.Style&yaml.TaggedStyle == 0 {
		return true
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Tag == "!!str"
	case yaml.SequenceNode:
		return n.Tag == "!!seq"
	case yaml.MappingNode:
		return n.Tag == "!!map"
	}
	return false
}

func scalar(n *yaml.Node) node {
	s := node{kind: text, line: n.Line, text: n.Value}
	switch {
	case !plain(n):
	case n.Tag == "!!null":
		s.kind = null
	case n.Tag == "!!bool":
		s.kind = plainBoolean
	}
	return s
}

// plain reports whether n stands in the file without quotes, block and tag.
func plain(n *yaml.Node) bool {
	const marked = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	return n.Style&marked == 0
}

func (e *expander) alias(n *yaml.Node, depth int) node {
	e.inAlias++
	defer func() { e.inAlias-- }()
	return e.node(n.Alias, depth)
}

func (e *expander) list(n *yaml.Node, depth int) node {
	l := node{kind: list, line: n.Line, members: make([]member, len(n.Content))}
	for i, element := range n.Content {
		l.members[i].value = e.node(element, depth+1)
	}
	return l
}

func (e *expander) object(n *yaml.Node, depth int) node {
	o := node{kind: object, line: n.Line, members: make([]member, 0, len(n.Content)/2)}
	var merged *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		line := key.Line
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Kind != yaml.ScalarNode || !knownTag(key):
			return unreadableAt(key, "has a key that is not a text")
		case key.Value != "<<" || !plain(key):
			m := member{key: key.Value, value: e.node(value, depth+1)}
			m.value.line = line
			o.members = append(o.members, m)
		case merged != nil:
			return unreadableAt(key, "has two merge keys <<; give one merge key a list")
		default:
			merged = value
		}
	}
	if merged != nil {
		return e.merge(o, merged, depth)
	}
	return o
}

// merge adds to o the members of other objects. A member of o itself wins, and
// then a member of an earlier object.
func (e *expander) merge(o node, from *yaml.Node, depth int) node {
	source := e.node(from, depth+1)
	sources := []member{{value: source}}
	if source.kind == list {
		sources = source.members
	}
	has := make(map[string]bool)
	for _, m := range o.members {
		has[m.key] = true
	}
	for _, s := range sources {
		other := mergeable(s.value, from)
		if other.kind == unreadable {
			return other
		}
		for _, m := range other.members {
			if !has[m.key] {
				has[m.key] = true
				o.members = append(o.members, m)
			}
		}
	}
	return o
}

// mergeable returns n, which stands at from, or a mistake if n cannot be merged.
func mergeable(n node, from *yaml.Node) node {
	switch n.kind {
	case unreadable:
		return n
	case object:
		twice := duplicates(n.members)
		for i, m := range n.members {
			if earlier, ok := twice[i]; ok {
				return unreadableAt(from, fmt.Sprintf("merges an object with a key that stands twice, on line %d and on line %d", earlier, m.value.line))
			}
		}
		return n
	}
	return unreadableAt(from, "has a merge key << that is neither an object nor a list of objects")
}
