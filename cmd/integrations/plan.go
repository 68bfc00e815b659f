package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
	"github.com/seed4e9a5e42/integrations/plan"
)

var planHelp = help{
	synopsis: []string{"plan [-json] [-detailed-exitcode] [flags] file...", "plan -try [flags] [file...]"},
	about: `Plan compares files with a cluster and shows what apply would change. Plan only
reads, and the output holds no secret. Several files make one desired state; the
file - is standard input.

Plan needs no secrets: if a ${NAME} in a secret is not set, or a ${NAME} that is
a whole value, then the value is not compared. In a longer text that is not
secret, a ${NAME} that is not set is an error. A new value under a key that is
not secret is part of the digest, so its ${NAME} must be set for plan too.

The last line is the digest of the plan. With apply -expect DIGEST, exactly the
reviewed plan is applied. Apply saves hidden secrets again and shows them as
updates: that does not change the digest.
` + digestHelp + `
Signs: + is added, ~ changed, - removed, ! a conflict, ? not compared or a note.
The text (secret) stands for a secret, and (hidden) for a value that may hold a
secret. A file can name every variable but CONDUCTOR_AUTH_..., also under a key
that is not secret, and then a plan may show the value. So a job that plans the
files of strangers, such as the pull request of a fork, needs an environment
without other secrets.

` + tryHelp + tryFileHelp,
	env: environmentHelp + variablesHelp,
	exits: `  0  the plan was made; with -detailed-exitcode: nothing would change
  1  the plan could not be made, or it has a conflict
  2  there are changes (-detailed-exitcode only)
  3  the input is wrong: flags, files, variables, environment
`,
	examples: `  integrations plan -try -owner payments -prune 1
  integrations plan -owner payments integrations.yaml     for a pull request
  integrations plan -detailed-exitcode integrations.yaml  at night: 2 is drift
`,
}

func planChanges(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := newFlagSet("plan", planHelp)
	asJSON := p.Bool("json", false, "print JSON")
	detailed := p.Bool("detailed-exitcode", false, "exit with 2 if there are changes")
	j := job{stderr: stderr, set: p}
	j.flags.register(p, "keep")
	if code, proceed := j.prepare(args, stdin, stdout, manifest.KeepMissing()); !proceed {
		return code
	}
	defer j.done()
	ctx, stop := requests(ctx, j.flags.timeout)
	defer stop()

	form := planText
	if *asJSON {
		form = planJSON
	}
	made, code := j.show(ctx, stdout, form)
	if code != exitDone {
		return code
	}
	if len(made.Conflicts()) > 0 {
		complain(stderr, p.Name(), errors.New("the plan has conflicts, and apply would refuse it"))
		return exitFailed
	}
	if *detailed && !made.Empty() {
		return exitChanges
	}
	return exitDone
}

func planText(p *plan.Plan, stdout io.Writer) string {
	if wantsColour(stdout) {
		return coloured(p.String())
	}
	return p.String()
}

func planJSON(p *plan.Plan, _ io.Writer) string {
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // a plan holds texts and numbers only
	}
	return string(data) + "\n"
}

// job holds the parts that plan and apply share: flags, desired state and cluster.
type job struct {
	set     *flagSet
	stderr  io.Writer
	flags   planFlags
	desired *desired
	client  *integrations.Client
	done    func()
}

// prepare does all that needs no request. It returns false and the exit code where
// the subcommand ends here.
func (j *job) prepare(args []string, stdin io.Reader, stdout io.Writer, opts ...manifest.Option) (code int, proceed bool) {
	if code, proceed := j.set.parse(args, stdout, j.stderr); !proceed {
		return code, false
	}
	files, err := checkFiles(j.set.Args(), j.flags.try)
	if err := errors.Join(err, j.flags.check()); err != nil {
		return j.set.refuse(j.stderr, err), false
	}
	j.desired = load(files, stdin, append(opts, readOptions(j.flags.try)...)...)
	if len(j.desired.mistakes) > 0 { // no plan can be made: look for the other mistakes here
		err := integrations.Validate(j.desired.items, validation(j.flags.lenient))
		return j.desired.report(j.stderr, j.set.Name(), without(err, isMask)), false
	}
	if j.flags.prune != nil && len(j.desired.items) == 0 {
		complain(j.stderr, j.set.Name(), errors.New("the files hold no integration, and -prune would delete all that the owner has"))
		return exitInput, false
	}
	j.client, j.done, err = connect(j.flags.try)
	if err != nil {
		complain(j.stderr, j.set.Name(), err)
		return exitInput, false
	}
	return exitDone, true
}

// show makes the plan and prints it. The exit code is exitDone if there is a plan.
func (j *job) show(ctx context.Context, stdout io.Writer, form func(*plan.Plan, io.Writer) string) (*plan.Plan, int) {
	made, err := plan.New(ctx, j.client, j.desired.items, j.flags.options(j.flags.rewrite)...)
	if err != nil {
		return nil, j.desired.report(j.stderr, j.set.Name(), err)
	}
	return made, write(stdout, j.stderr, j.set.Name(), form(made, stdout))
}
