package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
// neither old nor new.
func (p Plan) MarshalJSON() ([]byte, error) {
	return json.Marshal(planJSON{
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
}

// Digest returns the SHA-256 of what a reviewer approves, in hex: the server, the
// owner, and each change with its fields as they are shown. It leaves out what
// depends on secrets only: changed secret values, fields that cannot be compared,
// updates that hold nothing else, and notes. Conflicts are left out too, because a
// plan with a conflict cannot be applied.
//
// A plan that was made without the secrets therefore has the digest of the plan
// that is applied with the secrets. The exception is a value that is not secret
// and is equal to a secret: only a plan that knows the secret hides the value.
func (p *Plan) Digest() string {
	changes := []Change{}
	for _, c := range p.changes {
		if c.Action == Update && len(c.approved) == 0 {
			continue
		}
		c.Fields = c.approved
		changes = append(changes, c.Change)
	}
	// Texts and slices of texts always encode.
	body, _ := json.Marshal(struct {
		Server, Owner string
		Changes       []Change
	}{p.server(), p.owner, changes})
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
