package integrations_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

// echo answers with what it was sent, in every form that a server may put it in.
func echo(form func(string) string, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		dump := r.Header.Get("X-Authorization") + " " + string(body)
		// A server that has decoded the request quotes the values themselves.
		var values any
		if json.Unmarshal(body, &values) == nil {
			dump += fmt.Sprint(values)
		}
		message, _ := json.Marshal(form(dump))
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%s,"code":%s,"validationErrors":[{"path":%[1]s,"message":%[1]s,"invalidValue":%[1]s}]}`, message, message)
	}
}

// No error and no log line shows a secret, even when the server sends back what
// it was sent.
func TestAServerThatEchoesIsNotQuoted(t *testing.T) {
	t.Parallel()
	forms := map[string]func(string) string{
		"plain": func(s string) string { return s },
		"html":  html.EscapeString,
		"query": url.QueryEscape,
		"path":  url.PathEscape,
		"lines": func(s string) string { return strings.ReplaceAll(s, "\n", " | ") },
		"json":  func(s string) string { quoted, _ := json.Marshal(s); return string(quoted) },
		"both":  func(s string) string { quoted, _ := json.Marshal(url.QueryEscape(s)); return string(quoted) },
	}
	for name, form := range forms {
		for _, status := range []int{400, 401, 403, 429, 500, 503, 302} {
			for credential, opt := range map[string]in.Option{
				"token": in.WithToken(canaryToken),
				"pair":  in.WithKeySecret("id", canarySecret),
			} {
				t.Run(fmt.Sprint(name, status, credential), func(t *testing.T) {
					t.Parallel()
					srv := httptest.NewServer(echo(form, status))
					t.Cleanup(srv.Close)
					var logs bytes.Buffer
					client, err := in.NewClient(srv.URL, opt,
						in.WithLogger(slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))))
					require.NoError(t, err)
					t.Cleanup(client.CloseIdleConnections)
					err = client.SaveAll(t.Context(), []in.Integration{canaryItem()}, in.WithValidation(in.Off))
					require.Error(t, err)
					for how, text := range printed(err) {
						requireNoCanary(t, how, text)
					}
					requireNoCanary(t, "log", logs.String())
				})
			}
		}
	}
}

// net/http quotes an answer that is no HTTP.
func TestAnAnswerThatIsNoHTTPIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"%s\r\n\r\n", "HTTP/1.1 200 OK\r\n%s\r\n\r\n", "HTTP/1.1 2%s OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n%s\r\n\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = fmt.Fprintf(conn, answer, r.Header.Get("X-Authorization"))
			_ = conn.Close()
		})}}
		srv.Start()
		client, err := in.NewClient(srv.URL, in.WithToken(canaryToken), in.WithRetry(in.RetryPolicy{}))
		require.NoError(t, err)
		err = list(t.Context(), client)
		require.Error(t, err)
		requireNoCanary(t, answer, err.Error())
		client.CloseIdleConnections()
		srv.Close()
	}
}

// An error names the element of a list that does not decode.
func TestAListThatNamesASecretIsNotQuoted(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, 200, `[{"name":"`+canaryToken+`","type":7}]`, in.WithToken(canaryToken))
	err := list(t.Context(), client)
	require.ErrorContains(t, err, `"[redacted]": type: number in place of string`)
	for how, text := range printed(err) {
		requireNoCanary(t, how, text)
	}
}

// What is in order is logged without a secret too.
func TestLogs(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: drop}))
	srv := fake.Start(t, fake.WithKeySecret("id", canarySecret))
	srv.FailNext(in.OpSaveAll, fake.Fault{Status: 503, Header: header("Retry-After", "0")}, fake.Fault{Drop: true})
	client := srv.Client(in.WithLogger(logger), in.WithRetry(in.RetryPolicy{MaxRetries: 2, MinWait: 1, MaxWait: 1}))
	require.NoError(t, client.SaveAll(t.Context(), []in.Integration{canaryItem()}, in.WithValidation(in.Off)))
	requireNoCanary(t, "log", logs.String())
	require.Equal(t, `level=DEBUG msg="conductor request" op=Token method=POST path=/api/token status=200 attempt=1
level=DEBUG msg="conductor request" op=SaveAll method=POST path=/api/integrations/ status=503 attempt=1
level=WARN msg="conductor request will be repeated" op=SaveAll method=POST path=/api/integrations/ status=503 attempt=1 wait=0s
level=DEBUG msg="conductor request" op=SaveAll method=POST path=/api/integrations/ attempt=2 error="net/http: HTTP/1.x transport connection broken: malformed HTTP response \"H\""
level=WARN msg="conductor request will be repeated" op=SaveAll method=POST path=/api/integrations/ attempt=2 wait=1ns error="net/http: HTTP/1.x transport connection broken: malformed HTTP response \"H\""
level=DEBUG msg="conductor request" op=SaveAll method=POST path=/api/integrations/ status=200 attempt=3
`, logs.String())
	for _, r := range srv.Requests() {
		for how, text := range printed(r) {
			requireNoCanary(t, how, text)
		}
		for how, text := range printed(&r) {
			requireNoCanary(t, how, text)
		}
	}
}

// A problem names keys and never a value, and not a key that is a value.
func TestValidationErrorsShowNoSecret(t *testing.T) {
	t.Parallel()
	item := canaryItem()
	item.Type = in.TypeMongoVectorDB
	item.Configuration[in.KeyEndpoint] = "<canary>"
	item.Configuration["stubborn"] = stubborn{}
	err := in.Validate([]in.Integration{item})
	require.Error(t, err)
	for how, text := range printed(err) {
		requireNoCanary(t, how, text)
	}
}

// The names that an answer is about stay readable, although they were sent too.
func TestNamesInAnAnswerStayReadable(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, 403, `{"message":"user lacks UPDATE on integration main-openai of type openai with us-east-1-canary"}`)
	item := openAI(func(i *in.Integration) {
		i.Name = "main-openai"
		i.Configuration[in.KeyEndpoint] = "us-east-1-canary"
	})
	err := client.SaveAll(t.Context(), []in.Integration{item})
	require.ErrorContains(t, err, "user lacks UPDATE on integration main-openai of type openai with [redacted]")
}

// A name stays readable where a description or a tag has the same text. Nothing
// under 6 bytes is hidden, not even a key secret.
func TestNamesStayReadableWhateverElseHasTheirText(t *testing.T) {
	t.Parallel()
	const message = "integration main-openai of openai: model gpt-4o-mini, tag team-key, key api_key, field description: here is nothing else"
	body, err := json.Marshal(map[string]string{"message": message})
	require.NoError(t, err)
	client, _ := answering(t, 400, string(body))
	item := openAI(func(i *in.Integration) {
		i.Name, i.Description = "main-openai", "main-openai"
		i.Tags = []in.Tag{{Key: "team-key", Value: "gpt-4o-mini"}}
		i.APIs = []in.IntegrationAPI{{API: "gpt-4o-mini", Description: "main-openai"}}
		i.Configuration[in.KeyAPIKey] = "   e   "
	})
	err = client.SaveAll(t.Context(), []in.Integration{item})
	require.ErrorContains(t, err, message)

	srv := fake.Start(t, fake.WithKeySecret("id", "e"))
	srv.FailNext(in.OpListProviders, fake.Fault{Status: 400, Message: message})
	require.ErrorContains(t, list(t.Context(), srv.Client()), message)
}

// Everything else that was sent is hidden: descriptions, tag values, nested keys.
func TestTheRestOfARequestIsNotQuoted(t *testing.T) {
	t.Parallel()
	item := openAI(func(i *in.Integration) {
		i.Description = "canary-description"
		i.Tags = []in.Tag{{Key: "team", Value: "canary-tag"}}
		i.APIs[0].Description = "canary-model"
		i.Configuration["deep"] = map[string]any{"canary-key": []any{"canary-element"}}
	})
	for _, canary := range []string{"canary-description", "canary-tag", "canary-model", "canary-key", "canary-element"} {
		client, _ := answering(t, 400, `{"message":"bad `+canary+`"}`)
		err := client.SaveAll(t.Context(), []in.Integration{item}, in.WithValidation(in.Off))
		require.ErrorContains(t, err, "bad [redacted]")
		require.NotContains(t, err.Error(), "canary", canary)
	}
}

// The text of an error is on one line, and turns no direction.
func TestServerTextIsOnOneLine(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, 400, `{"message":"a\u2028b\u2029c\u202ed\u2066e\nf\u0000g"}`)
	require.ErrorContains(t, list(t.Context(), client), ": a b c d e f g")
}

// The error of the network is logged, without the secrets in it and without the
// URL.
func TestLoggedErrorsAreNotQuotedWithASecret(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	client, err := in.NewClient("https://cluster", in.WithToken(canaryToken),
		in.WithLogger(slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		in.WithRetry(in.RetryPolicy{MaxRetries: 1, MinWait: 1, MaxWait: 1}),
		in.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("cannot send %q", r.Header)
		})}))
	require.NoError(t, err)
	require.Error(t, list(t.Context(), client))
	requireNoCanary(t, "log", logs.String())
	require.Equal(t, 3, strings.Count(logs.String(), "[redacted]"), "two attempts and a retry")
	require.NotContains(t, logs.String(), "activeOnly")
	require.NotContains(t, logs.String(), "status=")
}

// What is secret within a value is known again too: the strings of a JSON text,
// and the password of a URL.
func TestPartsOfAValueAreNotQuoted(t *testing.T) {
	t.Parallel()
	client, _ := answering(t, 400, `{"message":"cannot parse canary-private-key; refused user:canary-password"}`)
	err := client.SaveAll(t.Context(), []in.Integration{openAI(func(i *in.Integration) {
		i.Configuration[in.KeyFile] = ` {"type": "service_account", "keys": [{"private_key": "canary-private-key"}]}`
		i.Configuration[in.KeyDatasourceURL] = "mongodb://user:canary-password@host/db"
	})}, in.WithValidation(in.Off))
	require.ErrorContains(t, err, "cannot parse [redacted]; refused user:[redacted]")
}

// A number that no Go float holds does not keep the rest from being hidden, and a
// number is hidden too.
func TestOddNumbersAreNotQuoted(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(echo(func(s string) string { return s }, 400))
	t.Cleanup(srv.Close)
	client, err := in.NewClient(srv.URL, in.WithToken(canaryToken))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	for _, odd := range []any{json.Number("1e400"), json.RawMessage("86420975310000000001"), 8642097531,
		json.RawMessage(strings.Repeat("[", 9900) + strings.Repeat("]", 9900))} {
		item := canaryItem()
		item.Configuration[in.KeyPort] = odd
		err := client.SaveAll(t.Context(), []in.Integration{item}, in.WithValidation(in.Off))
		require.ErrorIs(t, err, in.ErrBadRequest)
		requireNoCanary(t, "error", err.Error())
		require.NotContains(t, err.Error(), "86420")
	}
}

// Tokens of letters and digits only, typed where the key belongs.
func TestTokensTypedAsKeysAreNotShown(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "0f8fad5b-d9cb-469f-a165-70867728950e", "0123456789abcdef0123456789abcdef"} {
		item := with(in.TypeGit, in.Configuration{in.ConfigKey(secret): "api_key"})
		require.NotContains(t, in.Validate([]in.Integration{item}).Error(), secret)
		for how, text := range printed(item) {
			require.NotContains(t, text, secret, how)
		}
	}
}

// A failing token source is the caller's own text, but for the secrets.
func TestATokenSourcesErrorIsNotQuotedWithASecret(t *testing.T) {
	t.Parallel()
	asked := 0
	src := sourceFunc(func(context.Context) (string, error) {
		if asked++; asked == 1 {
			return canaryToken, nil
		}
		return "", fmt.Errorf("cannot renew %s", canaryToken)
	})
	srv := fake.Start(t)
	err := list(t.Context(), srv.Client(in.WithTokenSource(src)))
	require.ErrorContains(t, err, "cannot renew [redacted]")
	requireNoCanary(t, "error", err.Error())
}

// Texts of fewer than 6 bytes, and texts that are also field names, are not
// redacted elsewhere. An error of RecordEvents leaves out all that the server says.
func TestNothingOfAnEventIsQuoted(t *testing.T) {
	t.Parallel()
	event := in.Event{ID: "e-42", Event: "kafka:orders", HandlerName: "handlerName", TaskID: "t7", WorkerID: "kafka"}
	answer := `{"message":"e-42 kafka:orders handlerName t7 kafka","code":"t7"}`
	for _, status := range []int{400, 403, 404, 500} {
		err := clientOf(t, status, nil, text(answer)).RecordEvents(t.Context(), "kafka", event)
		var api *in.APIError
		require.ErrorAs(t, err, &api)
		require.Empty(t, api.Message+api.Code)
		for how, text := range printed(err) {
			for _, part := range []string{"e-42", "orders", "handlerName", "t7", "kafka"} {
				require.NotContains(t, text, part, how)
			}
		}
	}
	err := clientOf(t, 302, header("Location", "/refused/e-42/t7"), text("")).RecordEvents(t.Context(), "kafka", event)
	require.EqualError(t, err, "integrations: RecordEvents: status 302 Found: "+in.ErrRedirect.Error())
	err = clientOf(t, 401, nil, text(`{"error":"USER_NOT_FOUND"}`)).RecordEvents(t.Context(), "kafka", event)
	require.ErrorContains(t, err, "status 401 Unauthorized (USER_NOT_FOUND)")
}
