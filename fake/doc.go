// Package fake is an in-memory Conductor for the tests of programs that use
// [integrations.Client]. It speaks the integrations API over real HTTP,
// authenticates, keeps what is saved, records every request, and fails on
// demand in the ways a server and a network can.
//
// In a test, three lines are enough, besides the work itself:
//
//	srv := fake.Start(t)
//	svc := New(srv.Client())
//	if err := svc.SetUp(); err != nil {
//		t.Fatalf("%v", err)
//	}
//	srv.AssertSaved(t, want)
//
// # Server
//
// [Start] ties a [Server] to a test, [NewServer] is for Examples and programs.
// [Server.Client] is wired to it over connections in memory. [Server.URL] opens
// a loopback socket for any other client, in any language, and [Server.Handler]
// goes into a server of your own, for TLS or a path prefix. All three share one
// state. The server closes when the test ends, and fails it if a fault was
// prepared that was never used, or if a request went to a route that the fake
// does not have.
//
// The routes are POST /api/integrations/ (with or without the last slash),
// GET /api/integrations/provider and POST /api/token.
//
// # Time
//
// Inside a testing/synctest bubble, Start the server in the bubble and use
// Client: a Retry-After of 30 seconds or a token that lives for an hour then
// takes no time. A server that was started outside is an error there, and the
// socket of URL does not work, as in any bubble.
//
// # What the fake refuses
//
// With 401 and the authentication error body: no token or an unknown one
// (INVALID_TOKEN), one whose time is over (EXPIRED_TOKEN). With 403: a save that
// touches an integration of [WithReadOnly]. With 400 and the application error
// body: what is not JSON, not an array of objects, or has a field of the wrong
// kind; an integration without a name or a type, of a type that is not on the
// reference page, or of another type than it was saved with; a model without
// integrationName, api or description, or with another integrationName than the
// integration's name; an activeOnly that is no boolean. [WithValidation] adds
// the key table. With 413: a body over 32 MiB. With 405 and 404: a wrong method
// and an unknown route. Error bodies never quote a value of the request's
// configuration. [Server.Put] takes integrations of any type.
//
// # What public sources leave open
//
// Where nobody outside the vendor knows, the fake has made a choice. Do not
// take it for the real server's:
//
//   - A batch is saved whole or not at all. One bad integration refuses it.
//   - A save replaces the whole integration except createTime and createdBy,
//     and except enabled where it is absent. Models left out are gone.
//   - The absent enabled of a new integration is true, and an absent category
//     is the type's. A category is stored as it is given, known or not.
//   - Of two integrations with one name in a batch, the later one stays.
//   - Models may be left out, unless WithValidation says otherwise.
//   - Unknown fields are ignored, null is as good as absent, field names are
//     case-sensitive, and kinds are not converted: a number is no string. A
//     number in a configuration loses digits beyond 2^53.
//   - A listing masks every value whose key is secret, as [integrations.ConfigKey]
//     tells it, and the endpoint of mongovectordb, with xxxxx; an empty one
//     stays empty. All models are counted.
//   - A listing is sorted by name. A listing of an unknown category is empty.
//   - A token lives for an hour, or as its request says. It looks like a JWT but
//     is not validly signed.
//
// # Secrets
//
// A [Request] prints and logs without header and body, and the diff of
// [Server.AssertSaved] shows no secret. [Server.Integrations] and the fields of
// a Request do hold them, for whatever reads fields to see: encoding/json,
// go-cmp, testify.
package fake
