// Package service is a small consumer of the SDK: a service that makes sure its
// AI providers exist as it starts. It shows how little its tests need: the fake
// instead of a mock, and no interface made up for testing.
//
// It is a package and no program, so there is nothing to run but its tests:
//
//	go test -v ./examples/service
package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed4e9a5e42/integrations"
)

// The providers that the service works with.
const (
	OpenAI    = "service-openai"
	Anthropic = "service-anthropic"
)

// ErrNotReady says that a provider is missing or has been switched off.
var ErrNotReady = errors.New("service: provider is not active")

// Keys are the providers' API keys. They are handed on and not kept.
type Keys struct{ OpenAI, Anthropic string }

// Service answers with the help of its AI providers.
type Service struct {
	client *integrations.Client
}

// New makes a Service. Start comes next.
func New(client *integrations.Client) *Service { return &Service{client: client} }

// Start makes sure that the providers exist and are active. A save is an upsert,
// so it does not ask first what is there, and may be called again at any time.
func (s *Service) Start(ctx context.Context, keys Keys) error {
	err := s.client.SaveAll(ctx, providers(keys))
	switch {
	case errors.Is(err, integrations.ErrForbidden):
		return fmt.Errorf("service: the application needs update permission on %s and %s: %w", OpenAI, Anthropic, err)
	case err != nil:
		return fmt.Errorf("service: providers were not saved: %w", err)
	}
	return s.Ready(ctx)
}

// Ready returns nil while every provider is active.
func (s *Service) Ready(ctx context.Context) error {
	listed, err := s.client.ListProviders(ctx, integrations.InCategory(integrations.CategoryAIModel))
	if err != nil {
		return fmt.Errorf("service: providers were not listed: %w", err)
	}
	active := make(map[string]bool, len(listed))
	for _, p := range listed {
		active[p.Name] = true
	}
	for _, name := range []string{OpenAI, Anthropic} {
		if !active[name] {
			return fmt.Errorf("%w: %s", ErrNotReady, name)
		}
	}
	return nil
}

// providers leaves Enabled out: whether they are switched on is for whoever
// looks after the cluster, and not for every start of the service, to say.
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
