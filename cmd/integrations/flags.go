package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/plan"
)

// flagSet reads the arguments of a subcommand, and explains the subcommand.
type flagSet struct {
	*flag.FlagSet
	help help
}

func newFlagSet(name string, h help) *flagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // parse does the printing
	return &flagSet{FlagSet: flags, help: h}
}

// parse returns false and the exit code where the subcommand ends here: the help
// was asked for, or the arguments are wrong.
func (p *flagSet) parse(args []string, stdout, stderr io.Writer) (code int, proceed bool) {
	switch err := p.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return write(stdout, stderr, p.Name(), p.help.text(p.FlagSet)), false
	case err != nil:
		return p.refuse(stderr, err), false
	}
	for _, arg := range p.Args() {
		if len(arg) > 1 && arg[0] == '-' {
			return p.refuse(stderr, fmt.Errorf("%s: flags stand in front of the files", arg)), false
		}
	}
	return exitDone, true
}

// refuse prints the mistake in the arguments, and the usage.
func (p *flagSet) refuse(stderr io.Writer, err error) int {
	complain(stderr, p.Name(), err)
	fmt.Fprintf(stderr, "%sintegrations %s -h explains the flags.\n", p.help.usage(), p.Name())
	return exitInput
}

// tryFlag is the flag of all subcommands that ask a cluster.
func (p *flagSet) tryFlag(try *bool) {
	p.BoolVar(try, "try", false, "use the fake cluster inside the program, see above")
}

// needsNoCluster accepts -try in a subcommand that asks no cluster anyway.
func (p *flagSet) needsNoCluster() {
	p.Bool("try", false, "changes nothing: "+p.Name()+" asks no cluster")
}

// timeoutFlag is the flag of all subcommands that ask a cluster.
func (p *flagSet) timeoutFlag(timeout *time.Duration) {
	*timeout = time.Minute
	p.Func("timeout", "the `TIME` for all requests together, such as 30s;\nthe default is 1m", func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			return errors.New("must be a time over zero, such as 30s or 5m")
		}
		*timeout = d
		return nil
	})
}

func (p *flagSet) lenientFlag(lenient *bool) {
	p.BoolVar(lenient, "lenient", false,
		"accept types, categories, keys and values that are not\non the reference page, for a cluster that knows more")
}

// planFlags are the flags of plan and apply.
type planFlags struct {
	owner      string
	adopt      bool
	prune      *int // nil: delete nothing
	rewrite    bool
	ignore     []string
	createOnly bool
	lenient    bool
	timeout    time.Duration
	try        bool
}

var ownerName = regexp.MustCompile(`^[a-z0-9.-]{1,63}$`)

func (f *planFlags) register(p *flagSet, secrets string) {
	f.rewrite = secrets == "rewrite"
	p.Func("owner", "keep the tag iac-owner=`NAME` on what the files hold;\nintegrations of others are conflicts", f.setOwner)
	p.BoolVar(&f.adopt, "adopt", false, "also take over what has no owner; needs -owner")
	p.Func("prune", "delete what has the owner tag and is not in the files;\nmore than `N` deletes: nothing is sent; needs -owner", f.setPrune)
	p.Func("secrets", "keep: leave a hidden secret; rewrite: save it again;\nthe `POLICY` is "+secrets+" by default", f.setSecrets)
	p.Func("ignore", "do not compare `FIELD`, such as configuration.endpoint;\nmay be given several times", f.addIgnore)
	p.BoolVar(&f.createOnly, "create-only", false, "leave alone what exists")
	p.lenientFlag(&f.lenient)
	p.timeoutFlag(&f.timeout)
	p.tryFlag(&f.try)
}

func (f *planFlags) setOwner(s string) error {
	if !ownerName.MatchString(s) {
		return errors.New("must have 1 to 63 of the characters a-z, 0-9, dot and hyphen")
	}
	f.owner = s
	return nil
}

func (f *planFlags) setPrune(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("must be a number, 0 or more")
	}
	f.prune = &n
	return nil
}

func (f *planFlags) setSecrets(s string) error {
	if s != "keep" && s != "rewrite" {
		return errors.New("must be keep or rewrite")
	}
	f.rewrite = s == "rewrite"
	return nil
}

func (f *planFlags) addIgnore(s string) error {
	key, ok := strings.CutPrefix(s, "configuration.")
	if !ok || strings.TrimSpace(key) == "" {
		return errors.New("must have the form configuration.KEY")
	}
	f.ignore = append(f.ignore, s)
	return nil
}

// check refuses flags that contradict each other, in the words of the flags.
func (f *planFlags) check() error {
	switch {
	case f.adopt && f.owner == "":
		return errors.New("-adopt needs -owner")
	case f.prune != nil && f.owner == "":
		return errors.New("-prune needs -owner: only what carries an owner tag can be deleted")
	case f.adopt && f.prune != nil:
		return errors.New("-adopt and -prune exclude each other: adopt first, and prune in a later run")
	case f.createOnly && f.prune != nil:
		return errors.New("-create-only and -prune exclude each other")
	}
	return nil
}

// options returns the options of a plan. The check after an apply plans without
// rewrite, because a value that cannot be compared would differ for ever.
func (f *planFlags) options(rewrite bool) []plan.Option {
	opts := []plan.Option{plan.WithSaveOptions(validation(f.lenient))}
	if f.owner != "" {
		opts = append(opts, plan.Owner(f.owner))
	}
	if f.adopt {
		opts = append(opts, plan.Adopt())
	}
	if f.prune != nil {
		opts = append(opts, plan.Prune(*f.prune))
	}
	if rewrite {
		opts = append(opts, plan.RewriteSecrets())
	}
	if f.createOnly {
		opts = append(opts, plan.CreateOnly())
	}
	for _, field := range f.ignore {
		opts = append(opts, plan.Ignore(field))
	}
	return opts
}

func validation(lenient bool) integrations.SaveOption {
	if lenient {
		return integrations.WithValidation(integrations.Lenient)
	}
	return integrations.WithValidation(integrations.Strict)
}
