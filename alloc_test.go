//go:build !race

// The race detector allocates too, so these tests are left out with it.

package integrations_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
)

// None of these can run in parallel: they count the allocations of the process.
func TestAllocationsOfAList(t *testing.T) {
	body := listOf(10_000)
	client := clientOf(t, 200, nil, func() io.Reader { return bytes.NewReader(body) })
	require.NoError(t, list(t.Context(), client)) // to have the pools filled
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, list(t.Context(), client))
	runtime.ReadMemStats(&after)
	require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(10_400_000), "of 10,000 providers")

	one := listOf(1)
	client = clientOf(t, 200, nil, func() io.Reader { return bytes.NewReader(one) }, in.WithToken("token"))
	f := &floor{url: "https://cluster", http: &http.Client{Timeout: 30 * time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(one)), ContentLength: -1, Request: r}, nil
	})}}
	base := testing.AllocsPerRun(100, func() {
		_, err := f.list(t.Context())
		require.NoError(t, err)
	})
	own := testing.AllocsPerRun(100, func() {
		_, err := client.ListProviders(t.Context())
		require.NoError(t, err)
	})
	require.LessOrEqual(t, own-base, 30.0, "of one provider, over the floor")
}

func TestAllocationsOfASave(t *testing.T) {
	f := newFloor(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	items := batchOf(1)
	base := testing.AllocsPerRun(100, func() { require.NoError(t, f.save(t.Context(), items)) })
	own := testing.AllocsPerRun(100, func() { require.NoError(t, f.client.SaveAll(t.Context(), items)) })
	require.LessOrEqual(t, own-base, 3.0, "of one integration, over the floor")
}

// A valid item allocates nothing. The map of names allocates per batch.
func TestAllocationsOfValidation(t *testing.T) {
	for n, most := range map[int]float64{1: 0, 100: 6, 1000: 12} {
		items := batchOf(n)
		items[0].Configuration[in.KeyOrganizationID] = 7
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
			if in.Validate(items) != nil {
				t.Error("not valid")
			}
		}), most, n)
	}
}

// Definitions cost as much as there are, and a suggestion looks at a few keys only.
func TestAllocationsOfManyDefinitions(t *testing.T) {
	defs := make([]in.Definition, 4000)
	for n := range defs {
		defs[n] = mskDefinition(dropdown("mode", fmt.Sprint("mode ", n)))
	}
	large := in.Definition{Type: "large"}
	for n := range 20_000 {
		large.Configuration = append(large.Configuration, in.DefinitionField{Key: in.ConfigKey(fmt.Sprint("key", n)), Optional: true})
	}
	item := in.Integration{Name: "n", Type: "large", Configuration: in.Configuration{}}
	for n := range 100 {
		item.Configuration[in.ConfigKey(fmt.Sprint("another key ", n))] = "v"
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, in.Validate([]in.Integration{item}, in.WithDefinitions(defs...), in.WithDefinitions(large)))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100_000_000))
}

// Filling in the names that models leave out costs as much as there is to fill.
func TestAllocationsOfManyModels(t *testing.T) {
	item := openAI()
	for n := range 10_000 {
		item.APIs = append(item.APIs, in.IntegrationAPI{API: fmt.Sprint("m", n), Description: "d"})
	}
	client := clientOf(t, 200, nil, text(""))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, client.SaveAll(t.Context(), []in.Integration{item}))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20_000_000))
}

// Hiding a large request in an answer that repeats a part of it costs a multiple
// of the request, however much of it there is to hide.
func TestAllocationsOfHiding(t *testing.T) {
	items := batchOf(1000)
	for i := range items {
		items[i].Configuration[in.KeyAPIKey] = fmt.Sprintf("sk/%d+&<>%d", i, i)
	}
	body, err := json.Marshal(items)
	require.NoError(t, err)
	answer, err := json.Marshal(map[string]string{"code": string(body[:100]), "message": string(body[:50_000])})
	require.NoError(t, err)
	client := clientOf(t, 400, nil, text(string(answer)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = client.SaveAll(t.Context(), items)
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "[redacted]")
	require.NotContains(t, err.Error(), "sk/")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(400*len(body)))
}
