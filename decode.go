package integrations

import (
	"bytes"
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// form is the JSON form of a T in a reply. It differs from T where an absent
// field does not mean the zero value.
type form[T any] interface {
	// key returns the field that names the element, and the name. Both are empty
	// where nothing names an element.
	key() (field, name string)
	// size returns the number of elements with the nested ones. It fails if a
	// nested element has no name.
	size() (int, error)
	value() T
}

// These bound the JSON objects and the commas of a reply: so many for each
// element that a list may have. A nested list can grow up to the bound before its
// elements are counted. Its elements may be null, so that objects alone do not
// tell how many there are. A usual reply has a comma for 10 bytes at most.
const (
	objectsPerElement = 2
	commasPerElement  = bytesPerElement / dense
	// In a part with more than one comma for 8 bytes, each comma counts as 8.
	dense = 8
)

var (
	errNull     = errors.New("it is null")
	errNotArray = errors.New("it is not an array")
)

// decodeOne reads one JSON value, and nothing after it.
func decodeOne[T any, F form[T]](body io.Reader, most int64) (T, error) {
	dec := newDecoder(newElementLimit(body, most))
	next := new(slot[T, F])
	_, err := next.decode(dec)
	if err == nil {
		err = dec.end("object")
	}
	dec.release()
	if err != nil {
		var zero T
		return zero, undecodable("reply", err)
	}
	return next.form.value(), nil
}

// decodeList reads a JSON array of at most most elements, and nothing after it.
// It decodes element by element: the memory holds the text of one element. The
// elements go into blocks, which need no copying as the list grows.
func decodeList[T any, F form[T]](body io.Reader, most int64) ([]T, error) {
	dec := newDecoder(newElementLimit(body, most))
	list, err := decodeElements[T, F](dec, most)
	dec.release()
	return list, err
}

func decodeElements[T any, F form[T]](dec *decoder, most int64) ([]T, error) {
	if err := dec.openArray(); err != nil {
		return nil, undecodable("list", err)
	}
	var blocks [][]T
	block, next, total := make([]T, 0, 1), new(slot[T, F]), int64(0)
	for n := 0; dec.more(); n++ {
		size, err := next.decode(dec)
		if total += int64(size); total > most {
			return nil, ErrResponseTooLarge
		}
		if err != nil {
			_, name := next.form.key()
			return nil, undecodable("list", inElement(name, n, err))
		}
		if len(block) == cap(block) {
			blocks = append(blocks, block)
			block = make([]T, 0, min(2*len(block), 512))
		}
		block = append(block, next.form.value())
	}
	if err := dec.end("array"); err != nil {
		return nil, undecodable("list", err)
	}
	if len(blocks) == 0 {
		return block, nil
	}
	return slices.Concat(append(blocks, block)...), nil
}

// slot takes one element after the other.
type slot[T any, F form[T]] struct {
	form   F
	target *F // &form, or nil after a JSON null
}

// decode reads the next value, and returns its size.
func (s *slot[T, F]) decode(dec *decoder) (int, error) {
	s.clear()
	field, _ := s.form.key()
	if err := dec.decode(&s.target, field); err != nil {
		return 0, err
	}
	if s.target == nil {
		return 1, errNull
	}
	size, err := s.form.size()
	if _, name := s.form.key(); field != "" && name == "" {
		err = missing(field)
	}
	return size, err
}

// clear empties the slot. A form that has a list does it by itself.
func (s *slot[T, F]) clear() {
	if list, ok := any(&s.form).(interface{ clear() }); ok {
		list.clear()
	} else {
		var empty F
		s.form = empty
	}
	s.target = &s.form
}

// longestName bounds the names that an error shows.
const longestName = 100

// inElement says in which element of a list a problem is: by the element's name
// if it has a name of usual length, and else by its index.
func inElement(name string, index int, err error) error {
	var wrong *mismatch
	switch {
	case errors.As(err, &wrong):
		name = cmp.Or(name, wrong.name)
	case !errors.Is(err, errNull) && !errors.Is(err, errMissing) && !errors.Is(err, errEmptyRef):
		return err // it is about the text, not about an element
	}
	if name == "" || len(name) > longestName {
		return fmt.Errorf("[%d]: %w", index, err)
	}
	return fmt.Errorf("%q: %w", name, err)
}

// undecodable is the error of a reply or a list. Its text holds nothing of the
// server's text but the names of elements and fields.
func undecodable(what string, err error) error {
	if errors.Is(err, ErrResponseTooLarge) {
		return ErrResponseTooLarge
	}
	return fmt.Errorf("the %s does not decode: %w", what, err)
}

// errMissing is the absence of a name. Its users name the field.
var errMissing = errors.New("is missing or empty")

func missing(field string) error { return fmt.Errorf("%s %w", field, errMissing) }

// broken is a JSON text that ends too early, or that is no JSON.
func broken(err error, offset int64, isSyntax bool) error {
	switch {
	case errors.Is(err, ErrResponseTooLarge):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON breaks off")
	case errors.Is(err, io.EOF):
		return errors.New("the body is empty")
	case isSyntax:
		return fmt.Errorf("invalid JSON at byte %d", offset)
	}
	return err
}

// mismatch is a field of another kind than expected.
type mismatch struct {
	name  string // of the element, where it comes after the field; else empty
	field string // the path to the field, without indices; may be empty
	got   string // the kind that came
	goal  reflect.Type
}

func (m *mismatch) Error() string {
	text := m.got + " in place of " + jsonKind(m.goal)
	if m.got == jsonKind(m.goal) {
		text = m.got + " that does not fit"
	}
	if m.field == "" {
		return text
	}
	return m.field + ": " + text
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// jsonKind returns the kind of JSON value that fits t.
func jsonKind(t reflect.Type) string {
	if t == nil {
		return "another kind"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return "string"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice, reflect.Array:
		return "array"
	}
	return "number"
}

// elementLimit fails with ErrResponseTooLarge past a number of JSON objects, and
// past a number of commas. It counts braces and commas, which is fast, and so
// counts those within a string too.
type elementLimit struct {
	r               io.Reader
	objects, commas int64 // that are left
}

func newElementLimit(r io.Reader, most int64) *elementLimit {
	return &elementLimit{r, objectsPerElement * most, commasPerElement * most}
}

func (l *elementLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.objects -= int64(bytes.Count(p[:n], []byte("{")))
	commas := bytes.Count(p[:n], []byte(","))
	if commas*dense > n {
		commas *= dense
	}
	l.commas -= int64(commas)
	if min(l.objects, l.commas) < 0 {
		return 0, ErrResponseTooLarge
	}
	return n, err
}
