package integrations_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	in "github.com/seed4e9a5e42/integrations"
)

// BenchmarkListIntegrations and BenchmarkGetProvider time a call against the
// floor, as [BenchmarkList] does.
//
//	go test -run '^$' -bench 'ListIntegrations|GetProvider' -benchtime 1x .
func BenchmarkListIntegrations(b *testing.B) {
	const providers, models = 1000, 5
	body := integrationsOf(providers, models)
	f := newFloor(b, answer(body))
	report(b, func() error {
		got, err := floorGet[[]in.Provider](b.Context(), f, "/api/integrations/?activeOnly=true")
		return expect(providers, len(got), err)
	}, func() error {
		got, err := f.client.ListIntegrations(b.Context())
		return expect(providers, len(got), err)
	})
}

func BenchmarkGetProvider(b *testing.B) {
	list := listOf(1)
	f := newFloor(b, answer(list[1:len(list)-1]))
	report(b, func() error {
		got, err := floorGet[in.Provider](b.Context(), f, "/api/integrations/provider/openAI-0")
		return expect(3, int(got.ModelsCount), err)
	}, func() error {
		got, err := f.client.GetProvider(b.Context(), "openAI-0")
		return expect(3, int(got.ModelsCount), err)
	})
}

func answer(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}
}

func floorGet[T any](ctx context.Context, f *floor, path string) (T, error) {
	var result T
	resp, err := f.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return result, err
	}
	defer func() { _ = resp.Body.Close() }()
	err = json.NewDecoder(resp.Body).Decode(&result)
	return result, err
}

// integrationsOf is a list of n providers with models each, in the shape of the
// reference page.
func integrationsOf(n, models int) []byte {
	list := listOf(1)
	provider := list[1 : len(list)-2] // without its closing brace
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `,%s,"apis":[`, provider)
		for j := range models {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"createTime":1768205843203,"updateTime":1768205843203,"createdBy":"john.doe@acme.com",`+
				`"updatedBy":"john.doe@acme.com","integrationName":"openAI-%d","api":"model-%d","description":"","configuration":{},"enabled":true}`, i, j)
		}
		b.WriteString("]}")
	}
	b.Bytes()[0] = '['
	b.WriteByte(']')
	return b.Bytes()
}
