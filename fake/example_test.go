package fake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// In a test, Start needs no Close: srv := fake.Start(t).
func Example() {
	srv := fake.NewServer()
	defer srv.Close()

	client := srv.Client()
	err := client.SaveAll(context.Background(), []integrations.Integration{{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.key"},
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
		fmt.Println(p.Name, p.Type, p.Category, p.Configuration[integrations.KeyAPIKey])
	}
	// Output: mail sendgrid EMAIL xxxxx
}

// In a test of code that saves integrations.
func ExampleStart() {
	var t fake.T = printer{} // in a test, its *testing.T
	want := integrations.Integration{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.key"},
	}

	srv := fake.Start(t)
	svc := New(srv.Client())
	if err := svc.SetUp(); err != nil {
		t.Fatalf("%v", err)
	}
	srv.AssertSaved(t, want)

	fmt.Println(len(srv.Requests()), "requests")
	srv.Close() // a test does so by itself
	// Output: 2 requests
}

// Service is the code under test.
type Service struct{ client *integrations.Client }

func New(client *integrations.Client) *Service { return &Service{client} }

func (s *Service) SetUp() error {
	return s.client.SaveAll(context.Background(), []integrations.Integration{{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.key"},
	}})
}

// printer stands in for a test.
type printer struct{}

func (printer) Helper()                           {}
func (printer) Cleanup(func())                    {}
func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (printer) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// Seeds are there before the code under test runs, and are not recorded.
func ExampleServer_Put() {
	born := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	srv := fake.NewServer(
		fake.WithUser("jo@example.com"),
		fake.WithClock(func() time.Time { return born }),
		fake.WithIntegrations(integrations.Integration{Name: "code", Type: integrations.TypeGit}),
	)
	defer srv.Close()
	srv.Put(integrations.Integration{Name: "old", Type: integrations.TypeSendGrid, Enabled: integrations.Bool(false)})

	providers, err := srv.Client().ListProviders(context.Background(), integrations.IncludeInactive())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range providers {
		fmt.Println(p.Name, p.Enabled, p.CreatedBy, p.CreateTime.Time().Format(time.DateTime))
	}
	// Output:
	// code true jo@example.com 2026-01-02 03:04:05
	// old false jo@example.com 2026-01-02 03:04:05
}

// Faults come in the order in which they were given.
func ExampleServer_FailNext() {
	srv := fake.NewServer()
	defer srv.Close()
	client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{MaxRetries: 3, MinWait: time.Millisecond}))

	srv.FailNext(integrations.OpListProviders,
		fake.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}},
		fake.Fault{Drop: true},
		fake.Fault{Status: http.StatusForbidden, Message: "not yours"},
	)
	_, err := client.ListProviders(context.Background())
	fmt.Println(errors.Is(err, integrations.ErrForbidden))
	for _, r := range srv.Requests(integrations.OpListProviders) {
		fmt.Println(r)
	}
	// Output:
	// true
	// ListProviders GET /api/integrations/provider?activeOnly=true: 429, faulted
	// ListProviders GET /api/integrations/provider?activeOnly=true: no reply, faulted
	// ListProviders GET /api/integrations/provider?activeOnly=true: 403, faulted
}

// A reply that is lost after the state has changed: the client tries again, and
// as a save is an upsert, nothing is there twice.
func ExampleFault() {
	srv := fake.NewServer()
	defer srv.Close()
	srv.FailNext(integrations.OpSaveAll, fake.Fault{Drop: true, AfterCommit: true})

	client := srv.Client(integrations.WithRetry(integrations.RetryPolicy{MaxRetries: 3, MinWait: time.Millisecond}))
	err := client.SaveAll(context.Background(), []integrations.Integration{{
		Name:          "mail",
		Type:          integrations.TypeSendGrid,
		Configuration: integrations.Configuration{integrations.KeyAPIKey: "SG.key"},
	}})
	fmt.Println(err, len(srv.Requests(integrations.OpSaveAll)), len(srv.Integrations()))
	// Output: <nil> 2 1
}

// Every request is recorded, the token exchange too. Printing one shows no
// token, key secret or configuration value.
func ExampleServer_Requests() {
	srv := fake.NewServer()
	defer srv.Close()
	client := srv.Client()
	_, _ = client.ListProviders(context.Background(), integrations.InCategory(integrations.CategoryGit))

	for _, r := range srv.TakeRequests() {
		fmt.Println(r)
	}
	fmt.Println(len(srv.Requests()))
	// Output:
	// Token POST /api/token: 200
	// ListProviders GET /api/integrations/provider?activeOnly=true&category=GIT: 200
	// 0
}

// Nobody outside the vendor knows whether a bulk save removes the models that it
// leaves out. A test can try both.
func ExampleWithBehaviour() {
	for _, keep := range []bool{false, true} {
		srv := fake.NewServer(fake.WithBehaviour(fake.Behaviour{KeepModels: keep}))
		defer srv.Close()
		ai := integrations.Integration{
			Name: "ai", Type: integrations.TypeOpenAI,
			APIs: []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
		}
		srv.Put(ai)
		ai.Configuration = integrations.Configuration{integrations.KeyAPIKey: "sk-..."}
		ai.APIs = []integrations.IntegrationAPI{{API: "gpt-5", Description: "GPT-5"}}
		client := srv.Client()
		if err := client.SaveAll(context.Background(), []integrations.Integration{ai}); err != nil {
			fmt.Println(err)
		}
		fmt.Println(client.ListAvailableModels(context.Background(), "ai"))
	}
	// Output:
	// [gpt-5] <nil>
	// [gpt-4o gpt-5] <nil>
}

// Any HTTP client reaches the fake without a socket.
func ExampleServer_Transport() {
	srv := fake.NewServer(fake.WithoutAuth(), fake.WithIntegrations(integrations.Integration{Name: "mail", Type: integrations.TypeSendGrid}))
	defer srv.Close()
	client := &http.Client{Transport: srv.Transport()}
	resp, err := client.Get("https://conductor.example.com/api/integrations/all")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(text), err)
	// Output: 200 OK ["mail"] <nil>
}
