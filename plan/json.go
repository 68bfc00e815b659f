package plan

import (
	"encoding/json"

	"github.com/seed4e9a5e42/integrations/internal/terminal"
)

// version is the version of the JSON that a plan is written as.
const version = 1

// planJSON is a plan in JSON.
type planJSON struct {
	Version   int         `json:"version"`
	Server    string      `json:"server"`
	Summary   summaryJSON `json:"summary"`
	Changes   []Change    `json:"changes"`
	Conflicts []Conflict  `json:"conflicts"`
	Notes     []string    `json:"notes"`
	Digest    string      `json:"digest"`
}

type summaryJSON struct {
	Create    int `json:"create"`
	Update    int `json:"update"`
	Delete    int `json:"delete"`
	Unchanged int `json:"unchanged"`
}

// MarshalJSON implements [json.Marshaler]. The object has version (1), server,
// summary, changes, conflicts, notes and digest. A field that is sensitive has
// neither old nor new. A character that controls a terminal is an escape.
func (p Plan) MarshalJSON() ([]byte, error) {
	body, err := json.Marshal(planJSON{
		Version: version,
		Server:  p.server(),
		Summary: summaryJSON{
			Create: p.count(Create), Update: p.count(Update), Delete: p.count(Delete), Unchanged: p.unchanged,
		},
		Changes:   p.Changes(),
		Conflicts: append([]Conflict{}, p.conflicts...),
		Notes:     append([]string{}, p.notes...),
		Digest:    p.Digest(),
	})
	return []byte(terminal.Escape(string(body))), err
}
