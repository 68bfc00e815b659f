package transport

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestReadError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]string{
		`{"status":400,"message":"bad","instance":"host","retryable":false}`:                                                     {"", "bad"},
		`{"status":400,"code":"X1","message":"bad"}`:                                                                             {"X1", "bad"},
		`{"error":"EXPIRED_TOKEN","message":"old"}`:                                                                              {"EXPIRED_TOKEN", "old"},
		`{"error":"Unauthorized","status":401,"path":"/api"}`:                                                                    {"", ""},
		`{"message":"bad","validationErrors":[{"path":"a.b","message":"m","invalidValue":"canary"},{"path":"c","message":"n"}]}`: {"", "bad; a.b: m; c: n"},
		`{"message":7,"code":"X1"}`:                                                                                              {"X1", ""},
		`<html>canary</html>`:                                                                                                    {"", ""},
		`{"message":"canary`:                                                                                                     {"", ""},
		`["canary"]`:                                                                                                             {"", ""},
		`null`:                                                                                                                   {"", ""},
		``:                                                                                                                       {"", ""},
	} {
		code, message := readError([]byte(body))
		require.Equal(t, want, [2]string{code, message}, body)
	}
}

func FuzzReadError(f *testing.F) {
	f.Add([]byte(`{"error":"EXPIRED_TOKEN","message":"m"}`), "secret")
	f.Add([]byte(`{"message":"m secret","code":"secret","validationErrors":[{"path":"p","message":"secret"}]}`), "secret")
	f.Fuzz(func(t *testing.T, body []byte, secret string) {
		if len(secret) < minSecret || strings.Contains(redacted, secret) || strings.TrimSpace(secret) != secret {
			return
		}
		if !utf8.ValidString(secret) || len(oneLine(secret)) != len(secret) {
			return
		}
		x := redactor(secret)
		code, message := readError(body)
		for _, text := range []string{x.redact(code), x.redact(message)} {
			require.LessOrEqual(t, len(text), maxText)
			require.NotContains(t, strings.ReplaceAll(text, redacted, "\x00"), oneLine(secret))
			require.NotContains(t, text, "\n")
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"0":                             0,
		"30":                            30 * time.Second,
		"99999999999999999999999999":    1 << 62,
		"9223372036854775807":           1 << 62,
		"Fri, 06 Mar 2026 12:01:00 GMT": time.Minute,
		"Fri, 06 Mar 2026 11:00:00 GMT": 0,
	} {
		got, ok := retryAfter(header, now)
		require.True(t, ok, header)
		require.Equal(t, want, got, header)
	}
	for _, header := range []string{"", "-1", "1.5", "soon"} {
		_, ok := retryAfter(header, now)
		require.False(t, ok, header)
	}
}

func TestCappedReader(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]error{5: nil, 6: nil, math.MaxInt64: nil, 4: ErrTooLarge, 1: ErrTooLarge} {
		for _, r := range []io.Reader{strings.NewReader("hello"), iotest.OneByteReader(strings.NewReader("hello"))} {
			capped := &cappedReader{r: r, left: limit}
			got, err := io.ReadAll(capped)
			require.ErrorIs(t, err, want)
			require.ErrorIs(t, capped.err, want)
			if want == nil {
				require.Equal(t, "hello", string(got))
			}
			require.LessOrEqual(t, int64(len(got)), limit)
		}
	}
	broken := &cappedReader{r: iotest.ErrReader(io.ErrUnexpectedEOF), left: 9}
	for range 2 {
		_, err := broken.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}
}

func TestCappedReaderTellsTheFirstByte(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]byte{"<html>": '<', " \r\n\t<": '<', "[<": '[', "": 0, "  ": ' '} {
		capped := &cappedReader{r: iotest.OneByteReader(strings.NewReader(body)), left: 99}
		_, err := io.Copy(io.Discard, capped)
		require.NoError(t, err)
		require.Equal(t, want, capped.first, body)
	}
}

func TestShapeErrorHoldsNothingOfTheText(t *testing.T) {
	t.Parallel()
	var into []struct {
		Name string
		Time int64
	}
	for body, want := range map[string]string{
		`[{"name":8642097531}]`:   "number in place of string",
		`[{"time":"8642097531"}]`: "string in place of int64",
		`[{"time":86420.97531}]`:  "number in place of int64",
		`{"canary":1}`:            "invalid JSON shape: object in place of []struct",
		`canary`:                  "invalid JSON at byte 1",
		`[{"name":"canary`:        "the JSON breaks off",
		``:                        "the body is empty",
	} {
		err := shapeError(json.NewDecoder(strings.NewReader(body)).Decode(&into))
		require.NotContains(t, err.Error(), "8642")
		require.NotContains(t, err.Error(), "canary")
		require.Contains(t, err.Error(), want)
	}
	other := errors.New("other")
	require.Same(t, other, shapeError(other))
}
