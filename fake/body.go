package fake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/seed4e9a5e42/integrations"
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

// checker collects the mistakes of a request. It reads JSON as it is written:
// names are case-sensitive and kinds are not converted, null is absent, and
// unknown fields are skipped.
type checker struct{ violations []violation }

// object is a JSON object whose fields are not read yet.
type object map[string]json.RawMessage

func (c *checker) add(path, message string) {
	c.violations = append(c.violations, violation{Path: path, Message: message})
}

func (c *checker) require(path, value string) {
	if strings.TrimSpace(value) == "" {
		c.add(path, "is required")
	}
}

// read decodes raw, if there is any, or says that it must be of kind.
func (c *checker) read(path string, raw json.RawMessage, into any, kind string) {
	if len(raw) > 0 && json.Unmarshal(raw, into) != nil {
		c.add(path, "must be "+kind)
	}
}

// element reads an element of an array, in which null is no object.
func (c *checker) element(path string, raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) != nil || o == nil {
		c.add(path, "must be an object")
	}
	return o
}

// parseArray returns the elements of a body.
func parseArray(body []byte) ([]json.RawMessage, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(body, &elements); err != nil || elements == nil {
		return nil, notJSON(err, "an array")
	}
	return elements, nil
}

// parseObject returns the fields of a body.
func parseObject(body []byte) (object, error) {
	var fields object
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, notJSON(err, "an object")
	}
	return fields, nil
}

// notJSON says why a body is not what it must be, without quoting it.
func notJSON(err error, want string) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("the body is not JSON, see byte %d", syntax.Offset)
	}
	return errors.New("the body must be " + want)
}

// parseTags reads the body of a write of tags: an array, or a single tag.
func parseTags(body []byte) ([]integrations.Tag, *reply) {
	var elements []json.RawMessage
	if single, err := parseObject(body); err == nil && single != nil {
		elements = []json.RawMessage{body}
	} else if elements, err = parseArray(body); err != nil {
		return nil, badRequest(err.Error())
	}
	var c checker
	tags := make([]integrations.Tag, len(elements))
	for i, raw := range elements {
		path := fmt.Sprintf("[%d]", i)
		before := len(c.violations)
		c.tag(path, raw, &tags[i])
		if len(c.violations) == before {
			c.require(path+".key", tags[i].Key)
		}
	}
	if len(c.violations) > 0 {
		return nil, badRequest("the tags are refused", c.violations...)
	}
	return tags, nil
}

func (c *checker) tag(path string, raw json.RawMessage, tag *integrations.Tag) {
	o := c.element(path, raw)
	c.read(path+".key", o["key"], &tag.Key, "a string")
	c.read(path+".value", o["value"], &tag.Value, "a string")
}
