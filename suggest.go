package integrations

import "github.com/seed4e9a5e42/integrations/internal/spell"

// suggest words a suggestion when s is a near miss of a candidate. Otherwise it
// returns "".
func suggest[S ~string](s string, candidates []S) string {
	names := make([]string, len(candidates))
	for i, c := range candidates {
		names[i] = string(c)
	}
	if best := spell.Suggest(s, names); best != "" {
		return ", did you mean " + best + "?"
	}
	return ""
}
