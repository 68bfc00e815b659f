// Command plan makes sure that an integration exists, and lists integrations with
// the client.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/plan"
)

func main() {
	client, err := integrations.NewClientFromEnv()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx := context.Background()
	err = plan.Ensure(ctx, client, []integrations.Integration{{
		Name: "mail", Type: integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: os.Getenv("SENDGRID_API_KEY")},
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	list, err := client.ListProviders(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, i := range list {
		fmt.Println(i.Name, i.Type, i.ModelsCount)
	}
}
