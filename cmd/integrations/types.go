package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/pagetypes"
	"github.com/seed4e9a5e42/integrations/internal/spell"
)

var typesHelp = help{
	synopsis: []string{"types", "types TYPE"},
	about: `Types lists the integration types of the API's reference page by category. With
a TYPE it prints the configuration keys of that type: what is required, what is
optional, what the vendor's setup guides add, the known values, and which keys
are secret. Types asks no cluster.

Where nobody has published the values of a key, your own cluster may tell: make
such an integration in its web UI, and look at it with integrations export.
`,
	exits: `  0  done
  1  the output could not be written
  3  the flags are wrong, or there is no such type
`,
	examples: `  integrations types
  integrations types kafka
`,
}

// openEnumerations are the keys with a small set of values. Public sources do not
// list these values, except where KeyRules has them.
var openEnumerations = []integrations.ConfigKey{
	integrations.KeyAuthenticationType, integrations.KeyConnectionType, integrations.KeyConsumerType,
	integrations.KeyDistanceMetric, integrations.KeyJDBCDriver, integrations.KeyMechanism,
	integrations.KeyOAuth2Provider, integrations.KeyProtocol, integrations.KeyPubSubMethod,
	integrations.KeySchemaRegistryAuthType, integrations.KeyTLS, integrations.KeyTruststoreAuthenticationType,
	integrations.KeyValueSubjectNameStrategy,
}

func types(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	p := newFlagSet("types", typesHelp)
	p.needsNoCluster()
	if code, proceed := p.parse(args, stdout, stderr); !proceed {
		return code
	}
	switch p.NArg() {
	case 0:
		return write(stdout, stderr, p.Name(), typeList())
	case 1:
		t := integrations.Type(p.Arg(0))
		rules, ok := integrations.KeysFor(t)
		if !ok {
			return p.refuse(stderr, noSuchType(p.Arg(0)))
		}
		return write(stdout, stderr, p.Name(), typeText(t, rules))
	}
	return p.refuse(stderr, errors.New("name one type"))
}

func noSuchType(name string) error {
	names := make([]string, len(pagetypes.All))
	for i, t := range pagetypes.All {
		names[i] = string(t)
	}
	if meant := spell.Suggest(name, names); meant != "" {
		return fmt.Errorf("%q is not a type of the reference page, did you mean %s?", name, meant)
	}
	return fmt.Errorf("%q is not a type of the reference page; integrations types lists the types", name)
}

// categories lists the categories of the reference page.
func categories() []string {
	var names []string
	for _, t := range pagetypes.All {
		if category, _ := t.Category(); !slices.Contains(names, string(category)) {
			names = append(names, string(category))
		}
	}
	return names
}

// typeList lists the types by category.
func typeList() string {
	var b strings.Builder
	var last integrations.Category
	for _, t := range pagetypes.All {
		if category, _ := t.Category(); category != last {
			last = category
			fmt.Fprintf(&b, "%s\n", category)
		}
		fmt.Fprintf(&b, "  %s\n", t)
	}
	b.WriteString("\nintegrations types TYPE prints the configuration keys of a type.\n")
	return b.String()
}

// typeText is the line of the key table for one type, for people.
func typeText(t integrations.Type, rules integrations.KeyRules) string {
	w := typeWriter{typ: t, rules: rules}
	category, _ := t.Category()
	fmt.Fprintf(&w.b, "%s, category %s\n", t, category)
	w.section("required", rules.Required)
	for _, value := range rules.Values[integrations.KeyConnectionType] {
		w.section("also required if connectionType is "+value, rules.Conditional[value])
	}
	w.section("optional", rules.Optional)
	w.section("from the vendor's setup guides; needed in some modes", rules.Guide)
	switch category {
	case integrations.CategoryAIModel, integrations.CategoryVectorDB, integrations.CategoryRelationalDB:
		w.b.WriteString("\napis: at least one model, index or table is required\n")
	}
	return w.b.String()
}

// typeWriter writes the keys of a type.
type typeWriter struct {
	b     strings.Builder
	typ   integrations.Type
	rules integrations.KeyRules
}

func (w *typeWriter) section(title string, keys []integrations.ConfigKey) {
	fmt.Fprintf(&w.b, "\n%s:\n", title)
	if len(keys) == 0 {
		w.b.WriteString("  nothing\n")
	}
	for _, key := range keys {
		w.b.WriteString(strings.TrimRight(fmt.Sprintf("  %-28s  %s", key, w.about(key)), " ") + "\n")
	}
}

// about describes the known values of a key.
func (w *typeWriter) about(key integrations.ConfigKey) string {
	switch values := w.rules.Values[key]; {
	case len(values) > 0:
		return "one of " + strings.Join(values, ", ")
	case key.SecretIn(w.typ):
		return "secret"
	case slices.Contains(openEnumerations, key):
		return "nobody has published the values"
	}
	return ""
}
