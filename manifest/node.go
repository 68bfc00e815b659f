package manifest

// node is one value of a file. YAML and JSON are both read into nodes and
// written from nodes, so that all the rest of the package knows nothing of the
// two formats.
type node struct {
	kind    kind
	line    int      // from 1; the line of the key where the node is in an object
	text    string   // what the file has, without quotes and escapes; the reason where kind is unreadable
	members []member // of a list or an object, in the order of the file
}

// member is an element of a list, which has no key, or a field of an object.
type member struct {
	key   string
	value node
}

type kind int

const (
	null kind = iota
	text
	number  // JSON only: in YAML, a number counts as the text that the file has
	boolean // true or false
	// plainBoolean is YAML's true or false without quotes: a boolean, or a text
	// where a text is expected.
	plainBoolean
	list
	object
	unreadable // what the file has is not allowed
)

// maxDepth is how deep lists and objects may be nested in each other.
const maxDepth = 100

const tooDeep = "lists and objects are nested more than 100 levels deep"

// duplicates returns the members whose key an earlier member has, with the line
// of the earlier member. It returns nil where there are none.
func duplicates(members []member) map[int]int {
	const few = 16
	var found map[int]int
	note := func(i, earlier int) {
		if found == nil {
			found = make(map[int]int)
		}
		found[i] = members[earlier].value.line
	}
	if len(members) <= few { // comparing pairwise allocates nothing
		for i := range members {
			for j := range i {
				if members[i].key == members[j].key {
					note(i, j)
					break
				}
			}
		}
		return found
	}
	first := make(map[string]int, len(members))
	for i := range members {
		if j, ok := first[members[i].key]; ok {
			note(i, j)
		} else {
			first[members[i].key] = i
		}
	}
	return found
}
