// Quickstart saves integrations, changes them, lists them, and has a batch
// refused.
//
//	go run ./examples/quickstart
//
// It needs nothing: it talks to a fake Conductor inside the program, and
// nothing leaves the machine, whatever the environment. With -cluster it does
// the same on the cluster that CONDUCTOR_SERVER_URL and the CONDUCTOR_AUTH_...
// variables name:
//
//	go run ./examples/quickstart -cluster [-prefix quickstart-]
//
// There, every name gets the prefix, everything is saved disabled, and an
// integration that is not the program's own makes it stop before it saves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit code: 0, 1 where something failed, 2 for a wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	cluster := flags.Bool("cluster", false, "use the cluster that CONDUCTOR_SERVER_URL names instead of a fake")
	prefix := flags.String("prefix", "quickstart-", "what every name begins with on a cluster")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintln(stderr, "quickstart: there are no arguments besides the flags")
		return 2
	case strings.TrimSpace(*prefix) == "":
		fmt.Fprintln(stderr, "quickstart: -prefix is blank")
		return 2
	}

	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	work := onFake
	if *cluster {
		work = func(ctx context.Context, out io.Writer) error { return onCluster(ctx, *prefix, out) }
	}
	if err := work(ctx, stdout); err != nil {
		fmt.Fprintln(stderr, "quickstart:", err)
		return 1
	}
	return 0
}

func onFake(ctx context.Context, out io.Writer) error {
	srv := fake.NewServer()
	defer srv.Close()
	fmt.Fprintln(out, "This runs on a fake Conductor inside the program: nothing leaves the machine.")
	t := tour{client: srv.Client(), out: out, enabled: true}
	return t.run(ctx)
}

func onCluster(ctx context.Context, prefix string, out io.Writer) error {
	client, err := integrations.NewClientFromEnv()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	fmt.Fprintf(out, "This runs on the cluster of CONDUCTOR_SERVER_URL. Every name begins with %s,\n"+
		"and everything is saved disabled.\n", prefix)
	t := tour{client: client, out: out, prefix: prefix, tags: []integrations.Tag{ownTag}}
	if err := t.refuseStrangers(ctx); err != nil {
		return err
	}
	if err := t.run(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s and %s stay on the cluster, disabled, until you delete them.\n",
		prefix+openAIName, prefix+sendGridName)
	return nil
}

// ownTag marks what this program has saved on a cluster.
var ownTag = integrations.Tag{Key: "saved-by", Value: "integrations-quickstart"}

// The names of the integrations, but for the prefix.
const (
	openAIName   = "open-ai-test"
	sendGridName = "sendgrid-test"
)

// tour is what the program shows, and on what.
type tour struct {
	client  *integrations.Client
	out     io.Writer
	prefix  string // of every name
	enabled bool   // false: everything is saved disabled
	tags    []integrations.Tag
}

func (t tour) run(ctx context.Context) error {
	openAI, sendGrid := t.openAI(), t.sendGrid()
	if err := t.client.SaveAll(ctx, []integrations.Integration{openAI, sendGrid}); err != nil {
		return err
	}
	if err := t.show(ctx, "Saved two integrations in one request:", integrations.IncludeInactive()); err != nil {
		return err
	}

	// A save is an upsert that replaces the whole integration, so it is given
	// the whole integration again.
	openAI.APIs = append(openAI.APIs, integrations.IntegrationAPI{
		API:         "gpt-4o-mini",
		Description: "GPT-4o mini model",
		Enabled:     integrations.Bool(t.enabled),
	})
	if err := t.client.SaveAll(ctx, []integrations.Integration{openAI}); err != nil {
		return err
	}
	sendGrid.Enabled = integrations.Bool(false)
	if err := t.client.SaveAll(ctx, []integrations.Integration{sendGrid}); err != nil {
		return err
	}
	title := fmt.Sprintf("Gave %s a second model and disabled %s:", openAI.Name, sendGrid.Name)
	if err := t.show(ctx, title, integrations.IncludeInactive()); err != nil {
		return err
	}
	if err := t.show(ctx, "The active ones only:"); err != nil {
		return err
	}
	return t.showRefusal(ctx)
}

func (t tour) openAI() integrations.Integration {
	return integrations.Integration{
		Name:          t.prefix + openAIName,
		Type:          integrations.TypeOpenAI,
		Category:      integrations.CategoryAIModel,
		Description:   "OpenAI integration for LLM tasks",
		Enabled:       integrations.Bool(t.enabled),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-..."},
		Tags:          t.tags,
		APIs: []integrations.IntegrationAPI{{
			API:         "gpt-4o",
			Description: "GPT-4o model",
			Enabled:     integrations.Bool(t.enabled),
		}},
	}
}

func (t tour) sendGrid() integrations.Integration {
	return integrations.Integration{
		Name:          t.prefix + sendGridName,
		Type:          integrations.TypeSendGrid,
		Category:      integrations.CategoryEmail,
		Description:   "SendGrid integration for email tasks",
		Enabled:       integrations.Bool(t.enabled),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG...."},
		Tags:          t.tags,
		APIs:          []integrations.IntegrationAPI{}, // none: an e-mail provider has no models
	}
}

// show prints the listing that opts ask for.
func (t tour) show(ctx context.Context, title string, opts ...integrations.ListOption) error {
	providers, err := t.list(ctx, opts...)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n%s\n", title)
	if len(providers) == 0 {
		fmt.Fprintln(t.out, "  none")
		return nil
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  NAME\tTYPE\tCATEGORY\tACTIVE\tMODELS")
	for _, p := range providers {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%t\t%d\n", p.Name, p.Type, p.Category, p.Enabled, p.ModelsCount)
	}
	return table.Flush()
}

// list leaves out what does not begin with the prefix: it is not the tour's.
func (t tour) list(ctx context.Context, opts ...integrations.ListOption) ([]integrations.Provider, error) {
	providers, err := t.client.ListProviders(ctx, opts...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(providers, func(p integrations.Provider) bool {
		return !strings.HasPrefix(p.Name, t.prefix)
	}), nil
}

// showRefusal saves a batch full of mistakes, and prints what the client says.
func (t tour) showRefusal(ctx context.Context) error {
	err := t.client.SaveAll(ctx, t.mistakes())
	var invalid *integrations.ValidationError
	switch {
	case err == nil:
		return errors.New("a batch full of mistakes was saved")
	case !errors.As(err, &invalid):
		return fmt.Errorf("a batch full of mistakes was not refused as invalid: %w", err)
	}
	fmt.Fprintln(t.out, "\nRefused a batch before anything was sent, with all its problems:")
	for _, p := range invalid.Problems {
		fmt.Fprintf(t.out, "  %s: %s %s\n", p.Name, p.Field, p.Reason)
	}
	return nil
}

func (t tour) mistakes() []integrations.Integration {
	// A listing shows a mask for every secret. Saved back, it would become the
	// secret.
	masked := t.sendGrid()
	masked.Configuration = integrations.Configuration{integrations.KeyAPIKey: "xxxxx"}

	misspelled := t.sendGrid()
	misspelled.Name = t.prefix + "mail"
	misspelled.Type = "sendgird"

	incomplete := t.openAI()
	incomplete.Name = t.prefix + "claude"
	incomplete.Type = integrations.TypeAnthropic
	incomplete.Configuration = integrations.Configuration{"apiKey": "sk-ant-..."}
	incomplete.APIs = nil

	return []integrations.Integration{masked, misspelled, incomplete}
}

// refuseStrangers fails where a save would replace what somebody else made: an
// integration of that name without the tag, or one that has been enabled since.
func (t tour) refuseStrangers(ctx context.Context) error {
	providers, err := t.list(ctx, integrations.IncludeInactive())
	if err != nil {
		return err
	}
	names := []string{t.prefix + openAIName, t.prefix + sendGridName}
	for _, p := range providers {
		own := !p.Enabled && slices.Contains(p.Tags, ownTag)
		if slices.Contains(names, p.Name) && !own {
			return fmt.Errorf("the cluster has a %s that is not this program's: choose another -prefix", p.Name)
		}
	}
	return nil
}
