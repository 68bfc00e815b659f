package compare

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// TestBehaviour puts both SDKs in the same situations and counts what comes of
// it. A row that fails is a claim to take back.
func TestBehaviour(t *testing.T) {
	for _, fact := range []struct {
		counted        string
		official, ours int
		count          func(*testing.T, func(setup) sdk) int
	}{
		{"requests to save 2 integrations of 2 models", 6, 1, requestsToSave},
		{"requests to make sure that 50 integrations exist that do", 100, 1, requestsToFind50},
		{"requests to make sure that 50 integrations exist that do not", 200, 2, requestsToMake50},
		{"requests to make sure from a list that 50 integrations exist that do", 51, 1, requestsToFind50FromList},
		{"requests to remove 50 integrations", 50, 50, requestsToRemove50},
		{"integrations and models, of 3, sent as disabled", 0, 3, sentDisabled},
		{"listed providers, of 1, with their creation time", 0, 1, withCreationTime},
		{"forms of the server URL, of 4, that work", 1, 4, urlForms},
		{"calls, of 1, that outlive a 503", 0, 1, outlive503},
		{"answers over 32 MiB, of 1, taken into memory whole", 1, 0, tookHugeAnswer},
		{"redirects, of 5, that take the token to another host", 5, 0, redirectedTokens},
		{"redirects, of 2, that take the key secret to another host", 2, 0, redirectedSecrets},
		{"requests sent without a token because none was to be had", 1, 0, sentWithoutToken},
		{"calls, of 3, that fail after the token expired", 3, 0, failWithExpiredToken},
		{"calls, of 1, that wait for a token though cancelled", 1, 0, waitThoughCancelled},
		{"errors, of 1, that show the API key that a server quotes", 1, 0, errorsShowKey},
		{"logs, of 1, that show the key secret that a server quotes", 1, 0, logsShowSecret},
	} {
		for i, s := range sdks {
			t.Run(fmt.Sprintf("%s/%s", fact.counted, s.name), func(t *testing.T) {
				got := fact.count(t, func(with setup) sdk {
					if with.log == nil {
						with.log = io.Discard
					}
					return s.make(t, with)
				})
				require.Equal(t, []int{fact.official, fact.ours}[i], got)
			})
		}
	}
}

func requestsToSave(t *testing.T, connect func(setup) sdk) int {
	c := newCluster(t, 0)
	require.NoError(t, connect(setup{url: c.url}).save(batchOf(2))(t.Context()))
	got, _ := c.take()
	return got.requests
}

func requestsToFind50(t *testing.T, connect func(setup) sdk) int {
	items := batchOf(50)
	return requestsFor(t, items, func(url string) error { return connect(setup{url: url}).ensure(items)(t.Context()) })
}

func requestsToFind50FromList(t *testing.T, connect func(setup) sdk) int {
	items := batchOf(50)
	return requestsFor(t, items, func(url string) error { return connect(setup{url: url}).ensureFromList(items)(t.Context()) })
}

func requestsToMake50(t *testing.T, connect func(setup) sdk) int {
	return requestsFor(t, nil, func(url string) error { return connect(setup{url: url}).ensure(batchOf(50))(t.Context()) })
}

func requestsToRemove50(t *testing.T, connect func(setup) sdk) int {
	items := batchOf(50)
	return requestsFor(t, items, func(url string) error { return connect(setup{url: url}).remove(items)(t.Context()) })
}

// requestsFor counts the requests of a job on a server that holds items and
// shows secrets.
func requestsFor(t *testing.T, items []in.Integration, job func(url string) error) int {
	c := newCluster(t, 0)
	c.begin(items, fake.Behaviour{ClearSecrets: true})
	require.NoError(t, job(c.url))
	got, _ := c.take()
	return got.requests
}

func sentDisabled(t *testing.T, connect func(setup) sdk) (n int) {
	items := batchOf(1)
	items[0].Enabled, items[0].APIs[0].Enabled, items[0].APIs[1].Enabled = in.Bool(false), in.Bool(false), in.Bool(false)
	c := newCluster(t, 0)
	c.look()
	require.NoError(t, connect(setup{url: c.url}).save(items)(t.Context()))
	_, saved := c.take()
	require.Len(t, saved, 1)
	require.Len(t, saved[0].APIs, 2)
	for _, enabled := range []*bool{saved[0].Enabled, saved[0].APIs[0].Enabled, saved[0].APIs[1].Enabled} {
		if enabled != nil && !*enabled {
			n++
		}
	}
	return n
}

func withCreationTime(t *testing.T, connect func(setup) sdk) int {
	c := newCluster(t, 0)
	c.listing = listOf(1)
	got, err := connect(setup{url: c.url}).list(t.Context())
	require.NoError(t, err)
	return strings.Count(string(encode(t, got)), fmt.Sprint(created))
}

func urlForms(t *testing.T, connect func(setup) sdk) (n int) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/integrations/provider" {
			answer(w, http.StatusOK, `[]`)
		} else {
			answer(w, http.StatusNotFound, `{"status":404}`)
		}
	})
	for _, form := range []string{"/api", "/api/", "", "/"} {
		if _, err := connect(setup{url: url + form}).list(t.Context()); err == nil {
			n++
		}
	}
	return n
}

func outlive503(t *testing.T, connect func(setup) sdk) int {
	var requests atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			answer(w, http.StatusServiceUnavailable, ``)
		}
	})
	if connect(setup{url: url + "/api"}).save(batchOf(1))(t.Context()) != nil {
		return 0
	}
	return 1
}

func tookHugeAnswer(t *testing.T, connect func(setup) sdk) int {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, `[{"name":"a","description":"`)
		mebibyte := bytes.Repeat([]byte("a"), 1<<20)
		for range 33 {
			_, _ = w.Write(mebibyte)
		}
		_, _ = io.WriteString(w, `"}]`)
	})
	_, err := connect(setup{url: url + "/api"}).list(t.Context())
	if err != nil {
		require.ErrorIs(t, err, in.ErrResponseTooLarge)
		return 0
	}
	return 1
}

func redirectedTokens(t *testing.T, connect func(setup) sdk) (n int) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		api, seen := redirect(t, status, func(r *http.Request) bool { return r.Header.Get("X-Authorization") == token })
		_, _ = connect(setup{url: api + "/api"}).list(t.Context())
		n += int(seen.Load())
	}
	return n
}

func redirectedSecrets(t *testing.T, connect func(setup) sdk) (n int) {
	for _, status := range []int{307, 308} {
		api, seen := redirect(t, status, func(r *http.Request) bool {
			body, _ := io.ReadAll(r.Body)
			return bytes.Contains(body, []byte(keySecret))
		})
		_, _ = connect(setup{url: api + "/api", keyPair: true}).list(t.Context())
		n += int(seen.Load())
	}
	return n
}

// redirect starts a server that sends every request on to another host, and
// counts the requests of interest that arrive there.
func redirect(t *testing.T, status int, ofInterest func(*http.Request) bool) (url string, seen *atomic.Int32) {
	seen = new(atomic.Int32)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if ofInterest(r) {
			seen.Add(1)
		}
		answer(w, http.StatusOK, `[]`)
	})
	other = strings.Replace(other, "127.0.0.1", "localhost", 1)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other+r.URL.Path, status)
	}), seen
}

func sentWithoutToken(t *testing.T, connect func(setup) sdk) int {
	var bare atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/token" {
			answer(w, http.StatusInternalServerError, `{"status":500}`)
			return
		}
		if r.Header.Get("X-Authorization") == "" {
			bare.Add(1)
		}
		answer(w, http.StatusOK, `[]`)
	})
	_, _ = connect(setup{url: url + "/api", keyPair: true}).list(t.Context())
	return int(bare.Load())
}

func failWithExpiredToken(t *testing.T, connect func(setup) sdk) (n int) {
	var minted atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/token":
			answer(w, http.StatusOK, fmt.Sprintf(`{"token":"token-%d"}`, minted.Add(1)))
		case r.Header.Get("X-Authorization") == "token-1":
			answer(w, http.StatusUnauthorized, `{"error":"EXPIRED_TOKEN","message":"token expired"}`)
		default:
			answer(w, http.StatusOK, `[]`)
		}
	})
	s := connect(setup{url: url + "/api", keyPair: true})
	for range 3 {
		if _, err := s.list(t.Context()); err != nil {
			n++
		}
	}
	return n
}

func waitThoughCancelled(t *testing.T, connect func(setup) sdk) int {
	asked, release := make(chan struct{}), make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/token" {
			_, _ = io.Copy(io.Discard, r.Body)
			close(asked)
			<-release
		}
		answer(w, http.StatusOK, `{"token":"late"}`)
	})
	s := connect(setup{url: url + "/api", keyPair: true})
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		_, _ = s.list(ctx)
	}()
	<-asked
	cancel()
	defer func() { close(release); <-returned }()
	select {
	case <-returned:
		return 0
	case <-time.After(time.Second):
		return 1
	}
}

func errorsShowKey(t *testing.T, connect func(setup) sdk) int {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusBadRequest, `{"status":400,"message":"Validation failed: `+apiKey+`","validationErrors":`+
			`[{"path":"configuration.api_key","message":"is not a key","invalidValue":"`+apiKey+`"}]}`)
	})
	err := connect(setup{url: url + "/api"}).save(batchOf(1))(t.Context())
	require.ErrorContains(t, err, "Validation failed")
	return min(1, strings.Count(err.Error(), apiKey))
}

func logsShowSecret(t *testing.T, connect func(setup) sdk) int {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusBadRequest, `{"status":400,"message":"no such key: `+keySecret+`"}`)
	})
	var log bytes.Buffer
	_, err := connect(setup{url: url + "/api", keyPair: true, log: &log}).list(t.Context())
	require.Error(t, err)
	require.NotEmpty(t, log.String())
	return min(1, strings.Count(log.String(), keySecret))
}

func serve(t *testing.T, handler http.HandlerFunc) (url string) {
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
