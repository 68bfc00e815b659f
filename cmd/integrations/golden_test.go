package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// row is one outcome of a subcommand. What the user sees is in a golden file.
type row struct {
	args  string // separated by spaces
	stdin string
	with  []fake.Option
	fault map[integrations.Op]fake.Fault
	env   map[string]string
	code  int
}

const (
	openAIFile = `
- name: openai
  type: openai
  description: OpenAI
  configuration: {api_key: "${KEY}", endpoint: %s}
  tags: [{key: team, value: payments}]
  apis: [{api: gpt-4o, description: GPT-4o}]
`
	mailFile = `
- name: mail
  type: sendgrid
  description: Mail
  configuration: {api_key: "${KEY}"}
`
)

var (
	same    = fmt.Sprintf(openAIFile, "https://api.openai.com")
	changed = fmt.Sprintf(openAIFile, "https://eu.api.openai.com")

	hasOpenAI = []fake.Option{fake.WithIntegrations(openAI)}
	hasBoth   = []fake.Option{fake.WithIntegrations(openAI, mail)}
	forbidden = fake.Fault{Status: http.StatusForbidden, Message: "no permission"}
)

// with adds to the options of hasOpenAI.
func with(opts ...fake.Option) []fake.Option { return append(opts, hasOpenAI...) }

var rows = map[string]row{
	"validate/example":        {args: "validate -try"},
	"validate/valid":          {args: "validate -", stdin: same},
	"validate/json":           {args: "validate -", stdin: `[{"name": "mail", "type": "sendgrid", "configuration": {"api_key": "${KEY}"}}]`},
	"validate/unset secret":   {args: "validate -", stdin: strings.ReplaceAll(same, "KEY", "UNSET")},
	"validate/unset model":    {args: "validate -", stdin: mailFile + "  apis: [{api: a, description: d, configuration: {api_key: \"${UNSET}\"}}]\n"},
	"validate/placeholder":    {args: "validate -", stdin: mailOf(`"<canary>"`), code: exitInput},
	"validate/unset value":    {args: "validate -", stdin: fmt.Sprintf(openAIFile, `"${UNSET}"`)},
	"validate/unset":          {args: "validate -", stdin: fmt.Sprintf(openAIFile, `"https://${UNSET}/v1"`), code: exitInput},
	"validate/problems":       {args: "validate -", stdin: problems, code: exitInput},
	"validate/unknown":        {args: "validate -", stdin: unknown, code: exitInput},
	"validate/lenient":        {args: "validate -lenient -", stdin: unknown},
	"validate/not readable":   {args: "validate testdata/absent.yaml - testdata/wrong.txt", stdin: "- name: [canary", code: exitInput},
	"validate/every problem":  {args: "validate testdata/wrong.yaml - testdata/absent.yaml", stdin: misread, code: exitInput},
	"plan/every problem":      {args: "plan testdata/wrong.yaml - testdata/absent.yaml", stdin: misread, code: exitInput},
	"apply/every problem":     {args: "apply testdata/wrong.yaml - testdata/absent.yaml", stdin: misread, code: exitInput},
	"validate/two files":      {args: "validate example/desired.yaml -", stdin: "- {name: mail, type: sendgrid, configuration: {api_key: k}}", code: exitInput},
	"validate/no file":        {args: "validate", code: exitInput},
	"validate/wrong flag":     {args: "validate -json -", code: exitInput},
	"validate/stdin twice":    {args: "validate - -", code: exitInput},
	"validate/flag after":     {args: "validate - -lenient", code: exitInput},
	"plan/first look":         {args: "plan -try"},
	"plan/prune":              {args: "plan -try -owner payments -prune 1"},
	"plan/rewrite":            {args: "plan -try -secrets rewrite"},
	"plan/nothing":            {args: "plan -", stdin: same, with: hasOpenAI},
	"plan/nothing detailed":   {args: "plan -detailed-exitcode -", stdin: same, with: hasOpenAI},
	"plan/changes":            {args: "plan -", stdin: changed, with: hasOpenAI},
	"plan/changes detailed":   {args: "plan -detailed-exitcode -", stdin: changed, with: hasOpenAI, code: exitChanges},
	"plan/clear secrets":      {args: "plan -", stdin: mailOf("rotated"), with: clear(mail)},
	"plan/without secrets":    {args: "plan -", stdin: strings.ReplaceAll(changed, "KEY", "UNSET"), with: hasOpenAI},
	"plan/ignored":            {args: "plan -ignore configuration.endpoint -", stdin: changed, with: hasOpenAI},
	"plan/create only":        {args: "plan -create-only -", stdin: changed + mailFile, with: hasOpenAI},
	"plan/adopt":              {args: "plan -owner payments -adopt -", stdin: same, with: clear(unowned(openAI))},
	"plan/unowned":            {args: "plan -owner payments -", stdin: same, with: clear(unowned(openAI)), code: exitFailed},
	"plan/other owner":        {args: "plan -owner search -", stdin: same, with: hasOpenAI, code: exitFailed},
	"plan/conflict detailed":  {args: "plan -detailed-exitcode -owner search -", stdin: changed, with: hasOpenAI, code: exitFailed},
	"plan/over the limit":     {args: "plan -owner payments -prune 0 -", stdin: same, with: hasBoth, code: exitFailed},
	"plan/lenient":            {args: "plan -lenient -", stdin: unknown},
	"plan/problems":           {args: "plan -", stdin: problems, code: exitInput},
	"plan/unknown":            {args: "plan -", stdin: unknown, code: exitInput},
	"plan/owner in the file":  {args: "plan -", stdin: mailFile + "  tags: [{key: iac-owner, value: payments}]\n", code: exitInput},
	"plan/unset value":        {args: "plan -", stdin: fmt.Sprintf(openAIFile, `"${UNSET}"`), with: hasOpenAI},
	"plan/unset":              {args: "plan -", stdin: fmt.Sprintf(openAIFile, `"https://${UNSET}/v1"`), code: exitInput},
	"plan/empty with prune":   {args: "plan -owner payments -prune 9 -", stdin: "[]", with: hasOpenAI, code: exitInput},
	"plan/no server":          {args: "plan -", stdin: same, env: map[string]string{"CONDUCTOR_SERVER_URL": ""}, code: exitInput},
	"plan/half a key":         {args: "plan -", stdin: same, env: map[string]string{"CONDUCTOR_AUTH_SECRET": ""}, code: exitInput},
	"plan/wrong key":          {args: "plan -", stdin: same, env: map[string]string{"CONDUCTOR_AUTH_SECRET": "canary-2"}, code: exitFailed},
	"plan/listing fails":      {args: "plan -", stdin: same, fault: map[integrations.Op]fake.Fault{integrations.OpListIntegrations: forbidden}, code: exitFailed},
	"plan/no file":            {args: "plan", code: exitInput},
	"plan/wrong values":       {args: "plan -owner Payments -", code: exitInput},
	"plan/adopt alone":        {args: "plan -adopt -", code: exitInput},
	"apply/first look":        {args: "apply -try -owner payments -prune 1"},
	"apply/nothing":           {args: "apply -", stdin: same, with: clear(openAI)},
	"apply/rewrite":           {args: "apply -", stdin: same, with: hasOpenAI},
	"apply/keep":              {args: "apply -secrets keep -", stdin: same, with: hasOpenAI},
	"apply/changes":           {args: "apply -", stdin: changed + mailFile, with: hasOpenAI},
	"apply/prune":             {args: "apply -owner payments -prune 1 -", stdin: same, with: hasBoth},
	"apply/not expected":      {args: "apply -expect " + strings.Repeat("0", 64) + " -", stdin: changed, with: hasOpenAI, code: exitFailed},
	"apply/expect no digest":  {args: "apply -expect 5f0c1e9a -", stdin: changed, code: exitInput},
	"apply/unset secret":      {args: "apply -", stdin: strings.ReplaceAll(same, "KEY", "UNSET"), with: hasOpenAI, code: exitInput},
	"apply/unset value":       {args: "apply -", stdin: fmt.Sprintf(openAIFile, `"${UNSET}"`), with: hasOpenAI, code: exitInput},
	"apply/placeholder":       {args: "apply -", stdin: mailOf(`"<canary>"`), code: exitInput},
	"apply/conflict":          {args: "apply -owner search -", stdin: changed, with: hasOpenAI, code: exitFailed},
	"apply/over the limit":    {args: "apply -owner payments -prune 0 -", stdin: changed, with: hasBoth, code: exitFailed},
	"apply/save refused":      {args: "apply -", stdin: changed, with: with(fake.WithReadOnly("openai")), code: exitFailed},
	"apply/delete refused":    {args: "apply -owner payments -prune 1 -", stdin: same, with: hasBoth, fault: map[integrations.Op]fake.Fault{integrations.OpDeleteProvider: forbidden}, code: exitFailed},
	"apply/tags are dropped":  {args: "apply -owner payments -", stdin: mailFile, with: []fake.Option{fake.WithBehaviour(fake.Behaviour{DropTags: true})}, code: exitFailed},
	"apply/adopt no tags":     {args: "apply -owner payments -adopt -", stdin: mailFile, with: []fake.Option{fake.WithBehaviour(fake.Behaviour{DropTags: true})}, code: exitFailed},
	"apply/tags are merged":   {args: "apply -", stdin: mailFile + "  tags: []\n", with: append(with(fake.WithBehaviour(fake.Behaviour{MergeTags: true})), fake.WithIntegrations(tagged(mail))), code: exitFailed},
	"apply/no time":           {args: "apply -timeout 0s -", code: exitInput},
	"apply/time is up":        {args: "apply -timeout 1ns -", stdin: changed, with: hasOpenAI, code: exitFailed},
	"export/first look":       {args: "export -try"},
	"export/a file":           {args: "export -category EMAIL -", stdin: "", code: exitInput},
	"export/one category":     {args: "export -category EMAIL", with: hasBoth},
	"export/no category":      {args: "export -category AI"},
	"export/json":             {args: "export -json", with: hasBoth},
	"export/names collide":    {args: "export", with: []fake.Option{fake.WithIntegrations(named("open-ai"), named("open.ai"), named("open_ai"))}},
	"export/dollar":           {args: "export", with: []fake.Option{fake.WithIntegrations(dollar(openAI))}},
	"export/nothing":          {args: "export"},
	"export/listing fails":    {args: "export", fault: map[integrations.Op]fake.Fault{integrations.OpListIntegrations: forbidden}, code: exitFailed},
	"export/no server":        {args: "export", env: map[string]string{"CONDUCTOR_SERVER_URL": ""}, code: exitInput},
	"types/all":               {args: "types"},
	"types/closed values":     {args: "types amqp"},
	"types/conditional":       {args: "types aws_sqs"},
	"types/unknown values":    {args: "types kafka"},
	"types/secret in one":     {args: "types mongovectordb"},
	"types/no such type":      {args: "types kafak", code: exitInput},
	"types/near miss":         {args: "types opnai", code: exitInput},
	"types/two types":         {args: "types amqp kafka", code: exitInput},
	"help/all":                {args: "-h"},
	"help/validate":           {args: "validate -h"},
	"help/plan":               {args: "plan -h"},
	"help/apply":              {args: "apply -h"},
	"help/export":             {args: "export -h"},
	"help/types":              {args: "types -h"},
	"help/version":            {args: "version -h"},
	"version/of a file":       {args: "version -", code: exitInput},
	"help/no subcommand":      {args: "", code: exitInput},
	"help/unknown subcommand": {args: "destroy", code: exitInput},
}

const (
	unknown = "- {name: new, type: brand_new, configuration: {new_key: canary}}\n"

	// Reading finds some of the mistakes, and validation the others.
	misread = `
- name: mail
  type: sendgrid
  enabld: true
- name: openai
  type: opnai
- name: openai
  tpye: openai
  configuratoin: {api_key: canary}
- name: queue
  type: amqp
  configuration: {protocol: "${UNSET} ${UNSET}", password: "${UNSET}"}
- mail
`

	problems = `
- name: openai
  type: openai
  Enabled: true
  configuration: {apikey: canary}
  apis: [{api: gpt-4o, descripton: canary}]
- name: [canary]
  type: sendgrid
`
)

func mailOf(key string) string { return strings.ReplaceAll(mailFile, `"${KEY}"`, key) }

// clear is a cluster that masks nothing.
func clear(item integrations.Integration) []fake.Option {
	return []fake.Option{fake.WithBehaviour(fake.Behaviour{ClearSecrets: true}), fake.WithIntegrations(item)}
}

func unowned(item integrations.Integration) integrations.Integration {
	item.Tags = []integrations.Tag{{Key: "team", Value: "payments"}}
	return item
}

func tagged(item integrations.Integration) integrations.Integration {
	item.Tags = []integrations.Tag{{Key: "old", Value: "tag"}}
	return item
}

func named(name string) integrations.Integration {
	item := mail
	item.Name = name
	return item
}

func dollar(item integrations.Integration) integrations.Integration {
	item.Configuration = integrations.Configuration{integrations.KeyAPIKey: canary, integrations.KeyEndpoint: "https://$host/${PATH}/$$"}
	return item
}

func TestEachOutcomeLooksAsInItsFile(t *testing.T) {
	for name, tc := range rows {
		t.Run(name, func(t *testing.T) {
			srv := cluster(t, tc.with...)
			for op, fault := range tc.fault {
				srv.FailAlways(op, fault)
			}
			for key, value := range tc.env {
				t.Setenv(key, value)
			}
			stdout, stderr, code := start(t, tc.stdin, strings.Fields(tc.args)...)
			require.Equal(t, tc.code, code, stderr)
			requireGolden(t, strings.ReplaceAll(name, " ", "-")+".txt", fmt.Sprintf(
				"$ integrations %s\nexit %d\n--- stdout\n%s--- stderr\n%s", tc.args, code, stdout, stderr))
		})
	}
}
