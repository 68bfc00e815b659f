package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/seed4e9a5e42/integrations"
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
//   - fields that cannot be compared (OpRewrite), and updates that hold nothing else.
//     A model that the server may have and does not list counts as a new model.
//   - notes
//   - conflicts, because a plan with a conflict cannot be applied
//
// A plan that was made without the secrets therefore has the digest of the plan
// that is applied with the secrets.
func (p *Plan) Digest() string {
	approved := []string{p.server(), p.owner}
	for _, a := range p.approved {
		approved = append(approved, string(a.action), a.name, string(a.typ), a.fields)
	}
	return digest(approved)
}

// approval is what a reviewer approves of one integration.
type approval struct {
	action Action
	name   string
	typ    integrations.Type
	// fields is a digest of the fields, or empty if there are none. It is no list of
	// fields, because such a list may hold a hidden text.
	fields string
}

// approve adds what a reviewer approves, if it is anything: nobody approves an
// update that only rewrites secrets.
func (b *builder) approve(action Action, name string, t integrations.Type, fields []Field) {
	a := approval{action: action, name: name, typ: t}
	if len(fields) > 0 {
		a.fields = digest(fields)
	} else if action == Update {
		return
	}
	b.plan.approved = append(b.plan.approved, a)
}

// digest returns the SHA-256 of texts, which always encode.
func digest(texts any) string {
	body, _ := json.Marshal(texts)
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
