package manifest_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

func ExampleRead() {
	const file = `
- name: openai
  type: openai
  configuration:
    api_key: ${OPENAI_API_KEY}
  apis:
    - api: gpt-4o
      description: GPT-4o for chats
`
	secrets := map[string]string{"OPENAI_API_KEY": "sk-..."}
	items, err := manifest.Read(strings.NewReader(file), manifest.WithLookup(func(name string) (string, bool) {
		value, ok := secrets[name]
		return value, ok
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(items[0].Name, items[0].Type, items[0].APIs[0].API)
	// Output: openai openai gpt-4o
}

// Every mistake comes back at once, with its line.
func ExampleRead_mistakes() {
	const file = `
- name: openai
  type: openai
  enabeld: true
  configuration:
    api_key: ${OPENAI_API_KEY}
  tags:
    - team
`
	unset := func(string) (string, bool) { return "", false }
	_, err := manifest.Read(strings.NewReader(file), manifest.WithLookup(unset))
	fmt.Println(err)
	// Output:
	// manifest: line 4: integration 0 "openai": enabeld: is not a field of an integration, did you mean enabled?
	// manifest: line 6: integration 0 "openai": configuration.api_key: needs the variable OPENAI_API_KEY, which is not set
	// manifest: line 8: integration 0 "openai": tags[0]: must be an object
}

func ExampleWrite() {
	items := []integrations.Integration{{
		Name: "orders",
		Type: integrations.TypeAMQP,
		Configuration: integrations.Configuration{
			integrations.KeyProtocol: "amqps",
			integrations.KeyUser:     "orders",
			integrations.KeyPassword: "<ORDERS_PASSWORD>",
			integrations.KeyEndpoint: "rabbit.example.com",
			integrations.KeyPort:     "5671",
		},
		Tags: []integrations.Tag{{Key: "team", Value: "payments"}},
	}}
	if err := manifest.Write(os.Stdout, items); err != nil {
		fmt.Println(err)
	}
	// Output:
	// - name: orders
	//   type: amqp
	//   configuration:
	//     protocol: amqps
	//     user: orders
	//     password: ${ORDERS_PASSWORD}
	//     endpoint: rabbit.example.com
	//     port: '5671'
	//   tags:
	//   - key: team
	//     value: payments
}
