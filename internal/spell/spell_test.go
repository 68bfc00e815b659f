package spell_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/internal/spell"
)

func TestSuggestFindsNearMisses(t *testing.T) {
	t.Parallel()
	candidates := []string{"name", "type", "enabled", "api_key", "apis", "configuration", "kafka"}
	for s, want := range map[string]string{
		"kafak":           "kafka", // two letters swapped are one mistake
		"apiKey":          "api_key",
		"API-KEY":         "api_key",
		"Enabled":         "enabled",
		"enable":          "enabled",
		"configruation":   "configuration",
		"nam":             "name",
		"nmae":            "name",
		"nmea":            "", // two mistakes in four letters
		"colour":          "",
		"":                "",
		"name_and_others": "",
	} {
		require.Equal(t, want, spell.Suggest(s, candidates), s)
	}
	require.Empty(t, spell.Suggest("name", nil))
	require.Equal(t, "tags", spell.Suggest("tabs", []string{"tans", "tags"}), "the first in the alphabet")
	require.Empty(t, spell.Suggest(strings.Repeat("a", 1<<20), candidates))
}
