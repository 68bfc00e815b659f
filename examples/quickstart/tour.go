package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed4e9a5e42/integrations"
)

// ownTag marks what this program has saved on a cluster.
var ownTag = integrations.Tag{Key: "saved-by", Value: "integrations-quickstart"}

// tour has the cluster and the output of the program.
type tour struct {
	client  *integrations.Client
	out     io.Writer
	prefix  string // of every name
	enabled bool   // false: everything is saved disabled
	tags    []integrations.Tag
	saved   bool // the first save has succeeded
}

func (t *tour) run(ctx context.Context) error {
	for _, name := range t.names() {
		if _, err := t.find(ctx, name); err != nil {
			return fmt.Errorf("%w: choose another -prefix", err)
		}
	}
	err := t.saveAndChange(ctx)
	// The integrations are removed even if ctx has ended.
	removal, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := errors.Join(err, t.remove(removal)); err != nil {
		return err
	}
	if err := t.show(ctx, "Removed both. What is left:"); err != nil {
		return err
	}
	return t.showRefusal(ctx)
}

func (t *tour) saveAndChange(ctx context.Context) error {
	openAI, sendGrid := t.openAI(), t.sendGrid()
	if err := t.client.SaveAll(ctx, []integrations.Integration{openAI, sendGrid}); err != nil {
		return err
	}
	t.saved = true
	if err := t.show(ctx, "Saved two integrations in one request:"); err != nil {
		return err
	}

	if err := t.client.PutProviderTags(ctx, openAI.Name, integrations.Tag{Key: "team", Value: "docs"}); err != nil {
		return err
	}
	if err := t.client.SaveModel(ctx, openAI.Name, t.model("gpt-4o-mini", "GPT-4o mini model")); err != nil {
		return err
	}
	// SaveProvider leaves models and tags alone, but replaces the configuration,
	// so the secret goes along again.
	sendGrid.Enabled = integrations.Bool(false)
	sendGrid.APIs, sendGrid.Tags = nil, nil
	if err := t.client.SaveProvider(ctx, sendGrid); err != nil {
		return err
	}
	return t.show(ctx, "Added a tag and a model, and disabled "+sendGrid.Name+":")
}

// remove deletes what the tour saved.
func (t *tour) remove(ctx context.Context) error {
	var errs []error
	for _, name := range t.names() {
		found, err := t.find(ctx, name)
		if err == nil && found {
			err = t.client.DeleteProvider(ctx, name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s was not removed: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// find reports whether the server has an integration of that name. It fails if
// the integration is somebody else's: if the program did not save it, or if it
// has been enabled since.
func (t *tour) find(ctx context.Context, name string) (bool, error) {
	p, err := t.client.GetProvider(ctx, name)
	switch {
	case errors.Is(err, integrations.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case p.Enabled && !t.enabled, !t.saved && !slices.Contains(p.Tags, ownTag):
		return false, fmt.Errorf("the cluster has a %s that is not this program's", name)
	}
	return true, nil
}

// names are the names of what the tour saves.
func (t *tour) names() []string { return []string{t.openAI().Name, t.sendGrid().Name} }

func (t *tour) openAI() integrations.Integration {
	return integrations.Integration{
		Name:          t.prefix + "open-ai-test",
		Type:          integrations.TypeOpenAI,
		Category:      integrations.CategoryAIModel,
		Description:   "OpenAI integration for LLM tasks",
		Enabled:       integrations.Bool(t.enabled),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-..."},
		Tags:          t.tags,
		APIs:          []integrations.IntegrationAPI{t.model("gpt-4o", "GPT-4o model")},
	}
}

func (t *tour) model(name, description string) integrations.IntegrationAPI {
	return integrations.IntegrationAPI{API: name, Description: description, Enabled: integrations.Bool(t.enabled)}
}

func (t *tour) sendGrid() integrations.Integration {
	return integrations.Integration{
		Name:          t.prefix + "sendgrid-test",
		Type:          integrations.TypeSendGrid,
		Category:      integrations.CategoryEmail,
		Description:   "SendGrid integration for email tasks",
		Enabled:       integrations.Bool(t.enabled),
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG...."},
		Tags:          t.tags,
		APIs:          []integrations.IntegrationAPI{}, // none: an e-mail provider has no models
	}
}

// showRefusal saves a batch full of mistakes, and prints what the client says.
func (t *tour) showRefusal(ctx context.Context) error {
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

func (t *tour) mistakes() []integrations.Integration {
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

// show lists the tour's integrations with their models, the disabled ones too.
func (t *tour) show(ctx context.Context, title string) error {
	list, err := t.client.ListIntegrations(ctx, integrations.IncludeInactive())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "\n%s\n", title)
	list = slices.DeleteFunc(list, func(p integrations.Provider) bool { return !slices.Contains(t.names(), p.Name) })
	if len(list) == 0 {
		fmt.Fprintln(t.out, "  none")
		return nil
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  NAME\tTYPE\tENABLED\tTAGS\tMODELS")
	for _, p := range list {
		fmt.Fprintf(table, "  %s\t%s\t%t\t%s\t%s\n", p.Name, p.Type, p.Enabled, tagList(p.Tags), modelList(p.APIs))
	}
	return table.Flush()
}

func modelList(models []integrations.Model) string {
	var names []string
	for _, m := range models {
		names = append(names, m.API)
	}
	return join(names)
}

// tagList leaves out the program's own mark.
func tagList(tags []integrations.Tag) string {
	var pairs []string
	for _, tag := range tags {
		if tag != ownTag {
			pairs = append(pairs, tag.Key+"="+tag.Value)
		}
	}
	return join(pairs)
}

func join(texts []string) string {
	if len(texts) == 0 {
		return "-"
	}
	return strings.Join(texts, ", ")
}
