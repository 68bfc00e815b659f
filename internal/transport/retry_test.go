package transport

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNextWaitDoublesWithinThePolicy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		policy    RetryPolicy
		retries   int
		low, high time.Duration
	}{
		{RetryPolicy{9, 500 * time.Millisecond, 30 * time.Second}, 0, 500 * time.Millisecond, time.Second},
		{RetryPolicy{9, 500 * time.Millisecond, 30 * time.Second}, 1, time.Second, 2 * time.Second},
		{RetryPolicy{9, 500 * time.Millisecond, 30 * time.Second}, 2, 2 * time.Second, 4 * time.Second},
		{RetryPolicy{9, 500 * time.Millisecond, 30 * time.Second}, 9, 15 * time.Second, 30 * time.Second},
		{RetryPolicy{9, time.Second, time.Second}, 5, time.Second, time.Second},
		{RetryPolicy{9, 1, math.MaxInt64}, 1000, math.MaxInt64 / 2, math.MaxInt64 - 1},
	} {
		x := &exchange{t: &Transport{cfg: Config{Retry: tt.policy}}, retries: tt.retries}
		for range 100 {
			wait := x.nextWait(&Failure{})
			require.GreaterOrEqual(t, wait, tt.low)
			require.LessOrEqual(t, wait, tt.high)
		}
		require.Equal(t, 7*time.Second, x.nextWait(&Failure{RetryAfter: 7 * time.Second, waitKnown: true}))
		require.Zero(t, x.nextWait(&Failure{waitKnown: true}))
	}
}
