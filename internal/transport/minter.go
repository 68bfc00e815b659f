package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// firstHold and lastHold bound how long no mint begins after a failed mint.
	firstHold = time.Second
	lastHold  = 30 * time.Second
	// mintLimit ends a mint that no attempt's timeout ends.
	mintLimit = 5 * time.Minute
	// patience is how long one call waits for the renewal of a token that is
	// still good.
	patience = time.Second
	// refusalHold is how long a token that the server refused is kept when the
	// server refused the token before it as well.
	refusalHold = time.Second
)

// minter keeps a token minted from a key pair. Any number of callers that need
// a new token share one mint.
type minter struct {
	mint func(ctx context.Context, pause func(*Failure, time.Duration)) (string, *Failure)

	mu       sync.Mutex
	token    string
	mintedAt time.Time
	renewAt  time.Time // zero: when the server refuses the token
	expires  time.Time
	flight   *flight // the mint under way
	slow     bool    // the last renewal took longer than patience

	refused bool    // the server refused token
	picky   refusal // how the server refused a fresh token; 0: it accepted the last token

	failure   *Failure // why the last mint failed
	hold      time.Duration
	heldUntil time.Time
	crash     *crash // the panic of a mint that nobody waited for
}

// Token returns the token in hand or waits for a new one.
func (m *minter) Token(ctx context.Context) (string, error) {
	f, token, err := m.board()
	if f == nil {
		return token, err
	}
	if token == "" {
		token, err = f.wait(ctx)
		m.panicIfCrashed(err)
		return token, err
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	renewed, err := f.wait(patient)
	if err == nil {
		return renewed, nil
	}
	m.panicIfCrashed(err)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	m.beSlow(f)
	return token, nil
}

// beSlow notes that f still goes on after a call has waited long enough.
func (m *minter) beSlow(f *flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow = m.slow || m.flight == f
}

// crash is a panic of a mint's goroutine. It must reach a goroutine of a caller.
type crash struct{ value any }

func (c *crash) Error() string { return errNoMint.Error() }

// panicIfCrashed panics when err is a crash. The next caller need not panic then.
func (m *minter) panicIfCrashed(err error) {
	c, ok := err.(*crash)
	if !ok {
		return
	}
	m.mu.Lock()
	if m.crash == c {
		m.crash = nil
	}
	m.mu.Unlock()
	panic(c.value)
}

// board returns the flight to wait for, in which the caller is counted, and the
// token in hand if it is still good. It returns no flight when the token in hand
// needs no renewal, when another call already waits for the renewal, and when
// minting is on hold after a failure.
func (m *minter) board() (*flight, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.crash; c != nil {
		m.crash = nil
		panic(c.value)
	}
	now := time.Now()
	if m.refused && now.Sub(m.mintedAt) >= refusalHold {
		m.token, m.refused = "", false
	}
	if m.token != "" && (m.renewAt.IsZero() || now.Before(m.renewAt)) {
		return nil, m.token, nil
	}
	token, err := m.fallback(now)
	switch {
	case m.flight == nil && now.Before(m.heldUntil):
		return nil, token, err
	case m.flight == nil && token != "" && m.slow:
		m.flight = m.takeOff(0)
		return nil, token, nil
	case m.flight == nil:
		m.flight = m.takeOff(1)
	case token != "":
		return nil, token, nil
	default:
		m.flight.count(1)
	}
	return m.flight, token, nil
}

// fallback returns what a caller gets while there is no new token: the token in
// hand while it is valid, and then the failure of the last mint.
func (m *minter) fallback(now time.Time) (string, error) {
	if m.token != "" && now.Before(m.expires) {
		return m.token, nil
	}
	return "", m.failure
}

// takeOff begins a mint that a number of callers wait for. The mint has a
// context of its own, because other callers may wait for it too.
func (m *minter) takeOff(waiting int) *flight {
	ctx, cancel := context.WithTimeout(context.Background(), mintLimit)
	f := &flight{done: make(chan struct{}), news: make(chan struct{}), abandon: cancel, waiting: waiting}
	go func() {
		defer cancel()
		// A caller's transport or log handler may panic or end the goroutine.
		token, failure := "", &Failure{Op: OpToken, Message: errNoMint.Error(), Err: errNoMint}
		defer func() { m.land(f, token, failure, recover()) }()
		token, failure = m.mint(ctx, f.pause)
	}()
	return f
}

// errNoMint is the failure of a mint whose goroutine a caller's transport ended.
var errNoMint = errors.New("the HTTP client did not return")

// land ends a flight. panicked is the value of its panic, or nil.
func (m *minter) land(f *flight, token string, failure *Failure, panicked any) {
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
	if panicked != nil {
		m.crash = &crash{panicked}
		f.token, f.err = "", m.crash
	}
	close(f.done)
}

// keep takes a new token into use. When its end of life cannot be read, or has
// passed already because a clock is wrong, the token serves until the server
// refuses it.
func (m *minter) keep(token string, now time.Time) {
	m.token, m.mintedAt, m.renewAt, m.expires = token, now, time.Time{}, time.Time{}
	m.hold, m.heldUntil, m.failure = 0, time.Time{}, nil
	m.refused, m.slow = false, false
	if expires, ok := expiry(token); ok && expires.After(now) {
		m.expires = expires
		m.renewAt = expires.Add(-min(time.Minute, expires.Sub(now)/10))
	}
}

// refusal says how clearly the server refused a token.
type refusal int

const (
	byCode   refusal = 1 + iota // the server's code names the token
	byStatus                    // a 401 without a code, perhaps a proxy's
)

// forget drops a token that the server refused, unless it has been replaced
// already. When the server refused the token before it in the same way, a fresh
// token is kept for a moment, so that a server that refuses every token is not
// asked for tokens all the time.
func (m *minter) forget(token string, how refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token != token {
		return
	}
	fresh := time.Since(m.mintedAt) < refusalHold
	switch {
	case fresh && m.picky >= how:
		m.refused = true
		return
	case fresh || m.refused:
		m.picky = max(m.picky, how)
	default:
		m.picky = 0
	}
	m.token, m.refused = "", false
}

// accept notes that the server took token.
func (m *minter) accept(token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == token {
		m.picky, m.refused = 0, false
	}
}

// flight is one mint: how it goes, and its result once done is closed. When
// nobody waits any more, the flight still finishes the attempt under way, whose
// token serves the next caller, but it does not wait for another attempt.
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
	abandoned *Failure           // the value of last when the mint was abandoned
}

// wait waits for the mint to end. It does not wait when the mint's server asks
// for more time than ctx has. The caller was counted when it got the flight.
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

// pause is called when the mint begins to wait for another attempt, and with
// nil when that attempt begins.
func (f *flight) pause(last *Failure, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.resumes = last, time.Now().Add(wait)
	close(f.news)
	f.news = make(chan struct{})
	f.abandonIfIdle()
}

// abandonIfIdle ends a mint that waits while no caller waits for it. f.mu is
// held.
func (f *flight) abandonIfIdle() {
	if f.waiting == 0 && f.last != nil {
		f.abandoned = f.last
		f.abandon()
	}
}

// verdict returns the failure to report. An abandoned mint reports the failure
// it was retrying, not the end of its own context.
func (f *flight) verdict(failure *Failure) *Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	if failure != nil && f.abandoned != nil {
		return f.abandoned
	}
	return failure
}
