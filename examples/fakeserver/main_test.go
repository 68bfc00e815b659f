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
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed4e9a5e42/integrations/fake"
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
	t                     *testing.T
	url, id, secret, auth string
	seeded                string // the last line of that label
	stop                  context.CancelFunc
	done                  chan error
	http                  *http.Client
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
	said := read(t, out)
	p.url, p.id, p.secret, p.auth = said["url"], said["key id"], said["key secret"], said["auth"]
	p.seeded = said["seeded"]
	return p
}

// read takes what the program prints by its labels, of which the last is "key
// secret" or "auth".
func read(t *testing.T, out io.Reader) map[string]string {
	t.Helper()
	said := map[string]string{}
	for lines := bufio.NewScanner(out); said["key secret"] == "" && said["auth"] == ""; {
		require.True(t, lines.Scan(), "the program ended")
		label, value, ok := strings.Cut(lines.Text(), ":")
		require.True(t, ok, lines.Text())
		said[label] = strings.TrimSpace(value)
	}
	return said
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
	require.Equal(t, "none, any token or no token is accepted", p.auth)
	require.Empty(t, p.id+p.secret)
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
		"-key and -secret go together":                                                  {"-key", "id"},
		"-no-auth takes no -key and -secret":                                            {"-no-auth", "-key", "id", "-secret", "s"},
		`unexpected argument "seed.json"`:                                               {"seed.json"},
		"flag provided but not defined: -port":                                          {"-port", "1"},
		"-token-ttl must be positive":                                                   {"-token-ttl", "0s"},
		`invalid value "loose" for flag -validation: it must be off, lenient or strict`: {"-validation", "loose"},
		`invalid value "a,,b" for flag -read-only: a name is blank`:                     {"-read-only", "a,,b"},
	} {
		err := run(t.Context(), args, io.Discard, io.Discard)
		require.EqualError(t, err, want)
		require.ErrorAs(t, err, new(usageError))
	}
}

// -h explains every flag, each with a curl line, and fits 80 columns.
func TestHelp(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, io.Discard, &help))
	for _, name := range []string{
		"addr", "key", "no-auth", "seed", "validation", "unknown-types", "read-only", "token-ttl", "log", "control",
	} {
		_, after, ok := strings.Cut(help.String(), "\n  -"+name+" ")
		require.True(t, ok, name)
		text, _, _ := strings.Cut(after, "\n  -")
		require.Contains(t, text, "\n      curl ", name)
	}
	for line := range strings.Lines(help.String()) {
		require.LessOrEqual(t, len(line), 81, line)
	}
}

// The program itself, as a process of its own.
type process struct {
	*exec.Cmd
	t       *testing.T
	address string
}

func startProcess(t *testing.T) *process {
	t.Helper()
	p := &process{Cmd: command(t, "-addr", "127.0.0.1:0"), t: t}
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	p.address = strings.TrimPrefix(read(t, out)["url"], "http://")
	return p
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	return cmd
}

func (p *process) signal(signal os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.Process.Signal(signal))
}

// open sends a request but for its body, for which the handler then waits.
func (p *process) open() (net.Conn, *bufio.Reader) {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.address)
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "POST /api/token HTTP/1.1\r\nHost: fake\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(p.t, err)
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	require.NoError(p.t, err)
	require.Equal(p.t, "HTTP/1.1 100 Continue\r\n", line)
	_, err = in.ReadString('\n')
	require.NoError(p.t, err)
	return conn, in
}

// waitUntilClosed waits until the program takes no connection any more.
func (p *process) waitUntilClosed() {
	p.t.Helper()
	for {
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			return
		}
		require.NoError(p.t, conn.Close())
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := startProcess(t)
		conn, err := net.Dial("tcp", p.address)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		p.signal(signal)
		require.NoError(t, p.Wait())
	}
}

func TestRequestUnderWayIsAnswered(t *testing.T) {
	t.Parallel()
	p := startProcess(t)
	conn, in := p.open()
	p.signal(os.Interrupt)
	p.waitUntilClosed()
	_, err := io.WriteString(conn, "{}")
	require.NoError(t, err)
	resp, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	require.Equal(t, 401, resp.StatusCode)
	require.NoError(t, p.Wait())
}

func TestSecondSignal(t *testing.T) {
	t.Parallel()
	p := startProcess(t)
	p.open()
	start := time.Now()
	p.signal(os.Interrupt)
	p.waitUntilClosed()
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	again := time.NewTicker(10 * time.Millisecond) // the first may still be held
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, os.Interrupt, exit.Sys().(syscall.WaitStatus).Signal())
			require.Less(t, time.Since(start), 5*time.Second, "the grace")
			return
		case <-again.C:
			_ = p.Process.Signal(os.Interrupt)
		}
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for want, args := range map[int][]string{
		0: {"-h"},
		1: {"-seed", filepath.Join(t.TempDir(), "missing.json")},
		2: {"-no-auth", "-key", "id", "-secret", "s"},
	} {
		cmd := command(t, args...)
		text, err := cmd.CombinedOutput()
		require.Equal(t, want, cmd.ProcessState.ExitCode(), "%v: %s", err, text)
		require.Equal(t, want == 2, strings.HasSuffix(string(text), "\nfakeserver -h explains the flags.\n"))
	}
}

func TestIntroduction(t *testing.T) {
	t.Parallel()
	srv := fake.NewServer()
	defer srv.Close()
	for address, want := range map[string]string{
		"127.0.0.1:80": "http://127.0.0.1:80", "[::1]:80": "http://[::1]:80",
		"0.0.0.0:80": "http://localhost:80", "[::]:80": "http://localhost:80",
	} {
		var out bytes.Buffer
		introduce(&out, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address)), srv, settings{noAuth: true})
		require.Equal(t, want, read(t, &out)["url"])
	}
}

// Nothing of a request stays behind that is not saved.
// Not parallel: it measures memory.
func TestMemoryIsBounded(t *testing.T) {
	srv := fake.NewServer()
	defer srv.Close()
	handler := forgetful(srv)
	long := strings.Repeat("x", 256<<10)
	before := heap()
	for i := range 40 {
		for _, r := range []*http.Request{
			httptest.NewRequest("POST", "/api/token", strings.NewReader(long)),
			httptest.NewRequest("GET", fmt.Sprint("/", i, long), nil),
		} {
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	require.Less(t, heap(), before+4<<20)
	require.Empty(t, srv.Requests())
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
