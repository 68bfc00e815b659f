package plan_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
	"github.com/seed4e9a5e42/integrations/plan"
)

// many returns n integrations with five models each.
func many(n int) []in.Integration {
	items := make([]in.Integration, n)
	for i := range items {
		items[i] = in.Integration{
			Name: fmt.Sprintf("integration-%04d", i), Type: in.TypeOpenAI, Description: "one of many", Enabled: in.Bool(true),
			Configuration: in.Configuration{in.KeyAPIKey: fmt.Sprintf("sk-%d", i), in.KeyEndpoint: "https://api.openai.com", in.KeyOrganizationID: "acme"},
			Tags:          []in.Tag{{Key: "team", Value: "ml"}, {Key: "stage", Value: "live"}},
		}
		for m := range 5 {
			items[i].APIs = append(items[i].APIs, in.IntegrationAPI{API: fmt.Sprintf("model-%d", m), Description: "a model", Enabled: in.Bool(true)})
		}
	}
	return items
}

// listing answers every request with the same bytes, so that the benchmark has no
// cost of a server in it.
type listing []byte

func (l listing) RoundTrip(*http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(bytes.NewReader(l)), ContentLength: int64(len(l))}, nil
}

// record returns what a server that has items lists.
func record(b *testing.B, items []in.Integration, behaviour fake.Behaviour) listing {
	b.Helper()
	s := fake.NewServer(fake.WithIntegrations(items...), fake.WithoutAuth(), fake.WithBehaviour(behaviour))
	defer s.Close()
	client := http.Client{Transport: s.Transport()}
	reply, err := client.Get("http://fake/api/integrations/?activeOnly=false")
	if err != nil {
		b.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// BenchmarkNew compares 1,000 unchanged integrations of 5 models each. The plan
// should take at most 1.5 times as long as the listing alone.
func BenchmarkNew(b *testing.B) {
	items := many(1000)
	for name, behaviour := range map[string]fake.Behaviour{"masked": {}, "clear": {ClearSecrets: true}} {
		c, err := in.NewClient("http://fake", in.WithHTTPClient(&http.Client{Transport: record(b, items, behaviour)}))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/list", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if list, err := c.ListIntegrations(b.Context(), in.IncludeInactive()); err != nil || len(list) != len(items) {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/plan", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p, err := plan.New(b.Context(), c, items); err != nil || !p.Empty() {
					b.Fatal(err)
				}
			}
		})
	}
}
