package manifest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/manifest"
)

const linesYAML = `- name: a
  type: openai
---
- name: b
  configuration:
    port: 1
    nested:
      - c@nary!
    a b: x
    v1.2: x
  tags:
    - key: k
      value: v
  apis:
    - api: m
    - description: d
      configuration: {port: 1}
`

const linesJSON = `[{"name": "a",
"type": "openai"},
{
"name": "b", "configuration": {
"port": 1,
"nested":
["c@nary!"], "a b":
"x",
"v1.2": 1},
"tags": [
{"key": "k",
"value": "v"}], "apis": [
{"api": "m"},
{"description": "d",
"configuration": {"port": 1}}]}]`

func TestLinesOfFieldsAreKnownAfterRead(t *testing.T) {
	t.Parallel()
	var yaml, json, none manifest.Lines
	for file, lines := range map[string]*manifest.Lines{linesYAML: &yaml, linesJSON: &json} {
		_, err := manifest.Read(strings.NewReader(file), manifest.WithLines(lines))
		require.NoError(t, err)
		requireNoCanary(t, fmt.Errorf("%v %+v %#v %+v", *lines, *lines, *lines, lines))
	}
	for _, row := range []struct {
		index      int
		field      string
		yaml, json int
	}{
		{0, "type", 2, 2},
		{1, "", 4, 3},
		{1, "category", 4, 3}, // is not in the file
		{1, "name", 4, 4},
		{1, "configuration.api_key", 5, 4}, // is not in the file
		{1, "configuration.nested", 7, 6},
		{1, "configuration.[3 bytes]", 9, 7}, // a b
		{1, "configuration.v1.2", 10, 9},
		{1, "tags[0].value", 13, 12},
		{1, "tags[1].key", 11, 10}, // is not in the file
		{1, "apis[1].description", 16, 14},
		{1, "apis[1].configuration.port", 17, 15},
		{2, "name", 0, 0},
		{-1, "name", 0, 0},
	} {
		require.Equal(t, row.yaml, yaml.Line(row.index, row.field), "%+v", row)
		require.Equal(t, row.json, json.Line(row.index, row.field), "%+v", row)
		require.Zero(t, none.Line(row.index, row.field))
	}
}

// A caller can look for further mistakes in what could be read.
func TestAFileWithAMistakeIsReadAsFarAsPossible(t *testing.T) {
	t.Parallel()
	var lines manifest.Lines
	items, err := manifest.Read(strings.NewReader("- name: [a]\n  enabld: true\n  type: openai\n- name: b\n  configuration: {api_key: '${'}\n"), manifest.WithLines(&lines))
	var invalid *manifest.Error
	require.ErrorAs(t, err, &invalid)
	require.Len(t, invalid.Problems, 3)
	require.Len(t, items, 2)
	require.Equal(t, in.TypeOpenAI, items[0].Type)
	require.Equal(t, "b", items[1].Name)
	require.Equal(t, 4, lines.Line(1, "name"))

	items, err = manifest.Read(strings.NewReader("- name: a\n- name: [b"), manifest.WithLines(&lines))
	require.ErrorAs(t, err, &invalid)
	require.Nil(t, items)
	require.Equal(t, 4, lines.Line(1, "name"), "unchanged")
}

func TestLinesStandForTheProblemsOfValidate(t *testing.T) {
	t.Parallel()
	var lines manifest.Lines
	items, err := manifest.Read(strings.NewReader("- name: mail\n  type: sendgrid\n  configuration:\n    prot: 1\n"), manifest.WithLines(&lines))
	require.NoError(t, err)
	var invalid *in.ValidationError
	require.ErrorAs(t, in.Validate(items), &invalid)
	found := map[string]int{}
	for _, p := range invalid.Problems {
		found[p.Field] = lines.Line(p.Index, p.Field)
	}
	require.Equal(t, map[string]int{"configuration.api_key": 3, "configuration.prot": 4}, found)
}
