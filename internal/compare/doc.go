// Package compare holds this SDK against the vendor's own,
// github.com/conductor-sdk/conductor-go: what the same job costs, and what each
// does where things go wrong. It is a module of its own, so that whoever uses
// the SDK does not download the other one.
//
// TestBehaviour counts requests, and what happens when a server or a network
// misbehaves. TestLosses saves integrations, models, tags and prompts, reads
// them back, and counts the losses. TestLifeWithTheOfficialSDK and the
// TestVendors tests are about the fake: the official client, and the habits of
// the vendor's other clients, work on it. All of them run with:
//
//	go test -v ./...
//
// The figures, as a Markdown table at the end. A run takes about three minutes:
//
//	go test -run '^$' -bench . -benchtime 1x
package compare
