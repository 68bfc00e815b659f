package main

import (
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/seed4e9a5e42/integrations"
)

// load reads, fills and validates a file. What is wrong inside of integrations
// comes as one [*integrations.ValidationError], whichever step has found it.
func load(file string, stdin io.Reader, validation integrations.SaveOption) ([]integrations.Integration, error) {
	data, err := read(file, stdin)
	if err != nil {
		return nil, err
	}
	items, problems, err := decode(data)
	if err != nil {
		return nil, err
	}
	problems = append(problems, fill(items, os.LookupEnv)...)

	var invalid *integrations.ValidationError
	if err := integrations.Validate(items, validation); errors.As(err, &invalid) {
		problems = append(problems, unreported(problems, invalid.Problems)...)
	} else if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b integrations.Problem) int { return cmp.Compare(a.Index, b.Index) })
		return nil, &integrations.ValidationError{Problems: problems}
	}
	return items, nil
}

func read(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// unreported leaves out what only follows from a known problem of the same
// field: what could not be read is missing too. That a key is unknown does not
// follow.
func unreported(known, found []integrations.Problem) []integrations.Problem {
	var rest []integrations.Problem
	for _, p := range found {
		follows := slices.ContainsFunc(known, func(k integrations.Problem) bool {
			return k.Index == p.Index && (k.Field == "" || strings.HasPrefix(p.Field+".", k.Field+"."))
		})
		if !follows || errors.Is(p.Err, integrations.ErrUnknownKey) {
			rest = append(rest, p)
		}
	}
	return rest
}
