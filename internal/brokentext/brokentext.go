// Package brokentext finds text that JSON cannot carry unchanged: text that is
// not valid UTF-8, and half of a surrogate pair in JSON that a value encodes
// itself into. encoding/json replaces such text in silence. How it writes the
// replacement depends on the version of Go, so this package looks at the value
// and not at the replacement.
package brokentext

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// Find returns the path to the first broken text in value, such as
// [0].handlerName, and whether there is such a text. encoded is the JSON of value.
// Find reads value only if encoded may hold a broken text.
func Find(value any, encoded []byte) (path string, found bool) {
	if !suspect(encoded) {
		return "", false
	}
	path, found = find(reflect.ValueOf(value))
	return strings.TrimPrefix(path, "."), found
}

// suspect reports whether encoded may hold the replacement of a broken text, or
// a broken text itself.
func suspect(encoded []byte) bool {
	if !utf8.Valid(encoded) || bytes.Contains(encoded, []byte("\ufffd")) {
		return true
	}
	for {
		_, rest, found := bytes.Cut(encoded, []byte(`\u`))
		if !found {
			return false
		}
		// \ufffd, and the surrogates from \ud800 to \udfff.
		if len(rest) > 0 && bytes.IndexByte([]byte("dDfF"), rest[0]) >= 0 {
			return true
		}
		encoded = rest
	}
}

// find follows encoding/json through v.
func find(v reflect.Value) (path string, found bool) {
	if !v.IsValid() {
		return "", false
	}
	if broken, own := ownEncoding(v); own {
		return "", broken
	}
	switch v.Kind() {
	case reflect.String:
		return "", !utf8.ValidString(v.String())
	case reflect.Pointer, reflect.Interface:
		return find(v.Elem())
	case reflect.Map:
		return inMap(v)
	case reflect.Slice, reflect.Array:
		return inList(v)
	case reflect.Struct:
		return inStruct(v)
	}
	return "", false
}

// ownEncoding reports whether v encodes itself, and whether its text is broken.
func ownEncoding(v reflect.Value) (broken, own bool) {
	if v.Kind() == reflect.Pointer && v.IsNil() || !v.CanInterface() {
		return false, false
	}
	value := v.Interface()
	if v.CanAddr() {
		value = v.Addr().Interface()
	}
	switch m := value.(type) {
	case json.Marshaler:
		text, err := m.MarshalJSON()
		return err == nil && (!utf8.Valid(text) || halfSurrogate(text)), true
	case encoding.TextMarshaler:
		text, err := m.MarshalText()
		return err == nil && !utf8.Valid(text), true
	}
	return false, false
}

func inMap(v reflect.Value) (path string, found bool) {
	for _, key := range v.MapKeys() {
		name := ""
		if key.Kind() == reflect.String {
			name = "." + secret.Printable(key.String())
		}
		if _, found := find(key); found {
			return "", true
		}
		if path, found := find(v.MapIndex(key)); found {
			return name + path, true
		}
	}
	return "", false
}

func inList(v reflect.Value) (path string, found bool) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return "", false // base64
	}
	for i := range v.Len() {
		if path, found := find(v.Index(i)); found {
			return fmt.Sprintf("[%d]%s", i, path), true
		}
	}
	return "", false
}

func inStruct(v reflect.Value) (path string, found bool) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() && !field.Anonymous {
			continue
		}
		if name == "" && !field.Anonymous {
			name = field.Name
		}
		if path, found := find(v.Field(i)); found {
			return strings.TrimSuffix("."+name, ".") + path, true
		}
	}
	return "", false
}

// halfSurrogate reports whether the JSON text escapes one half of a surrogate
// pair without the other half.
func halfSurrogate(text []byte) bool {
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 || len(text) < at+2 {
			return false
		}
		text = text[at:]
		first := unit(text)
		switch {
		case first < 0xd800 || first > 0xdfff:
			text = text[2:]
		case first < 0xdc00 && low(unit(text[6:])):
			text = text[12:]
		default:
			return true
		}
	}
}

func low(unit int) bool { return 0xdc00 <= unit && unit <= 0xdfff }

// unit returns the UTF-16 unit of the \uXXXX that text begins with, or -1.
func unit(text []byte) int {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
