package main

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

const stdinName = "<stdin>" // for messages, as compilers say it

// embedded stands for the example file among the files. No argument of a program
// holds a zero byte, so a user's file never has this name.
const embedded = "\x00"

// desired is the desired state of all files together.
type desired struct {
	items  []integrations.Integration
	places []place // of the items
	// mistakes has what reading found. Then the items lack what could not be read.
	mistakes []mistake
}

// place is where an integration stands.
type place struct {
	file   string
	number int             // of the file, in the order of the arguments
	lines  *manifest.Lines // of the file
	index  int
}

// load reads all files.
func load(files []string, stdin io.Reader, opts ...manifest.Option) *desired {
	d := &desired{}
	for number, file := range files {
		lines := &manifest.Lines{}
		name, items, err := read(file, stdin, append(slices.Clone(opts), manifest.WithLines(lines)))
		d.refuse(number, err)
		for i := range items {
			d.places = append(d.places, place{file: name, number: number, lines: lines, index: i})
		}
		d.items = append(d.items, items...)
	}
	return d
}

func read(file string, stdin io.Reader, opts []manifest.Option) (name string, items []integrations.Integration, err error) {
	switch file {
	case "-":
		items, err = manifest.Read(stdin, opts...)
		var invalid *manifest.Error
		if errors.As(err, &invalid) {
			invalid.File = stdinName
		}
		return stdinName, items, err
	case embedded:
		items, err = manifest.ReadFS(exampleFiles, exampleFile, opts...)
		return exampleFile, items, err
	}
	items, err = manifest.ReadFile(file, opts...)
	return file, items, err
}

// lookup returns the value of a variable of the environment that a file names. A
// file cannot name the program's own credentials: a plan shows some values, and a
// file may be a stranger's pull request. Windows ignores the case of a name.
func lookup(name string) (string, bool) {
	if strings.HasPrefix(strings.ToUpper(name), credentials) {
		return "", false
	}
	return os.LookupEnv(name)
}

// credentials begins the names of the program's own credentials.
const credentials = "CONDUCTOR_AUTH_"

// checkFiles refuses arguments that name no file, or standard input twice. With
// try, a subcommand without a file reads the example file.
func checkFiles(files []string, try bool) ([]string, error) {
	switch {
	case len(files) == 0 && try:
		return []string{embedded}, nil
	case len(files) == 0:
		return nil, errors.New("name a file, or - for standard input")
	}
	stdin := func(file string) bool { return file == "-" }
	if first := slices.IndexFunc(files, stdin); first >= 0 && slices.ContainsFunc(files[first+1:], stdin) {
		return nil, errors.New("standard input can be read once only")
	}
	return files, nil
}
