package main

import (
	"errors"
	"fmt"
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
}

// place is where an integration stands.
type place struct {
	file  string
	lines *manifest.Lines // of the file
	index int
}

// load reads all files. It returns an error for each file that cannot be read.
func load(files []string, stdin io.Reader, opts ...manifest.Option) (d *desired, errs []error) {
	d = &desired{}
	for _, file := range files {
		lines := &manifest.Lines{}
		name, items, err := read(file, stdin, append(slices.Clone(opts), manifest.WithLines(lines)))
		if err != nil {
			errs = append(errs, err)
		}
		for i := range items {
			d.places = append(d.places, place{file: name, lines: lines, index: i})
		}
		d.items = append(d.items, items...)
	}
	return d, errs
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
// file may be a stranger's pull request.
func lookup(name string) (string, bool) {
	switch name {
	case "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET", "CONDUCTOR_AUTH_TOKEN":
		return "", false
	}
	return os.LookupEnv(name)
}

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

// report prints an error, and returns the exit code. A mistake in a file is
// printed with the place, as compilers do it.
func (d *desired) report(stderr io.Writer, name string, err error) int {
	var invalid *integrations.ValidationError
	if !errors.As(err, &invalid) {
		complain(stderr, name, err)
		return exitFailed
	}
	for _, p := range invalid.Problems {
		fmt.Fprintln(stderr, d.line(p))
	}
	if slices.ContainsFunc(invalid.Problems, isUnknown) {
		fmt.Fprintln(stderr, "With -lenient, what the reference page does not know is accepted.")
	}
	if i := slices.IndexFunc(invalid.Problems, d.needsKeys); i >= 0 {
		fmt.Fprintf(stderr, "The keys of a type: integrations types %s\n", d.items[invalid.Problems[i].Index].Type)
	}
	return exitInput
}

// isUnknown reports whether the cluster may know more of p than this program.
func isUnknown(p integrations.Problem) bool {
	return errors.Is(p.Err, integrations.ErrUnknownType) || errors.Is(p.Err, integrations.ErrUnknownCategory) ||
		errors.Is(p.Err, integrations.ErrUnknownKey) || errors.Is(p.Err, integrations.ErrUnknownValue)
}

// needsKeys reports whether the list of the type's keys helps with p.
func (d *desired) needsKeys(p integrations.Problem) bool {
	if !strings.HasPrefix(p.Field, "configuration.") || p.Index < 0 || p.Index >= len(d.items) {
		return false
	}
	_, known := integrations.KeysFor(d.items[p.Index].Type)
	return known && (errors.Is(p.Err, integrations.ErrMissing) || errors.Is(p.Err, integrations.ErrUnknownKey))
}

// line describes a problem of an integration, with its place in the file.
func (d *desired) line(p integrations.Problem) string {
	if p.Index < 0 || p.Index >= len(d.places) {
		return p.String()
	}
	at := d.places[p.Index]
	if p.Field == "name" && errors.Is(p.Err, integrations.ErrDuplicate) {
		first := slices.IndexFunc(d.items, func(item integrations.Integration) bool { return item.Name == p.Name })
		other := d.places[first]
		p.Reason = fmt.Sprintf("is also the name of integration %d, %s", other.index, other.line("name"))
	}
	p.Index = at.index
	return at.line(p.Field) + ": " + p.String()
}

// line returns where a field of the integration stands, as compilers say it.
func (p place) line(field string) string {
	return fmt.Sprintf("%s:%d", p.file, p.lines.Line(p.index, field))
}

// reportFiles prints why files cannot be read. A mistake in a file is printed with
// the place, as compilers do it.
func reportFiles(stderr io.Writer, name string, errs []error) int {
	for _, err := range errs {
		var invalid *manifest.Error
		if !errors.As(err, &invalid) {
			complain(stderr, name, err)
			continue
		}
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(stderr, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "manifest: "))
		}
	}
	return exitInput
}
