package integrations_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func Example() {
	srv := fake.NewServer() // in your program: integrations.NewClientFromEnv()
	defer srv.Close()
	client := srv.Client()

	err := client.SaveAll(context.Background(), []integrations.Integration{{
		Name:          "openai",
		Type:          integrations.TypeOpenAI,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "sk-123"},
		APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	providers, err := client.ListProviders(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range providers {
		fmt.Println(p.Name, p.Type, p.Category, p.ModelsCount)
	}
	// Output: openai openai AI_MODEL 1
}

func ExampleClient_SaveAll() {
	srv := fake.NewServer()
	defer srv.Close()
	client := srv.Client()

	mail := integrations.Integration{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.123"},
	}
	fmt.Println(client.SaveAll(context.Background(), []integrations.Integration{mail}))

	mail.Enabled = integrations.Bool(false)
	fmt.Println(client.SaveAll(context.Background(), []integrations.Integration{mail}))

	saved, _ := srv.Integration("mail")
	fmt.Println(*saved.Enabled)
	// Output:
	// <nil>
	// <nil>
	// false
}

// A batch with mistakes is not sent. The error has every mistake.
func ExampleClient_SaveAll_refused() {
	srv := fake.NewServer()
	defer srv.Close()

	err := srv.Client().SaveAll(context.Background(), []integrations.Integration{
		{Name: "mail", Type: "sendgird"},
		{Name: "bus", Type: integrations.TypeAMQP, Configuration: integrations.Configuration{
			"protocol": "mqtt", "userName": "u", "password": "xxxxx", "endpoint": "bus", "port": "5672", "namespace": "/",
		}},
	})
	var invalid *integrations.ValidationError
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Println(p)
		}
	}
	fmt.Println("requests:", len(srv.Requests()))
	// Output:
	// integration 0 "mail": type: sendgird is not a known type, did you mean sendgrid?
	// integration 1 "bus": configuration.protocol: must be one of amqp, amqps
	// integration 1 "bus": configuration.user: is required for type amqp
	// integration 1 "bus": configuration.password: is a mask or a placeholder: saving it would overwrite the secret
	// integration 1 "bus": configuration.userName: is not a key of type amqp
	// requests: 0
}

func ExampleClient_SaveAll_forbidden() {
	srv := fake.NewServer(fake.WithReadOnly("mail"))
	defer srv.Close()

	err := srv.Client().SaveAll(context.Background(), []integrations.Integration{{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.123"},
	}})
	var api *integrations.APIError
	if errors.Is(err, integrations.ErrForbidden) && errors.As(err, &api) {
		fmt.Println(api.StatusCode, api.Message)
	}
	// Output: 403 no permission to update integration "mail"
}

// A cluster may know a type, a key or a value that the reference page does not.
func ExampleClient_SaveAll_lenient() {
	srv := fake.NewServer(fake.WithUnknownTypes())
	defer srv.Close()

	items := []integrations.Integration{{Name: "events", Type: "kafka_msk", Configuration: integrations.Configuration{"region": "eu-west-1"}}}
	fmt.Println(srv.Client().SaveAll(context.Background(), items))
	fmt.Println(srv.Client().SaveAll(context.Background(), items, integrations.WithValidation(integrations.Lenient)))
	// Output:
	// integrations: nothing was sent, problems in the batch: 1
	// 	integration 0 "events": type: kafka_msk is not a known type
	// <nil>
}

func ExampleClient_ListProviders() {
	srv := fake.NewServer(fake.WithIntegrations(
		integrations.Integration{Name: "openai", Type: integrations.TypeOpenAI},
		integrations.Integration{Name: "mail", Type: integrations.TypeSendGrid},
		integrations.Integration{Name: "old mail", Type: integrations.TypeSendGrid, Enabled: integrations.Bool(false)},
	))
	defer srv.Close()
	client := srv.Client()

	for _, opts := range [][]integrations.ListOption{
		nil,
		{integrations.IncludeInactive()},
		{integrations.InCategory(integrations.CategoryEmail)},
	} {
		providers, err := client.ListProviders(context.Background(), opts...)
		if err != nil {
			fmt.Println(err)
			return
		}
		var names []string
		for _, p := range providers {
			names = append(names, p.Name)
		}
		fmt.Printf("%q\n", names)
	}
	// Output:
	// ["mail" "openai"]
	// ["mail" "old mail" "openai"]
	// ["mail"]
}

func ExampleWithKeySecret() {
	srv := fake.NewServer(fake.WithKeySecret("my-key", "my-secret"))
	defer srv.Close()

	client, err := integrations.NewClient(srv.URL(), integrations.WithKeySecret("my-key", "my-secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()
	for range 3 {
		if _, err := client.ListProviders(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("tokens:", len(srv.Requests(integrations.OpToken)))
	// Output: tokens: 1
}

// vault stands for wherever the tokens of an organisation come from.
type vault struct{ token string }

func (v *vault) Token(context.Context) (string, error) { return v.token, nil }

func ExampleWithTokenSource() {
	srv := fake.NewServer(fake.WithToken("second"))
	defer srv.Close()

	source := &vault{token: "first"}
	client := srv.Client(integrations.WithTokenSource(source))
	_, err := client.ListProviders(context.Background())
	fmt.Println(errors.Is(err, integrations.ErrUnauthorized))

	source.token = "second"
	_, err = client.ListProviders(context.Background())
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// The HTTP client is copied. It stays as it is for its other users.
func ExampleWithHTTPClient() {
	srv := fake.NewServer(fake.WithoutAuth())
	defer srv.Close()

	hc := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2},
	}
	defer hc.CloseIdleConnections()
	client, err := integrations.NewClient(srv.URL(), integrations.WithHTTPClient(hc))
	if err != nil {
		fmt.Println(err)
		return
	}
	providers, err := client.ListProviders(context.Background())
	fmt.Println(len(providers), err)
	// Output: 0 <nil>
}

func ExampleValidate() {
	err := integrations.Validate([]integrations.Integration{{
		Name:          "claude",
		Type:          integrations.TypeAnthropic,
		Configuration: integrations.Configuration{"apiKey": "sk-123", "endpoint": "https://api.anthropic.com/v1"},
		APIs:          []integrations.IntegrationAPI{{API: "claude-sonnet-4-6", Description: "Claude Sonnet"}},
	}})
	fmt.Println(err)
	// Output:
	// integrations: nothing was sent, problems in the batch: 2
	// 	integration 0 "claude": configuration.api_key: is required for type anthropic
	// 	integration 0 "claude": configuration.apiKey: is not a key of type anthropic, did you mean api_key?
}

func ExampleKeysFor() {
	rules, _ := integrations.KeysFor(integrations.TypeAWSSQS)
	fmt.Println(rules.Required, rules.Optional)
	fmt.Println(rules.Conditional["ACCESS_KEY"])
	// Output:
	// [connectionType region] [awsAccountId]
	// [user api_key]
}

func ExampleConfiguration() {
	config := integrations.Configuration{integrations.KeyAPIKey: "sk-123", integrations.KeyEndpoint: "https://api.openai.com"}
	fmt.Println(config)
	// Output: [api_key endpoint]
}
