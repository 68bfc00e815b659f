//go:build !(go1.27 && goexperiment.jsonv2)

package integrations

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decoder reads JSON through encoding/json. It serves Go 1.26, and goes when
// that version does. It also finds fields whose names differ in case.
type decoder struct {
	*json.Decoder
	inArray bool
}

func newDecoder(r io.Reader) *decoder { return &decoder{Decoder: json.NewDecoder(r)} }

// release does nothing: a json.Decoder cannot be used again.
func (d *decoder) release() {}

func (d *decoder) openArray() error {
	open, err := d.Token()
	if err != nil {
		return d.syntaxError(err)
	}
	if d.inArray = true; open != json.Delim('[') {
		return errNotArray
	}
	return nil
}

func (d *decoder) more() bool { return d.More() }

// decode reads one value into the pointer that target points to. JSON null
// makes that pointer nil. After a mismatch the rest is decoded all the same.
func (d *decoder) decode(target any, _ string) error {
	if err := d.Decode(target); err != nil {
		return d.explain(err)
	}
	return nil
}

func (d *decoder) explain(err error) error {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return d.syntaxError(err)
	}
	got, _, _ := strings.Cut(kind.Value, " ")
	return &mismatch{field: fieldPath(kind.Field), got: got, goal: kind.Type}
}

// fieldPath drops the names of embedded structs from a path.
func fieldPath(path string) string {
	embedded := func(name string) bool {
		first, _ := utf8.DecodeRuneInString(name)
		return unicode.IsUpper(first)
	}
	return strings.Join(slices.DeleteFunc(strings.Split(path, "."), embedded), ".")
}

// end reads the end of what, which is an array or an object, and expects the
// end of the text.
func (d *decoder) end(what string) error {
	if d.inArray {
		if _, err := d.Token(); err != nil {
			return d.syntaxError(err)
		}
	}
	d.inArray = false
	switch _, err := d.Token(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return d.syntaxError(err)
	}
	return errors.New("there is more after the " + what)
}

// syntaxError describes the mistake in the text. A text that ends within an array
// ends too early.
func (d *decoder) syntaxError(err error) error {
	if d.inArray && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return broken(err, syntax.Offset, true)
	}
	return broken(err, 0, false)
}
