package main

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

const exampleFile = "integrations.json"

// What the example file describes, filled.
var example = []integrations.Integration{
	{
		Name:          "openai",
		Type:          integrations.TypeOpenAI,
		Category:      integrations.CategoryAIModel,
		Description:   "OpenAI for the whole company",
		Enabled:       integrations.Bool(true),
		Configuration: integrations.Configuration{"api_key": "canary-openai"},
		Tags:          []integrations.Tag{{Key: "team", Value: "platform"}},
		APIs: []integrations.IntegrationAPI{
			{IntegrationName: "openai", API: "gpt-4o", Description: "GPT-4o model", Enabled: integrations.Bool(true)},
			{IntegrationName: "openai", API: "text-embedding-3-small", Description: "Embeddings", Enabled: integrations.Bool(true)},
		},
	},
	{
		Name:        "orders-queue",
		Type:        integrations.TypeAMQP,
		Category:    integrations.CategoryMessageBroker,
		Description: "Orders, not yet in use",
		Enabled:     integrations.Bool(false),
		Configuration: integrations.Configuration{
			"protocol":  "amqps",
			"endpoint":  "rabbit.canary-region.example.com",
			"port":      "5671",
			"namespace": "$default",
			"user":      "orders",
			"password":  "canary-rabbit",
		},
	},
	{
		Name:          "sendgrid",
		Type:          integrations.TypeSendGrid,
		Category:      integrations.CategoryEmail,
		Description:   "Mail to customers",
		Enabled:       integrations.Bool(true),
		Configuration: integrations.Configuration{"api_key": "canary-sendgrid"},
		APIs:          []integrations.IntegrationAPI{},
	},
}

func TestApply(t *testing.T) {
	old := integrations.Integration{
		Name:          "old-mail",
		Type:          integrations.TypeSendGrid,
		Enabled:       integrations.Bool(false),
		Configuration: integrations.Configuration{"api_key": "canary-old"},
	}
	srv := cluster(t, fake.WithIntegrations(old))
	setVariables(t)

	stdout, stderr, code := start(t, "", exampleFile)
	require.Empty(t, stderr)
	require.Zero(t, code)
	require.Empty(t, cmp.Diff(`Saved: 3. The cluster has:

NAME          TYPE      CATEGORY        ACTIVE  MODELS  IN THE FILE
old-mail      sendgrid  EMAIL           false   0       false
openai        openai    AI_MODEL        true    2       true
orders-queue  amqp      MESSAGE_BROKER  false   0       true
sendgrid      sendgrid  EMAIL           true    0       true
`, stdout))
	require.Len(t, srv.Requests(integrations.OpSaveAll), 1)
	srv.AssertSaved(t, append(example, old)...)

	again, _, code := start(t, "", exampleFile)
	require.Zero(t, code)
	require.Equal(t, stdout, again)
}

func TestDryRun(t *testing.T) {
	t.Setenv("CONDUCTOR_SERVER_URL", "")
	setVariables(t)
	stdout, stderr, code := start(t, "", "-dry-run", exampleFile)
	require.Empty(t, stderr)
	require.Zero(t, code)
	require.Empty(t, cmp.Diff(`integrations.json is valid. These would be saved:

NAME          TYPE      ACTIVE  MODELS
openai        openai    true    2
orders-queue  amqp      false   0
sendgrid      sendgrid  true    0
`, stdout))
}

func TestDryRunSendsNothing(t *testing.T) {
	srv := cluster(t)
	setVariables(t)
	_, _, code := start(t, "", "-dry-run", exampleFile)
	require.Zero(t, code)
	require.Empty(t, srv.Requests())
}

func TestStandardInput(t *testing.T) {
	srv := cluster(t)
	t.Setenv("KEY", "canary-key")
	stdout, stderr, code := start(t, mail(`"api_key": "${KEY}"`), "-")
	require.Empty(t, stderr)
	require.Zero(t, code)
	require.Contains(t, stdout, "Saved: 1.")
	srv.AssertSaved(t, integrations.Integration{
		Name: "mail", Type: integrations.TypeSendGrid, Configuration: integrations.Configuration{"api_key": "canary-key"},
	})
}

// A cluster may know more than the SDK does.
func TestLenient(t *testing.T) {
	srv := cluster(t, fake.WithValidation(integrations.Lenient), fake.WithUnknownTypes())
	file := `[{"name": "new", "type": "brand_new", "configuration": {"new_key": "canary"}}]`

	_, stderr, code := start(t, file, "-")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "type: brand_new is not a known type")
	require.Empty(t, srv.Requests())

	stdout, stderr, code := start(t, file, "-lenient", "-dry-run", "-")
	require.Empty(t, stderr)
	require.Zero(t, code)
	require.Contains(t, stdout, "standard input is valid.")

	_, stderr, code = start(t, file, "-lenient", "-")
	require.Empty(t, stderr)
	require.Zero(t, code)
	srv.AssertSaved(t, integrations.Integration{
		Name: "new", Type: "brand_new", Configuration: integrations.Configuration{"new_key": "canary"},
	})

	_, stderr, code = start(t, mail(""), "-lenient", "-")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "configuration.api_key: is required")
}

// Absent, null, empty and false reach the server as the file has them.
func TestSendsWhatTheFileSays(t *testing.T) {
	for name, file := range map[string]string{
		"least": `[{"name": "mail", "type": "sendgrid", "configuration": {"api_key": "canary"}}]`,
		"most": `[{"name": "openai", "type": "openai", "category": "AI_MODEL", "description": "d", "enabled": false,
			"configuration": {"api_key": "canary", "organizationId": 9007199254740993},
			"tags": [{"key": "k", "value": ""}],
			"apis": [{"integrationName": "openai", "api": "gpt-4o", "description": "d", "enabled": false}]}]`,
		"empty": `[{"name": "mail", "type": "sendgrid", "configuration": {"api_key": "canary"}, "tags": [], "apis": []}]`,
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t)
			_, stderr, code := start(t, file, "-")
			require.Empty(t, stderr)
			require.Zero(t, code)
			require.Empty(t, cmp.Diff(compact(t, file), compact(t, string(srv.Requests(integrations.OpSaveAll)[0].Body))))
		})
	}
}

func TestNullIsAbsent(t *testing.T) {
	t.Parallel()
	items, problems, err := decode([]byte(`[{"name": "mail", "type": "sendgrid", "category": null, "description": null,
		"enabled": null, "configuration": null, "tags": null, "apis": null}]`))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Empty(t, cmp.Diff([]integrations.Integration{{Name: "mail", Type: integrations.TypeSendGrid}}, items))
}

// A field that the SDK has and decode does not know would be refused here.
func TestKnowsEveryField(t *testing.T) {
	t.Parallel()
	object := func(of reflect.Type) string {
		var members []string
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name != "tags" && name != "apis" {
				members = append(members, `"`+name+`": null`)
			}
		}
		return strings.Join(members, ",")
	}
	_, problems, err := decode([]byte(`[{` + object(reflect.TypeFor[integrations.Integration]()) +
		`, "tags": [{` + object(reflect.TypeFor[integrations.Tag]()) +
		`}], "apis": [{` + object(reflect.TypeFor[integrations.IntegrationAPI]()) + `}]}]`))
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestFills(t *testing.T) {
	srv := cluster(t)
	t.Setenv("KEY", "canary-key")
	t.Setenv("ODD", `"canary", \ ${KEY} $$`)
	_, stderr, code := start(t, `[{
		"name": "mail-${KEY}", "type": "sendgrid", "description": "${KEY}",
		"configuration": {
			"api_key":                 "${KEY}",
			"authUrl":                 "https://${KEY}.example.com/${KEY}$${KEY}$$",
			"oAuth2AuthCode":          "${ODD}",
			"oAuth2RedirectUri":       "",
			"oAuth2RefreshToken":      ["${KEY}", {"${KEY}": "${KEY}", "n": 1}, true, null],
			"oAuth2TokenExpiresAt":    5
		}
	}]`, "-")
	require.Empty(t, stderr)
	require.Zero(t, code)
	saved := srv.Integrations()
	require.Len(t, saved, 1)
	require.Equal(t, "mail-${KEY}", saved[0].Name, "the configuration only")
	require.Equal(t, "${KEY}", saved[0].Description, "the configuration only")
	require.Empty(t, cmp.Diff(map[integrations.ConfigKey]any{
		"api_key":              "canary-key",
		"authUrl":              "https://canary-key.example.com/canary-key${KEY}$",
		"oAuth2AuthCode":       `"canary", \ ${KEY} $$`,
		"oAuth2RedirectUri":    "",
		"oAuth2RefreshToken":   []any{"canary-key", map[string]any{"${KEY}": "canary-key", "n": 1.0}, true, nil},
		"oAuth2TokenExpiresAt": 5.0,
	}, map[integrations.ConfigKey]any(saved[0].Configuration)))
}

func TestEveryProblemAtOnce(t *testing.T) {
	srv := cluster(t)
	t.Setenv("SET", "canary-set")
	t.Setenv("EMPTY", "")
	t.Setenv("BLANK", "\n")
	stdout, stderr, code := start(t, `[
		{
			"name": "openai", "type": "openai", "Enabled": true, "colour": "canary",
			"configuration": {"api_key": "${UNSET}", "apikey": "canary", "endpoint": "${UNSET}/${UNSET_TOO}/${SET}/${UNSET}"},
			"tags": [{"key": "team", "val": "canary"}, "canary"],
			"apis": [{"api": "gpt-4o", "description": "d", "model": "canary", "enabled": "canary"}]
		},
		{
			"name": "mail", "name": "canary", "type": "sendgrid", "description": 5, "canary of more than forty bytes, by the look of it": "",
			"configuration": {"api_key": "${EMPTY}", "api_key": "${SET}", "canary or not?": "${UNSET}"}
		},
		{
			"name": "mail", "type": "sendgrid",
			"configuration": {"api_key": ["${UNSET}", {"k": "${canary"}, "${canary canary}", "canary$canary"]}
		},
		{"name": 1, "type": "sendgrid", "configuration": "canary", "tags": {}, "apis": [true]},
		"canary",
		null,
		{"name": "bus", "type": "azure_service_bus", "configuration": {"endpoint": "${EMPTY}", "namespace": "${BLANK}-${SET}"}}
	]`, "-")
	require.Equal(t, exitInput, code)
	require.Empty(t, stdout)
	require.Empty(t, cmp.Diff(strings.TrimPrefix(`
apply: standard input: integration 0 "openai": Enabled: is not a field of the API, did you mean enabled?
apply: standard input: integration 0 "openai": colour: is not a field of the API
apply: standard input: integration 0 "openai": tags[0].val: is not a field of the API
apply: standard input: integration 0 "openai": tags[1]: must be an object
apply: standard input: integration 0 "openai": apis[0].model: is not a field of the API
apply: standard input: integration 0 "openai": apis[0].enabled: must be true or false
apply: standard input: integration 0 "openai": configuration.api_key: needs the environment variable UNSET, which is not set
apply: standard input: integration 0 "openai": configuration.endpoint: needs the environment variable UNSET, which is not set
apply: standard input: integration 0 "openai": configuration.endpoint: needs the environment variable UNSET_TOO, which is not set
apply: standard input: integration 0 "openai": configuration.apikey: is not a key of type openai, did you mean api_key?
apply: standard input: integration 1 "mail": name: is there twice
apply: standard input: integration 1 "mail": description: must be a string
apply: standard input: integration 1 "mail": [50 bytes]: is not a field of the API
apply: standard input: integration 1 "mail": configuration.api_key: is there twice
apply: standard input: integration 1 "mail": configuration.[14 bytes]: needs the environment variable UNSET, which is not set
apply: standard input: integration 1 "mail": configuration.[14 bytes]: is not a key of type sendgrid
apply: standard input: integration 2 "mail": configuration.api_key: needs the environment variable UNSET, which is not set
apply: standard input: integration 2 "mail": configuration.api_key: has a ${ without its }
apply: standard input: integration 2 "mail": configuration.api_key: has a ${...} that does not hold a variable's name
apply: standard input: integration 2 "mail": configuration.api_key: has a lone $: write ${NAME} for a variable, and $$ for a $
apply: standard input: integration 2 "mail": name: is the name of integration 1 too
apply: standard input: integration 3 "": name: must be a string
apply: standard input: integration 3 "": tags: must be an array
apply: standard input: integration 3 "": configuration: must be an object
apply: standard input: integration 3 "": apis[0]: must be an object
apply: standard input: integration 4 must be an object
apply: standard input: integration 5 must be an object
apply: standard input: integration 6 "bus": configuration.endpoint: needs the environment variable EMPTY, which is set but blank
apply: standard input: integration 6 "bus": configuration.namespace: needs the environment variable BLANK, which is set but blank
apply: standard input: integration 6 "bus": configuration.connectionType: is required for type azure_service_bus
`, "\n"), stderr))
	require.Empty(t, srv.Requests())
}

func TestWrongInput(t *testing.T) {
	valid := mail(`"api_key": "canary"`)
	for name, tc := range map[string]struct {
		stdin  string
		args   []string
		stderr string
	}{
		"no file":          {args: []string{}, stderr: "one file is needed, after the flags\nusage: apply"},
		"two files":        {args: []string{"a.json", "b.json"}, stderr: "one file is needed, after the flags\nusage: apply"},
		"flag at the end":  {args: []string{"-", "-dry-run"}, stderr: "one file is needed, after the flags\nusage: apply"},
		"unknown flag":     {args: []string{"-prune", "-"}, stderr: "-prune"},
		"no time":          {args: []string{"-timeout", "0s", "-"}, stdin: valid, stderr: "-timeout must be positive"},
		"absent file":      {args: []string{"absent.json"}, stderr: "absent.json"},
		"empty":            {stdin: "", stderr: "line 1: unexpected end"},
		"broken":           {stdin: "[\n{},\n{\"name\": canary}]", stderr: "line 3: invalid character 'c'"},
		"trailing value":   {stdin: valid + "\n[]", stderr: "line 2: invalid character '['"},
		"trailing text":    {stdin: valid + "canary", stderr: "line 1: invalid character 'c'"},
		"object":           {stdin: `{"name": "canary"}`, stderr: "is not an array of integrations"},
		"null":             {stdin: `null`, stderr: "is not an array of integrations"},
		"no object":        {stdin: `[["canary"]]`, stderr: "apply: standard input: integration 0 must be an object\n"},
		"empty variable":   {stdin: mail(`"api_key": "${EMPTY}"`), stderr: `integration 0 "mail": configuration.api_key: needs the environment variable EMPTY, which is set but blank`},
		"blank variable":   {stdin: mail(`"api_key": "k", "authUrl": "${BLANK}"`), stderr: `configuration.authUrl: needs the environment variable BLANK`},
		"not UTF-8":        {stdin: "[{\"name\": \"canary\xff\"}]", stderr: "is not UTF-8"},
		"no server URL":    {stdin: valid, stderr: "CONDUCTOR_SERVER_URL is not set"},
		"validation alone": {stdin: mail(""), stderr: `integration 0 "mail": configuration.api_key: is required`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CONDUCTOR_SERVER_URL", "")
			t.Setenv("EMPTY", "")
			t.Setenv("BLANK", "\n")
			if tc.args == nil {
				tc.args = []string{"-"}
			}
			stdout, stderr, code := start(t, tc.stdin, tc.args...)
			require.Equal(t, exitInput, code, stderr)
			require.Contains(t, stderr, tc.stderr)
			require.Empty(t, stdout)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	_, stderr, code := start(t, "", "-h")
	require.Zero(t, code)
	require.Contains(t, stderr, "-dry-run")
}

func TestClusterFails(t *testing.T) {
	file := mail(`"api_key": "canary-key"`)
	for name, tc := range map[string]struct {
		args   []string
		opts   []fake.Option
		op     integrations.Op
		fault  fake.Fault
		stderr string
	}{
		"403": {opts: []fake.Option{fake.WithReadOnly("mail")}, stderr: "403"},
		"401": {opts: []fake.Option{fake.WithKeySecret("other", "other")}, stderr: "401"},
		"echo": {
			op:     integrations.OpSaveAll,
			fault:  fake.Fault{Status: http.StatusBadRequest, Message: "canary-key is no good"},
			stderr: "is no good",
		},
		"listing": {
			op:     integrations.OpListProviders,
			fault:  fake.Fault{Status: http.StatusForbidden},
			stderr: "saved, but the listing failed",
		},
		"time is up": {
			args:   []string{"-timeout", "1ns"},
			op:     integrations.OpSaveAll,
			fault:  fake.Fault{Delay: time.Hour},
			stderr: context.DeadlineExceeded.Error(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, tc.opts...)
			if tc.op != "" {
				srv.FailAlways(tc.op, tc.fault)
			}
			_, stderr, code := start(t, file, append(tc.args, "-")...)
			require.Equal(t, exitFailed, code)
			require.Contains(t, stderr, tc.stderr)
		})
	}
}

func TestCancelled(t *testing.T) {
	srv := cluster(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	require.Equal(t, exitFailed, run(ctx, []string{"-"}, strings.NewReader(mail(`"api_key": "canary"`)), &out, &errs))
	require.Contains(t, errs.String(), context.Canceled.Error())
	srv.AssertSaved(t)
}

// cluster starts a fake that the environment names.
func cluster(t *testing.T, opts ...fake.Option) *fake.Server {
	t.Helper()
	opts = append([]fake.Option{fake.WithKeySecret("canary-id", "canary-secret")}, opts...)
	srv := fake.Start(t, opts...)
	t.Setenv("CONDUCTOR_SERVER_URL", srv.URL())
	t.Setenv("CONDUCTOR_AUTH_KEY", "canary-id")
	t.Setenv("CONDUCTOR_AUTH_SECRET", "canary-secret")
	return srv
}

// setVariables sets what the example file needs.
func setVariables(t *testing.T) {
	t.Helper()
	t.Setenv("OPENAI_API_KEY", "canary-openai")
	t.Setenv("REGION", "canary-region")
	t.Setenv("RABBIT_PASSWORD", "canary-rabbit")
	t.Setenv("SENDGRID_API_KEY", "canary-sendgrid")
}

// start runs the program and checks that it shows no value.
func start(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	require.NotContains(t, out.String()+errs.String(), "canary")
	return out.String(), errs.String(), code
}

// mail is a file of one integration.
func mail(configuration string) string {
	return `[{"name": "mail", "type": "sendgrid", "configuration": {` + configuration + `}}]`
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var value []map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&value))
	sorted, err := json.Marshal(value)
	require.NoError(t, err)
	return string(sorted)
}
