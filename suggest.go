package integrations

import (
	"github.com/seed4e9a5e42/integrations/internal/secret"
	"github.com/seed4e9a5e42/integrations/internal/spell"
)

// suggest words a suggestion when s is a near miss of a candidate. Otherwise it
// returns "". A candidate may be the server's text, see [WithDefinitions].
func suggest[S ~string](s string, candidates []S) string {
	names := make([]string, len(candidates))
	for i, c := range candidates {
		names[i] = string(c)
	}
	if best := spell.Suggest(s, names); best != "" {
		return ", did you mean " + secret.Printable(best) + "?"
	}
	return ""
}
