package plan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

func TestRequestsOfARun(t *testing.T) {
	t.Parallel()
	read, save, remove := in.OpListIntegrations, in.OpSaveAll, in.OpDeleteProvider
	named := func(name string) in.Integration { return openAI(func(i *in.Integration) { i.Name = name }, owned("a")) }
	file := func(names ...string) (items []in.Integration) {
		for _, name := range names {
			items = append(items, openAI(func(i *in.Integration) { i.Name = name }))
		}
		return items
	}
	clear := fake.Behaviour{ClearSecrets: true}
	for _, row := range []struct {
		name    string
		masks   fake.Behaviour
		live    []in.Integration
		desired []in.Integration
		opts    []plan.Option
		want    []in.Op
	}{
		{"nothing changed", clear, list(named("x")), file("x"), []plan.Option{plan.RewriteSecrets()}, []in.Op{read}},
		{"nothing changed that can be compared", fake.Behaviour{}, list(named("x")), file("x"), nil, []in.Op{read}},
		{"masked secrets are rewritten", fake.Behaviour{}, list(named("x")), file("x"), []plan.Option{plan.RewriteSecrets()}, []in.Op{read, save}},
		{"changes", clear, nil, file("x", "y", "z"), []plan.Option{plan.Owner("a")}, []in.Op{read, save}},
		{"deletes alone", clear, list(named("x"), named("y"), named("z")), file("x"),
			[]plan.Option{plan.Owner("a"), plan.Prune(2)}, []in.Op{read, read, remove, remove}},
		{"changes and deletes", clear, list(named("y")), file("x"),
			[]plan.Option{plan.Owner("a"), plan.Prune(1)}, []in.Op{read, save, read, remove}},
		{"too many deletes", clear, list(named("y"), named("z")), file("x"),
			[]plan.Option{plan.Owner("a"), plan.Prune(1)}, []in.Op{read}},
		{"a conflict", clear, list(named("x")), file("x", "y"), []plan.Option{plan.Owner("b")}, []in.Op{read}},
		{"an invalid file", clear, nil, file("x", "x"), nil, nil},
		{"an empty file with Prune", clear, list(named("x")), nil, []plan.Option{plan.Owner("a"), plan.Prune(9)}, nil},
		{"an empty file", clear, list(named("x")), nil, []plan.Option{plan.Owner("a")}, []in.Op{read}},
		{"only creates", clear, list(named("x")), list(openAI(func(i *in.Integration) { i.Name, i.Type = "x", in.TypeGrok })),
			[]plan.Option{plan.Owner("b"), plan.CreateOnly()}, []in.Op{read}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, row.live, fake.WithBehaviour(row.masks))
			p, err := plan.New(t.Context(), s.Client(), row.desired, append(row.opts, anyFile)...)
			if err == nil {
				_ = p.Apply(t.Context())
			}
			require.Equal(t, row.want, ops(s))
		})
	}
}

func TestTheListingIncludesInactiveIntegrations(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(func(i *in.Integration) { i.Enabled = in.Bool(false) })))
	require.Equal(t, "update openai", names(newPlan(t, s.Client(), list(openAI())).Changes()))
}

func TestASecondApplyIsRefused(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	p := newPlan(t, s.Client(), list(openAI()))
	require.NoError(t, p.Apply(t.Context()))
	require.ErrorIs(t, p.Apply(t.Context()), plan.ErrApplied)
	require.Len(t, s.Requests(in.OpSaveAll), 1)
}

func TestAPlanKeepsACopyOfTheFile(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	scopes := []string{"a", "b"}
	item := openAI(set("scopes", scopes))
	p := newPlan(t, s.Client(), list(item))
	item.Configuration[in.KeyEndpoint], *item.Enabled, item.APIs[0].API, item.Tags[0].Key = "https://evil", false, "other", "other"
	item.APIs[0].Configuration[in.KeyEndpoint], *item.APIs[0].Enabled, scopes[0] = "https://evil", true, "other"
	require.NoError(t, p.Apply(t.Context()))
	s.AssertSaved(t, openAI(set("scopes", []string{"a", "b"})))
}

func TestAnUpdateSendsBackWhatTheFileLeavesOut(t *testing.T) {
	t.Parallel()
	live := openAI(owned("web"), func(i *in.Integration) {
		i.Enabled = in.Bool(false)
		i.APIs = append(i.APIs, in.IntegrationAPI{API: "gpt-3.5", Description: "old", Enabled: in.Bool(false)})
	})
	want := in.Integration{
		Name: "openai", Type: in.TypeOpenAI,
		Configuration: in.Configuration{in.KeyAPIKey: "sk-2", in.KeyEndpoint: "https://api.openai.com"},
		APIs:          []in.IntegrationAPI{{API: "gpt-4o"}},
	}
	for name, apis := range map[string][]in.IntegrationAPI{"with models": want.APIs, "without models": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server(t, list(live), clearSecrets)
			item := want
			item.APIs = apis
			require.NoError(t, newPlan(t, s.Client(), list(item)).Apply(t.Context()))
			saved := live
			saved.Configuration = want.Configuration
			s.AssertSaved(t, saved)
			body := sent(t, s)[0]
			require.Equal(t, in.Bool(false), body.Enabled, "a server may take an absent switch for true")
			require.Len(t, body.APIs, 2)
			for _, api := range body.APIs {
				require.Equal(t, in.Bool(false), api.Enabled)
				require.Equal(t, api.API == "gpt-4o", api.Configuration != nil)
			}
		})
	}
}

func TestAnUpdateKeepsIgnoredValuesAndProjectNames(t *testing.T) {
	t.Parallel()
	live := openAI(set(in.KeyEndpoint, "https://live"), set(in.KeyNamespace, "xxxxx"), set(in.KeyOAuth2RedirectURI, "https://back"))
	want := openAI(set(in.KeyAPIKey, "sk-2"), set(in.KeyNamespace, "file"), set(in.KeyVersion, "file"))
	s := server(t, list(live), clearSecrets)
	p := newPlan(t, s.Client(), list(want), plan.Ignore("configuration.endpoint"),
		plan.Ignore("configuration.namespace"), plan.Ignore("configuration.version"))
	require.Equal(t, []string{"~ configuration.api_key secret"}, lines(p.Changes()[0].Fields))
	require.NoError(t, p.Apply(t.Context()))
	s.AssertSaved(t, openAI(set(in.KeyAPIKey, "sk-2"), set(in.KeyEndpoint, "https://live"), set(in.KeyNamespace, "file"),
		set(in.KeyVersion, "file"), set(in.KeyOAuth2RedirectURI, "https://back")))
}

// The values that the server sets are not compared, so an update may not add them.
func TestAnUpdateAddsNoValueThatTheServerSets(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	want := openAI(set(in.KeyOAuth2RedirectURI, "https://evil"), set(in.KeyOAuth2RefreshToken, "t"), func(i *in.Integration) {
		i.Description = "talk"
		i.APIs[0].Configuration[in.KeyOAuth2RefreshToken] = "t"
	})
	p := newPlan(t, s.Client(), list(want))
	require.Equal(t, []string{"~ description old=chat new=talk"}, lines(p.Changes()[0].Fields))
	require.Contains(t, p.Notes(), "openai: apis[gpt-4o].configuration.oAuth2RefreshToken is set by the server alone: an update does not send it")
	require.NoError(t, p.Apply(t.Context()))
	s.AssertSaved(t, openAI(func(i *in.Integration) { i.Description = "talk" }))
}

func TestAnUpdateSendsAMaskedRedirectAgain(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI(set(in.KeyOAuth2RedirectURI, "https://back"))))
	want := openAI(set(in.KeyOAuth2RedirectURI, "https://back"), func(i *in.Integration) { i.Description = "talk" })
	require.NoError(t, newPlan(t, s.Client(), list(want)).Apply(t.Context()))
	s.AssertSaved(t, want)
}

func TestAModelWithoutADescriptionGetsItsName(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	require.NoError(t, s.Client().SaveModel(t.Context(), "openai", in.IntegrationAPI{API: "bare"}, in.WithValidation(in.Off)))
	s.TakeRequests()
	require.True(t, newPlan(t, s.Client(), list(openAI())).Empty(), "a description alone is no change")
	p := newPlan(t, s.Client(), list(openAI(set(in.KeyAPIKey, "sk-2"))))
	require.Equal(t, []string{"~ configuration.api_key secret", "+ apis[bare].description new=bare"}, lines(p.Changes()[0].Fields))
	require.NoError(t, p.Apply(t.Context()))
	require.Equal(t, "bare", sent(t, s)[0].APIs[1].Description)
}

func TestAnUpdateSendsAConfigurationAndTagsThatAreEmpty(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), clearSecrets)
	want := openAI(func(i *in.Integration) { i.Configuration, i.Tags = nil, []in.Tag{} })
	require.NoError(t, newPlan(t, s.Client(), list(want)).Apply(t.Context()))
	var body []map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(s.Requests(in.OpSaveAll)[0].Body, &body))
	require.JSONEq(t, `{}`, string(body[0]["configuration"]))
	require.JSONEq(t, `[]`, string(body[0]["tags"]))
}

func TestWhatASaveWouldLoseIsAConflict(t *testing.T) {
	t.Parallel()
	maskedModel := openAI(func(i *in.Integration) { i.APIs[0].Configuration = in.Configuration{in.KeyAPIKey: "sk-model"} })
	unmanaged := func(i *in.Integration) { i.APIs[0].Configuration = nil }
	differs := set(in.KeyEndpoint, "https://eu")
	for _, row := range []struct {
		name string
		live in.Integration
		want func(*in.Integration)
		opts []plan.Option
		lost string
	}{
		{"masked OAuth tokens", openAI(set(in.KeyOAuth2RefreshToken, "t")), func(*in.Integration) {}, nil, "configuration.oAuth2RefreshToken"},
		{"a model's masked key", maskedModel, unmanaged, nil, "apis[gpt-4o].configuration.api_key"},
		{"a masked key of a model that the file lacks", maskedModel, func(i *in.Integration) { i.APIs = nil }, nil,
			"apis[gpt-4o].configuration.api_key"},
		{"an ignored key that the file lacks", openAI(), without(in.KeyAPIKey),
			[]plan.Option{plan.Ignore("configuration.api_key")}, "configuration.api_key"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, list(row.live))
			p := newPlan(t, s.Client(), list(openAI(row.want, differs)), row.opts...)
			require.Empty(t, p.Changes())
			conflicts := []plan.Conflict{{Name: "openai", Err: plan.ErrTokens,
				Reason: "configuration.endpoint differs, but a save would lose " + row.lost + ", which cannot be read back"}}
			require.Equal(t, conflicts, p.Conflicts())
			p = newPlan(t, s.Client(), list(openAI(row.want, differs)), append(row.opts, plan.RewriteSecrets())...)
			require.Equal(t, conflicts, p.Conflicts(), "what cannot be compared does not differ")

			quiet := newPlan(t, s.Client(), list(openAI(row.want)), append(row.opts, plan.RewriteSecrets())...)
			require.True(t, quiet.Empty(), quiet)
			if len(row.opts) == 0 {
				require.Equal(t, []string{"openai: configuration.api_key cannot be compared and is not saved again: " +
					"a save would lose " + row.lost + ", which cannot be read back"}, quiet.Notes())
			}
		})
	}
}

// SaveAll does not know every mask. A value of the file that is equal to the mask
// of the listing was copied from a listing.
func TestAMaskThatTheFileCopiesIsNeverSent(t *testing.T) {
	t.Parallel()
	for _, mask := range []any{"sk-***1", []string{"xxxxx"}} {
		s := server(t, list(openAI(set(in.KeyOrganizationID, mask))), clearSecrets)
		copied := openAI(set(in.KeyOrganizationID, mask))
		require.True(t, newPlan(t, s.Client(), list(copied), plan.RewriteSecrets()).Empty())
		copied.Description = "other"
		p := newPlan(t, s.Client(), list(copied))
		require.Equal(t, []plan.Conflict{{Name: "openai", Err: plan.ErrTokens,
			Reason: "description differs, but a save would lose configuration.organizationId (the file has its mask), which cannot be read back"}}, p.Conflicts())
		require.ErrorIs(t, p.Apply(t.Context()), plan.ErrTokens)
		other := openAI(set(in.KeyOrganizationID, "of the file"))
		require.Equal(t, "update openai", names(newPlan(t, s.Client(), list(other), plan.RewriteSecrets()).Changes()))
	}
}

func TestOAuthTokensThatTheServerShowsAreAConflictToo(t *testing.T) {
	t.Parallel()
	for _, key := range []in.ConfigKey{in.KeyOAuth2RefreshToken, in.KeyOAuth2AuthCode, in.KeyOAuth2TokenExpiresAt, "oAuth2AccessToken", "oAuth2Other"} {
		s := server(t, list(openAI(set(key, "t"))), clearSecrets)
		want := openAI(set(in.KeyEndpoint, "https://eu"), set(key, "of the file"))
		require.ErrorIs(t, newPlan(t, s.Client(), list(want)).Apply(t.Context()), plan.ErrTokens, key)
	}
	for _, key := range []in.ConfigKey{in.KeyOAuth2RedirectURI, "oAuth2Scope", "oAuth2Provider"} {
		s := server(t, list(openAI(set(key, "live"))), clearSecrets)
		want := openAI(set(in.KeyEndpoint, "https://eu"), set(key, "of the file"))
		require.NoError(t, newPlan(t, s.Client(), list(want)).Apply(t.Context()))
		s.AssertSaved(t, openAI(set(in.KeyEndpoint, "https://eu"), set(key, "live")))
	}
}

func TestPlaceholdersAreNeverSent(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		"xxxxx", "***", "•••", " <KEY> ", "${KEY}", "sk-****abcd", "[redacted]", []string{"<KEY>"}, map[string]any{"key": "sk-●●●"},
	} {
		want := openAI(set(in.KeyAPIKey, value), func(i *in.Integration) {
			i.APIs[0].Configuration = in.Configuration{in.KeyEndpoint: "<MODEL>"}
		})
		for name, live := range map[string][]in.Integration{"create": nil, "update": list(openAI(set(in.KeyEndpoint, "other")))} {
			t.Run(fmt.Sprint(name, " ", value), func(t *testing.T) {
				t.Parallel()
				s := server(t, live)
				require.ErrorIs(t, plan.Ensure(t.Context(), s.Client(), list(want), anyFile), in.ErrMaskedSecret)
				err := newPlan(t, s.Client(), list(want)).Apply(t.Context())
				var invalid *in.ValidationError
				require.ErrorAs(t, err, &invalid)
				require.ErrorIs(t, err, in.ErrMaskedSecret)
				require.Len(t, invalid.Problems, 2)
				require.Equal(t, "apis[0].configuration.endpoint", invalid.Problems[0].Field)
				require.Equal(t, "configuration.api_key", invalid.Problems[1].Field)
				require.Empty(t, s.Requests(in.OpSaveAll))
			})
		}
	}
}

func TestAPlaceholderIsNotLookedAtWhereNothingIsSent(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()))
	require.NoError(t, newPlan(t, s.Client(), list(openAI(set(in.KeyAPIKey, "<KEY>")))).Apply(t.Context()))
	require.Empty(t, s.Requests(in.OpSaveAll))
}

func TestModelsThatTheServerDoesNotListAreUnknown(t *testing.T) {
	t.Parallel()
	s := server(t, list(openAI()), fake.WithBehaviour(fake.Behaviour{InactiveHidden: true, ClearSecrets: true}))
	p := newPlan(t, s.Client(), list(openAI()))
	require.True(t, p.Empty(), p)
	require.Equal(t, []string{
		"openai: model gpt-4o may be one of the models that are not listed: not compared",
		"openai: the server counts models that it does not list (1): they are not compared, and an update may remove them",
	}, p.Notes())
	p = newPlan(t, s.Client(), list(openAI()), plan.RewriteSecrets())
	require.Empty(t, p.Changes())
	require.Contains(t, p.Notes(), "openai: apis[gpt-4o] cannot be compared and is not saved again: a save may remove models that the server does not list")
	p = newPlan(t, s.Client(), list(openAI(set(in.KeyEndpoint, "https://eu"))), plan.RewriteSecrets())
	require.Equal(t, []string{"~ configuration.endpoint old=https://api.openai.com new=https://eu", "? apis[gpt-4o]"}, lines(p.Changes()[0].Fields))
}

func TestErrorsOfNew(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	_, err := plan.New(t.Context(), nil, list(openAI()))
	require.ErrorContains(t, err, "NewClient")
	s.FailNext(in.OpListIntegrations, fake.Fault{Status: http.StatusForbidden})
	_, err = plan.New(t.Context(), s.Client(), list(openAI()))
	require.ErrorIs(t, err, in.ErrForbidden)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = plan.New(ctx, s.Client(), list(openAI()))
	require.ErrorIs(t, err, context.Canceled)
	s.FailNext(in.OpListIntegrations, fake.Fault{RawBody: []byte(`[{"name":"a","type":"git"},{"name":"a","type":"git"}]`)})
	_, err = plan.New(t.Context(), s.Client(), list(openAI()))
	require.ErrorContains(t, err, "two integrations a")
}

func TestAReferenceThatIsLiveGoesBack(t *testing.T) {
	t.Parallel()
	reference := func(i *in.Integration) {
		i.APIs[0].Configuration = in.Configuration{in.KeyAPIKey: "${workflow.secrets.key}"}
	}
	s := server(t, list(openAI(reference)), clearSecrets)
	want := openAI(set(in.KeyAPIKey, "<KEY>"), set(in.KeyEndpoint, "https://eu"), func(i *in.Integration) { i.APIs[0].Configuration = nil })
	require.NoError(t, newPlan(t, s.Client(), list(want), plan.Ignore("configuration.api_key")).Apply(t.Context()))
	s.AssertSaved(t, openAI(reference, set(in.KeyEndpoint, "https://eu")))
}
