// Package spell finds the name that somebody probably meant.
package spell

import "strings"

// Suggest returns the candidate that s is a near miss of, or "". A near miss has
// the same letters in another spelling (apiKey for api_key), or one or two typing
// mistakes, but at most one mistake for every three letters of the candidate. Of
// two candidates that are equally near, Suggest returns the first in the alphabet.
func Suggest(s string, candidates []string) string {
	const mistakes = 2
	best, least := "", mistakes+1
	squashed := squash(s)
	for _, c := range candidates {
		d := distance(squashed, squash(c), mistakes)
		if d > mistakes || 3*d > len(c) {
			continue
		}
		if d < least || d == least && c < best {
			best, least = c, d
		}
	}
	return best
}

var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// squash removes the differences between spellings: case and separators.
func squash(s string) string { return separators.Replace(strings.ToLower(s)) }

// distance returns the number of typing mistakes between a and b, in bytes: a
// letter too many, missing, wrong, or swapped with its neighbour. When their
// lengths differ by more than most, it returns most+1.
func distance(a, b string, most int) int {
	if max(len(a), len(b))-min(len(a), len(b)) > most {
		return most + 1
	}
	// rows[i][j] is the distance of the first i bytes of a and the first j of b.
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
