package integrations_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

func TestValidateFindsDuplicatesAmongManyModels(t *testing.T) {
	t.Parallel()
	item := openAI()
	for n := range 50_000 {
		item.APIs = append(item.APIs, in.IntegrationAPI{API: fmt.Sprint("m", n), Description: "d"})
	}
	item.APIs = append(item.APIs, item.APIs[7], item.APIs[0])
	requireProblems(t, in.Validate([]in.Integration{item}),
		problem{0, "apis[50001].api", in.ErrDuplicate, "is the same as apis[7].api"},
		problem{0, "apis[50002].api", in.ErrDuplicate, "is the same as apis[0].api"},
	)
}

func TestValidateReportsTheWholeBatchInOrder(t *testing.T) {
	t.Parallel()
	items := []in.Integration{
		openAI(),
		openAI(func(i *in.Integration) { i.Name, i.Type = "second", "opnai" }),
		openAI(func(i *in.Integration) { i.Configuration = nil }),
		openAI(func(i *in.Integration) { i.Name = "fourth" }),
		openAI(func(i *in.Integration) { i.Name, i.APIs = "fifth", []in.IntegrationAPI{} }),
	}
	err := in.Validate(items)
	requireProblems(t, err,
		problem{1, "type", in.ErrUnknownType, "did you mean openai?"},
		problem{2, "name", in.ErrDuplicate, "is the name of integration 0 too"},
		problem{2, "configuration.api_key", in.ErrMissing, ""},
		problem{4, "apis", in.ErrMissing, ""},
	)
	require.Equal(t, `integrations: nothing was sent, problems in the batch: 4
	integration 1 "second": type: opnai is not a known type, did you mean openai?
	integration 2 "main": name: is the name of integration 0 too
	integration 2 "main": configuration.api_key: is required for type openai
	integration 4 "fifth": apis: must have at least one model, index or table in category AI_MODEL`, err.Error())
	require.NotErrorIs(t, err, in.ErrMaskedSecret)
}

// Every row of the page validates with just its required keys. If a required key is
// left out, the problem names the key.
func TestValidateEveryRow(t *testing.T) {
	t.Parallel()
	for _, row := range pageRows(t) {
		full := minimal(row.typ)
		requireProblems(t, in.Validate([]in.Integration{full}))
		for _, key := range row.rules.Required {
			spoilt := minimal(row.typ)
			delete(spoilt.Configuration, key)
			var invalid *in.ValidationError
			require.ErrorAs(t, in.Validate([]in.Integration{spoilt}), &invalid, "%s without %s", row.typ, key)
			require.Equal(t, "configuration."+string(key), invalid.Problems[0].Field)
		}
		extra := minimal(row.typ)
		for _, key := range slices.Concat(row.rules.Optional, keyList("authUrl, oAuth2AuthCode, oAuth2Scope, oAuth2Provider, oAuth2AccessToken")) {
			extra.Configuration[key] = "v"
		}
		requireProblems(t, in.Validate([]in.Integration{extra}))
	}
}

// Keys that print alike leave the text the same from run to run, and text that is
// not UTF-8 is told in the same round as everything else.
func TestValidateIsDeterministic(t *testing.T) {
	t.Parallel()
	batch := []in.Integration{openAI(), with(in.TypeGit, in.Configuration{"api key": 1, "zzz zzz": 2, "api/key": 3, "us/er": 4})}
	batch[0].Description = "\xff"
	batch[1].Name = "git"
	batch[1].Tags = []in.Tag{{Key: "k", Value: "\xff"}}
	first := in.Validate(batch).Error()
	require.Contains(t, first, `integration 0 "main": description: is not valid UTF-8`)
	require.Contains(t, first, `integration 1 "git": tags[0].value: is not valid UTF-8`)
	for range 50 {
		require.EqualError(t, in.Validate(batch), first)
	}
}

func TestValidateOptions(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, in.Validate(nil, nil), "save option 0 is nil")
	require.ErrorContains(t, in.Validate(nil, in.WithValidation(in.Off), in.WithValidation(7)), "unknown validation mode 7")
	require.NoError(t, in.Validate(nil))
}

// A batch of any shape is checked without a panic. Its problems are complete and
// in order. A text that passes arrives as it is.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(`[{"name":"a","type":"openai","configuration":{"apiKey":"k","api_key":"xxx"},"apis":[{"api":"m"}]}]`), "text", 0)
	f.Add([]byte(`[{"type":"aws","configuration":{"connectionType":"ACCESS_KEY"}},{"tags":[{}]}]`), "\xff", 1)
	f.Add([]byte(`[{"type":"kafka_msk","configuration":{"mode":"A","hots":"${H}"}},{"apis":[{"configuration":{"a":7}}]}]`), "\ufffd", 2)
	defs := in.WithDefinitions(mskDefinition(in.DefinitionField{Key: "hosts", DependsOn: []in.DefinitionField{{Key: "mode", Value: "A"}}}))
	f.Fuzz(func(t *testing.T, body []byte, text string, mode int) {
		var items []in.Integration
		if json.Unmarshal(body, &items) != nil || len(items) == 0 {
			return
		}
		items[0].Description = text
		if items[0].Configuration != nil {
			items[0].Configuration[in.ConfigKey(text)] = []string{text}
		}
		err := in.Validate(items, in.WithValidation(in.ValidationMode(mode)), defs)
		var invalid *in.ValidationError
		if errors.As(err, &invalid) {
			requireInOrder(t, items, invalid.Problems)
		}
		if err == nil {
			var got []in.Integration
			encoded, err := json.Marshal(items)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(encoded, &got))
			require.Equal(t, text, got[0].Description)
		}
	})
}

func requireInOrder(t *testing.T, items []in.Integration, problems []in.Problem) {
	t.Helper()
	require.NotEmpty(t, problems)
	for n, p := range problems {
		require.Equal(t, items[p.Index].Name, p.Name)
		require.NotNil(t, p.Err)
		require.NotEmpty(t, p.Field)
		require.NotEmpty(t, p.Reason)
		if n > 0 {
			require.LessOrEqual(t, problems[n-1].Index, p.Index)
		}
	}
}
