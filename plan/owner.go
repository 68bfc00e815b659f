package plan

import (
	"slices"

	"github.com/seed4e9a5e42/integrations"
)

// ownerTag is the key of the tag that says which file an integration belongs to.
const ownerTag = "iac-owner"

// ownersOf returns the owners that tags name, each once and sorted.
func ownersOf(tags []integrations.Tag) []string {
	var owners []string
	for _, tag := range tags {
		if tag.Key == ownerTag {
			owners = append(owners, tag.Value)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

// ownedBy reports whether owner is the only owner that tags name.
func ownedBy(owner string, tags []integrations.Tag) bool {
	owners := ownersOf(tags)
	return len(owners) == 1 && owners[0] == owner
}

// ownership returns the conflict of updating live, or nil.
func ownership(cfg *config, live *integrations.Provider) *Conflict {
	owners := ownersOf(live.Tags)
	switch {
	case cfg.owner == "" || len(owners) == 1 && owners[0] == cfg.owner:
		return nil
	case len(owners) > 1:
		return &Conflict{Name: live.Name, Err: ErrOwner,
			Reason: "it has more than one tag " + ownerTag + "; remove all but one"}
	case len(owners) == 1:
		return &Conflict{Name: live.Name, Err: ErrOwner,
			Reason: "it belongs to " + quoted(owners[0]) + ", not to " + cfg.owner +
				"; leave it out of the file, or remove its tag " + ownerTag + " first"}
	case cfg.adopt:
		return nil
	}
	return &Conflict{Name: live.Name, Err: ErrUnowned, Reason: "it exists and has no owner; adopt it to take it over"}
}
