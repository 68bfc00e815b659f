package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// mainVariable makes the test binary the program.
const mainVariable = "FAKESERVER_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is the running server as its user sees it.
type program struct {
	t               *testing.T
	url, id, secret string
	stop            context.CancelFunc
	done            chan error
	http            *http.Client
}

// start runs the program on a free port, and reads what it prints.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	p := &program{t: t, stop: stop, done: make(chan error, 1), http: &http.Client{Transport: transport}}
	out, in := io.Pipe()
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in, io.Discard)
		_ = in.CloseWithError(io.EOF)
		p.done <- err
	}()
	p.url, p.id, p.secret = read(t, out)
	return p
}

// read takes the URL and the credentials from the program's output.
func read(t *testing.T, out io.Reader) (url, id, secret string) {
	t.Helper()
	lines := bufio.NewScanner(out)
	for _, part := range []struct {
		label string
		value *string
	}{{"url:", &url}, {"key id:", &id}, {"key secret:", &secret}} {
		require.True(t, lines.Scan(), "the program ended")
		value, ok := strings.CutPrefix(lines.Text(), part.label)
		require.True(t, ok, lines.Text())
		*part.value = strings.TrimSpace(value)
	}
	return url, id, secret
}

func (p *program) send(method, path, token, body string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("X-Authorization", token)
	resp, err := p.http.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, string(text)
}

func (p *program) token() string {
	p.t.Helper()
	status, body := p.send("POST", "/api/token", "", fmt.Sprintf(`{"keyId":%q,"keySecret":%q}`, p.id, p.secret))
	require.Equal(p.t, 200, status, body)
	var reply struct{ Token string }
	require.NoError(p.t, json.Unmarshal([]byte(body), &reply))
	return reply.Token
}

// end stops the program and requires it to end well.
func (p *program) end() {
	p.t.Helper()
	p.stop()
	require.NoError(p.t, <-p.done)
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "seed.json")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func TestServe(t *testing.T) {
	t.Parallel()
	p := start(t, "-seed", file(t, `[{"name": "seeded", "type": "git", "configuration": {"user": "u", "api_key": "k"}}]`))
	token := p.token()
	status, body := p.send("POST", "/api/integrations/", token, `[{"name": "mail", "type": "sendgrid", "configuration": {"api_key": "SG...."}}]`)
	require.Equal(t, 200, status, body)
	status, body = p.send("GET", "/api/integrations/provider?activeOnly=false", token, "")
	require.Equal(t, 200, status, body)
	var providers []struct {
		Name          string
		Configuration map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(body), &providers))
	require.Len(t, providers, 2)
	require.Equal(t, "mail", providers[0].Name)
	require.Equal(t, map[string]string{"user": "u", "api_key": "xxxxx"}, providers[1].Configuration)
	status, _ = p.send("GET", "/api/integrations/provider", "", "")
	require.Equal(t, 401, status)
	p.end()
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	p := start(t, "-key", "my-id", "-secret", "my-secret")
	require.Equal(t, "my-id", p.id)
	require.Equal(t, "my-secret", p.secret)
	status, _ := p.send("GET", "/api/integrations/provider", p.token(), "")
	require.Equal(t, 200, status)
	p.end()
}

func TestNoAuth(t *testing.T) {
	t.Parallel()
	p := start(t, "-no-auth", "-seed", file(t, `[]`))
	require.Equal(t, "any", p.id)
	status, body := p.send("GET", "/api/integrations/provider", "", "")
	require.Equal(t, 200, status)
	require.Equal(t, "[]", body)
	p.end()
}

func TestBadSeed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                                   "unexpected end of JSON input",
		`[{"name": "a"`:                      "unexpected end of JSON input",
		`{"name": "a"}`:                      "cannot unmarshal object",
		`[{"name": 7}]`:                      "name of type string",
		`[{"name": "a", "type": "open_ai"}]`: "[0].type: is not a known type",
		`[{"type": "git"}, {"name": "a"}]`:   "[1].type: is required",
	} {
		name := file(t, text)
		err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-seed", name}, io.Discard, io.Discard)
		require.ErrorContains(t, err, name+": ")
		require.ErrorContains(t, err, want)
	}
	missing := filepath.Join(t.TempDir(), "missing.json")
	err := run(t.Context(), []string{"-seed", missing}, io.Discard, io.Discard)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, missing)
}

func TestBusyPort(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = busy.Close() }()
	var out bytes.Buffer
	err = run(t.Context(), []string{"-addr", busy.Addr().String()}, &out, io.Discard)
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.ErrorContains(t, err, busy.Addr().String())
	require.Empty(t, out.String())
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"-key and -secret go together":         {"-key", "id"},
		`unexpected argument "seed.json"`:      {"seed.json"},
		"flag provided but not defined: -port": {"-port", "1"},
	} {
		require.EqualError(t, run(t.Context(), args, io.Discard, io.Discard), want)
	}
	var usage bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, io.Discard, &usage))
	require.Contains(t, usage.String(), "-seed")
}

// The program itself, as a process of its own, ends well on a signal.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0")
		cmd.Env = append(os.Environ(), mainVariable+"=1")
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		url, _, _ := read(t, out)
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.NoError(t, cmd.Process.Signal(signal))
		require.NoError(t, cmd.Wait())
	}
}
