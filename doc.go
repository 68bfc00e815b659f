// Package integrations is a client for the integrations API of Conductor: it
// sets up AI providers, vector databases, message brokers and the rest on a
// cluster, in bulk and checked beforehand, and lists what is there.
//
//	client, err := integrations.NewClientFromEnv()
//	if err != nil {
//		return err
//	}
//	err = client.SaveAll(ctx, []integrations.Integration{{
//		Name: "openai",
//		Type: integrations.TypeOpenAI,
//		Configuration: integrations.Configuration{
//			integrations.KeyAPIKey: os.Getenv("OPENAI_API_KEY"),
//		},
//		APIs: []integrations.IntegrationAPI{{API: "gpt-4o", Description: "GPT-4o"}},
//	}})
//	if err != nil {
//		return err
//	}
//	providers, err := client.ListProviders(ctx)
//
// Package [github.com/seed4e9a5e42/integrations/fake] is an in-memory Conductor
// for the tests of programs that use this one.
//
// # Server and credentials
//
// The server URL is taken with or without /api at its end, and with or without
// a path in front of it. [NewClientFromEnv] reads it from CONDUCTOR_SERVER_URL.
//
// Credentials are one of three: a key pair ([WithKeySecret], or
// CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET), a token ([WithToken], or
// CONDUCTOR_AUTH_TOKEN), or a source of tokens ([WithTokenSource]). The last
// option wins, and any option replaces all of the environment's credentials.
// Without credentials no token is sent.
//
// A key pair is exchanged for a token when one is first needed. Any number of
// goroutines share that one exchange, and it goes on for the others when the
// call that began it is cancelled. The token is renewed before it expires: a
// minute before, or a tenth of its life where that is shorter; if that fails, it
// serves until it does expire. When the server says that a token is expired or
// invalid, a new one is fetched and the request is sent once more. A failed
// exchange is the error of the call that needed the token. Nothing is sent
// without one, and calls fail with the same error, at once, for one second,
// doubling to 30 seconds with each further failure.
//
// A given token is used as it is. A source is asked for each attempt, and a
// refused request is sent once more only if its token has changed.
//
// # Validation
//
// [Client.SaveAll] checks the whole batch against the vendor's reference page
// "Save All Integrations" before it sends anything: names, types, categories, the configuration keys of the type
// ([KeysFor]), the values that are known, models, tags. If anything is wrong,
// nothing is sent, and a [*ValidationError] has every problem of every item, by
// index, name and field, with a suggestion for a near miss. [Validate] is the
// same check without a client, but for text that is not UTF-8.
//
// A listing shows secrets masked, and a save replaces the whole configuration,
// so that saving a listed configuration back would store the mask as the secret.
// What looks like a mask or a placeholder in a secret's place is a problem.
//
// Clusters may know more than the page: [Lenient] lets unknown types,
// categories, keys and values pass, and models that were left out. [Off] checks
// only that the batch encodes as JSON, unchanged.
//
// # Errors
//
// Every answer that is not a success is an [*APIError] with its status, which
// [errors.Is] matches to [ErrUnauthorized], [ErrForbidden] and so on. Without an
// answer the error wraps what went wrong: the error of the network, of the token
// source, or of the context. If the context ended while a call was being
// repeated, the error matches the context's and what it was repeated for, be it
// an [*APIError] or the network's.
//
// # Retries
//
// An attempt that ends in 429, 502, 503 or 504, without an answer, or in the
// middle of one is repeated, by default up to three times, after a random wait
// from half a second to one, which doubles each time up to 30 seconds
// ([WithRetry]). That holds for all requests: a save is an upsert, so that one
// that did arrive may arrive again, and its body is the same to the byte. A
// Retry-After is honoured exactly. One that is longer than the longest wait, or
// than the context has left, ends the call at once, and the error has it.
//
// Attempts are counted here. Below, net/http itself repeats a request on a new
// connection if the kept-alive one turns out to be dead before an answer began.
//
// # Timeouts and limits
//
// Each attempt may take 30 seconds, reading the answer included ([WithTimeout]),
// and the context bounds the call as a whole. An answer is read up to 32 MiB,
// counted after decompression ([WithMaxResponseBytes]). The text of an error is
// read up to 64 KiB and shown up to 1 KiB.
//
// # Redirects
//
// Redirects are never followed: Go would send the token along to wherever the
// server points, and on 307 and 308 the configuration with it. The call fails
// with [ErrRedirect], which says where it pointed.
//
// # Secrets
//
// No error and no log line of this package shows a token or a key secret, or a
// configuration value of its own accord. Where the server's text repeats the
// request, the token, the key secret and every string and number of 6 bytes or
// more are replaced, in their usual escaped forms too, and so are the lines of a
// value of many lines, the strings of one that is JSON, and the password of one
// that is a URL. A shorter value, or another part of one, is not known again. The
// names of integrations, types and models stay readable, as they are what an
// error is about.
//
// [Integration], [Provider] and [Configuration] print with fmt and log with slog
// the keys of a configuration and no value. A key that does not look like one, as
// it is longer than 30 bytes or has other characters than letters, digits, _, .
// and -, prints as its length. A [Client] prints its server URL.
//
// This cannot be promised for what does not ask these types how to print them:
//
//   - encoding/json is the wire format and encodes the values;
//   - so does slog's JSON handler for a slice of integrations, or for a struct
//     that has one;
//   - go-cmp and testify print the values in their diffs;
//   - fmt prints the unexported fields of a struct without asking them, and so it
//     does everything given to %w that is no error.
//
// # Logs
//
// [WithLogger] logs each attempt at debug level and each retry as a warning,
// with operation, method, path, status, duration and attempt, and never a
// header, a body or a query; a retry without an answer has the network's error
// too. By default nothing is logged.
//
// # Concurrency
//
// A [Client] is safe for concurrent use and keeps its connections alive between
// calls, so that one is enough for a program. What is passed to it is neither
// changed nor kept, and what it returns is the caller's.
//
// # What is not known of the server
//
// The reference pages do not say whether a batch that is refused in part is
// applied in part, in which order it is applied, how large it may be, or whether
// a model that is left out of a later save is removed. Do not rely on any of
// it.
package integrations
