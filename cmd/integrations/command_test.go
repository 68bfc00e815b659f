package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/internal/buildversion"
	"github.com/seed4e9a5e42/integrations/plan"
)

// JSON and exit code do not depend on each other: each row of plan exits with the
// same code, and prints a whole object wherever the text form prints a plan.
func TestPlanPrintsWholeJSONWhateverTheExitCode(t *testing.T) {
	for name, tc := range rows {
		if !strings.HasPrefix(name, "plan/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, tc.with...)
			for op, fault := range tc.fault {
				srv.FailAlways(op, fault)
			}
			for key, value := range tc.env {
				t.Setenv(key, value)
			}
			args := strings.Fields(tc.args)
			text, _, _ := start(t, tc.stdin, args...)
			stdout, _, code := start(t, tc.stdin, append([]string{"plan", "-json"}, args[1:]...)...)
			require.Equal(t, tc.code, code)
			if text == "" {
				require.Empty(t, stdout)
				return
			}
			var object struct {
				Version   int
				Digest    string
				Conflicts []json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(stdout), &object))
			require.Equal(t, 1, object.Version)
			require.Contains(t, text, "digest "+object.Digest)
			require.Equal(t, strings.Contains(text, "\n! "), len(object.Conflicts) > 0)
		})
	}
}

func TestEverySubcommandTakesTry(t *testing.T) {
	for _, c := range commands {
		_, stderr, code := start(t, "", c.name, "-try")
		require.Zero(t, code, stderr)
	}
}

func TestVersionIsThatOfTheBuild(t *testing.T) {
	stdout, stderr, code := start(t, "", "version")
	require.Equal(t, exitDone, code, stderr)
	require.Equal(t, "integrations "+buildversion.Get()+"\n", stdout)
}

func TestPlanAsJSON(t *testing.T) {
	stdout, stderr, code := start(t, "", "plan", "-json", "-detailed-exitcode", "-try", "-owner", "payments", "-prune", "0")
	require.Equal(t, exitFailed, code)
	require.NotEmpty(t, stderr)
	requireGolden(t, "plan/all.json", stdout)
}

// sent lists what a run has asked of the cluster, tokens apart.
func sent(srv *fake.Server) []string {
	var list []string
	for _, r := range srv.TakeRequests() {
		if r.Op != integrations.OpToken {
			list = append(list, r.Method)
		}
	}
	return list
}

func TestRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		args  string
		stdin string
		with  []fake.Option
		want  []string
	}{
		"plan reads once":                   {"plan -", changed, hasOpenAI, []string{"GET"}},
		"nothing to do is one read":         {"apply -", same, clear(openAI), []string{"GET"}},
		"an apply proves that it converged": {"apply -", changed + mailFile, hasOpenAI, []string{"GET", "POST", "GET"}},
		"hidden secrets are saved again":    {"apply -", same, hasOpenAI, []string{"GET", "POST", "GET"}},
		"a conflict sends nothing":          {"apply -owner search -", changed, hasOpenAI, []string{"GET"}},
		"deletes come last":                 {"apply -owner payments -prune 1 -", changed, hasBoth, []string{"GET", "POST", "GET", "DELETE", "GET"}},
		"over the limit sends nothing":      {"apply -owner payments -prune 0 -", changed, hasBoth, []string{"GET"}},
		"a failed save is not looked at":    {"apply -", changed, with(fake.WithReadOnly("openai")), []string{"GET", "POST"}},
		"a wrong file asks nothing":         {"apply -", problems, hasOpenAI, nil},
		"export reads once":                 {"export", "", hasOpenAI, []string{"GET"}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, tc.with...)
			start(t, tc.stdin, strings.Fields(tc.args)...)
			require.Empty(t, cmp.Diff(tc.want, sent(srv)))
		})
	}
}

// A pull request of a fork has no secrets. The plan that was reviewed there is
// applied later with the secrets.
func TestTheReviewedPlanIsApplied(t *testing.T) {
	srv := cluster(t, hasBoth...)
	noSecrets := strings.ReplaceAll(changed, "KEY", "UNSET")
	stdout, _, code := start(t, noSecrets, "plan", "-owner", "payments", "-prune", "1", "-")
	require.Zero(t, code)
	reviewed := digest.FindString(stdout)

	_, stderr, code := start(t, changed, "apply", "-owner", "payments", "-prune", "1", "-expect", reviewed, "-")
	require.Zero(t, code, stderr)
	item, ok := srv.Integration("openai")
	require.True(t, ok)
	require.Equal(t, canary, item.Configuration[integrations.KeyAPIKey])
	require.Equal(t, "https://eu.api.openai.com", item.Configuration[integrations.KeyEndpoint])
	_, ok = srv.Integration("mail")
	require.False(t, ok)

	// A pipeline may run its last job again. Then only the hidden secret is left,
	// and no digest covers it.
	_, stderr, code = start(t, changed, "apply", "-owner", "payments", "-prune", "1", "-expect", reviewed, "-")
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "0 created, 1 updated, 0 deleted")
}

// The example of -try is a file of the program. A user's file may have its name.
func TestAFileOfTheUserIsNeverTheExample(t *testing.T) {
	cluster(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("example", 0o755))
	require.NoError(t, os.WriteFile(exampleFile, []byte(mailFile), 0o600))
	for _, args := range []string{"validate ", "validate -try ", "plan ", "plan -try "} {
		stdout, stderr, code := start(t, "", strings.Fields(args+exampleFile)...)
		require.Zero(t, code, stderr)
		require.NotContains(t, stdout, "claude")
	}
	stdout, _, _ := start(t, "", "validate", exampleFile)
	require.Equal(t, "Valid. Integrations: 1.\n", stdout)

	_, stderr, code := start(t, "", "plan", "-try", "")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "must end in .yaml")
}

func TestAnotherPlanIsRefused(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	stdout, _, _ := start(t, changed, "plan", "-")
	reviewed := digest.FindString(stdout)

	_, stderr, code := start(t, changed+mailFile, "apply", "-expect", reviewed, "-")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "-expect")
	require.NotContains(t, sent(srv), "POST")
}

// No digest covers a value that the server masks. So -expect lets secrets pass, and
// no other value: a reviewer has not seen it.
func TestAValueThatCannotBeComparedIsRefusedWithAnotherDigest(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	rewriting(t, srv, "https://api.openai.com", "xxxxx")
	_, stderr, code := start(t, changed, "apply", "-expect", strings.Repeat("0", 64), "-")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "-expect")
	require.NotContains(t, sent(srv), "POST")
}

// A pipeline may run its last job again.
func TestAnEmptyPlanIsNeverRefused(t *testing.T) {
	cluster(t, clear(openAI)...)
	_, stderr, code := start(t, same, "apply", "-expect", strings.Repeat("0", 64), "-")
	require.Zero(t, code)
	require.Equal(t, "Nothing to do.\n", stderr)
}

func TestAppliedAndStillDifferent(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	rewriting(t, srv, "https://eu.api.openai.com", "https://eu.api.openai.com:443")

	stdout, stderr, code := start(t, changed, "apply", "-")
	require.Equal(t, exitFailed, code)
	requireGolden(t, "apply/still-different.txt", "--- stdout\n"+stdout+"--- stderr\n"+stderr)

	_, stderr, code = start(t, changed, "apply", "-ignore", "configuration.endpoint", "-")
	require.Zero(t, code, stderr)
}

func TestTheLookAfterAnApplyFails(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	srv.FailNext(integrations.OpListIntegrations, fake.Fault{}, fake.Fault{Status: http.StatusForbidden})
	_, stderr, code := start(t, changed, "apply", "-")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "applied, but what the cluster has now could not be read")
}

// Absent, null, empty and false reach the cluster as the file has them, and a
// number keeps its digits.
func TestACreateSendsWhatTheFileSays(t *testing.T) {
	for name, file := range map[string]string{
		"least": `[{"name":"mail","type":"sendgrid","configuration":{"api_key":"k"}}]`,
		"most": `[{"name":"openai","type":"openai","category":"AI_MODEL","description":"d","enabled":false,` +
			`"configuration":{"api_key":"k","organizationId":9007199254740993},"tags":[{"key":"k","value":""}],` +
			`"apis":[{"integrationName":"openai","api":"gpt-4o","description":"d","enabled":false}]}]`,
		"empty": `[{"name":"mail","type":"sendgrid","configuration":{"api_key":"k"},"tags":[],"apis":[]}]`,
	} {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t)
			_, stderr, code := start(t, file, "apply", "-")
			require.Zero(t, code, stderr)
			require.Equal(t, file, string(srv.Requests(integrations.OpSaveAll)[0].Body))
		})
	}
}

func TestARotatedSecretReachesTheCluster(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	t.Setenv("KEY", "canary-rotated")
	_, _, code := start(t, same, "apply", "-")
	require.Zero(t, code)
	item, _ := srv.Integration("openai")
	require.Equal(t, "canary-rotated", item.Configuration[integrations.KeyAPIKey])
}

func TestWhatIsExportedDiffersInNothing(t *testing.T) {
	for _, form := range []string{"-json", "-json=false"} {
		nested := dollar(openAI)
		nested.Configuration["endpoint"] = []any{"a", 1, true, nil, map[string]any{"b": 1.5}}
		cluster(t, fake.WithIntegrations(nested, named("open-ai"), named("open.ai")))
		file, _, code := start(t, "", "export", form)
		require.Zero(t, code)
		stdout, _, code := start(t, file, "plan", "-lenient", "-detailed-exitcode", "-")
		require.Zero(t, code, stdout)
		require.Contains(t, stdout, "3 unchanged")
	}
}

// The first steps of a user: the exported file is planned without its variables,
// whatever the server masks and whatever may hold a secret.
func TestAnExportedFileIsPlannedWithoutItsVariables(t *testing.T) {
	srv := cluster(t, fake.WithIntegrations(
		integrations.Integration{Name: "pine", Type: integrations.TypePineconeDB, Configuration: integrations.Configuration{
			integrations.KeyAPIKey: canary, integrations.KeyProjectName: "p-123", integrations.KeyEnvironment: "e",
		}, APIs: []integrations.IntegrationAPI{{API: "index", Description: "d"}}},
		integrations.Integration{Name: "rabbit", Type: integrations.TypeAMQP, Configuration: integrations.Configuration{
			integrations.KeyProtocol: "amqp", integrations.KeyEndpoint: "amqp://guest:" + canary + "@rabbit", integrations.KeyPort: "5672",
			integrations.KeyNamespace: "/", integrations.KeyUser: "guest", integrations.KeyPassword: canary,
		}},
	))
	rewriting(t, srv, "p-123", "xxxxx")
	file, stderr, code := start(t, "", "export")
	require.Zero(t, code, stderr)
	require.Contains(t, file, "projectName: ${PINE_PROJECT_NAME}")
	require.Contains(t, file, "endpoint: ${RABBIT_ENDPOINT}")

	_, stderr, code = start(t, file, "validate", "-")
	require.Zero(t, code, stderr)
	stdout, stderr, code := start(t, file, "plan", "-detailed-exitcode", "-")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "2 unchanged")
}

// Without its output, a subcommand has failed, and apply does not begin.
func TestNobodyReadsTheOutput(t *testing.T) {
	for _, args := range []string{"validate -", "plan -", "plan -json -", "apply -", "export", "types", "types amqp", "-h", "plan -h"} {
		t.Run(args, func(t *testing.T) {
			srv := cluster(t, hasOpenAI...)
			var stderr strings.Builder
			code := run(t.Context(), strings.Fields(args), strings.NewReader(changed), broken{}, &stderr)
			require.Equal(t, exitFailed, code)
			require.Contains(t, stderr.String(), "the output cannot be written: broken pipe")
			require.NotContains(t, sent(srv), "POST")
		})
	}
}

func TestACancelledRunFails(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range []string{"plan -", "apply -", "export"} {
		_, stderr, code := startIn(ctx, t, changed, strings.Fields(args)...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, context.Canceled.Error())
	}
	require.Empty(t, sent(srv))
}

// The command says in the words of its flags what plan says in the words of its
// options. Both must accept the same.
func TestFlagsAreCheckedAsThePlanChecksOptions(t *testing.T) {
	srv := cluster(t)
	desired := []integrations.Integration{unowned(mail)}
	owner := plan.Owner("p")
	for args, opts := range map[string][]plan.Option{
		"-adopt":                         {plan.Adopt()},
		"-prune 1":                       {plan.Prune(1)},
		"-owner p -adopt -prune 1":       {owner, plan.Adopt(), plan.Prune(1)},
		"-owner p -create-only -prune 1": {owner, plan.CreateOnly(), plan.Prune(1)},
		"-owner p -prune -1":             {owner, plan.Prune(-1)},
		"-owner Upper":                   {plan.Owner("Upper")},
		"-owner=":                        {plan.Owner("")},
		"-ignore endpoint":               {plan.Ignore("endpoint")},
		"-ignore configuration.":         {plan.Ignore("configuration.")},
		"-owner p":                       {owner},
		"-owner p -adopt":                {owner, plan.Adopt()},
		"-owner p -prune 0":              {owner, plan.Prune(0)},
		"-owner p -adopt -create-only":   {owner, plan.Adopt(), plan.CreateOnly()},
		"-create-only":                   {plan.CreateOnly()},
		"-ignore configuration.x":        {plan.Ignore("configuration.x")},
	} {
		t.Run(args, func(t *testing.T) {
			var f planFlags
			p := newFlagSet("plan", planHelp)
			f.register(p, "keep")
			refused := errors.Join(p.Parse(strings.Fields(args)), f.check())

			_, err := plan.New(t.Context(), srv.Client(), desired, opts...)
			require.Equal(t, err != nil, refused != nil, "plan: %v, command: %v", err, refused)
		})
	}
}

func TestColours(t *testing.T) {
	const text = "http://fake/api\n1 to create\n\n+ claude  anthropic\n    ~ configuration.endpoint     \"a\" -> \"b\"\n- old  kafka\n! x: y\n? z\ndigest 5f\n"
	painted := coloured(text)
	require.Contains(t, painted, "\x1b[32m+ claude  anthropic\x1b[0m\n")
	require.Contains(t, painted, "\x1b[33m    ~ configuration.endpoint")
	for _, code := range append([]string{"\x1b[0m"}, "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[1;31m", "\x1b[36m") {
		require.Contains(t, painted, code)
		painted = strings.ReplaceAll(painted, code, "")
	}
	require.Equal(t, text, painted)
}

func TestColoursAreForTerminals(t *testing.T) {
	device, err := os.Open(os.DevNull) // a character device, as a terminal is
	require.NoError(t, err)
	defer device.Close()
	file, err := os.Create(t.TempDir() + "/plan.txt")
	require.NoError(t, err)
	defer file.Close()

	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	require.True(t, wantsColour(device))
	require.False(t, wantsColour(file))
	require.False(t, wantsColour(&strings.Builder{}))
	t.Setenv("NO_COLOR", "1")
	require.False(t, wantsColour(device))
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	require.False(t, wantsColour(device))
}

func TestTheTimeForAllRequestsIsBounded(t *testing.T) {
	srv := cluster(t, hasOpenAI...)
	srv.FailAlways(integrations.OpListIntegrations, fake.Fault{Delay: time.Hour})
	_, stderr, code := start(t, changed, "plan", "-timeout", "50ms", "-")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, context.DeadlineExceeded.Error())
}

// A file may be a stranger's pull request, and a plan shows some values.
func TestAFileCannotNameTheProgramsCredentials(t *testing.T) {
	cluster(t)
	for _, name := range []string{"CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET", "CONDUCTOR_AUTH_TOKEN", "CONDUCTOR_AUTH_SECRET_OLD", "conductor_Auth_Secret"} {
		t.Setenv(name, canary)
		file := "- name: a\n  type: openai\n  configuration: {api_key: k, endpoint: \"https://x/${" + name + "}\"}\n  apis: [{api: m, description: d}]\n"
		for _, args := range [][]string{{"plan", "-"}, {"plan", "-json", "-"}, {"apply", "-"}, {"validate", "-"}, {"plan", "-try", "-"}} {
			stdout, stderr, code := start(t, file, args...)
			if args[1] == "-try" {
				require.Contains(t, stdout, "made-up "+name)
				continue
			}
			require.Equal(t, exitInput, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, "needs the variable "+name+", which is not set\nA file cannot use the variables CONDUCTOR_AUTH_...")
		}
	}
}
