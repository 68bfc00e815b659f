package integrations_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// What every save of a client gets. The options of one call come after the
// client's.
func ExampleWithSaveDefaults() {
	srv := fake.NewServer(fake.WithUnknownTypes())
	defer srv.Close()
	client := srv.Client(integrations.WithSaveDefaults(integrations.WithValidation(integrations.Lenient)))

	items := []integrations.Integration{{Name: "events", Type: "kafka_msk"}}
	fmt.Println(client.SaveAll(context.Background(), items))
	fmt.Println(client.SaveAll(context.Background(), items, integrations.WithValidation(integrations.Strict)))
	// Output:
	// <nil>
	// integrations: nothing was sent, problems in the batch: 1
	// 	integration 0 "events": type: kafka_msk is not a known type
}

// Validate of a client knows the client's defaults, and sends nothing.
func ExampleClient_Validate() {
	srv := fake.NewServer()
	defer srv.Close()
	client := srv.Client(integrations.WithSaveDefaults(integrations.WithValidation(integrations.Lenient)))

	items := []integrations.Integration{{Name: "events", Type: "kafka_msk"}}
	fmt.Println(client.Validate(items))
	fmt.Println(integrations.Validate(items))
	fmt.Println("requests:", len(srv.Requests()))
	// Output:
	// <nil>
	// integrations: nothing was sent, problems in the batch: 1
	// 	integration 0 "events": type: kafka_msk is not a known type
	// requests: 0
}

// Retryable tells a failure that may pass from a failure that repeats. The
// client itself has retried before.
func ExampleRetryable() {
	srv := exampleServer()
	defer srv.Close()
	client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{MaxRetries: 0}))
	ctx := context.Background()

	srv.FailNext(integrations.OpGetProvider, fake.Fault{Status: http.StatusServiceUnavailable})
	_, err := client.GetProvider(ctx, "openai")
	fmt.Println(err)
	fmt.Println("again later:", integrations.Retryable(err))

	_, err = client.GetProvider(ctx, "opnai")
	fmt.Println("again later:", integrations.Retryable(err))
	// Output:
	// integrations: GetProvider: status 503 Service Unavailable
	// again later: true
	// again later: false
}
