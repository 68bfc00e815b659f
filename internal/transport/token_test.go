package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// jwt makes a token of which only the payload matters.
func jwt(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]int64{
		jwt(`{"exp":1772787470}`):   1772787470,
		jwt(`{"exp":1772787470.9}`): 1772787470,
		jwt(`{"exp":1.77e9}`):       1770000000,
		"e30." + base64.URLEncoding.EncodeToString([]byte(`{"exp":17}`)) + ".c2ln": 17,
		jwt(`{"exp":0}`):     0,
		jwt(`{"exp":-1}`):    0,
		jwt(`{"exp":1e300}`): 0,
		jwt(`{"exp":"17"}`):  0,
		jwt(`{}`):            0,
		jwt(`null`):          0,
		jwt(`x`):             0,
		"a.b":                0,
		"a.?.c":              0,
		"":                   0,
	} {
		got, ok := expiry(token)
		require.Equal(t, want != 0, ok, token)
		if ok {
			require.Equal(t, want, got.Unix(), token)
		}
	}
}

func FuzzExpiry(f *testing.F) {
	f.Add(jwt(`{"exp":1772787470}`))
	f.Add(jwt(`{"exp":1e12,"exp":-1}`))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		got, ok := expiry(token)
		require.Equal(t, ok, got.Unix() > 0 || ok && got.Unix() == 0)
		// Whatever it says, keep must make a time of it that is after now.
		m := &minter{}
		now := time.Unix(1e9, 0)
		m.keep(token, now)
		require.True(t, m.renewAt.IsZero() || m.renewAt.After(now) && !m.renewAt.After(m.expires))
	})
}

func FuzzDecodeToken(f *testing.F) {
	for _, body := range []string{`{"token":"a.b.c"}`, `{"token":1}`, `{"token":"a\nb"}`, `null`, `<html>`, ``, `{"token":" t "}x`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		token, err := decodeToken(strings.NewReader(body))
		if err != nil {
			require.Empty(t, token)
			return
		}
		require.NotEmpty(t, strings.TrimSpace(token))
		require.True(t, ValidHeader(token))
	})
}

func TestDecodeTokenNeverQuotesIt(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"token":8642097531}`:          "the answer is not a token: invalid JSON shape: token number in place of string",
		`{"token":["canary"]}`:          "the answer is not a token: invalid JSON shape: token array in place of string",
		`canary`:                        "the answer is not a token: invalid JSON at byte 1",
		`{"token":"canary`:              "the answer is not a token: the JSON breaks off",
		``:                              "the answer is not a token: the body is empty",
		`{"token":"  "}`:                "the answer has no token",
		`{"access_token":"canary"}`:     "the answer has no token",
		`null`:                          "the answer has no token",
		"{\"token\":\"can\\u0000ary\"}": "the token has a control character inside",
	} {
		_, err := decodeToken(strings.NewReader(body))
		require.EqualError(t, err, want)
	}
}

// mints is a mint that counts, and fails as often as it is told.
type mints struct {
	count, fail int
	life        time.Duration
	takes       time.Duration
}

func (m *mints) mint(ctx context.Context, _ func(*Failure, time.Duration)) (string, *Failure) {
	select {
	case <-time.After(m.takes):
	case <-ctx.Done():
		return "", &Failure{Op: OpToken, Err: ctx.Err()}
	}
	m.count++
	if m.fail > 0 {
		m.fail--
		return "", &Failure{Op: OpToken, Status: 500}
	}
	return jwt(fmt.Sprintf(`{"exp":%d,"n":%d}`, time.Now().Add(m.life).Unix(), m.count)), nil
}

func TestMinterRenewsBeforeExpiry(t *testing.T) {
	t.Parallel()
	for life, margin := range map[time.Duration]time.Duration{
		time.Hour:         time.Minute,
		100 * time.Second: 10 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &mints{life: life}
			m := &minter{mint: server.mint}
			first, err := m.Token(t.Context())
			require.NoError(t, err)
			time.Sleep(life - margin - time.Second)
			second, err := m.Token(t.Context())
			require.NoError(t, err)
			require.Equal(t, first, second)
			time.Sleep(time.Second)
			third, err := m.Token(t.Context())
			require.NoError(t, err)
			require.NotEqual(t, first, third)
			require.Equal(t, 2, server.count)
		})
	}
}

// A server whose clock is behind mints tokens that seem over: they serve until
// one is refused.
func TestMinterUsesATokenThatSeemsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &mints{life: -time.Hour}
		m := &minter{mint: server.mint}
		for range 3 {
			token, err := m.Token(t.Context())
			require.NoError(t, err)
			require.NotEmpty(t, token)
			time.Sleep(time.Hour)
		}
		require.Equal(t, 1, server.count)
		token, _ := m.Token(t.Context())
		m.forget("another", byCode)
		m.forget(token, byCode)
		_, err := m.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, server.count)
	})
}

func TestMinterHoldsOffAfterFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &mints{life: time.Hour, fail: 7}
		m := &minter{mint: server.mint}
		for n, hold := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			_, err := m.Token(t.Context())
			require.Error(t, err)
			require.Equal(t, n+1, server.count)
			time.Sleep(hold*time.Second - 1)
			_, again := m.Token(t.Context())
			require.Same(t, err, again)
			require.Equal(t, n+1, server.count)
			time.Sleep(time.Nanosecond)
		}
		_, err := m.Token(t.Context())
		require.NoError(t, err)
		require.Zero(t, m.hold, "a success ends the holding off")
	})
}

// A renewal that fails does not take away a token that is still valid.
func TestMinterFallsBackOnAValidToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &mints{life: time.Hour}
		m := &minter{mint: server.mint}
		first, err := m.Token(t.Context())
		require.NoError(t, err)
		server.fail = 100
		time.Sleep(time.Hour - 30*time.Second)
		for range 3 {
			token, err := m.Token(t.Context())
			require.NoError(t, err)
			require.Equal(t, first, token)
		}
		require.Equal(t, 2, server.count)
		time.Sleep(30 * time.Second)
		_, err = m.Token(t.Context())
		require.Error(t, err)
	})
}

func TestMinterWaitersOutliveTheirLeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &mints{life: time.Hour, takes: 10 * time.Second}
		m := &minter{mint: server.mint}
		leader, cancel := context.WithCancel(t.Context())
		results := make(chan error, 100)
		go func() {
			_, err := m.Token(leader)
			results <- err
		}()
		synctest.Wait()
		for range 99 {
			go func() {
				_, err := m.Token(t.Context())
				results <- err
			}()
		}
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-results, context.Canceled)
		for range 99 {
			require.NoError(t, <-results)
		}
		require.Equal(t, 1, server.count)
	})
}

// A renewal that hangs delays one call, once, and does not take away a token
// that is still valid. Neither do the renewals after it.
func TestAHangingRenewalDelaysOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &mints{life: time.Hour}
		m := &minter{mint: server.mint}
		first, err := m.Token(t.Context())
		require.NoError(t, err)
		server.takes, server.fail = 20*time.Second, 1
		time.Sleep(time.Hour - time.Minute)
		for call, delay := range []time.Duration{patience, 0, 0} {
			begun := time.Now()
			token, err := m.Token(t.Context())
			require.NoError(t, err)
			require.Equal(t, first, token)
			require.Equal(t, delay, time.Since(begun), call)
		}
		time.Sleep(21 * time.Second) // the renewal failed, and the next one hangs too
		begun := time.Now()
		token, err := m.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, first, token)
		require.Zero(t, time.Since(begun))
		time.Sleep(20 * time.Second)
		synctest.Wait()
		token, err = m.Token(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, first, token)
		require.Equal(t, 3, server.count)
	})
}

// A server that refuses every fresh token is asked for no more than a token a
// second, after the replay that the first refusal is worth.
func TestAServerThatRefusesEveryToken(t *testing.T) {
	t.Parallel()
	for _, how := range []refusal{byCode, byStatus} {
		synctest.Test(t, func(t *testing.T) {
			server := &mints{life: time.Hour}
			m := &minter{mint: server.mint}
			for range 100 {
				token, err := m.Token(t.Context())
				require.NoError(t, err)
				m.forget(token, how)
				time.Sleep(100 * time.Millisecond)
			}
			require.Equal(t, 11, server.count, "in 10 seconds")
			// It takes tokens again.
			time.Sleep(time.Second)
			for range 3 {
				before := server.count
				token, err := m.Token(t.Context())
				require.NoError(t, err)
				require.Equal(t, before+1, server.count)
				m.accept(token)
				m.forget(token, how)
			}
		})
	}
}

// A panic of the caller's transport during a mint reaches every caller that
// waits for the mint.
func TestAMintThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &minter{mint: func(context.Context, func(*Failure, time.Duration)) (string, *Failure) {
			time.Sleep(time.Second)
			panic("canary")
		}}
		got := make(chan any, 3)
		for range 3 {
			go func() {
				defer func() { got <- recover() }()
				_, _ = m.Token(t.Context())
			}()
		}
		for range 3 {
			require.Equal(t, "canary", <-got)
		}
		_, err := m.Token(t.Context())
		require.ErrorIs(t, err, errNoMint, "minting is on hold")
	})
}

// When nobody waits for the mint any more, its panic reaches the next caller.
func TestAMintThatPanicsUnseen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &minter{mint: func(context.Context, func(*Failure, time.Duration)) (string, *Failure) {
			time.Sleep(time.Minute)
			panic("canary")
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := m.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(time.Hour)
		require.PanicsWithValue(t, "canary", func() { _, _ = m.Token(t.Context()) })
		m.mint = (&mints{life: time.Hour}).mint
		_, err = m.Token(t.Context())
		require.NoError(t, err)
	})
}

// A mint whose goroutine a caller's transport ends leaves nobody waiting.
func TestMinterSurvivesGoexit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &minter{mint: func(context.Context, func(*Failure, time.Duration)) (string, *Failure) {
			runtime.Goexit()
			return "", nil
		}}
		_, err := m.Token(t.Context())
		require.ErrorIs(t, err, errNoMint)
		time.Sleep(time.Second)
		m.mint = (&mints{life: time.Hour}).mint
		_, err = m.Token(t.Context())
		require.NoError(t, err)
	})
}

// A mint that nothing ends is ended, so that it does not stay for ever.
func TestMintHasALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &minter{mint: (&mints{takes: 1000 * time.Hour}).mint}
		begun := time.Now()
		_, err := m.Token(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 5*time.Minute, time.Since(begun))
		var f *Failure
		require.True(t, errors.As(err, &f))
	})
}
