package transport

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestShorter(t *testing.T) {
	t.Parallel()
	require.Equal(t, time.Second, shorter(time.Second, time.Minute))
	require.Equal(t, time.Second, shorter(time.Minute, time.Second))
	require.Equal(t, time.Second, shorter(0, time.Second))
	require.Equal(t, time.Second, shorter(time.Second, 0))
	require.Zero(t, shorter(0, 0))
	require.Zero(t, shorter(-1, 0))
}
