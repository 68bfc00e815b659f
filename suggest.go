package integrations

import (
	"github.com/seed4e9a5e42/integrations/internal/secret"
	"github.com/seed4e9a5e42/integrations/internal/spell"
)

// mostCandidates bounds the time of a suggestion. The reference page has far fewer
// types, and far fewer keys of a type. A cluster's definitions may have any number.
const mostCandidates = 300

// suggest words a suggestion when s is a near miss of one of the first candidates.
// Otherwise it returns "". A candidate may be the server's text, see
// [WithDefinitions].
func suggest[S ~string](s string, candidates []S) string {
	candidates = candidates[:min(len(candidates), mostCandidates)]
	names := make([]string, len(candidates))
	for i, c := range candidates {
		names[i] = string(c)
	}
	if best := spell.Suggest(s, names); best != "" {
		return ", did you mean " + secret.Printable(best) + "?"
	}
	return ""
}
