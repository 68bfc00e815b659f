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

// distance returns the Levenshtein distance of a and b in bytes. When their
// lengths differ by more than most, it returns most+1.
func distance(a, b string, most int) int {
	if max(len(a), len(b))-min(len(a), len(b)) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
