package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/terminal"
)

// maxBytes is how big a file may be.
const maxBytes = 16 << 20

// Read reads integrations from YAML or JSON. The text is JSON if its first byte
// that is not blank is [ or {, and YAML otherwise.
//
// Read returns every mistake of the text at once, as an [*Error]. If the text
// is YAML or JSON at all, Read then also returns the integrations without what
// is wrong in them, so that a program can look for further mistakes. Do not
// save them. After 1000 mistakes, Read stops. An error of r is wrapped. More than
// 16 MiB are an error, and so are more values than a usual file of 20,000
// integrations has. Read does not validate the integrations:
// [integrations.Validate] and SaveAll do.
func Read(r io.Reader, opts ...Option) ([]integrations.Integration, error) {
	c, err := readConfig(opts)
	if err != nil {
		return nil, err
	}
	data, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return c.read(data, looksLikeJSON(data))
}

// ReadFile reads integrations from a file, as [Read] does. The extension .json
// means JSON; .yaml and .yml mean YAML. Another extension is an error. Each
// line of the text of an [*Error] begins with name.
func ReadFile(name string, opts ...Option) ([]integrations.Integration, error) {
	return readNamed(name, opts, func() (io.ReadCloser, error) { return os.Open(name) })
}

// ReadFS is [ReadFile] for a file in fsys, such as an [embed.FS].
func ReadFS(fsys fs.FS, name string, opts ...Option) ([]integrations.Integration, error) {
	return readNamed(name, opts, func() (io.ReadCloser, error) { return fsys.Open(name) })
}

func readNamed(name string, opts []Option, open func() (io.ReadCloser, error)) ([]integrations.Integration, error) {
	c, err := readConfig(opts)
	if err != nil {
		return nil, err
	}
	isJSON, err := jsonByName(name)
	if err != nil {
		return nil, err
	}
	file, err := open()
	if err != nil {
		return nil, fileProblem(name, err)
	}
	defer file.Close()
	data, err := readAll(file)
	if err != nil {
		return nil, fileProblem(name, err)
	}
	items, err := c.read(data, isJSON)
	var invalid *Error
	if errors.As(err, &invalid) {
		invalid.File = name
	}
	return items, err
}

// fileProblem returns the error of a file that cannot be read.
func fileProblem(name string, err error) error {
	name = terminal.FileName(name)
	var onPath *fs.PathError
	if errors.As(err, &onPath) { // its text has the name too
		return fmt.Errorf("manifest: %w", &fs.PathError{Op: onPath.Op, Path: name, Err: onPath.Err})
	}
	return fmt.Errorf("manifest: %s: %w", name, err)
}

func jsonByName(name string) (bool, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true, nil
	case ".yaml", ".yml":
		return false, nil
	}
	return false, fmt.Errorf("manifest: %s: the name must end in .yaml, .yml or .json", terminal.FileName(name))
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBytes {
		return nil, errors.New("the file is bigger than 16 MiB")
	}
	// Editors on Windows put a byte order mark in front.
	return bytes.TrimPrefix(data, []byte("\uFEFF")), nil
}

func looksLikeJSON(data []byte) bool {
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) > 0 && (data[0] == '[' || data[0] == '{')
}

func (c *config) read(data []byte, isJSON bool) ([]integrations.Integration, error) {
	if !utf8.Valid(data) {
		return nil, fileError(lineAt(data, firstInvalid(data)), "has text that is not UTF-8")
	}
	if err := checkWeight(data, isJSON); err != nil {
		return nil, err
	}
	parse := parseYAML
	if isJSON {
		parse = parseJSON
	}
	documents, err := parse(data)
	if err != nil {
		return nil, err
	}
	d := decoder{config: c, tracker: tracker{index: -1}}
	for _, document := range documents {
		d.document(document)
	}
	if c.lines != nil {
		*c.lines = linesOf(d.nodes)
	}
	return d.items, newError(d.problems)
}

// firstInvalid returns the offset of the first byte that is not UTF-8.
func firstInvalid(data []byte) int {
	for offset := 0; offset < len(data); {
		r, size := utf8.DecodeRune(data[offset:])
		if r == utf8.RuneError && size == 1 {
			return offset
		}
		offset += size
	}
	return len(data)
}
