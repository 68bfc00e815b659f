package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
	"github.com/seed4e9a5e42/integrations/plan"
)

var exportHelp = help{
	synopsis: []string{"export [-category C] [-json] [flags]"},
	about: `Export prints what a cluster has as a file that plan and apply read, inactive
integrations too. Export only reads. The file holds no secret: each secret,
each value that the server hides, and each value that may hold a secret, such as
a URL with user info, becomes a ${NAME_KEY} such as ${OPENAI_API_KEY}. Two names
that would be the same get _2, _3 and so on. Each $ becomes $$. OAuth tokens and
the owner tag are left out.

` + tryHelp,
	env: environmentHelp,
	exits: `  0  done
  1  the cluster could not be read, or the output could not be written
  3  the input is wrong: flags, environment
`,
	examples: `  integrations export -try
  integrations export -category AI_MODEL > models.yaml
`,
}

func export(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	p := newFlagSet("export", exportHelp)
	category := p.String("category", "", "export only the category `C`, such as AI_MODEL;\nintegrations types lists the categories")
	asJSON := p.Bool("json", false, "print JSON; the default is YAML")
	var timeout time.Duration
	p.timeoutFlag(&timeout)
	var try bool
	p.tryFlag(&try)
	if code, proceed := p.parse(args, stdout, stderr); !proceed {
		return code
	}
	if p.NArg() > 0 {
		return p.refuse(stderr, errors.New("export reads no file"))
	}
	if known := categories(); *category != "" && !slices.Contains(known, *category) {
		complain(stderr, p.Name(), fmt.Errorf("%q is not a category of the reference page; these are: %s", *category, strings.Join(known, ", ")))
	}
	client, done, err := connect(try)
	if err != nil {
		complain(stderr, p.Name(), err)
		return exitInput
	}
	defer done()
	ctx, stop := requests(ctx, timeout)
	defer stop()

	text, err := exported(ctx, client, *category, *asJSON)
	if err != nil {
		complain(stderr, p.Name(), err)
		return exitFailed
	}
	return write(stdout, stderr, p.Name(), text)
}

func exported(ctx context.Context, client *integrations.Client, category string, asJSON bool) (string, error) {
	var listing []integrations.ListOption
	if category != "" {
		listing = append(listing, integrations.InCategory(integrations.Category(category)))
	}
	items, err := plan.Export(ctx, client, listing...)
	if err != nil {
		return "", err
	}
	var form []manifest.Option
	if asJSON {
		form = append(form, manifest.AsJSON())
	}
	var text bytes.Buffer
	err = manifest.Write(&text, items, form...)
	return text.String(), err
}
