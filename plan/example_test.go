package plan_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// cluster returns a server that has an integration of the owner payments.
func cluster() *fake.Server {
	return fake.NewServer(
		fake.WithClock(func() time.Time { return time.Date(2026, 3, 12, 9, 14, 0, 0, time.UTC) }),
		fake.WithIntegrations(integrations.Integration{
			Name: "openai", Type: integrations.TypeOpenAI,
			Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-1", integrations.KeyEndpoint: "https://api.openai.com"},
			Tags:          []integrations.Tag{{Key: "iac-owner", Value: "payments"}},
			APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
		}))
}

// desired returns what the file says.
func desired() []integrations.Integration {
	return []integrations.Integration{{
		Name: "openai", Type: integrations.TypeOpenAI,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-1", integrations.KeyEndpoint: "https://eu.api.openai.com"},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
	}, {
		Name: "mail", Type: integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.1"},
	}}
}

// A plan prints what would change.
func ExampleNew() {
	server := cluster()
	defer server.Close()

	p, err := plan.New(context.Background(), server.Client(), desired(), plan.Owner("payments"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p)
	// Output:
	// http://fake/api, owner payments
	// 1 to create, 1 to update, 0 to delete, 0 unchanged
	//
	// + mail  sendgrid
	//     + configuration.api_key      (secret)
	// ~ openai  openai                 saved 2026-03-12 09:14 UTC by "user@example.com"
	//     ~ configuration.endpoint     "https://api.openai.com" -> "https://eu.api.openai.com"
	// ? openai: configuration.api_key is masked by the server: not compared
	// digest 82d21ae2951e0cfc4b164a4cf5cc403f3c1520d5df536676c12e63f54fc76a18
}

// Apply saves all changes in one request. A second plan is then empty.
func ExamplePlan_Apply() {
	server := cluster()
	defer server.Close()
	ctx, client := context.Background(), server.Client()

	p, err := plan.New(ctx, client, desired(), plan.Owner("payments"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := p.Apply(ctx); err != nil {
		fmt.Println(err)
		return
	}
	p, err = plan.New(ctx, client, desired(), plan.Owner("payments"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("no drift:", p.Empty())
	// Output: no drift: true
}

// A program makes sure at its start that the cluster has what the program needs.
func ExampleEnsure() {
	server := cluster()
	defer server.Close()

	if err := plan.Ensure(context.Background(), server.Client(), desired(), plan.Owner("payments")); err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range server.Integrations() {
		fmt.Println(item.Name, item.Tags)
	}
	// Output:
	// mail [{iac-owner payments}]
	// openai [{iac-owner payments}]
}

// Export returns what the cluster has, with a placeholder for every secret.
func ExampleExport() {
	server := cluster()
	defer server.Close()

	items, err := plan.Export(context.Background(), server.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range items {
		fmt.Println(item.Name, item.Configuration[integrations.KeyAPIKey], item.Configuration[integrations.KeyEndpoint])
	}
	// Output: openai <OPENAI_API_KEY> https://api.openai.com
}
