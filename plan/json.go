package plan

import (
	"crypto/sha256"
	"encoding/hex"
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

// Digest returns the SHA-256 of what a reviewer approves, in hex: the server, the
// owner, and each change with its fields. A text that is not a secret counts as it
// is, also where the plan prints (hidden). So does the description of a new model.
// Digest leaves out:
//
//   - the values of secrets: a secret that is added or removed counts, a changed
//     secret does not
//   - fields that cannot be compared (OpRewrite), and updates that hold nothing else
//   - notes
//   - conflicts, because a plan with a conflict cannot be applied
//
// A plan that was made without the secrets therefore has the digest of the plan
// that is applied with the secrets.
func (p *Plan) Digest() string {
	approved := []string{p.server(), p.owner}
	for _, c := range p.changes {
		if c.Action != Update || c.approved != "" {
			approved = append(approved, string(c.Action), c.Name, string(c.Type), c.approved)
		}
	}
	return digest(approved)
}

// fingerprint returns a digest of fields, or an empty text if there are none.
func fingerprint(fields []Field) string {
	if len(fields) == 0 {
		return ""
	}
	return digest(fields)
}

// digest returns the SHA-256 of texts, which always encode.
func digest(texts any) string {
	body, _ := json.Marshal(texts)
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
