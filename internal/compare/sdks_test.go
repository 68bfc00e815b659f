package compare

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/antihax/optional"
	"github.com/conductor-sdk/conductor-go/sdk/client"
	"github.com/conductor-sdk/conductor-go/sdk/model/integration"
	"github.com/conductor-sdk/conductor-go/sdk/settings"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/plan"
)

const (
	token     = "a-token"
	keyID     = "a-key-id"
	keySecret = "a-key-secret"
)

// sdk is what both can do, in the same words.
type sdk struct {
	list func(context.Context) (any, error)
	// save prepares the job, so that only the saving itself is timed.
	save func([]in.Integration) func(context.Context) error
	// ensure makes sure that integrations exist.
	ensure func([]in.Integration) func(context.Context) error
	// ensureFromList does the same after one list of all integrations.
	ensureFromList func([]in.Integration) func(context.Context) error
	remove         func([]in.Integration) func(context.Context) error
}

// setup is what an sdk is made from: by default it sends token, with keyPair it
// gets its tokens from the server. log takes what it logs.
type setup struct {
	url     string
	keyPair bool
	log     io.Writer
}

// sdks makes either one.
var sdks = []struct {
	name string
	make func(testing.TB, setup) sdk
}{{"official", official}, {"ours", ours}}

func ours(tb testing.TB, s setup) sdk {
	opts := []in.Option{
		in.WithToken(token),
		in.WithRetry(in.RetryPolicy{MaxRetries: 3, MinWait: time.Millisecond, MaxWait: time.Second}),
	}
	if s.keyPair {
		opts = append(opts, in.WithKeySecret(keyID, keySecret))
	}
	if s.log != nil {
		opts = append(opts, in.WithLogger(slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	}
	c, err := in.NewClient(s.url, opts...)
	require.NoError(tb, err)
	tb.Cleanup(c.CloseIdleConnections)
	ensure := func(items []in.Integration) func(context.Context) error {
		return func(ctx context.Context) error { return plan.Ensure(ctx, c, items) }
	}
	return sdk{
		list: func(ctx context.Context) (any, error) { return c.ListProviders(ctx) },
		save: func(items []in.Integration) func(context.Context) error {
			return func(ctx context.Context) error { return c.SaveAll(ctx, items) }
		},
		ensure:         ensure,
		ensureFromList: ensure, // it begins with a list in any case
		remove:         func(items []in.Integration) func(context.Context) error { return removeEach(items, c.DeleteProvider) },
	}
}

// staticToken is the official SDK's counterpart of WithToken.
type staticToken string

func (t staticToken) RefreshToken(*settings.HttpSettings, *http.Client) (string, error) {
	return string(t), nil
}

func official(tb testing.TB, s setup) sdk {
	if s.log != nil { // the official SDK logs to logrus, and everybody's logger is the same
		logrus.SetOutput(s.log)
		tb.Cleanup(func() { logrus.SetOutput(io.Discard) })
	}
	api := client.NewAPIClientWithTokenManager(nil, settings.NewHttpSettings(s.url), nil, staticToken(token))
	if s.keyPair {
		api = client.NewAPIClient(settings.NewAuthenticationSettings(keyID, keySecret), settings.NewHttpSettings(s.url))
	}
	c := client.NewIntegrationClient(api)
	return sdk{
		list: func(ctx context.Context) (any, error) {
			providers, _, err := c.GetIntegrationProviders(ctx, nil)
			return providers, err
		},
		save:   func(items []in.Integration) func(context.Context) error { return officialSave(c, items) },
		ensure: func(items []in.Integration) func(context.Context) error { return officialEnsure(c, items) },
		ensureFromList: func(items []in.Integration) func(context.Context) error {
			return officialEnsureFromList(c, items)
		},
		remove: func(items []in.Integration) func(context.Context) error {
			return removeEach(items, func(ctx context.Context, name string) error {
				_, err := c.DeleteIntegrationProvider(ctx, name)
				return err
			})
		},
	}
}

// officialSave saves items as the official SDK must: a call for each
// integration and a call for each model, one after the other.
func officialSave(c client.IntegrationClient, items []in.Integration) func(context.Context) error {
	updates := make([]integration.IntegrationUpdate, len(items))
	for i, item := range items {
		updates[i] = officialUpdate(item)
	}
	return func(ctx context.Context) error {
		for i, item := range items {
			if _, err := c.SaveIntegrationProvider(ctx, updates[i], item.Name); err != nil {
				return err
			}
			if err := officialSaveModels(ctx, c, item, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// officialSaveModels saves the models of item that are not there yet.
func officialSaveModels(ctx context.Context, c client.IntegrationClient, item in.Integration, there []integration.IntegrationApi) error {
	for _, api := range item.APIs {
		if slices.ContainsFunc(there, func(m integration.IntegrationApi) bool { return m.Api == api.API }) {
			continue
		}
		update := integration.IntegrationApiUpdate{Description: api.Description, Enabled: *api.Enabled}
		if _, err := c.SaveIntegrationApi(ctx, update, item.Name, api.API); err != nil {
			return err
		}
	}
	return nil
}

// officialEnsure asks for each integration and for its models, and saves what is
// missing.
func officialEnsure(c client.IntegrationClient, items []in.Integration) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, item := range items {
			if err := officialEnsureOne(ctx, c, item); err != nil {
				return err
			}
		}
		return nil
	}
}

func officialEnsureOne(ctx context.Context, c client.IntegrationClient, item in.Integration) error {
	_, reply, err := c.GetIntegrationProvider(ctx, item.Name)
	there := err == nil
	if reply != nil && reply.StatusCode == http.StatusNotFound {
		err = nil
	}
	if err != nil {
		return err
	}
	return officialAdd(ctx, c, item, there)
}

// officialEnsureFromList lists all integrations, asks for the models of each
// integration, and saves the missing integrations and models.
func officialEnsureFromList(c client.IntegrationClient, items []in.Integration) func(context.Context) error {
	return func(ctx context.Context) error {
		options := &client.GetIntegrationProvidersOpts{ActiveOnly: optional.NewBool(false)}
		list, _, err := c.GetIntegrationProviders(ctx, options)
		if err != nil {
			return err
		}
		for _, item := range items {
			there := slices.ContainsFunc(list, func(p integration.Integration) bool { return p.Name == item.Name })
			if err := officialAdd(ctx, c, item, there); err != nil {
				return err
			}
		}
		return nil
	}
}

// officialAdd saves the integration and the models of item that the server does not
// have. It asks for the models if the integration is there.
func officialAdd(ctx context.Context, c client.IntegrationClient, item in.Integration, there bool) error {
	var models []integration.IntegrationApi
	var err error
	if there {
		models, _, err = c.GetIntegrationApis(ctx, item.Name, optional.NewBool(false))
	} else {
		_, err = c.SaveIntegrationProvider(ctx, officialUpdate(item), item.Name)
	}
	if err != nil {
		return err
	}
	return officialSaveModels(ctx, c, item, models)
}

// removeEach removes one integration after the other: both SDKs must.
func removeEach(items []in.Integration, remove func(context.Context, string) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, item := range items {
			if err := remove(ctx, item.Name); err != nil {
				return err
			}
		}
		return nil
	}
}

// officialUpdate is item in the official SDK's type for a save.
func officialUpdate(item in.Integration) integration.IntegrationUpdate {
	configuration := map[integration.ConfigKey]any{}
	for key, value := range item.Configuration {
		configuration[integration.ConfigKey(key)] = value
	}
	return integration.IntegrationUpdate{
		Category:      string(item.Category),
		Configuration: configuration,
		Description:   item.Description,
		Enabled:       *item.Enabled,
		Type_:         string(item.Type),
	}
}
