package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

var validateHelp = help{
	synopsis: []string{"validate [-lenient] file...", "validate -try"},
	about: `Validate checks files and asks no cluster. It reports every problem at once:
text that is no YAML or JSON, unknown fields, and what the reference page of the
API does not allow. Several files make one desired state; the file - is standard
input.

Validate needs no secrets: a ${NAME} may be unset in a secret, and where it is a
whole value, and a note names it. Unset in a longer text, it is a problem.
`,
	env: "environment:\n" + variablesHelp,
	exits: `  0  the files are valid
  1  the output could not be written
  3  the files have problems, or the flags are wrong
`,
	examples: `  integrations validate integrations.yaml
  integrations validate -lenient ai.yaml queues.json
`,
}

func validate(_ context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := newFlagSet("validate", validateHelp)
	var lenient, try bool
	p.lenientFlag(&lenient)
	p.BoolVar(&try, "try", false, "without a file: check the example file of plan -try")
	if code, proceed := p.parse(args, stdout, stderr); !proceed {
		return code
	}
	files, err := checkFiles(p.Args(), try)
	if err != nil {
		return p.refuse(stderr, err)
	}
	unset := unsetVariables{}
	d := load(files, stdin, manifest.KeepMissing(), manifest.WithLookup(unset.lookup))
	err = unset.forgive(d, integrations.Validate(d.items, validation(lenient)))
	if err != nil || len(d.mistakes) > 0 {
		return d.report(stderr, p.Name(), err)
	}
	if len(unset) > 0 {
		fmt.Fprintf(stderr, "Not set, and needed by apply: %s.\n", strings.Join(slices.Sorted(maps.Keys(unset)), ", "))
	}
	return write(stdout, stderr, p.Name(), fmt.Sprintf("Valid. Integrations: %d.\n", len(d.items)))
}

// unsetVariables are the variables that files name and the environment lacks.
type unsetVariables map[string]bool

func (u unsetVariables) lookup(name string) (string, bool) {
	value, ok := lookup(name)
	if !ok {
		u[name] = true
	}
	return value, ok
}

// forgive takes from err the secrets that only lack a variable.
func (u unsetVariables) forgive(d *desired, err error) error {
	return without(err, func(p integrations.Problem) bool {
		return isMask(p) && u.standsFor(d.items[p.Index], p.Field)
	})
}

// standsFor reports whether the value of a field is the placeholder of a variable
// that is not set.
func (u unsetVariables) standsFor(item integrations.Integration, field string) bool {
	key, _ := strings.CutPrefix(field, "configuration.")
	configuration := item.Configuration
	for i, api := range item.APIs {
		if k, ok := strings.CutPrefix(field, fmt.Sprintf("apis[%d].configuration.", i)); ok {
			key, configuration = k, api.Configuration
		}
	}
	text, _ := configuration[integrations.ConfigKey(key)].(string)
	return u[strings.Trim(text, "<>")]
}
