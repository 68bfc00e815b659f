package main

import (
	"flag"
	"fmt"
	"strings"
)

// usage is the help of the command as a whole.
func usage() string {
	var b strings.Builder
	b.WriteString(`integrations keeps the integrations of an Orkes Conductor cluster as code.

usage: integrations SUBCOMMAND [flags] [file...]

subcommands:
`)
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-9s  %s\n", c.name, c.summary)
	}
	b.WriteString(usageRest)
	return b.String()
}

const usageRest = `
integrations SUBCOMMAND -h explains a subcommand.

A file is YAML or JSON. It is a list of integrations in the shape of the API:

  - name: openai
    type: openai
    configuration:
      api_key: ${OPENAI_API_KEY}
    apis:
      - api: gpt-4o
        description: GPT-4o for chats

` + environmentHelp + `
exit codes:
  0  done, or nothing to do
  1  failed, refused, or in conflict
  2  there are changes (plan -detailed-exitcode only)
  3  the input is wrong: flags, files, variables, environment

examples:
  integrations plan -try                  a first look, without a cluster
  integrations export > integrations.yaml
  integrations plan integrations.yaml
`

const environmentHelp = `environment:
  CONDUCTOR_SERVER_URL   the cluster, such as https://acme.orkesconductor.io/api
  CONDUCTOR_AUTH_KEY     the key id of an application's access key, and
  CONDUCTOR_AUTH_SECRET  its key secret
  CONDUCTOR_AUTH_TOKEN   a token, used if no access key is set
  NO_COLOR               if it is not empty, the output has no colours
`

const variablesHelp = `  NAME                   the value of each ${NAME} in a configuration of a file;
                         the variables CONDUCTOR_AUTH_... count as not set there
`

const digestHelp = `The digest covers the server URL, the owner, and each change with its values. It
does not cover the values of secrets. Of a (hidden) value it covers what is no
secret, such as the host and the path of a URL, and nothing of user and header.
`

// help is the text of -h of a subcommand.
type help struct {
	synopsis []string // below each other, without the name of the program
	about    string
	env      string
	exits    string
	examples string
}

// usage is the short form, for wrong arguments.
func (h *help) usage() string {
	return "usage: integrations " + strings.Join(h.synopsis, "\n"+strings.Repeat(" ", len("usage: "))+"integrations ") + "\n"
}

// text is the long form, for -h.
func (h *help) text(flags *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString(h.usage() + "\n" + h.about + "\n")
	heading := "flags"
	if strings.Contains(h.synopsis[0], "file") {
		heading = "flags, in front of the files"
	}
	b.WriteString(flagsHelp(heading, flags))
	if h.env != "" {
		b.WriteString(h.env + "\n")
	}
	b.WriteString("exit codes:\n" + h.exits + "\nexamples:\n" + h.examples)
	return b.String()
}

// flagsHelp lists the flags below heading, in the order of the alphabet. Each line
// of a usage text stays a line.
func flagsHelp(heading string, flags *flag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		left := "-" + f.Name
		if value != "" {
			left += " " + value
		}
		for line := range strings.Lines(text) {
			fmt.Fprintf(&b, "  %-21s  %s\n", left, strings.TrimSuffix(line, "\n"))
			left = ""
		}
	})
	if b.Len() == 0 {
		return ""
	}
	return heading + ":\n" + b.String() + "\n"
}
