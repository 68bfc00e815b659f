package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// parseJSON returns the one value of data.
func parseJSON(data []byte) ([]node, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		var syntax *json.SyntaxError
		line := 0
		if errors.As(err, &syntax) {
			line = lineAt(data, int(syntax.Offset)-1)
		}
		return nil, fileError(line, notJSON)
	}
	p := jsonParser{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	p.dec.UseNumber()
	n := p.value(0)
	if p.err != nil {
		return nil, p.err
	}
	return []node{n}, nil
}

const notJSON = "this is not valid JSON; check commas, quotes and brackets, also of the line before"

// jsonParser reads valid JSON token by token, because each value needs its line.
type jsonParser struct {
	data   []byte
	dec    *json.Decoder
	offset int64 // the end of the last token
	line   int   // the line of offset
	err    error // ends the work
}

// token returns the next token and its text in the file.
func (p *jsonParser) token() (json.Token, []byte) {
	token, err := p.dec.Token()
	if err != nil && p.err == nil {
		p.err = fileError(p.line, notJSON)
	}
	end := p.dec.InputOffset()
	raw := p.data[p.offset:end]
	p.line += bytes.Count(raw, []byte("\n"))
	p.offset = end
	return token, raw
}

func (p *jsonParser) value(depth int) node {
	token, raw := p.token()
	n := node{line: p.line}
	switch t := token.(type) {
	case string:
		return p.text(t, raw)
	case json.Number:
		n.kind, n.text = number, t.String()
	case bool:
		n.kind, n.text = boolean, "false"
		if t {
			n.text = "true"
		}
	case json.Delim:
		n.kind = list
		if t == '{' {
			n.kind = object
		}
		n.members = p.members(n.kind, depth)
	}
	return n
}

// text refuses half of a surrogate pair, which encoding/json replaces without a
// word.
func (p *jsonParser) text(s string, raw []byte) node {
	if strings.ContainsRune(s, '\uFFFD') && strings.Count(s, "\uFFFD") > replacements(raw) {
		return node{kind: unreadable, line: p.line, text: "has an escape that is half of a character"}
	}
	return node{kind: text, line: p.line, text: s}
}

// replacements counts how often raw itself has the character U+FFFD, as it is
// or escaped.
func replacements(raw []byte) int {
	raw = bytes.ReplaceAll(raw, []byte(`\\`), nil)
	return bytes.Count(raw, []byte("\uFFFD")) + bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`))
}

// members reads up to the end of the list or object that has just begun.
func (p *jsonParser) members(in kind, depth int) []member {
	if depth >= maxDepth && p.err == nil {
		p.err = fileError(p.line, tooDeep)
	}
	members := []member{}
	for p.err == nil && p.dec.More() {
		var m member
		if in == object {
			key, raw := p.token()
			name, _ := key.(string)
			line := p.line
			m.key = name
			if m.value = p.text(name, raw); m.value.kind != unreadable {
				m.value = p.value(depth + 1)
			} else {
				p.value(depth + 1)
			}
			m.value.line = line
		} else {
			m.value = p.value(depth + 1)
		}
		members = append(members, m)
	}
	p.token() // the bracket at the end
	return members
}
