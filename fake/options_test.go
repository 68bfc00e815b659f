package fake_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestReadOnly(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithReadOnly("theirs"), fake.WithReadOnly("others"), fake.WithIntegrations(mail("theirs")))
	w := dial(t, srv)
	for _, name := range []string{"theirs", "others"} {
		got := w.save(fmt.Sprintf(`[{"name": "mine", "type": "git"}, {"name": %q, "type": "sendgrid"}]`, name))
		require.Equal(t, 403, got.status)
		require.JSONEq(t, applicationError(403, fmt.Sprintf("no permission to update integration %q", name)), got.body)
	}
	srv.AssertSaved(t, mail("theirs"))
	require.Equal(t, 200, w.save(`[{"name": "mine", "type": "git"}]`).status)
	require.Equal(t, []string{"mine", "theirs"}, w.names(""))
}

func TestWithValidation(t *testing.T) {
	t.Parallel()
	const noKey = `{"name": "a", "type": "openai", "apis": [{"integrationName": "a", "api": "m", "description": "d"}]}`
	const oddKey = `{"name": "a", "type": "sendgrid", "configuration": {"api_key": "SG.key", "apikey": "canary-value"}}`
	const oddType = `{"name": "a", "type": "kafka_msk"}`
	const twice = `{"name": "a", "type": "git", "configuration": {"user": "u", "api_key": "k"}}`
	for _, c := range []struct {
		mode          integrations.ValidationMode
		batch         string
		path, message string // empty: accepted
	}{
		{integrations.Off, noKey, "", ""},
		{integrations.Off, oddKey, "", ""},
		{integrations.Off, oddType, "[0].type", "is not a known type"},
		{integrations.Lenient, noKey, "[0].configuration.api_key", "is required for type openai"},
		{integrations.Lenient, oddKey, "", ""},
		{integrations.Lenient, oddType, "[0].type", "is not a known type"},
		{integrations.Strict, noKey, "[0].configuration.api_key", "is required for type openai"},
		{integrations.Strict, oddKey, "[0].configuration.apikey", "is not a key of type sendgrid, did you mean api_key?"},
		{integrations.Strict, oddType, "[0].type", "is not a known type"},
		{integrations.Strict, twice + "," + twice, "[1].name", "is the name of integration 0 too"},
	} {
		srv := fake.Start(t, fake.WithValidation(c.mode))
		got := dial(t, srv).save("[" + c.batch + "]")
		if c.path == "" {
			require.Equal(t, 200, got.status, "%d %s: %s", c.mode, c.batch, got.body)
			continue
		}
		requireRefused(t, got, c.path, c.message)
		require.NotContains(t, got.body, "canary")
		require.Empty(t, srv.Integrations())
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]fake.Option{
		"fake: option 1 is nil":                            {fake.WithoutAuth(), nil},
		"fake: key pair has an empty half":                 {fake.WithKeySecret("id", "")},
		"fake: token is empty":                             {fake.WithToken("")},
		"fake: clock is nil":                               {fake.WithClock(nil)},
		"fake: token life is not positive":                 {fake.WithTokenTTL(0)},
		"fake: token life is not positive\ntoken is empty": {fake.WithTokenTTL(-1), fake.WithToken("")},
		"fake: integrations: unknown validation mode 7":    {fake.WithValidation(7)},
	} {
		run := runTest(func(t fake.T) { fake.Start(t, opts...) })
		require.Equal(t, []string{want}, run.errors)
		require.True(t, run.fatal)
		require.PanicsWithValue(t, want, func() { fake.NewServer(opts...) })
	}
	const want = "fake: Client: integrations: token is blank"
	run := runTest(func(t fake.T) { fake.Start(t).Client(integrations.WithToken("")) })
	require.Equal(t, []string{want}, run.errors)
	require.True(t, run.fatal)
	srv := fake.NewServer()
	defer srv.Close()
	require.PanicsWithValue(t, want, func() { srv.Client(integrations.WithToken("")) })
}
