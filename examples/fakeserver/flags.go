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

// settings are what the flags say.
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

const usage = `usage: fakeserver [flags]

  -addr ADDRESS      address to listen on; port 0 takes a free one (default 127.0.0.1:8080)
      curl http://127.0.0.1:8080/api/integrations/provider -H "X-Authorization: $TOKEN"
  -key ID -secret S  the key pair that POST /api/token exchanges for a token; printed at the start
      curl http://127.0.0.1:8080/api/token -d '{"keyId":"ID","keySecret":"S"}'
  -no-auth           serve requests without a token
      curl http://127.0.0.1:8080/api/integrations/provider
  -seed FILE         JSON file with the integrations to begin with
      curl "http://127.0.0.1:8080/api/integrations/?activeOnly=false" -H "X-Authorization: $TOKEN"
  -validation MODE   hold saves against the key table too: off, lenient or strict (default off)
      curl http://127.0.0.1:8080/api/integrations/provider/a -H "X-Authorization: $TOKEN" -d '{"type":"openai","configuration":{}}'   # 400 with strict
  -unknown-types     let integrations of any type be saved
      curl http://127.0.0.1:8080/api/integrations/provider/a -H "X-Authorization: $TOKEN" -d '{"type":"made_up"}'
  -read-only NAMES   refuse every write under these names, separated by commas, with 403
      curl -X DELETE http://127.0.0.1:8080/api/integrations/provider/NAME -H "X-Authorization: $TOKEN"
  -token-ttl TIME    life of a token, such as 90s (default 1h)
      curl http://127.0.0.1:8080/api/token -d '{"keyId":"ID","keySecret":"S","expiration":5000}'   # or in the request, in milliseconds
  -log               write a line for each request to stderr, without secrets
      curl http://127.0.0.1:8080/api/integrations/all -H "X-Authorization: $TOKEN"
  -control           let tests seed, fail and look, without a token:
      curl -X PUT http://127.0.0.1:8080/fake/integrations -d '[{"name":"mail","type":"sendgrid"}]'    # seed
      curl http://127.0.0.1:8080/fake/integrations                                                    # look, secrets as saved
      curl -X DELETE http://127.0.0.1:8080/fake/integrations                                          # remove all
      curl http://127.0.0.1:8080/fake/faults -d '{"op":"SaveAll","faults":[{"status":503,"header":{"Retry-After":"1"}}]}'
      curl -X DELETE http://127.0.0.1:8080/fake/faults                                                # take back unused faults
      curl http://127.0.0.1:8080/fake/requests                                                        # what arrived
      curl -X DELETE http://127.0.0.1:8080/fake/requests                                              # forget what arrived
      curl -X POST http://127.0.0.1:8080/fake/expire-tokens                                           # end every token
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
