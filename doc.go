// Package integrations is a client for the integrations API of Orkes Conductor.
// It sets up AI providers, vector databases, message brokers and other
// integrations on a cluster. It checks a batch before it sends anything.
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
// [Client] has a method for each operation of the resource. [Ops] lists the
// operations. A reference page that the doc of a method names has the address
// https://orkes.io/content/reference-docs/api/integrations/ and the name.
//
// The API calls every integration a provider in its paths, and so do the methods:
// [Client.GetProvider] gets a message broker too. A model is also an index of a
// vector database or a table, and stands in the field APIs of a save.
//
// Most operations take the names of an integration and a model:
//
//   - A name is one segment of a path, and the client escapes it.
//   - A blank name, "." and ".." are refused before anything is sent, because a
//     server reads them as the parent resource.
//   - Servers refuse the characters / \ % and ; in a path, escaped or not.
//     [Client.SaveAll] sends names in its body, so it can create an integration or
//     a model that no operation can read or delete.
//
// # Server and credentials
//
// The server URL may end in /api or not, and may have a path in front of /api.
// [NewClientFromEnv] reads the URL from CONDUCTOR_SERVER_URL.
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
// A key pair is exchanged for a token when a call first needs a token:
//
//   - All goroutines share the token. If the call that started the exchange is
//     cancelled, the exchange goes on for the other calls.
//   - The client renews the token one minute before the token expires, or after
//     nine tenths of its life if that is earlier. If the renewal fails, the old
//     token serves until it expires.
//   - When the server says that a token is expired or invalid, the client fetches
//     a new token and sends the request once more. This happens with
//     [RetryPolicy.MaxRetries] 0 too.
//   - A failed exchange is the error of the call. The client does not send the
//     request without a token. For one second, further calls fail with the same
//     error at once. This time doubles with each failure, up to 30 seconds.
//
// A given token is used as it is. A source is asked for a token before each
// attempt. If a token of a source is refused, the request is sent once more only
// if the source then gives another token.
//
// # Validation
//
// [Client.SaveAll] checks the whole batch against the vendor's reference page
// "Save All Integrations" before it sends anything:
//
//   - names, types and categories
//   - the configuration keys of the type ([KeysFor])
//   - the values of a key, if public sources list them
//   - models and tags
//
// If anything is wrong, nothing is sent. The [*ValidationError] then has every
// problem of every item, with index, name and field, and with a suggestion for a
// near miss. [Validate] reports exactly what SaveAll would refuse. It needs no
// client.
//
// A list may show a mask in place of a secret, and a save replaces the whole
// configuration. A listed configuration that is saved back would overwrite the
// secret with the mask. Therefore a mask, or a placeholder such as <API-KEY>, is
// a problem under any key. These are problems under a secret key
// ([ConfigKey.SecretIn]):
//
//   - a reference that nobody has filled, such as ${API_KEY}
//   - if the key is known, a value with three or more *, • or ● in a row, such as
//     sk-****abcd
//   - if the key is known, a mask or a placeholder in a list or an object, and a
//     text that this module shows in the place of a value, such as [redacted] or
//     (secret)
//
// [Off] saves a secret that looks like a mask.
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
// There are three kinds of errors:
//
//   - Nothing was sent, because the batch is wrong: a [*ValidationError].
//   - The server answered, and the answer is not a success: an [*APIError] with
//     its status. [errors.Is] matches it to [ErrUnauthorized], [ErrNotFound] and
//     so on.
//   - There was no answer: the error wraps the error of the network, of the token
//     source or of the context.
//
// If the context ends while a call is repeated, the error also matches the failure
// that caused the last retry. An error after retries says how many attempts were
// made. [Retryable] reports whether the same call may succeed later.
//
// # Retries
//
// A request is retried when the server answers 429, 502, 503 or 504, when the
// server does not answer, and when the answer breaks off. By default there are
// up to three retries. The first wait is a random time from half a second to one
// second. The range doubles with each retry, up to 30 seconds ([WithRetry]).
//
// The client retries every operation except [Client.RecordEvents]. A repeated save
// does no harm: the repeated body is the same to the byte, and a save replaces the
// integration. A DELETE may be retried although the first attempt was carried out.
// A 404 then means success.
//
// The client waits exactly as long as a Retry-After says. If this time is longer
// than the longest wait, or longer than the context has left, the call ends at
// once. The error has the time.
//
// net/http may repeat a request by itself, when a kept-alive connection turns out
// to be closed before an answer began. The client does not count such a repetition
// as an attempt.
//
// # Timeouts and limits
//
// These are the defaults:
//
//   - An attempt may take 30 seconds, including the time to read the answer
//     ([WithTimeout]). The context bounds the whole call.
//   - An answer is read up to 32 MiB, counted after decompression
//     ([WithMaxResponseBytes]). A list may have one element for each 64 bytes of
//     this limit.
//   - The client reads up to 64 KiB of an error's body and shows up to 1 KiB.
//
// # Redirects
//
// Redirects are never followed. Go would send the token to the address that the
// server names, and with 307 and 308 also the configuration. The call fails with
// [ErrRedirect], and the error names the address.
//
// # Secrets
//
// No error and no log line of this package shows a token, a key secret or a value
// of a configuration. The server's text may repeat the request. The client puts
// [redacted] in the place of the token, of the key secret, and of every string and
// number of the request. These forms of a value are redacted too:
//
//   - the value with the escapes of JSON, URLs, HTML or programming languages, also
//     within each other
//   - a part of the value: a line of a text, a string of a JSON text, the password
//     of a URL, a parameter such as password=
//   - the beginning of a value that the server cut off, if half of the value and
//     at least 16 bytes are there
//
// These texts are not redacted:
//
//   - a value shorter than 6 bytes
//   - a value in base64, in another case, or with something put between its
//     characters, such as a line break
//   - names of integrations, types, categories, models and tag keys, because the
//     error is about them
//
// With fmt and slog, the types of this package show the keys of a configuration
// and never a value. A caller may swap key and value by mistake. Therefore a key
// prints as its length if it has more than 30 bytes, or other characters than
// letters, digits, _, . and -. A [Client] prints its server URL.
//
// Some code does not ask these types how to print them. This package cannot hide
// values there:
//
//   - encoding/json is the wire format and shows the values.
//   - slog's JSON handler shows the values of a slice of integrations, and of a
//     struct that holds one.
//   - go-cmp and testify show the values in their diffs, and testify also the token
//     and the key secret of a [Client].
//   - fmt shows unexported fields of other structs. It also shows a value after %p,
//     and after %w if the value is not an error.
//
// # Logs
//
// [WithLogger] logs each attempt at debug level and each retry as a warning. Each
// line has the operation, the method, the path, the status or the error, and the
// number of the attempt. The line of an attempt also has the duration, and the
// line of a retry has the wait. No line has a header, a body or a query. By
// default nothing is logged.
//
// # Concurrency
//
// A [Client] is safe for concurrent use and keeps its connections alive between
// calls. One Client is enough for a program. The client neither changes nor keeps
// its arguments. Its results belong to the caller.
//
// # What is not known of the server
//
// The reference pages leave these questions open. Do not rely on any answer:
//
//   - whether a batch that is refused in part is applied in part, in which order,
//     and how large it may be
//   - whether a model that is left out of a later save is removed
//   - whether and how secrets are masked in a list
//   - whether a single save keeps or clears a field that it leaves out
//   - whether a list leaves out inactive models of an active integration
//   - whether a second value of a tag key replaces the first value
package integrations
