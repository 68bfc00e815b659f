package main

import (
	"embed"
	"time"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/manifest"
)

// exampleFile is the file that -try reads if no file is named. The fake cluster
// has the integrations of liveFile.
const (
	exampleFile = "example/desired.yaml"
	liveFile    = "example/live.yaml"
)

//go:embed example/desired.yaml example/live.yaml
var exampleFiles embed.FS

const tryHelp = `With -try the cluster is a fake inside the program, new in each run: no server,
no account and no secret is needed. It has six integrations that the owner
payments keeps: openai, documents, orders-queue, orders-db, mail, legacy-queue.
`

const tryFileHelp = `Without a file, -try reads an example file: it adds claude, changes openai, and
no longer has legacy-queue. A ${NAME} that is not set gets a made-up value.
`

// tryCluster starts the fake cluster of -try. Its clock stands still, so that each
// run of the program prints the same.
func tryCluster() (client *integrations.Client, done func()) {
	items, err := manifest.ReadFS(exampleFiles, liveFile, manifest.WithLookup(tryLookup))
	if err != nil {
		panic(err) // the file is part of the program
	}
	saved := time.Date(2026, 3, 12, 9, 14, 0, 0, time.UTC)
	srv := fake.NewServer(
		fake.WithUser("jane@acme.com"),
		fake.WithClock(func() time.Time { return saved }),
		fake.WithIntegrations(items...),
	)
	return srv.Client(), srv.Close
}

// tryLookup makes up the value of each variable that is not set. The fake cluster
// forgets the values at the end of the run.
func tryLookup(name string) (string, bool) {
	if value, ok := lookup(name); ok {
		return value, true
	}
	return "made-up " + name, true
}

// readOptions returns how files are read: with -try each variable has a value.
func readOptions(try bool) []manifest.Option {
	if try {
		return []manifest.Option{manifest.WithLookup(tryLookup)}
	}
	return []manifest.Option{manifest.WithLookup(lookup)}
}
