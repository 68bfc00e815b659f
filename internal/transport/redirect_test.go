package transport

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedirectTarget(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequest(http.MethodGet, "https://cluster/api/integrations/", nil)
	for location, want := range map[string]string{
		"https://other:8443/login":               "https://other:8443/login",
		"https://user:canary@other/p?q=canary#c": "https://other/p",
		"//other/p":                              "https://other/p",
		"https://other/user:canary@host":         "https://other",
		"https://other/p;token=canary":           "https://other",
		"/login?token=canary":                    "https://cluster/login",
		"":                                       "",
		"https://user:canary@other:port/":        "",
		"https://ca nary/":                       "",
		"mailto:canary@other":                    "",
	} {
		require.Equal(t, want, target(req, location), location)
	}
}
