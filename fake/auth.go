package fake

import (
	"encoding/base64"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/seed4e9a5e42/integrations/internal/authcode"
)

const tokenHeader = "X-Authorization"

// tokens mints tokens and recognises them. They look like JWTs, but nobody
// checks a signature: a token is good because it was minted here.
type tokens struct {
	mu     sync.Mutex
	minted map[string]lifetime
}

// lifetime is when a token ends.
type lifetime struct {
	expires time.Time // zero: never
	expired bool      // by ExpireTokens
}

// The first and the last part of every token.
const (
	jwtHeader    = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" // {"alg":"HS256","typ":"JWT"}
	jwtSignature = "dW5zaWduZWQ"                          // unsigned
)

// mint makes the next token. A ttl that is not positive is for ever.
func (t *tokens) mint(now time.Time, ttl time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	serial := len(t.minted) + 1
	claims := `{"jti":"` + strconv.Itoa(serial) + `","iat":` + strconv.FormatInt(now.Unix(), 10)
	var life lifetime
	if ttl > 0 {
		life.expires = now.Add(ttl)
		claims += `,"exp":` + strconv.FormatInt(life.expires.Unix(), 10)
	}
	payload := base64.RawURLEncoding.EncodeToString([]byte(claims + "}"))
	token := jwtHeader + "." + payload + "." + jwtSignature
	if t.minted == nil {
		t.minted = map[string]lifetime{}
	}
	t.minted[token] = life
	return token
}

// check returns the code to refuse token with, or "" for a good one.
func (t *tokens) check(token string, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	life, ok := t.minted[token]
	switch {
	case !ok:
		return authcode.Invalid
	case life.expired, !life.expires.IsZero() && !now.Before(life.expires):
		return authcode.Expired
	}
	return ""
}

func (t *tokens) expireAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for token := range t.minted {
		t.minted[token] = lifetime{expired: true}
	}
}

// ExpireTokens ends every token minted so far. The server answers EXPIRED_TOKEN
// to such a token from now on. The token of [WithToken] stays good.
func (s *Server) ExpireTokens() { s.tokens.expireAll() }

// authenticate returns the refusal of a token that is not good, or nil.
func (s *Server) authenticate(token string) *reply {
	if s.cfg.noAuth || s.cfg.token != "" && token == s.cfg.token {
		return nil
	}
	code := s.tokens.check(token, s.cfg.now())
	message := "the token is not valid"
	switch {
	case code == "":
		return nil
	case code == authcode.Expired:
		message = "the token has expired"
	case token == "":
		message = "there is no token in the header " + tokenHeader
	}
	return errorReply(http.StatusUnauthorized, code, message)
}

// exchange answers POST /api/token.
func (s *Server) exchange(req *call) *reply {
	fields, err := parseObject(req.body)
	if err != nil {
		return badRequest(err.Error())
	}
	var c checker
	id, secret := c.text(fields, "", "keyId"), c.text(fields, "", "keySecret")
	milliseconds := c.whole(fields, "", "expiration") // 0: the default, negative: for ever
	if len(c.violations) > 0 {
		return badRequest("the token request is refused", c.violations...)
	}
	if !s.cfg.noAuth && (id != s.cfg.keyID || secret != s.cfg.keySecret) {
		return errorReply(http.StatusUnauthorized, "", "the key id and the key secret do not fit")
	}
	ttl := s.cfg.tokenTTL
	if milliseconds != 0 {
		ttl = time.Duration(max(-1, min(milliseconds, math.MaxInt64/int64(time.Millisecond)))) * time.Millisecond
	}
	return jsonReply(http.StatusOK, map[string]string{"token": s.tokens.mint(s.cfg.now(), ttl)})
}
