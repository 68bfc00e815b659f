package secret

import "strings"

// NamesSecret reports whether the name of a parameter has a word for a secret in it.
func NamesSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"password", "passwd", "pwd", "secret", "token", "key", "sig"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Skeleton returns the parts of s that are hardly a secret: the scheme, the hosts,
// the ports and the paths of URLs, and the pairs name=value whose name tells of no
// secret. Nothing is left of a text without such a structure. The result is for
// comparing, and not for printing.
func Skeleton(s string) string {
	if end := strings.IndexAny(s, "?#"); end >= 0 {
		s = s[:end] // behind it, any value may be a secret
	}
	var kept []string
	inSecret := false // a secret may hold a separator, and ends where the next pair begins
	inHosts := false  // more hosts may follow a first host
	for _, part := range strings.FieldsFunc(s, separates) {
		before, value, isPair := strings.Cut(part, "=")
		if isPair {
			inHosts, inSecret = false, NamesSecret(lastWord(before))
			kept = append(kept, pair(before, value, inSecret))
			continue
		}
		found := address(part, inHosts)
		inHosts = found != ""
		if inHosts && !inSecret {
			kept = append(kept, found)
		}
	}
	return strings.Join(kept, " ")
}

func separates(c rune) bool { return strings.ContainsRune(";&,\"' \t\r\n\\", c) }

// lastWord returns the name at the end of s.
func lastWord(s string) string {
	return s[1+strings.LastIndexFunc(s, func(c rune) bool { return notInName(c) }):]
}

// pair returns a name and its value, or the name alone.
func pair(before, value string, isSecret bool) string {
	name := before
	if lastWord(before) != before { // the pair stands in the path of a URL
		name = address(before, false)
	}
	switch {
	case isSecret:
		value = ""
	case strings.ContainsAny(value, "@/"):
		value = address(value, false)
	}
	return name + "=" + value
}

// address returns s without user and password, if s is a URL, or a host behind a
// user and a password. With orHost, it may be a host and a port too.
func address(s string, orHost bool) string {
	scheme, rest, isURL := strings.Cut(s, "://")
	if isURL {
		scheme += "://"
	} else {
		scheme, rest = "", s
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	at := strings.LastIndexByte(host, '@')
	hasPassword := strings.Contains(host[:at+1], ":")
	host, path = host[at+1:], path[1+strings.LastIndexByte(path, '@'):]
	colon, isHost := hostAndPort(host)
	switch {
	case !isURL && !hasPassword && (!orHost || !colon):
		return ""
	case !isHost: // the beginning of a password that holds a separator
		return scheme
	}
	return scheme + host + path
}

// hostAndPort reports whether s has a colon, and whether it can be a host.
func hostAndPort(s string) (colon, isHost bool) {
	_, port, colon := strings.Cut(s[1+strings.LastIndexByte(s, ']'):], ":")
	return colon, strings.Trim(port, "0123456789") == ""
}
