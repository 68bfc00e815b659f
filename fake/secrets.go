package fake

import (
	"fmt"

	"github.com/seed4e9a5e42/integrations"
)

// mask stands for a secret in a reply.
const mask = "xxxxx"

const (
	invalidToken = "INVALID_TOKEN"
	expiredToken = "EXPIRED_TOKEN"
)

// authCodes are the codes of the authentication error body.
var authCodes = []string{invalidToken, expiredToken, "USER_NOT_FOUND", "EMAIL_NOT_VERIFIED", "ERROR_WHILE_FETCHING"}

// secret adds to [integrations.ConfigKey.Secret] the endpoint that is a
// connection string with a password in it.
func secret(t integrations.Type, key integrations.ConfigKey) bool {
	return key.Secret() || t == integrations.TypeMongoVectorDB && key == integrations.KeyEndpoint
}

// looksLikeKey asks for the rule that a Configuration prints its keys by.
func looksLikeKey(key integrations.ConfigKey) bool {
	return fmt.Sprint(integrations.Configuration{key: nil}) == "["+string(key)+"]"
}
