//go:build go1.27 && goexperiment.jsonv2

package integrations

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"strconv"
	"strings"
)

// decoder reads JSON through encoding/json/v2, which takes less time and memory
// than encoding/json. It finds fields whose names are spelled exactly.
type decoder struct{ *jsontext.Decoder }

func newDecoder(r io.Reader) *decoder {
	return &decoder{jsontext.NewDecoder(r, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))}
}

func (d *decoder) openArray() error {
	open, err := d.ReadToken()
	if err != nil {
		return syntaxError(err)
	}
	if open.Kind() != '[' {
		return errNotArray
	}
	return nil
}

func (d *decoder) more() bool {
	kind := d.PeekKind()
	return kind != ']' && kind != jsontext.KindInvalid
}

// decode reads one value into the pointer that target points to. JSON null
// makes that pointer nil. key is the field that names the value.
func (d *decoder) decode(target any, key string) error {
	depth := d.StackDepth()
	if err := json.UnmarshalDecode(d.Decoder, target); err != nil {
		return d.explain(err, depth, key)
	}
	return nil
}

func (d *decoder) explain(err error, depth int, key string) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return syntaxError(err)
	}
	if errors.Is(err, errEmptyRef) {
		return errEmptyRef
	}
	wrong := &mismatch{field: fieldPath(semantic, depth), got: kinds[semantic.JSONKind], goal: semantic.GoType}
	wrong.name = d.nameAfter(depth+1, key)
	return wrong
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]. A map with keys of a named
// type takes the slow way through reflection otherwise.
func (c *configurationForm) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	open, err := dec.ReadToken()
	if err != nil || open.Kind() == 'n' {
		return err
	}
	if open.Kind() != '{' {
		return &json.SemanticError{JSONKind: open.Kind()}
	}
	*c = configurationForm{}
	for dec.PeekKind() != '}' {
		key, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := ConfigKey(key.String())
		if (*c)[name], err = configurationValue(dec); err != nil {
			return err
		}
	}
	_, err = dec.ReadToken()
	return err
}

func configurationValue(dec *jsontext.Decoder) (any, error) {
	if dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		return token.String(), err
	}
	var value any
	err := json.UnmarshalDecode(dec, &value)
	return value, err
}

var kinds = map[jsontext.Kind]string{
	'n': "null", 't': "bool", 'f': "bool", '"': "string", '0': "number", '{': "object", '[': "array",
}

// fieldPath returns the path to a field without indices. It ends where the keys
// of a configuration begin, as they are the server's text.
func fieldPath(err *json.SemanticError, depth int) string {
	var path []string
	for name := range err.JSONPointer.Tokens() {
		if depth--; depth >= 0 || isIndex(name) {
			continue
		}
		path = append(path, name)
		if name == "configuration" && jsonKind(err.GoType) == "number" {
			break
		}
	}
	return strings.Join(path, ".")
}

func isIndex(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}

// nameAfter reads the rest of the object at depth, and returns the text of the
// field key if it comes there.
func (d *decoder) nameAfter(depth int, key string) string {
	for d.StackDepth() >= depth {
		token, err := d.ReadToken()
		if err != nil {
			return ""
		}
		kind, n := d.StackIndex(d.StackDepth())
		if d.StackDepth() != depth || kind != '{' || n%2 == 0 || token.String() != key {
			continue
		}
		if token, err = d.ReadToken(); err == nil && token.Kind() == '"' {
			return token.String()
		}
	}
	return ""
}

// end reads the end of what, which is an array or an object, and expects the
// end of the text.
func (d *decoder) end(what string) error {
	if what == "array" {
		if _, err := d.ReadToken(); err != nil {
			return syntaxError(err)
		}
	}
	switch _, err := d.ReadToken(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return syntaxError(err)
	}
	return errors.New("there is more after the " + what)
}

func syntaxError(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return broken(err, syntax.ByteOffset, true)
	}
	return broken(err, 0, false)
}
