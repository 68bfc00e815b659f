package integrations

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/seed4e9a5e42/integrations/internal/transport"
)

// decodeOne reads one JSON object, and nothing after it.
func decodeOne[T any](body io.Reader) (T, error) {
	var result *T
	dec := json.NewDecoder(body)
	err := dec.Decode(&result)
	if err == nil && result == nil {
		err = errors.New("it is null")
	}
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return *result, nil
		}
		err = errors.New("there is more after the object")
	}
	var zero T
	return zero, fmt.Errorf("the reply does not decode: %w", transport.ShapeError(err))
}

// decodeList reads a JSON array of at most most elements, and nothing after it.
func decodeList[T any](body io.Reader, most int64) ([]T, error) {
	dec := json.NewDecoder(body)
	list, err := decodeArray[T](dec, most)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return list, nil
		}
	}
	if err == nil {
		err = errors.New("there is more after the array")
	}
	return nil, fmt.Errorf("the list does not decode: %w", transport.ShapeError(err))
}

// decodeArray decodes element by element, so that no more of the text than one
// element is in memory, into blocks that need no copying as the list grows.
func decodeArray[T any](dec *json.Decoder, most int64) ([]T, error) {
	open, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('[') {
		return nil, errors.New("it is not an array")
	}
	var blocks [][]T
	block := make([]T, 0, 1)
	for n := int64(0); dec.More(); n++ {
		if n == most {
			return nil, ErrResponseTooLarge
		}
		if len(block) == cap(block) {
			blocks = append(blocks, block)
			block = make([]T, 0, min(2*len(block), 512))
		}
		block = block[:len(block)+1]
		if err := dec.Decode(&block[len(block)-1]); err != nil {
			return nil, unexpected(err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, unexpected(err)
	}
	if len(blocks) == 0 {
		return block, nil
	}
	return slices.Concat(append(blocks, block)...), nil
}

// unexpected says of an end within the array what it is.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
