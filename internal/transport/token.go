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
	if err == nil {
		token, err = sendable(token, "the token source gave no token")
	}
	if err != nil {
		return x.failure(ctx, err)
	}
	if x.token != "" && x.token != token {
		x.former = append(x.former, x.token)
	}
	x.token = token
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

// mint exchanges the key pair for a token. It tells pause of every wait before
// another attempt, and of the attempt after it.
func (t *Transport) mint(ctx context.Context, pause func(*Failure, time.Duration)) (string, *Failure) {
	// A map of strings always encodes.
	body, _ := json.Marshal(map[string]string{"keyId": t.cfg.Credentials.KeyID, "keySecret": t.cfg.Credentials.KeySecret})
	var token string
	x := &exchange{t: t, pause: pause, call: Call{Op: OpToken, Method: http.MethodPost, Path: "/token", Body: body,
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
	return sendable(reply.Token, "the answer has no token")
}

// sendable returns token without the white space around it. It says none where
// nothing is left.
func sendable(token, none string) (string, error) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return "", errors.New(none)
	case !ValidHeader(token):
		return "", errors.New("the token has a control character inside")
	}
	return token, nil
}

// minter keeps a token minted from a key pair. Any number of callers that need
// a new one share one mint.
type minter struct {
	mint func(ctx context.Context, pause func(*Failure, time.Duration)) (string, *Failure)

	mu      sync.Mutex
	token   string
	renewAt time.Time // zero: when the server refuses the token
	expires time.Time
	flight  *flight // the mint under way

	failure   *Failure // why the last mint failed
	hold      time.Duration
	heldUntil time.Time
}

// flight is one mint: what came of it, once done is closed, and how it goes. It
// outlives those who wait for it only as long as an attempt is under way: what
// that brings is of use to the next caller.
type flight struct {
	done  chan struct{}
	token string
	err   error

	mu        sync.Mutex
	waiting   int
	last      *Failure           // while the mint waits for another attempt: why
	resumes   time.Time          // and until when
	news      chan struct{}      // closed when that changes
	abandon   context.CancelFunc // ends the mint
	abandoned *Failure           // what last was when that happened
}

const (
	firstHold = time.Second
	lastHold  = 30 * time.Second
	// mintLimit ends a mint that no attempt's timeout ends.
	mintLimit = 5 * time.Minute
	// patience is how long a caller waits for the renewal of a token that is
	// still good.
	patience = time.Second
)

// Token returns the token in hand or waits for a new one.
func (m *minter) Token(ctx context.Context) (string, error) {
	f, token, err := m.board()
	if f == nil {
		return token, err
	}
	if token == "" {
		return f.wait(ctx)
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if renewed, err := f.wait(patient); err == nil {
		return renewed, nil
	}
	return token, ctx.Err()
}

// wait waits for the mint to end, but not for one whose server asks for more
// time than ctx has. The caller has been counted, when it was given the flight.
func (f *flight) wait(ctx context.Context) (string, error) {
	defer f.count(-1)
	deadline, bounded := ctx.Deadline()
	for {
		last, resumes, news := f.progress()
		if bounded && last != nil && last.waitKnown && resumes.After(deadline) {
			return "", last
		}
		select {
		case <-f.done:
			return f.token, f.err
		case <-news:
		case <-ctx.Done():
			err := fmt.Errorf("waiting for a token: %w", ctx.Err())
			return "", &Failure{Op: OpToken, Message: err.Error(), Err: err, Last: last}
		}
	}
}

func (f *flight) progress() (last *Failure, resumes time.Time, news <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last, f.resumes, f.news
}

func (f *flight) count(change int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting += change
	f.abandonIfIdle()
}

// pause is told when the mint begins to wait for another attempt, and, with
// nil, when the attempt begins.
func (f *flight) pause(last *Failure, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.resumes = last, time.Now().Add(wait)
	close(f.news)
	f.news = make(chan struct{})
	f.abandonIfIdle()
}

// abandonIfIdle ends a mint that waits for nobody. f.mu is held.
func (f *flight) abandonIfIdle() {
	if f.waiting == 0 && f.last != nil {
		f.abandoned = f.last
		f.abandon()
	}
}

// verdict is why the mint failed. If it was abandoned, that is why it waited: the
// context that ended it is nobody's.
func (f *flight) verdict(failure *Failure) *Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	if failure != nil && f.abandoned != nil {
		return f.abandoned
	}
	return failure
}

// board returns the flight to wait for, in which the caller is counted, and the
// token in hand if it is good still. There is no flight when that token needs no
// renewal, or when minting is on hold after a failure.
func (m *minter) board() (*flight, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	switch {
	case m.token != "" && (m.renewAt.IsZero() || now.Before(m.renewAt)):
		return nil, m.token, nil
	case m.flight == nil && now.Before(m.heldUntil):
		token, err := m.fallback(now)
		return nil, token, err
	case m.flight == nil:
		m.flight = m.takeOff()
	default:
		m.flight.count(1)
	}
	token, _ := m.fallback(now)
	return m.flight, token, nil
}

// takeOff begins a mint for one caller. It has a context of its own, as others
// may wait for it too.
func (m *minter) takeOff() *flight {
	ctx, cancel := context.WithTimeout(context.Background(), mintLimit)
	f := &flight{done: make(chan struct{}), news: make(chan struct{}), abandon: cancel, waiting: 1}
	go func() {
		defer cancel()
		token, failure := "", &Failure{Op: OpToken, Message: errNoMint.Error(), Err: errNoMint}
		defer func() { m.land(f, token, failure) }()
		token, failure = m.mint(ctx, f.pause)
	}()
	return f
}

// errNoMint is seen only where a caller's own transport ends the goroutine.
var errNoMint = errors.New("the HTTP client did not return")

// land ends a flight.
func (m *minter) land(f *flight, token string, failure *Failure) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.flight = nil
	if failure = f.verdict(failure); failure == nil {
		m.keep(token, now)
		f.token = token
	} else {
		m.hold = min(max(2*m.hold, firstHold), lastHold)
		m.heldUntil = now.Add(m.hold)
		m.failure = failure
		f.token, f.err = m.fallback(now)
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
