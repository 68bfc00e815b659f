package plan

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// value is a configuration value in the form that is compared. The zero value
// stands for absent, null and "".
type value struct {
	// text is the text of a scalar, or JSON with sorted keys and scalars as texts.
	text string
	// compound: text is the JSON of an object or an array.
	compound bool
	// masked: the value is a mask, or has a mask inside. Where the live side is
	// masked, nothing can be compared.
	masked bool
	// inexact: the value has a number from 2^53 on. A listing reads numbers as
	// float64, so that such a number has lost digits.
	inexact bool
}

func (v value) empty() bool { return v.text == "" && !v.compound }

// unreadable reports whether a live value cannot be compared or sent back.
func (v value) unreadable() bool { return v.masked || v.inexact }

func (v value) equal(w value) bool { return v.text == w.text && v.compound == w.compound }

// texts returns the text of a scalar, or the texts in a list or an object.
func (v value) texts() []string {
	if !v.compound {
		return []string{v.text}
	}
	var decoded any
	if json.Unmarshal([]byte(v.text), &decoded) != nil {
		return nil
	}
	return textsIn(decoded)
}

func textsIn(decoded any) []string {
	var all []string
	switch d := decoded.(type) {
	case string:
		return []string{d}
	case []any:
		for _, element := range d {
			all = append(all, textsIn(element)...)
		}
	case map[string]any:
		for _, element := range d {
			all = append(all, textsIn(element)...)
		}
	}
	return all
}

// canonical returns the form of v in which it is compared. A scalar is its text,
// also in a list or an object: 8080 and "8080" are equal.
func canonical(v any) value {
	switch v.(type) {
	case nil, string, bool: // needs no decoding, and is nearly every value
		return decodedValue(v)
	}
	var decoded any
	body, err := json.Marshal(v)
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		err = decoder.Decode(&decoded)
	}
	if err != nil { // validation has refused such a value before
		return value{compound: true, inexact: true}
	}
	return decodedValue(decoded)
}

func textValue(s string) value {
	return value{text: s, masked: secret.MaskedSecret(s)}
}

// decodedValue returns the form of v, which was decoded with its numbers as they
// were written.
func decodedValue(v any) value {
	switch v := v.(type) {
	case nil:
		return value{}
	case string:
		return textValue(v)
	case bool:
		return value{text: strconv.FormatBool(v)}
	case json.Number:
		text, inexact := number(v.String())
		return value{text: text, inexact: inexact}
	}
	result := value{compound: true}
	body, err := json.Marshal(result.normal(v)) // sorts keys
	result.text = string(body)
	result.inexact = result.inexact || err != nil
	return result
}

// normal returns a copy of a decoded value with each scalar as its text, and notes
// in v what cannot be compared.
func (v *value) normal(decoded any) any {
	switch d := decoded.(type) {
	case string:
		v.masked = v.masked || textValue(d).masked
	case bool:
		return strconv.FormatBool(d)
	case json.Number:
		text, inexact := number(d.String())
		v.inexact = v.inexact || inexact
		return text
	case []any:
		list := make([]any, len(d))
		for i, element := range d {
			list[i] = v.normal(element)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(d))
		for key, element := range d {
			object[key] = v.normal(element)
		}
		return object
	}
	return decoded
}

// number returns one spelling for a number in JSON, and whether a float64 may
// have lost digits of it. An integer keeps all its digits.
func number(literal string) (text string, inexact bool) {
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return literal, true
	}
	if strings.ContainsAny(literal, ".eE") {
		literal = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if literal == "-0" {
		literal = "0"
	}
	return literal, math.Abs(f) >= 1<<53
}

// sendable returns a copy of v that does not change with what v points to.
func sendable(v any) any {
	switch v := v.(type) {
	case nil, string, bool, float64, int, int64, json.Number:
		return v
	}
	body, err := json.Marshal(v)
	if err != nil { // validation has refused such a value before
		return nil
	}
	return json.RawMessage(body)
}
