package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// settings holds the values of the flags.
type settings struct {
	addr, key, secret string
	noAuth            bool
	seed              string
	validation        integrations.ValidationMode
	unknownTypes      bool
	readOnly          []string
	tokenTTL          time.Duration
	log, control      bool
}

const usage = `fakeserver is a Conductor in memory, for curl and for tests in any language.
When the program stops, all integrations are gone.

usage: fakeserver [flags]

The program prints its url, key id and key secret. Give them to a Go program of
this SDK or to the command integrations:
      export CONDUCTOR_SERVER_URL=http://127.0.0.1:8080
      export CONDUCTOR_AUTH_KEY=fake-key-id
      export CONDUCTOR_AUTH_SECRET=fake-key-secret
The curl lines below need these variables:
      URL=http://127.0.0.1:8080
      PAIR='{"keyId":"fake-key-id","keySecret":"fake-key-secret"}'
      TOKEN=$(curl -s $URL/api/token -d "$PAIR" | cut -d '"' -f 4)
      AUTH="X-Authorization: $TOKEN"

  -addr ADDRESS      address to listen on; port 0 takes a free port;
                     the default is 127.0.0.1:8080
      curl $URL/api/integrations/provider -H "$AUTH"
  -key ID -secret S  the key pair that POST /api/token exchanges for a token;
                     the program prints it at the start
      curl $URL/api/token -d '{"keyId":"ID","keySecret":"S"}'
  -no-auth           serve requests without a token
      curl $URL/api/integrations/provider
  -seed FILE         JSON file with the array of integrations to begin with
      curl "$URL/api/integrations/?activeOnly=false" -H "$AUTH"
  -validation MODE   also check saves against the key table: off, lenient or
                     strict; the default is off; strict refuses this save:
      curl $URL/api/integrations/provider/a -H "$AUTH" \
        -d '{"type":"openai","configuration":{}}'
  -unknown-types     let integrations of any type be saved
      curl $URL/api/integrations/provider/a -H "$AUTH" -d '{"type":"made_up"}'
  -read-only NAMES   refuse every write under these names with 403;
                     commas stand between names
      curl -X DELETE $URL/api/integrations/provider/NAME -H "$AUTH"
  -token-ttl TIME    life of a token, such as 90s; the default is 1h;
                     a request can name a life too, in milliseconds:
      curl $URL/api/token -d '{"keyId":"ID","keySecret":"S","expiration":5000}'
  -log               write a line for each request to stderr, without secrets
      curl $URL/api/integrations/all -H "$AUTH"
  -control           let tests seed, look and fail, without a token
      curl -X PUT $URL/fake/integrations -d '[{"name":"repo","type":"git"}]'
      curl $URL/fake/integrations                 # look, with secrets as saved
      curl -X DELETE $URL/fake/integrations       # remove all
      curl $URL/fake/faults -d '{"op":"SaveAll","faults":[{"status":503}]}'
      curl -X DELETE $URL/fake/faults             # take back unused faults
      curl $URL/fake/requests                     # the requests so far
      curl -X DELETE $URL/fake/requests           # forget the requests
      curl -X POST $URL/fake/expire-tokens        # end every token

exit codes:
  0  stopped by a signal
  1  the server could not start, or failed
  2  wrong flags
`

func parse(args []string, stderr io.Writer) (settings, error) {
	set := settings{addr: "127.0.0.1:8080", tokenTTL: time.Hour, validation: integrations.Off}
	flags := flag.NewFlagSet("fakeserver", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	flags.StringVar(&set.addr, "addr", set.addr, "")
	flags.StringVar(&set.key, "key", "", "")
	flags.StringVar(&set.secret, "secret", "", "")
	flags.BoolVar(&set.noAuth, "no-auth", false, "")
	flags.StringVar(&set.seed, "seed", "", "")
	flags.Func("validation", "", set.setValidation)
	flags.BoolVar(&set.unknownTypes, "unknown-types", false, "")
	flags.Func("read-only", "", set.setReadOnly)
	flags.DurationVar(&set.tokenTTL, "token-ttl", set.tokenTTL, "")
	flags.BoolVar(&set.log, "log", false, "")
	flags.BoolVar(&set.control, "control", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stderr, usage)
		return set, err
	case err != nil:
		return set, err
	case flags.NArg() > 0:
		return set, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case (set.key == "") != (set.secret == ""):
		return set, errors.New("-key and -secret go together")
	case set.noAuth && set.key != "":
		return set, errors.New("-no-auth takes no -key and -secret")
	case set.tokenTTL <= 0:
		return set, errors.New("-token-ttl must be positive")
	}
	return set, nil
}

func (set *settings) setValidation(text string) error {
	modes := map[string]integrations.ValidationMode{
		"off": integrations.Off, "lenient": integrations.Lenient, "strict": integrations.Strict,
	}
	mode, ok := modes[text]
	if !ok {
		return errors.New("it must be off, lenient or strict")
	}
	set.validation = mode
	return nil
}

func (set *settings) setReadOnly(text string) error {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" {
			return errors.New("a name is blank")
		}
		set.readOnly = append(set.readOnly, name)
	}
	return nil
}

func (set *settings) options() []fake.Option {
	opts := []fake.Option{
		fake.WithValidation(set.validation), fake.WithReadOnly(set.readOnly...), fake.WithTokenTTL(set.tokenTTL),
	}
	if set.key != "" {
		opts = append(opts, fake.WithKeySecret(set.key, set.secret))
	}
	if set.noAuth {
		opts = append(opts, fake.WithoutAuth())
	}
	if set.unknownTypes {
		opts = append(opts, fake.WithUnknownTypes())
	}
	return opts
}
