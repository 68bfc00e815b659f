package plan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/internal/secret"
)

// Export returns the integrations of a cluster as desired state, sorted by name.
// Inactive integrations are in it too. The option [integrations.InCategory] limits
// it to one category. These parts differ from the cluster:
//
//   - Every secret, and every value that the server masks, becomes a placeholder
//     such as <OPENAI_API_KEY>, made of the names of the integration and of the
//     key. Two placeholders that would be the same get _2, _3 and so on.
//   - Any other value that may hold a secret becomes a placeholder too: a header,
//     and a text that a plan hides, such as a URL with user info.
//   - OAuth tokens, the tag iac-owner and empty values are left out.
//   - A model without a description gets its name as the description, because a
//     save requires a description.
//
// A plan of the result is empty, except for these added descriptions.
//
// GET /integrations/.
func Export(ctx context.Context, c *integrations.Client, opts ...integrations.ListOption) ([]integrations.Integration, error) {
	listing, err := c.ListIntegrations(ctx, append(slices.Clone(opts), integrations.IncludeInactive())...)
	if err != nil {
		return nil, fmt.Errorf("plan: the cluster cannot be listed: %w", err)
	}
	slices.SortFunc(listing, func(a, b integrations.Provider) int { return cmp.Compare(a.Name, b.Name) })
	e := exporter{used: map[string]bool{}, show: &viewer{live: listing}}
	items := make([]integrations.Integration, 0, len(listing))
	for i := range listing {
		items = append(items, e.item(&listing[i]))
	}
	return items, nil
}

// exporter turns a listing into desired state.
type exporter struct {
	used map[string]bool // placeholders
	show *viewer
}

func (e *exporter) item(live *integrations.Provider) integrations.Integration {
	item := integrations.Integration{
		Name:          live.Name,
		Type:          live.Type,
		Category:      live.Category,
		Description:   live.Description,
		Enabled:       copied(&live.Enabled),
		Configuration: e.config(live.Type, live.Name, live.Configuration),
	}
	for _, tag := range live.Tags {
		if tag.Key != ownerTag {
			item.Tags = append(item.Tags, tag)
		}
	}
	for i := range live.APIs {
		model := &live.APIs[i]
		api := integrations.IntegrationAPI{
			API:         model.API,
			Description: cmp.Or(model.Description, model.API),
			Enabled:     copied(&model.Enabled),
		}
		if config := e.config(live.Type, live.Name+"_"+model.API, model.Configuration); len(config) > 0 {
			api.Configuration = config
		}
		item.APIs = append(item.APIs, api)
	}
	return item
}

// config exports a configuration. Its keys are visited in order, so that the same
// cluster always gives the same placeholders.
func (e *exporter) config(t integrations.Type, name string, live integrations.Configuration) integrations.Configuration {
	config := integrations.Configuration{}
	for _, key := range slices.Sorted(maps.Keys(live)) {
		v := canonical(live[key])
		switch {
		case v.empty() || oAuth(key):
		case key.SecretIn(t) || v.unreadable() || e.hides(key, v):
			config[key] = e.placeholder(name + "_" + words(secret.Printable(string(key))))
		default:
			config[key] = live[key]
		}
	}
	return config
}

// hides reports whether v may hold a secret by what it is. A plan also hides every
// user, list and object, whatever they hold.
func (e *exporter) hides(key integrations.ConfigKey, v value) bool {
	isHidden := func(s string) bool { return e.show.text(s) == hidden }
	return key == integrations.KeyHeader || slices.ContainsFunc(v.texts(), isHidden)
}

// placeholder returns a placeholder that was not used before.
func (e *exporter) placeholder(name string) string {
	name = variable(name)
	unique := name
	for n := 2; e.used[unique]; n++ {
		unique = fmt.Sprintf("%s_%d", name, n)
	}
	e.used[unique] = true
	return "<" + unique + ">"
}

// words puts an underscore between the words of a key such as keyStorePassword.
func words(key string) string {
	var b strings.Builder
	lower := false
	for _, r := range key {
		if lower && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

// variable makes the name of an environment variable of a text. No such name may be
// the name of the credentials that reach the cluster.
func variable(s string) string {
	name := []byte(strings.ToUpper(s))
	for i, c := range name {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			name[i] = '_'
		}
	}
	credential := bytes.HasPrefix(name, []byte("CONDUCTOR_AUTH_"))
	if credential || len(name) > 0 && '0' <= name[0] && name[0] <= '9' {
		return "_" + string(name)
	}
	return string(name)
}
