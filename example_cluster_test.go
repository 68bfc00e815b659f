package integrations_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// crm is a type of integration that the reference page does not have.
var crm = integrations.Definition{
	Type: "acme_crm", Name: "Acme CRM", Category: "API", Enabled: true,
	Configuration: []integrations.DefinitionField{
		{Key: "tenant", Type: integrations.FieldTypeText},
		{Key: integrations.KeyAPIKey, Type: integrations.FieldTypePassword},
	},
}

// What the cluster defines, the validation accepts beside the reference page.
func ExampleWithDefinitions() {
	srv := fake.NewServer()
	defer srv.Close()
	srv.PutDefinitions(crm)
	ctx, client := context.Background(), srv.Client()

	defs, err := client.ListDefinitions(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	items := []integrations.Integration{{
		Name: "crm", Type: "acme_crm", Configuration: integrations.Configuration{integrations.KeyAPIKey: "key-1"},
	}}
	fmt.Println(integrations.Validate(items))
	fmt.Println(integrations.Validate(items, integrations.WithDefinitions(defs...)))
	items[0].Configuration["tenant"] = "acme"
	fmt.Println(client.SaveAll(ctx, items, integrations.WithDefinitions(defs...)))
	// Output:
	// integrations: nothing was sent, problems in the batch: 1
	// 	integration 0 "crm": type: acme_crm is not a known type
	// integrations: nothing was sent, problems in the batch: 1
	// 	integration 0 "crm": configuration.tenant: is required for type acme_crm
	// <nil>
}

// A definition says how a key is entered, and whether a save needs the key.
func ExampleClient_GetDefinition() {
	srv := fake.NewServer()
	defer srv.Close()

	def, err := srv.Client().GetDefinition(context.Background(), "amqp")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, field := range def.Configuration {
		if !field.Optional {
			fmt.Println(field.Key, field.Type)
		}
	}
	// Output:
	// protocol DROPDOWN
	// user TEXT
	// password PASSWORD
	// endpoint TEXT
	// port TEXT
	// namespace TEXT
}

func ExampleClient_RegisterDefinitions() {
	srv := fake.NewServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	if err := client.RegisterDefinitions(ctx, crm); err != nil {
		fmt.Println(err)
		return
	}
	def, err := client.GetDefinition(ctx, "acme_crm")
	fmt.Println(def.Name, def.Category, err)
	// Output: Acme CRM API <nil>
}

func ExampleClient_SaveTokenLimit() {
	srv := exampleServer()
	defer srv.Close()
	ctx, client := context.Background(), srv.Client()

	err := client.SaveTokenLimit(ctx, "openai", integrations.TokenLimit{
		MaxTokens: 1_000_000,
		Period:    integrations.LimitPeriodMonth,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	limit, err := client.GetTokenLimit(ctx, "openai")
	fmt.Println(limit.MaxTokens, limit.Period, err)
	// Output: 1000000 MONTH <nil>
}

func ExampleClient_ListTokenUsage() {
	srv := exampleServer()
	defer srv.Close()
	yesterday := integrations.Timestamp(time.Now().Add(-24 * time.Hour).UnixMilli())
	srv.PutTokenUsage(
		integrations.TokenUsage{IntegrationName: "openai", API: "gpt-4o", PromptTokens: 1200, CompletionTokens: 300, TotalTokens: 1500, PeriodStart: yesterday},
		integrations.TokenUsage{IntegrationName: "openai", API: "o3", TotalTokens: 7, PeriodStart: yesterday},
	)

	usage, err := srv.Client().ListTokenUsage(context.Background(), "openai",
		integrations.OfModel("gpt-4o"), integrations.WithinDays(7))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, u := range usage {
		fmt.Println(u.API, u.PromptTokens, "+", u.CompletionTokens, "=", u.TotalTokens)
	}
	// Output: gpt-4o 1200 + 300 = 1500
}

// RecordEvents is sent once: the server might count a repeated report twice.
func ExampleClient_RecordEvents() {
	srv := fake.NewServer()
	defer srv.Close()

	err := srv.Client().RecordEvents(context.Background(), "kafka", integrations.Event{
		ID:    "event-1",
		Event: "kafka:orders-kafka:orders",
		Type:  integrations.EventTypeReceive,
	})
	fmt.Println(err)
	for _, e := range srv.Events() {
		fmt.Println(e.ID, e.Type)
	}
	// Output:
	// <nil>
	// event-1 RECEIVE
}
