package manifest

import (
	"bytes"
	"fmt"
)

const (
	// maxWeight is how many values a file of any size may have, and weightPerByte
	// and freeWeight are how many values a small file may have. A value takes about
	// 450 bytes of memory.
	maxWeight     = 1_500_000
	weightPerByte = 0.5
	freeWeight    = 200_000
	// flowWeight is what the YAML library needs for a value within brackets. A value
	// on a line of its own needs 1.
	flowWeight = 3
)

// checkWeight refuses a file with so many values that reading it would take too
// much memory. It counts what values begin with, which is fast, and so counts the
// same characters within a text too.
func checkWeight(data []byte, isJSON bool) error {
	weight := count(data, "[", "{", ",")
	if !isJSON {
		weight = flowWeight*weight + count(data, "\n", "\r", "\u0085", "\u2028", "\u2029", "- ", "-\t", "? ", "?\t")
	}
	if limit := min(maxWeight, freeWeight+int(weightPerByte*float64(len(data)))); weight > limit {
		return fileError(0, fmt.Sprintf("has too many values: the lines, brackets and commas count as %d, "+
			"and the limit for a file of this size is %d; split the file", weight, limit))
	}
	return nil
}

func count(data []byte, texts ...string) int {
	n := 0
	for _, text := range texts {
		n += bytes.Count(data, []byte(text))
	}
	return n
}
