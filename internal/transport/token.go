package transport

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// OpToken is the Op of the exchange that turns a key pair into a token.
const OpToken = "Token"

const tokenHeader = "X-Authorization"

// Credentials are a key pair, or a source of tokens, or nothing.
type Credentials struct {
	KeyID, KeySecret string
	Source           Source
}

// Source gives the token of each attempt.
type Source interface {
	Token(ctx context.Context) (string, error)
}

// StaticToken is a Source of one token.
type StaticToken string

// Token returns t.
func (t StaticToken) Token(context.Context) (string, error) { return string(t), nil }

// authorize gets the token of the next attempt. Nothing is sent without one
// when there are credentials.
func (x *exchange) authorize(ctx context.Context) *Failure {
	if x.source == nil {
		return nil
	}
	token, err := x.source.Token(ctx)
	token = strings.TrimSpace(token)
	switch {
	case err != nil:
		return x.failure(ctx, err)
	case token == "":
		return x.failure(ctx, errors.New("the token source gave no token"))
	case !ValidHeader(token):
		return x.failure(ctx, errors.New("the token has a control character inside"))
	}
	if token != x.token {
		x.token = token
		x.tokens = append(x.tokens, token)
	}
	return nil
}

// dropToken forgets a minted token that f says is no good, and reports whether
// f says that another one is worth a try.
func (x *exchange) dropToken(f *Failure) bool {
	if f.Op != x.call.Op {
		return false
	}
	uncoded := f.Status == http.StatusUnauthorized && f.Code == ""
	if x.t.minter != nil && (f.tokenRefused || uncoded) {
		x.t.minter.forget(x.token)
	}
	return f.tokenRefused && x.source != nil
}

// mint exchanges the key pair for a token.
func (t *Transport) mint(ctx context.Context) (string, *Failure) {
	// A map of strings always encodes.
	body, _ := json.Marshal(map[string]string{"keyId": t.cfg.Credentials.KeyID, "keySecret": t.cfg.Credentials.KeySecret})
	var token string
	x := &exchange{t: t, call: Call{Op: OpToken, Method: http.MethodPost, Path: "/token", Body: body,
		Decode: func(r io.Reader) (err error) {
			token, err = decodeToken(r)
			return err
		}}}
	failure := x.send(ctx)
	return token, failure
}

func decodeToken(r io.Reader) (string, error) {
	var reply struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(r).Decode(&reply); err != nil {
		return "", fmt.Errorf("the answer is not a token: %w", ShapeError(err))
	}
	// To its end, so that the connection can be used again.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return "", err
	}
	token := strings.TrimSpace(reply.Token)
	switch {
	case token == "":
		return "", errors.New("the answer has no token")
	case !ValidHeader(token):
		return "", errors.New("the token has a control character inside")
	}
	return token, nil
}

// minter keeps a token minted from a key pair. Any number of callers that need
// a new one share one mint.
type minter struct {
	mint func(context.Context) (string, *Failure)

	mu      sync.Mutex
	token   string
	renewAt time.Time // zero: when the server refuses the token
	expires time.Time
	flight  *flight // the mint under way

	failure   *Failure // why the last mint failed
	hold      time.Duration
	heldUntil time.Time
}

// flight is one mint and what came of it, readable once done is closed.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

const (
	firstHold = time.Second
	lastHold  = 30 * time.Second
	// mintLimit ends a mint that no attempt's timeout ends.
	mintLimit = 5 * time.Minute
)

// Token returns the token in hand or waits for a new one.
func (m *minter) Token(ctx context.Context) (string, error) {
	f, token, err := m.board(ctx)
	if f == nil {
		return token, err
	}
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for a token: %w", ctx.Err())
	}
}

// board returns the flight to wait for. There is none when the token in hand
// serves, or when minting is on hold after a failure.
func (m *minter) board(ctx context.Context) (*flight, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	switch {
	case m.token != "" && (m.renewAt.IsZero() || now.Before(m.renewAt)):
		return nil, m.token, nil
	case m.flight != nil:
		return m.flight, "", nil
	case now.Before(m.heldUntil):
		token, err := m.fallback(now)
		return nil, token, err
	}
	m.flight = &flight{done: make(chan struct{})}
	// The mint outlives the call that started it: others wait for it too.
	go m.fly(context.WithoutCancel(ctx), m.flight)
	return m.flight, "", nil
}

func (m *minter) fly(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, mintLimit)
	defer cancel()
	token, failure := m.mint(ctx)

	m.mu.Lock()
	defer m.mu.Unlock()
	m.flight = nil
	if failure == nil {
		m.keep(token, time.Now())
		f.token = token
	} else {
		m.hold = min(max(2*m.hold, firstHold), lastHold)
		m.heldUntil = time.Now().Add(m.hold)
		m.failure = failure
		f.token, f.err = m.fallback(time.Now())
	}
	close(f.done)
}

// keep takes a new token into use. One whose life cannot be told, or that is
// over already because a clock is wrong, serves until it is refused.
func (m *minter) keep(token string, now time.Time) {
	m.token, m.renewAt, m.expires = token, time.Time{}, time.Time{}
	m.hold, m.heldUntil, m.failure = 0, time.Time{}, nil
	if expires, ok := expiry(token); ok && expires.After(now) {
		m.expires = expires
		m.renewAt = expires.Add(-min(time.Minute, expires.Sub(now)/10))
	}
}

// fallback is what there is when a mint failed: the token in hand while it is
// valid, and then the failure.
func (m *minter) fallback(now time.Time) (string, error) {
	if m.token != "" && now.Before(m.expires) {
		return m.token, nil
	}
	return "", m.failure
}

// forget drops token, unless it has been replaced already.
func (m *minter) forget(token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == token {
		m.token = ""
	}
}

// expiry reads the exp of a JWT.
func expiry(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return time.Time{}, false
	}
	var claims struct {
		Exp float64 `json:"exp"`
	}
	const farFuture = 1 << 40 // seconds; beyond it time arithmetic overflows
	if json.Unmarshal(payload, &claims) != nil || claims.Exp <= 0 || claims.Exp > farFuture {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.Exp), 0), true
}

// ValidHeader reports whether value can be sent in a header.
func ValidHeader(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f })
}
