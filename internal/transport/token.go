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
	"time"
)

// OpToken is the Op of the request that turns a key pair into a token.
const OpToken = "Token"

const tokenHeader = "X-Authorization"

// Credentials are a key pair or a source of tokens. With the zero value, requests
// carry no token.
type Credentials struct {
	KeyID, KeySecret string
	Source           Source
}

// Source gives the token of each attempt.
type Source interface {
	Token(ctx context.Context) (string, error)
}

// StaticToken is a Source that always gives the same token.
type StaticToken string

// Token returns t.
func (t StaticToken) Token(context.Context) (string, error) { return string(t), nil }

// authorize gets the token of the next attempt. When there are credentials,
// nothing is sent without a token.
func (x *exchange) authorize(ctx context.Context) *Failure {
	if x.source == nil {
		return nil
	}
	token, err := x.source.Token(ctx)
	if err != nil {
		return x.failure(ctx, err)
	}
	if token, err = sendable(token, "the token source gave no token"); err != nil {
		return &Failure{Op: x.call.Op, Message: err.Error(), Err: err}
	}
	if x.token != "" && x.token != token {
		x.former = append(x.former, x.token)
	}
	x.token = token
	return nil
}

// judgeToken tells the minter whether the server took the token of the last
// attempt. It reports whether another token may help.
func (x *exchange) judgeToken(f *Failure) bool {
	if f != nil && f.Op != x.call.Op {
		return false
	}
	refused := f != nil && f.tokenRefused
	if m := x.t.minter; m != nil {
		switch {
		case refused:
			m.forget(x.token, byCode)
		case f != nil && f.Status == http.StatusUnauthorized && f.Code == "":
			m.forget(x.token, byStatus)
		case f == nil || f.Status != 0:
			m.accept(x.token)
		}
	}
	return refused && x.source != nil
}

// mint exchanges the key pair for a token. It calls pause when a wait before
// another attempt begins, and when the wait is over.
func (t *Transport) mint(ctx context.Context, pause func(*Failure, time.Duration)) (string, *Failure) {
	// A map of strings always encodes.
	body, _ := json.Marshal(map[string]string{"keyId": t.cfg.Credentials.KeyID, "keySecret": t.cfg.Credentials.KeySecret})
	var token string
	x := &exchange{t: t, pause: pause, call: Call{Op: OpToken, Method: http.MethodPost, Path: "/token", Body: body,
		Readable: func(s string) bool { return s == "keyId" || s == "keySecret" },
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
		return "", fmt.Errorf("the answer is not a token: %w", shapeError(err))
	}
	// A body read to its end frees the connection for the next request.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return "", err
	}
	return sendable(reply.Token, "the answer has no token")
}

// sendable returns token without the white space around it. When there is no
// token, the text of the error is none.
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

// expiry returns the exp of a JWT, the end of its life.
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
