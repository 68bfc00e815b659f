package integrations_test

import (
	"context"
	"fmt"

	"github.com/seed4e9a5e42/integrations"
)

// A model that is not active any more stays in the list with IncludeInactive.
func ExampleClient_ListModels() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	for _, m := range []integrations.IntegrationAPI{
		{API: "gpt-4o", Description: "GPT-4o", Enabled: integrations.Bool(false)},
		{API: "gpt-4o-mini", Description: "GPT-4o mini"},
	} {
		if err := client.SaveModel(ctx, "openai", m); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, opts := range [][]integrations.ModelListOption{nil, {integrations.IncludeInactive()}} {
		models, err := client.ListModels(ctx, "openai", opts...)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, m := range models {
			fmt.Println(m.API, m.Enabled)
		}
		fmt.Println("--")
	}
	// Output:
	// gpt-4o-mini true
	// --
	// gpt-4o false
	// gpt-4o-mini true
	// --
}

// The names that the provider itself offers. They need not be saved as models.
func ExampleClient_ListAvailableModels() {
	srv := exampleServer()
	defer srv.Close()

	fmt.Println(srv.Client().ListAvailableModels(context.Background(), "openai"))
	// Output: [gpt-4o] <nil>
}

func ExampleClient_GetModel() {
	srv := exampleServer()
	defer srv.Close()

	m, err := srv.Client().GetModel(context.Background(), "openai", "gpt-4o")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.IntegrationName, m.API, m.Description, m.Enabled)
	// Output: openai gpt-4o GPT-4o true
}

func ExampleClient_SaveModel() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	fmt.Println(client.SaveModel(ctx, "openai", integrations.IntegrationAPI{API: "o3"}))
	fmt.Println(client.SaveModel(ctx, "openai", integrations.IntegrationAPI{API: "o3", Description: "For reasoning"}))
	p, err := client.GetProvider(ctx, "openai")
	fmt.Println(p.ModelsCount, err)
	// Output:
	// integrations: nothing was sent, problems in the batch: 1
	// 	integration 0 "openai": description: is required
	// <nil>
	// 2 <nil>
}

func ExampleClient_DeleteModel() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	fmt.Println(client.DeleteModel(ctx, "openai", "gpt-4o"))
	fmt.Println(client.ListModels(ctx, "openai"))
	// Output:
	// <nil>
	// [] <nil>
}

// Tags are pairs. Put adds pairs, Delete removes pairs, and a key can have
// several values.
func ExampleClient_PutProviderTags() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	docs := integrations.Tag{Key: "team", Value: "docs"}
	sales := integrations.Tag{Key: "team", Value: "sales"}
	fmt.Println(client.PutProviderTags(ctx, "openai", docs, sales))
	fmt.Println(client.DeleteProviderTags(ctx, "openai", docs))
	fmt.Println(client.ListProviderTags(ctx, "openai"))
	// Output:
	// <nil>
	// <nil>
	// [{team sales}] <nil>
}

// A model has tags of its own, beside the tags of its integration.
func ExampleClient_PutModelTags() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	cheap := integrations.Tag{Key: "price", Value: "low"}
	fmt.Println(client.PutModelTags(ctx, "openai", "gpt-4o", cheap))
	fmt.Println(client.ListModelTags(ctx, "openai", "gpt-4o"))
	fmt.Println(client.DeleteModelTags(ctx, "openai", "gpt-4o", cheap))
	fmt.Println(client.ListProviderTags(ctx, "openai"))
	// Output:
	// <nil>
	// [{price low}] <nil>
	// <nil>
	// [] <nil>
}

// A prompt must exist before it can be associated with a model.
func ExampleClient_AssociatePrompt() {
	srv := exampleServer()
	defer srv.Close()
	srv.PutPrompts(integrations.Prompt{Name: "greet", Template: "Greet ${name} in ${language}."})
	ctx, client := context.Background(), srv.Client()

	if err := client.AssociatePrompt(ctx, "openai", "gpt-4o", "greet"); err != nil {
		fmt.Println(err)
		return
	}
	prompts, err := client.ListPrompts(ctx, "openai", "gpt-4o")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range prompts {
		fmt.Println(p.Name, p.Variables, p.Integrations)
	}
	// Output: greet [name language] [openai:gpt-4o]
}
