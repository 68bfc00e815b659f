// Package authcode lists the codes that a server puts into the field "error" of
// an answer about a token.
package authcode

// The codes. Expired and Invalid ask for a new token. The others are final.
const (
	Expired       = "EXPIRED_TOKEN"
	Invalid       = "INVALID_TOKEN"
	UserNotFound  = "USER_NOT_FOUND"
	NotVerified   = "EMAIL_NOT_VERIFIED"
	FetchingError = "ERROR_WHILE_FETCHING"
)

// All has every code.
var All = []string{Expired, Invalid, UserNotFound, NotVerified, FetchingError}
