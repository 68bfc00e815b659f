package plan_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/plan"
)

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	owner := plan.Owner("a")
	for _, row := range []struct {
		name string
		opts []plan.Option
		want string
	}{
		{"nil", []plan.Option{owner, nil}, "option 1 is nil"},
		{"an empty owner", []plan.Option{plan.Owner("")}, "owner name"},
		{"capitals", []plan.Option{plan.Owner("Payments")}, "owner name"},
		{"a space", []plan.Option{plan.Owner("a b")}, "owner name"},
		{"a line break", []plan.Option{plan.Owner("a\n")}, "owner name"},
		{"a long owner", []plan.Option{plan.Owner(strings.Repeat("a", 64))}, "owner name"},
		{"Adopt alone", []plan.Option{plan.Adopt()}, "Adopt needs Owner"},
		{"Prune alone", []plan.Option{plan.Prune(1)}, "Prune needs Owner"},
		{"a negative limit", []plan.Option{owner, plan.Prune(-1)}, "negative"},
		{"Adopt and Prune", []plan.Option{owner, plan.Adopt(), plan.Prune(1)}, "exclude each other"},
		{"CreateOnly and Prune", []plan.Option{owner, plan.CreateOnly(), plan.Prune(1)}, "exclude each other"},
		{"another field to ignore", []plan.Option{plan.Ignore("description")}, "configuration.KEY"},
		{"no key to ignore", []plan.Option{plan.Ignore("configuration. ")}, "configuration.KEY"},
		{"a nil save option", []plan.Option{plan.WithSaveOptions(nil)}, "save option 0 is nil"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, nil)
			p, err := plan.New(t.Context(), s.Client(), list(openAI()), row.opts...)
			require.ErrorContains(t, err, row.want)
			require.Nil(t, p)
			require.Empty(t, s.Requests())
		})
	}
}

func TestTheLongestOwnerIsTaken(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	_, err := plan.New(t.Context(), s.Client(), nil, plan.Owner("a.b-9"+strings.Repeat("a", 58)), plan.Prune(0), plan.Prune(0))
	require.ErrorContains(t, err, "desired is empty")
}

func TestTheFileIsValidated(t *testing.T) {
	t.Parallel()
	api := func(item in.Integration) in.Integration {
		item.APIs = append(item.APIs, item.APIs[0])
		return item
	}
	for _, row := range []struct {
		name  string
		items []in.Integration
		opts  []plan.Option
		want  []string // nil: it is valid
	}{
		{"valid", list(openAI()), nil, nil},
		{"masks and placeholders are allowed", list(openAI(set(in.KeyAPIKey, "<KEY>"))), nil, nil},
		{"an unknown key", list(openAI(set("apiKey", "k"))), nil, []string{"configuration.apiKey"}},
		{"an unknown key, leniently", list(openAI(set("apiKey", "k"))), []plan.Option{plan.WithSaveOptions(in.WithValidation(in.Lenient))}, nil},
		{"a missing key", list(openAI(without(in.KeyAPIKey))), nil, []string{"configuration.api_key"}},
		{"the owner tag", list(openAI(), openAI(owned("a"), func(i *in.Integration) { i.Name = "b" })), []plan.Option{anyFile}, []string{"tags[1].key"}},
		{"two of a name", list(openAI(), openAI()), nil, []string{"name"}},
		{"two of a name, unchecked", list(openAI(), openAI()), []plan.Option{anyFile}, []string{"name"}},
		{"two models of a name, unchecked", list(api(openAI())), []plan.Option{anyFile}, []string{"apis[1].api"}},
		{"two models of a name", list(api(openAI())), nil, []string{"apis[1].api"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := server(t, nil)
			_, err := plan.New(t.Context(), s.Client(), row.items, row.opts...)
			if row.want == nil {
				require.NoError(t, err)
				return
			}
			var invalid *in.ValidationError
			require.ErrorAs(t, err, &invalid)
			var fields []string
			for _, p := range invalid.Problems {
				fields = append(fields, p.Field)
			}
			require.Equal(t, row.want, fields)
			require.Empty(t, s.Requests())
		})
	}
}

func TestTheClientsOwnDefaultsValidateToo(t *testing.T) {
	t.Parallel()
	s := server(t, nil)
	c := s.Client(in.WithSaveDefaults(in.WithValidation(in.Lenient)))
	_, err := plan.New(t.Context(), c, list(openAI(set("apiKey", "k"))))
	require.NoError(t, err)
	_, err = plan.New(t.Context(), c, list(openAI(set("apiKey", "k"))), plan.WithSaveOptions(in.WithValidation(in.Strict)))
	require.ErrorIs(t, err, in.ErrUnknownKey)
}
