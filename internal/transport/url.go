package transport

import (
	"bytes"

	"github.com/seed4e9a5e42/integrations/internal/secret"
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
	const urls, signs = 32, 4 // the most of each, so that the cost is bounded
	for range urls {
		at := bytes.Index(front, []byte("://"))
		if at < 0 {
			return
		}
		front, raw = front[at+3:], raw[at+3:]
		end := -1
		for range signs {
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
	const most = 64 // so that the cost is bounded
	found := 0
	end, comma := 0, 0 // of the last value
	for at := index(raw, 0, '='); at < len(raw) && found < most; at = index(raw, at+1, '=') {
		begin := at
		for begin > 0 && isName(raw[begin-1]) {
			begin--
		}
		if !secret.NamesSecret(string(raw[begin:at])) {
			continue
		}
		found++
		value := at + 1
		if end <= at {
			end = value + indexAny(raw[value:], "&;\" \\\t")
		}
		s.value(raw[value:end], level)
		// A comma may be part of the value, or end it. Quotes are not part of it.
		if value < end && raw[value] == '\'' {
			value++
			s.value(raw[value:index(raw, value, '\'')], level)
		} else if comma <= at {
			comma = value + indexAny(raw[value:], ",&;\" \\\t")
		}
		if comma > value && comma < end {
			s.value(raw[value:comma], level)
		}
	}
}

// indexAny returns the index of the first of some characters in text, or the
// length of text.
func indexAny(text []byte, characters string) int {
	if i := bytes.IndexAny(text, characters); i >= 0 {
		return i
	}
	return len(text)
}

func isName(c byte) bool { return isWord(c) || c == '_' }
