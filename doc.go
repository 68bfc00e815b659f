// Package integrations is a client for the integrations API of Orkes Conductor.
// It sets up AI providers, vector databases, message brokers and other
// integrations on a cluster. It checks them before it sends anything.
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
//
// Conductor's open-source server does not have this API.
//
// Three packages stand beside this one:
//
//   - [github.com/seed4e9a5e42/integrations/fake] is an in-memory Conductor for
//     tests.
//   - [github.com/seed4e9a5e42/integrations/plan] compares a list of integrations
//     with a cluster, shows the difference and applies it.
//   - [github.com/seed4e9a5e42/integrations/manifest] reads and writes files of
//     integrations.
//
// # Operations
//
// [Client] has a method for each operation of the resource. [Ops] lists them.
// The API calls every integration a provider in its paths, and so do the
// methods: [Client.GetProvider] gets a message broker too. A model is also an
// index of a vector database or a table, and stands in the field APIs of a
// save.
//
// An operation on one integration or model takes names. A name is one segment
// of a path, and the client escapes it. A blank name, "." and ".." are refused
// before anything is sent, because a server reads them as the parent resource.
// Servers refuse the characters / \ % and ; in a path, escaped or not.
// [Client.SaveAll] sends names in its body, so it can create a model that no
// other operation can reach.
//
// # Server and credentials
//
// The server URL has or lacks /api at its end, and it may have a path in front
// of that. [NewClientFromEnv] reads the URL from CONDUCTOR_SERVER_URL.
//
// There are three kinds of credentials:
//
//   - a key pair: [WithKeySecret], or CONDUCTOR_AUTH_KEY and
//     CONDUCTOR_AUTH_SECRET
//   - a token: [WithToken], or CONDUCTOR_AUTH_TOKEN
//   - a source of tokens: [WithTokenSource]
//
// The last credential option wins. Any credential option replaces all
// credentials of the environment. Without credentials no token is sent.
//
// The client exchanges a key pair for a token when a call first needs one. All
// goroutines share the token. The exchange goes on for the others when the call
// that started it is cancelled. The client renews the token one minute before
// the token expires, or after nine tenths of its life where that is earlier. If
// the renewal fails, the old token serves until it expires. When the server says
// that a token is expired or invalid, the client fetches a new token and sends
// the request once more. This happens with [RetryPolicy.MaxRetries] 0 too. A
// failed exchange is the error of the call. For one second after it, calls fail
// with the same error at once. That time doubles with each failure, up to 30
// seconds. The client never sends a request without its token instead.
//
// A given token is used as it is. A source is asked for a token before each
// attempt. A request whose token was refused is sent once more only if the
// source then gives another token.
//
// # Validation
//
// [Client.SaveAll] checks the whole batch against the vendor's reference page
// "Save All Integrations" before it sends anything: names, types, categories,
// the configuration keys of the type ([KeysFor]), the values of keys whose
// values are known, models and tags. If anything is wrong, nothing is sent. The
// [*ValidationError] then has every problem of every item, with index, name and
// field, and with a suggestion for a near miss. [Validate] reports exactly what
// SaveAll would refuse. It needs no client.
//
// A list may show a mask in place of a secret, and a save replaces the whole
// configuration. A listed configuration that is saved back would overwrite the
// secret with the mask. Therefore a mask, or a placeholder such as <API-KEY>, is
// a problem under any key.
//
// A cluster may know more than the page:
//
//   - [WithDefinitions] accepts the types and keys that the cluster defines, see
//     [Client.ListDefinitions].
//   - [Lenient] accepts unknown types, categories, keys and values, and a missing
//     list of models.
//   - [Off] checks only that JSON can carry the batch unchanged.
//
// # Errors
//
// An answer that is not a success is an [*APIError] with its status.
// [errors.Is] matches the error to [ErrUnauthorized], [ErrNotFound] and so on.
// Without an answer the error wraps the error of the network, of the token
// source or of the context. If the context ends while a call is repeated, the
// error also matches the failure that caused the last retry. An error after
// retries says how many attempts were made. [Retryable] reports whether the same
// call may succeed later.
//
// # Retries
//
// A request is retried when the server answers 429, 502, 503 or 504, when the
// server does not answer, and when the answer breaks off. By default there are
// up to three retries. The first wait is a random time from half a second to one
// second. The range doubles with each retry, up to 30 seconds ([WithRetry]).
//
// The client retries every operation but [Client.RecordEvents]. A save replaces
// what is there, so a repeated save does no harm. The repeated body is the same
// to the byte. A DELETE may be retried although the first attempt was carried
// out. A 404 then means success.
//
// The client waits exactly as long as a Retry-After says. If that is longer than
// the longest wait, or longer than the context has left, the call ends at once.
// The error has the time.
//
// Attempts are counted here. Below, net/http itself repeats a request when a
// kept-alive connection turns out to be closed before an answer began.
//
// # Timeouts and limits
//
// An attempt may take 30 seconds, with the reading of the answer ([WithTimeout]).
// The context bounds the whole call. An answer is read up to 32 MiB, counted
// after decompression ([WithMaxResponseBytes]). A list may have one element for
// each 64 bytes of that limit. The client reads up to 64 KiB of an error's body
// and shows up to 1 KiB.
//
// # Redirects
//
// Redirects are never followed. Go would send the token to the address that the
// server names, and with 307 and 308 also the configuration. The call fails with
// [ErrRedirect], and the error names the address.
//
// # Secrets
//
// No error and no log line of this package shows a token, a key secret or a
// value of a configuration. The server's text may repeat the request. In such a
// text every string and number of the request is replaced by [redacted], and so
// are the token and the key secret. That holds for usual escapes too: those of
// JSON, URL and HTML, the backslash escapes of programming languages, and all of
// these within each other. These parts of a value count on their own: the lines
// of a text, the strings of a JSON text, the password of a URL, a parameter such as
// password=. A server may cut
// off what it quotes: half of a value, and at least 16 bytes of it, count as the
// value. Values shorter than 6 bytes are not redacted. Nor is a value in a form
// of another kind: in base64, in another case, or with something put between
// its characters, such as a line break. Names of integrations, types,
// categories, models and tag keys stay readable, because the error is about
// them.
//
// The types of this package print with fmt, and log with slog, the keys of a
// configuration and never a value. A key that does not look like a key prints as
// its length, because key and value may have been swapped: a key has up to 30
// bytes, and only letters, digits, _, . and -. A [Client] prints its server URL.
//
// Some code does not ask these types how to print them. This package cannot hide
// values there:
//
//   - encoding/json is the wire format and shows the values.
//   - slog's JSON handler shows the values of a slice of integrations, and of a
//     struct that holds one.
//   - go-cmp and testify show the values in their diffs.
//   - fmt shows unexported fields of other structs. It also shows a value that is
//     given to %w and is no error.
//
// # Logs
//
// [WithLogger] logs each attempt at debug level and each retry as a warning. A
// line has the operation, the method, the path, the status or the error, the
// duration and the number of the attempt. It never has a header, a body or a
// query. By default nothing is logged.
//
// # Concurrency
//
// A [Client] is safe for concurrent use and keeps its connections alive between
// calls. One Client is enough for a program. The client neither changes nor
// keeps what it is given. What it returns belongs to the caller.
//
// # What is not known of the server
//
// The reference pages leave these questions open. Do not rely on any answer:
//
//   - whether a batch that is refused in part is applied in part, in which order,
//     and how large it may be
//   - whether a model that is left out of a later save is removed
//   - whether and how secrets are masked in a list
//   - what becomes of a field that a single save leaves out
//   - whether a list leaves out inactive models of an active integration
package integrations
