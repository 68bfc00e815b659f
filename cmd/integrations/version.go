package main

import (
	"context"
	"errors"
	"io"

	"github.com/seed4e9a5e42/integrations/internal/buildversion"
)

var versionHelp = help{
	synopsis: []string{"version"},
	about: `Version prints the version of the command. A command that was built from a
checkout prints the version that Go made from the commit.
`,
	exits: `  0  done
  1  the output could not be written
  3  the arguments are wrong
`,
	examples: `  integrations version
`,
}

func version(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	p := newFlagSet("version", versionHelp)
	p.needsNoCluster()
	if code, proceed := p.parse(args, stdout, stderr); !proceed {
		return code
	}
	if p.NArg() > 0 {
		return p.refuse(stderr, errors.New("version takes no argument"))
	}
	return write(stdout, stderr, p.Name(), "integrations "+buildversion.Get()+"\n")
}
