// Command list lists integrations with the client.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/seed4e9a5e42/integrations"
)

func main() {
	client, err := integrations.NewClientFromEnv()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	list, err := client.ListProviders(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, i := range list {
		fmt.Println(i.Name, i.Type, i.ModelsCount)
	}
}
