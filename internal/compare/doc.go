// Package compare holds this SDK against the vendor's own,
// github.com/conductor-sdk/conductor-go: what the same job costs, and what each
// does where things go wrong. It is a module of its own, so that whoever uses
// the SDK does not download the other one.
//
// The facts, a test for each:
//
//	go test -v ./...
//
// The figures, as a Markdown table at the end:
//
//	go test -run '^$' -bench . -benchtime 1x
package compare
