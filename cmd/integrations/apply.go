package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations/plan"
)

var applyHelp = help{
	synopsis: []string{"apply [-expect DIGEST] [flags] file...", "apply -try [flags] [file...]"},
	about: `Apply makes a cluster what files say. It plans again, prints the plan, and
applies the plan. One request saves all creates and updates, and deletes come
last. Apply asks no question: -prune N is the consent to delete. Several files
make one desired state; the file - is standard input.

With -expect, apply applies only the plan that has been reviewed. After an apply
the digest is used up. A second run with it succeeds only if nothing but hidden
secrets is left to send.
` + digestHelp + `
Apply needs all secrets: each ${NAME} must be set. Like plan, apply shows some
values of variables: see plan -h before you apply the files of strangers.

A secret that the server hides is saved again in every run (-secrets rewrite),
so that a new value reaches the cluster. After a change, apply looks once more:
if the cluster still differs, it names the fields.

If apply fails, run it again. With -expect, run plan first and give its digest.
The new plan holds the rest. Nothing is deleted after a save that failed.
One pipeline should apply a file at a time.

` + tryHelp + tryFileHelp,
	env: environmentHelp + variablesHelp,
	exits: `  0  the cluster is what the files say
  1  failed, refused (-expect, a conflict), or applied and still different
  3  the input is wrong: flags, files, variables, environment
`,
	examples: `  integrations apply -try -owner payments -prune 1
  integrations apply -owner payments -expect "$DIGEST" integrations.yaml
`,
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func apply(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := newFlagSet("apply", applyHelp)
	var expected string
	p.Func("expect", "apply only the plan with this `DIGEST`, which plan\nprints; not compared if at most secrets are sent", func(s string) error {
		if expected = s; !digestForm.MatchString(s) {
			return errors.New("must be the digest of a plan, 64 hexadecimal digits")
		}
		return nil
	})
	j := job{stderr: stderr, set: p}
	j.flags.register(p, "rewrite")
	if code, proceed := j.prepare(args, stdin, stdout); !proceed {
		return code
	}
	defer j.done()
	ctx, stop := requests(ctx, j.flags.timeout)
	defer stop()

	made, code := j.show(ctx, stdout, planText)
	if code != exitDone {
		return code // there is no plan, or nobody can have read it
	}
	return j.carryOut(ctx, made, expected)
}

// carryOut applies a plan that has been printed.
func (j *job) carryOut(ctx context.Context, made *plan.Plan, expected string) int {
	switch {
	case made.Empty():
		fmt.Fprintln(j.stderr, "Nothing to do.")
		return exitDone
	case expected != "" && made.Digest() != expected && !onlyRewrites(made):
		complain(j.stderr, j.set.Name(), errors.New("this is not the plan with the digest of -expect, and nothing was sent: "+
			"the files, their variables, the flags, the server URL or the cluster differ from the reviewed plan, so run plan again and review it"))
		return exitFailed
	}
	if err := made.Apply(ctx); err != nil {
		return j.desired.report(j.stderr, j.set.Name(), err)
	}
	return j.prove(ctx, made)
}

// onlyRewrites reports whether a plan only saves hidden secrets again. A reviewer
// does not see such a save, and no digest covers it.
func onlyRewrites(p *plan.Plan) bool {
	for _, c := range p.Changes() {
		if c.Action != plan.Update || slices.ContainsFunc(c.Fields, isNoSecretRewrite) {
			return false
		}
	}
	return len(p.Conflicts()) == 0
}

func isNoSecretRewrite(f plan.Field) bool { return f.Op != plan.OpRewrite || !f.Sensitive }

// prove checks that the cluster now agrees with the files. A server may drop or
// rewrite a part of a save.
func (j *job) prove(ctx context.Context, applied *plan.Plan) int {
	left, err := plan.New(ctx, j.client, j.desired.items, j.flags.options(false)...)
	if err != nil {
		complain(j.stderr, j.set.Name(), fmt.Errorf("applied, but what the cluster has now could not be read: %w", err))
		return exitFailed
	}
	if !left.Empty() {
		fmt.Fprint(j.stderr, stillDifferent(left))
		return exitFailed
	}
	fmt.Fprintln(j.stderr, summary(applied.Changes()))
	return exitDone
}

func summary(changes []plan.Change) string {
	count := map[plan.Action]int{}
	for _, c := range changes {
		count[c.Action]++
	}
	return fmt.Sprintf("Applied: %d created, %d updated, %d deleted. The cluster is what the files say.",
		count[plan.Create], count[plan.Update], count[plan.Delete])
}

// stillDifferent names what a good save has not changed.
func stillDifferent(left *plan.Plan) string {
	var b strings.Builder
	b.WriteString("integrations apply: applied, and still different:\n")
	for _, c := range left.Changes() {
		if c.Action != plan.Update {
			fmt.Fprintf(&b, "  %q: %s again\n", c.Name, c.Action)
			continue
		}
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "  %q: %s%s\n", c.Name, f.Path, values(f))
		}
	}
	for _, c := range left.Conflicts() {
		if isUnowned(c) { // to adopt it again would not help
			c.Reason = "tags[iac-owner]"
		}
		fmt.Fprintf(&b, "  %q: %s\n", c.Name, c.Reason)
	}
	return b.String() + adviceFor(left)
}

// adviceFor names the next step after a save of which the server kept only a part.
func adviceFor(left *plan.Plan) string {
	addsOwner := func(f plan.Field) bool { return f.Path == "tags[iac-owner]" }
	addsOwnerAgain := func(c plan.Change) bool { return slices.ContainsFunc(c.Fields, addsOwner) }
	if slices.ContainsFunc(left.Conflicts(), isUnowned) || slices.ContainsFunc(left.Changes(), addsOwnerAgain) {
		return "This server does not keep the tag iac-owner, so no file can own an integration.\n" +
			"Leave -owner out.\n"
	}
	return "The server does not keep what it is sent. Put the value that the server has into\n" +
		"the file, or use -ignore configuration.KEY.\n"
}

func isUnowned(c plan.Conflict) bool { return errors.Is(c.Err, plan.ErrUnowned) }

// values says what a field has, where it may be shown.
func values(f plan.Field) string {
	if f.Old == "" || f.New == "" { // both are empty if the field is a secret
		return ""
	}
	return fmt.Sprintf(": the server has %q, the file has %q", f.Old, f.New)
}
