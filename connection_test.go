package integrations_test

import (
	"context"
	"encoding/json"
	"net/http/httptrace"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	in "github.com/seed4e9a5e42/integrations"
	"github.com/seed4e9a5e42/integrations/fake"
)

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t, fake.WithoutAuth())
	client, err := in.NewClient(srv.URL())
	require.NoError(t, err)
	reused := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if info.Reused {
			reused++
		}
	}})
	require.NoError(t, list(ctx, client))
	require.NoError(t, list(ctx, client))
	require.Equal(t, 1, reused)
	client.CloseIdleConnections()
	require.NoError(t, list(ctx, client))
	require.Equal(t, 1, reused)
	client.CloseIdleConnections()
}

// One client serves any number of goroutines, and neither their arguments nor
// their results have anything to do with each other.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	srv := fake.Start(t)
	client := srv.Client()
	shared := batchOf(20)
	for i := range shared {
		shared[i].APIs[0].IntegrationName = ""
	}
	before, err := json.Marshal(shared)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 5 {
				if err := client.SaveAll(t.Context(), shared); err != nil {
					t.Error(err)
				}
				got, err := client.ListProviders(t.Context())
				if err != nil || len(got) != 20 {
					t.Error(len(got), err)
				}
				for i := range got {
					got[i].Configuration["spoilt"] = i
					got[i].Tags = append(got[i].Tags, in.Tag{Key: "spoilt"})
				}
			}
		})
	}
	wg.Wait()
	after, err := json.Marshal(shared)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	first, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	second, err := client.ListProviders(t.Context())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(first, second))
	require.NotContains(t, first[0].Configuration, in.ConfigKey("spoilt"))
	require.Len(t, srv.Requests(in.OpToken), 1)
}

// A stalled answer is cut by the default timeout, each time it is tried.
func TestAStalledAnswerIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := fake.Start(t, fake.WithoutAuth())
		srv.FailAlways(in.OpListProviders, fake.Fault{Delay: time.Hour})
		begun := time.Now()
		err := list(t.Context(), srv.Client(in.WithRetry(in.RetryPolicy{})))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "no whole answer within 30s, see WithTimeout")
		require.Equal(t, 30*time.Second, time.Since(begun))
	})
}
