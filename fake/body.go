package fake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

const (
	maxBody    = 32 << 20  // bytes that a request may have
	maxDiscard = 256 << 20 // bytes read of a larger one, so that its sender sees the reply
)

var errTooLarge = errors.New("the request is larger than 32 MiB")

// readBody reads r's body, or reads over it if it is too large.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength <= maxBody {
		var body bytes.Buffer
		body.Grow(int(max(0, r.ContentLength)) + bytes.MinRead)
		_, err := body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
		if err != nil || body.Len() <= maxBody {
			return body.Bytes(), err
		}
	}
	_, _ = io.CopyN(io.Discard, r.Body, maxDiscard)
	return nil, errTooLarge
}

// object is a JSON object that is decoded into the types of encoding/json.
type object = map[string]any

// checker collects the mistakes of a request. It is strict with JSON: names are
// case-sensitive and kinds are not converted. null is absent, and unknown fields
// are skipped. The parameter path is the path of the object with a dot at its
// end. It is empty at the top.
type checker struct{ violations []violation }

func (c *checker) add(path, message string) {
	c.violations = append(c.violations, violation{Path: path, Message: message})
}

func (c *checker) require(path, value string) {
	if strings.TrimSpace(value) == "" {
		c.add(path, "is required")
	}
}

// field returns a field of o, or the zero value of V where the field is absent
// or of another kind.
func field[V any](c *checker, o object, path, name, kind string) V {
	value, ok := o[name].(V)
	if !ok && o[name] != nil {
		c.add(path+name, "must be "+kind)
	}
	return value
}

func (c *checker) text(o object, path, name string) string {
	return field[string](c, o, path, name, "a string")
}

func (c *checker) list(o object, path, name string) []any {
	return field[[]any](c, o, path, name, "an array")
}

// flag returns nil where the field is absent.
func (c *checker) flag(o object, path, name string) *bool {
	value := field[bool](c, o, path, name, "a boolean")
	if o[name] == nil {
		return nil
	}
	return &value
}

// optional returns nil where the field is absent.
func (c *checker) optional(o object, path, name string) *string {
	value := c.text(o, path, name)
	if o[name] == nil {
		return nil
	}
	return &value
}

func (c *checker) whole(o object, path, name string) int64 {
	number := field[json.Number](c, o, path, name, "a whole number")
	if number == "" {
		return 0
	}
	if whole, err := number.Int64(); err == nil {
		return whole
	}
	value, err := number.Float64() // such as 1e3
	if err != nil || value != math.Trunc(value) || math.Abs(value) >= 1<<63 {
		c.add(path+name, "must be a whole number")
		return 0
	}
	return int64(value)
}

func (c *checker) configuration(o object, path, name string) integrations.Configuration {
	fields := field[object](c, o, path, name, "an object")
	if fields == nil {
		return nil
	}
	config := make(integrations.Configuration, len(fields))
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		value, err := withFloats(fields[key])
		if err != nil {
			c.add(path+name+"."+secret.Printable(key), "has a number that is too large")
		}
		if value != nil {
			config[integrations.ConfigKey(key)] = value
		}
	}
	return config
}

// withFloats returns value with every number as a float64, as encoding/json decodes
// it. It changes objects and lists in place.
func withFloats(value any) (any, error) {
	var errs []error
	switch v := value.(type) {
	case json.Number:
		return v.Float64()
	case object:
		for key := range v {
			var err error
			v[key], err = withFloats(v[key])
			errs = append(errs, err)
		}
	case []any:
		for i := range v {
			var err error
			v[i], err = withFloats(v[i])
			errs = append(errs, err)
		}
	}
	return value, errors.Join(errs...)
}

// element returns an element of an array, in which null is no object.
func (c *checker) element(value any, path string) object {
	o, ok := value.(object)
	if !ok {
		c.add(path, "must be an object")
	}
	return o
}

// parse decodes a body. Its numbers keep every digit. The error does not quote it.
func parse(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var value any
	if dec.Decode(&value) == nil {
		if _, err := dec.Token(); err == io.EOF {
			return value, nil
		}
	}
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(body, new(json.RawMessage)), &syntax) {
		return nil, errors.New("the body is not JSON")
	}
	return nil, fmt.Errorf("the body is not JSON, see byte %d", syntax.Offset)
}

// parseArray returns the elements of a body.
func parseArray(body []byte) ([]any, error) {
	value, err := parse(body)
	if err != nil {
		return nil, err
	}
	elements, ok := value.([]any)
	if !ok {
		return nil, errors.New("the body must be an array")
	}
	return elements, nil
}

// parseObject returns the fields of a body.
func parseObject(body []byte) (object, error) {
	value, err := parse(body)
	if err != nil {
		return nil, err
	}
	fields, ok := value.(object)
	if !ok {
		return nil, errors.New("the body must be an object")
	}
	return fields, nil
}

// parseTags reads the body of a write of tags: an array, or a single tag.
func parseTags(body []byte) ([]integrations.Tag, *reply) {
	value, err := parse(body)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	elements, ok := value.([]any)
	if _, single := value.(object); single {
		elements = []any{value}
	} else if !ok {
		return nil, badRequest("the body must be an array")
	}
	var c checker
	tags := make([]integrations.Tag, len(elements))
	for i, element := range elements {
		before := len(c.violations)
		tags[i] = c.tag(element, at("", i))
		if len(c.violations) == before {
			c.require(prefix(i)+"key", tags[i].Key)
		}
	}
	if len(c.violations) > 0 {
		return nil, badRequest("the tags are refused", c.violations...)
	}
	return tags, nil
}

func (c *checker) tag(value any, path string) integrations.Tag {
	o := c.element(value, path)
	return integrations.Tag{Key: c.text(o, path+".", "key"), Value: c.text(o, path+".", "value")}
}

// at is the path of element i of an array.
func at(array string, i int) string { return array + "[" + strconv.Itoa(i) + "]" }

// prefix begins the path of a field of element i of the body.
func prefix(i int) string { return at("", i) + "." }

// parseAll reads a body that is an array, each element with read. The checker has the
// mistakes of the elements.
func parseAll[E any](body []byte, read func(*checker, any, string) E) ([]E, *checker, error) {
	values, err := parseArray(body)
	if err != nil {
		return nil, nil, err
	}
	c := &checker{}
	return each(c, values, "", read), c, nil
}

// elements reads a field of o that is an array, each element with read. It returns nil
// where the field is absent.
func elements[E any](c *checker, o object, path, name string, read func(*checker, any, string) E) []E {
	values := c.list(o, path, name)
	if values == nil {
		return nil
	}
	return each(c, values, path+name, read)
}

func each[E any](c *checker, values []any, path string, read func(*checker, any, string) E) []E {
	list := make([]E, len(values))
	for i, value := range values {
		list[i] = read(c, value, at(path, i))
	}
	return list
}
