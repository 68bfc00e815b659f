package integrations_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// An answer to a listing that is no listing is an error with its status, says
// what is wrong, and does not quote the answer.
func TestListBodies(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, want string }{
		"empty":                 {"", "the list does not decode: the body is empty"},
		"white space":           {" \n", "the list does not decode: the body is empty"},
		"null":                  {"null", "the list does not decode: it is not an array"},
		"object":                {`{"canary":1}`, "the list does not decode: it is not an array"},
		"string":                {`"canary"`, "the list does not decode: it is not an array"},
		"html":                  {"\n<html>canary</html>", "the answer is a page of HTML, check the server URL"},
		"text":                  {"canary", "the list does not decode: invalid JSON at byte"},
		"breaks off":            {`[{"name":"canary"},`, "the list does not decode: the JSON breaks off"},
		"breaks off at a comma": {`[{"name":"canary"}`, "the list does not decode: the JSON breaks off"},
		"closed by a brace":     {`[}canary`, "the list does not decode: invalid JSON at byte"},
		"breaks off at once":    {`[`, "the list does not decode: the JSON breaks off"},
		"breaks off in a value": {`[{"name":"can`, "the list does not decode: the JSON breaks off"},
		"two arrays":            {`[][]`, "the list does not decode: there is more after the array"},
		"text after the array":  {`[]canary`, "the list does not decode: invalid JSON at byte"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := clientOf(t, http.StatusOK, nil, text(tt.body)).ListProviders(t.Context())
			require.Nil(t, got)
			var api *in.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, http.StatusOK, api.StatusCode)
			require.ErrorContains(t, err, "integrations: ListProviders: status 200 OK: ")
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "canary")
			require.NotContains(t, err.Error(), "8642")
		})
	}
}

// The content type says nothing that the body does not say better.
func TestTheContentTypeIsIgnored(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "text/html", "application/octet-stream", "nonsense"} {
		client := clientOf(t, http.StatusOK, header("Content-Type", kind), text(golden(t, "list_all.json")))
		got, err := client.ListProviders(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 3)
	}
}

func TestSaveBodies(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", `{"ok":true}`, "saved"} {
		require.NoError(t, clientOf(t, http.StatusOK, nil, text(body)).SaveAll(t.Context(), []in.Integration{openAI()}))
	}
	for _, body := range []string{" <html>canary", "\ufeff\n<html>canary"} {
		err := clientOf(t, http.StatusOK, nil, text(body)).SaveAll(t.Context(), []in.Integration{openAI()})
		require.EqualError(t, err, "integrations: SaveAll: status 200 OK: the answer is a page of HTML, check the server URL")
	}
}

// The body of an error may be anything.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                  "integrations: ListProviders: status 500 Internal Server Error",
		"<html>canary</html>":               "integrations: ListProviders: status 500 Internal Server Error",
		`{"message":"canary`:                "integrations: ListProviders: status 500 Internal Server Error",
		`{"message":["canary"]}`:            "integrations: ListProviders: status 500 Internal Server Error",
		`{"message":"no disk","code":"D1"}`: "integrations: ListProviders: status 500 Internal Server Error (D1): no disk",
		`{"message":"bad","validationErrors":[{"path":"a.b","message":"is bad","invalidValue":"canary"}]}`: "integrations: ListProviders: status 500 Internal Server Error: bad; a.b: is bad",
		`{"message":"` + strings.Repeat("a", 70<<10) + `canary"}`:                                          "integrations: ListProviders: status 500 Internal Server Error",
	} {
		require.EqualError(t, list(t.Context(), clientOf(t, 500, nil, text(body))), want)
	}
}

// bomb is 2 MB of gzip that unpack to 2 GB of spaces after an opening bracket.
func bomb(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	pack := func(text []byte) {
		w := gzip.NewWriter(&packed)
		_, err := w.Write(text)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	pack([]byte("["))
	begin := packed.Len()
	pack(bytes.Repeat([]byte(" "), 16<<20))
	return append(packed.Bytes(), bytes.Repeat(packed.Bytes()[begin:], 127)...)
}

// Bodies without an end, and small ones that unpack to gigabytes, are read up to
// the limit and no further, in bounded memory.
func TestBodiesAreCapped(t *testing.T) {
	const limit = 1 << 20
	packed := bomb(t)
	unpacked := func() io.Reader {
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Error(err)
		}
		return r
	}
	endless := func() io.Reader { return io.MultiReader(strings.NewReader("["), forever(" ")) }
	for name, body := range map[string]func() io.Reader{"endless": endless, "bomb": unpacked} {
		for op, call := range exchanges {
			for _, status := range []int{200, 500} {
				opts := []in.Option{in.WithMaxResponseBytes(limit)}
				if op == in.OpToken {
					opts = append(opts, in.WithKeySecret("id", "secret"))
				}
				client := clientOf(t, status, nil, body, opts...)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				err := call(t.Context(), client)
				runtime.ReadMemStats(&after)
				var api *in.APIError
				require.ErrorAs(t, err, &api, "%s %s", name, op)
				require.Equal(t, op, api.Op)
				require.Equal(t, status, api.StatusCode)
				require.Equal(t, status == 200, errors.Is(err, in.ErrResponseTooLarge))
				// A decoder that grows by doubling allocates a few times the limit.
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8*limit), "%s %s %d", name, op, status)
			}
		}
	}
}

// net/http unpacks what it asked for; the cap counts what comes out.
func TestTheCapCountsAfterDecompression(t *testing.T) {
	t.Parallel()
	packed := bomb(t)
	srv := fake.Start(t)
	srv.FailNext(in.OpListProviders, fake.Fault{Status: 200, RawBody: packed, Header: header("Content-Encoding", "gzip")})
	err := list(t.Context(), srv.Client(in.WithMaxResponseBytes(4<<20)))
	require.ErrorIs(t, err, in.ErrResponseTooLarge)
	require.ErrorContains(t, err, "WithMaxResponseBytes")
	require.Len(t, srv.Requests(in.OpListProviders), 1)
}

// White space that comes in small pieces must not be looked at again and again:
// at quadratic cost this takes minutes.
func TestWhiteSpaceCostsLittle(t *testing.T) {
	t.Parallel()
	spaces := func() io.Reader {
		body := io.MultiReader(strings.NewReader("["), io.LimitReader(forever(" "), 16<<20), strings.NewReader("]"))
		return readAtMost{body, 512}
	}
	got, err := clientOf(t, 200, nil, spaces).ListProviders(t.Context())
	require.NoError(t, err)
	require.Empty(t, got)
}

// readAtMost gives n bytes at a time.
type readAtMost struct {
	io.Reader
	n int
}

func (r readAtMost) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), r.n)]) }

// forever is a reader of one text, again and again.
type forever string

func (f forever) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], f)
	}
	return len(p), nil
}

func TestALimitThatIsJustReachedIsFine(t *testing.T) {
	t.Parallel()
	body := golden(t, "list_all.json")
	_, err := clientOf(t, 200, nil, text(body), in.WithMaxResponseBytes(int64(len(body)))).ListProviders(t.Context())
	require.NoError(t, err)
	_, err = clientOf(t, 200, nil, text(body), in.WithMaxResponseBytes(int64(len(body)-1))).ListProviders(t.Context())
	require.ErrorIs(t, err, in.ErrResponseTooLarge)
}

// A body that cannot be read to its end is asked for again, whatever a decoder
// made of the part that came.
func TestABodyThatBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"", `[{"name":`, `[{"name":"a"}`, `[]`} {
		attempts := 0
		client := clientOf(t, 200, nil, func() io.Reader {
			if attempts++; attempts == 1 {
				return io.MultiReader(strings.NewReader(part), iotest.ErrReader(io.ErrUnexpectedEOF))
			}
			return strings.NewReader(`[{"name":"whole","enabled":false}]`)
		})
		got, err := client.ListProviders(t.Context())
		require.NoError(t, err, part)
		require.Empty(t, cmp.Diff([]in.Provider{{Name: "whole"}}, got))
		require.Equal(t, 2, attempts)

		broken := clientOf(t, 200, nil, func() io.Reader {
			return io.MultiReader(strings.NewReader(part), iotest.ErrReader(io.ErrUnexpectedEOF))
		})
		err = list(t.Context(), broken)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		var api *in.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, 200, api.StatusCode)
	}
}

// idleBody gives nothing and does not end.
type idleBody struct{}

func (idleBody) Read([]byte) (int, error) { return 0, nil }
func (idleBody) Close() error             { return nil }

// A caller's RoundTripper may answer with less than net/http does.
func TestAnAnswerOfAStubHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400} {
		for name, credential := range map[string]in.Option{"token": in.WithToken("t"), "pair": in.WithKeySecret("id", "secret")} {
			client, err := in.NewClient("https://cluster", credential, in.WithRetry(in.RetryPolicy{}),
				in.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: status, Body: idleBody{}}, nil
				})}))
			require.NoError(t, err)
			var api *in.APIError
			require.ErrorAs(t, list(t.Context(), client), &api, name)
			require.Equal(t, status, api.StatusCode)
		}
	}
	client, err := in.NewClient("https://cluster", in.WithRetry(in.RetryPolicy{}),
		in.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return &http.Response{}, nil })}))
	require.NoError(t, err)
	require.ErrorContains(t, list(t.Context(), client), "an answer without a status")
}
