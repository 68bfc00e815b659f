package transport

import (
	"bytes"
	"strings"
)

// userInfos adds user and password of a URL that begins in front of the first
// quote of raw. A password may hold any character unescaped, @ and / included, so
// every @ may be the end of it.
func (s *search) userInfos(raw []byte, level int) {
	front := raw[:index(raw, 0, '"')]
	if bytes.Contains(front, []byte(`\/`)) { // as in https:\/\/
		raw, level = []byte(decode(raw, level)), -1
		front = raw[:index(raw, 0, '"')]
	}
	const most = 4 // of each, so that the cost is bounded
	for range most {
		at := bytes.Index(front, []byte("://"))
		if at < 0 {
			return
		}
		front, raw = front[at+3:], raw[at+3:]
		end := -1
		for range most {
			if end = index(raw, end+1, '@'); end == len(raw) {
				break
			}
			user, password, _ := bytes.Cut(raw[:end], []byte(":"))
			s.value(user, level)
			s.value(password, level)
		}
	}
}

// parameters adds the values of parameters whose names tell that they are
// secrets, such as password=... in a JDBC URL and SharedAccessKey=... in a
// connection string.
func (s *search) parameters(raw []byte, level int) {
	for at := index(raw, 0, '='); at < len(raw); at = index(raw, at+1, '=') {
		begin := at
		for begin > 0 && isLetter(raw[begin-1]) {
			begin--
		}
		if !namesSecret(raw[begin:at]) {
			continue
		}
		end := at + 1
		for end < len(raw) && strings.IndexByte(`&; "\\`, raw[end]) < 0 {
			end++
		}
		s.value(raw[at+1:end], level)
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

// namesSecret reports whether a parameter's name has a word for a secret in it.
func namesSecret(name []byte) bool {
	name = bytes.ToLower(name)
	for _, word := range []string{"password", "passwd", "pwd", "secret", "token", "key", "sig"} {
		if bytes.Contains(name, []byte(word)) {
			return true
		}
	}
	return false
}
