// Package service is a small consumer of the SDK: a service that makes sure at
// its start that its AI models can be used. It shows how little its tests need:
// the fake in place of a mock, and no interface that exists for the tests alone.
//
// It is a package and no program. Its tests can be run:
//
//	go test -v ./examples/service
package service

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed4e9a5e42/integrations"
)

// The providers that the service works with.
const (
	OpenAI    = "service-openai"
	Anthropic = "service-anthropic"
)

// needed are the models that the service works with.
var needed = []integrations.Ref{
	{Provider: OpenAI, Model: "gpt-4o"},
	{Provider: Anthropic, Model: "claude-sonnet-4-6"},
}

// ErrNotReady says that a model is missing, or that somebody switched it or its
// provider off.
var ErrNotReady = errors.New("service: the model is not active")

// Keys are the API keys of the providers. The service does not keep them.
type Keys struct{ OpenAI, Anthropic string }

// Service answers with the help of its AI providers.
type Service struct {
	client *integrations.Client
}

// New makes a Service. Start comes next.
func New(client *integrations.Client) *Service { return &Service{client: client} }

// Start makes sure that the providers exist and that their models are active. A
// save creates or updates. Therefore Start asks for no list, and may be called
// again at any time.
func (s *Service) Start(ctx context.Context, keys Keys) error {
	err := s.client.SaveAll(ctx, providers(keys))
	switch {
	case errors.Is(err, integrations.ErrForbidden):
		return fmt.Errorf("service: the application needs update permission on %s and %s: %w", OpenAI, Anthropic, err)
	case err != nil:
		return fmt.Errorf("service: the providers were not saved: %w", err)
	}
	return s.Ready(ctx)
}

// Ready returns nil while every model can be used.
func (s *Service) Ready(ctx context.Context) error {
	active, err := s.client.ListRefs(ctx, integrations.InCategory(integrations.CategoryAIModel))
	if err != nil {
		return fmt.Errorf("service: the models were not listed: %w", err)
	}
	for _, model := range needed {
		if !slices.Contains(active, model) {
			return fmt.Errorf("%w: %s", ErrNotReady, model)
		}
	}
	return nil
}

// providers returns what Start saves. Enabled is nil: whoever looks after the
// cluster switches providers off and on, and a start of the service must not.
func providers(keys Keys) []integrations.Integration {
	return []integrations.Integration{
		{
			Name:          OpenAI,
			Type:          integrations.TypeOpenAI,
			Description:   "OpenAI for the service",
			Configuration: integrations.Configuration{integrations.KeyAPIKey: keys.OpenAI},
			APIs:          []integrations.IntegrationAPI{{API: "gpt-4o", Description: "Answers questions"}},
		},
		{
			Name:        Anthropic,
			Type:        integrations.TypeAnthropic,
			Description: "Anthropic for the service",
			Configuration: integrations.Configuration{
				integrations.KeyAPIKey:   keys.Anthropic,
				integrations.KeyEndpoint: "https://api.anthropic.com/v1",
			},
			APIs: []integrations.IntegrationAPI{{API: "claude-sonnet-4-6", Description: "Checks answers"}},
		},
	}
}
