package integrations_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// exampleServer returns a server that has the integrations openai, with a model,
// and mail.
func exampleServer() *fake.Server {
	return fake.NewServer(fake.WithIntegrations(
		integrations.Integration{
			Name: "openai", Type: integrations.TypeOpenAI,
			Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-123"},
			APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
		},
		integrations.Integration{
			Name: "mail", Type: integrations.TypeSendGrid,
			Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.123"},
		},
	))
}

// One request returns the integrations with their models.
func ExampleClient_ListIntegrations() {
	srv := exampleServer()
	defer srv.Close()

	list, err := srv.Client().ListIntegrations(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range list {
		fmt.Println(p.Name, p.Type)
		for _, m := range p.APIs {
			fmt.Println("  model", m.API, m.Enabled)
		}
	}
	// Output:
	// mail sendgrid
	// openai openai
	//   model gpt-4o true
}

// A Ref names a model of an integration, or an integration without models.
func ExampleClient_ListRefs() {
	srv := exampleServer()
	defer srv.Close()

	refs, err := srv.Client().ListRefs(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, ref := range refs {
		fmt.Printf("%s: integration %q, model %q\n", ref, ref.Provider, ref.Model)
	}
	// Output:
	// mail: integration "mail", model ""
	// openai:gpt-4o: integration "openai", model "gpt-4o"
}

func ExampleClient_GetProvider() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	p, err := client.GetProvider(ctx, "openai")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Name, p.Category, p.Enabled, p.ModelsCount)

	_, err = client.GetProvider(ctx, "opnai")
	fmt.Println(errors.Is(err, integrations.ErrNotFound))
	fmt.Println(err)
	// Output:
	// openai AI_MODEL true 1
	// true
	// integrations: GetProvider: status 404 Not Found: No such integration: opnai; there is no integration "opnai"
}

// SaveProvider replaces the configuration of one integration, and leaves its
// models and tags alone. A secret that the call leaves out would be wiped.
func ExampleClient_SaveProvider() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	err := client.SaveProvider(ctx, integrations.Integration{
		Name:        "openai",
		Type:        integrations.TypeOpenAI,
		Description: "switched off for the audit",
		Enabled:     integrations.Bool(false),
		Configuration: integrations.Configuration{
			integrations.KeyAPIKey:   "sk-123",
			integrations.KeyEndpoint: "https://eu.api.openai.com",
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := client.GetProvider(ctx, "openai")
	fmt.Println(p.Enabled, p.Configuration[integrations.KeyEndpoint], p.ModelsCount, err)
	// Output: false https://eu.api.openai.com 1 <nil>
}

// DeleteProvider removes an integration with its models. The removal of a missing
// integration is ErrNotFound.
func ExampleClient_DeleteProvider() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	fmt.Println(client.DeleteProvider(ctx, "openai"))
	fmt.Println(errors.Is(client.DeleteProvider(ctx, "openai"), integrations.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleRef() {
	var ref integrations.Ref
	if err := ref.UnmarshalText([]byte("ollama:mistral:latest")); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q %q\n", ref.Provider, ref.Model)
	// Output: "ollama" "mistral:latest"
}
