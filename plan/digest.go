package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// Digest returns the SHA-256 of what a reviewer approves, in hex: the server, the
// owner, and each change with its fields. The description of a new model counts too.
// A text that is printed as (hidden) counts as it is, unless it may hold a secret: a
// weak secret could be guessed from a digest. Of such a text count the scheme, the
// hosts, the ports and the path of a URL, and each pair name=value that is not named
// like a secret. Digest leaves out:
//
//   - the values of secrets: a secret that is added or removed counts, a changed
//     secret does not
//   - the values of header and of user, and the secrets within other texts
//   - fields that cannot be compared (OpRewrite), and updates that hold nothing else.
//     A model that the server may have and does not list counts as a new model.
//   - notes
//   - conflicts, because a plan with a conflict cannot be applied
//
// A plan that was made without the secrets therefore has the digest of the plan
// that is applied with the secrets.
func (p *Plan) Digest() string {
	approved := []string{p.server(), p.owner}
	for _, name := range slices.Sorted(maps.Keys(p.approved)) {
		approved = append(approved, p.approved[name]...)
	}
	return digest(approved)
}

// approve adds what a reviewer approves of one integration, if it is anything:
// nobody approves an update that only rewrites secrets. It adds a digest of the
// fields, because a list of fields may hold a hidden text.
func (b *builder) approve(action Action, name string, t integrations.Type, fields []Field) {
	approved := ""
	if len(fields) > 0 {
		approved = digest(fields)
	} else if action == Update {
		return
	}
	b.plan.approved[name] = []string{string(action), name, string(t), approved}
}

// digest returns the SHA-256 of texts, which always encode.
func digest(texts any) string {
	body, _ := json.Marshal(texts)
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// approvedText is a field outside a configuration, as Digest covers it.
func (v *viewer) approvedText(f Field) Field {
	f.Old, f.New = v.withoutSecrets(f.Old), v.withoutSecrets(f.New)
	return f
}

// approvedValue is the field of a configuration value, as Digest covers it.
func (v *viewer) approvedValue(f Field, key integrations.ConfigKey, want, live value) Field {
	switch {
	case f.Sensitive:
	case hiddenKey(key):
		f.Old, f.New = "", ""
	case want.compound || live.compound || v.mayHoldSecret(f.Old) || v.mayHoldSecret(f.New):
		f.Old, f.New = v.skeleton(live), v.skeleton(want)
	}
	return f
}

func (v *viewer) mayHoldSecret(s string) bool {
	return secret.MayCarry(s) || v.withoutSecrets(s) != s
}

// skeleton returns the parts of a value that are no secret.
func (v *viewer) skeleton(x value) string {
	var parts []string
	for _, s := range x.texts() {
		if part := secret.Skeleton(v.withoutSecrets(s)); part != "" {
			parts = append(parts, part)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
