package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The limits are above the goals, which are missed: see the goals in main.go. The
// time before main is not held here, because a busy machine would fail the test.
func TestTheSDKStaysLight(t *testing.T) {
	t.Parallel()
	w, err := measure()
	require.NoError(t, err)
	require.Less(t, percent(w.client, w.bare), 8.0, "log/slog, html and the client itself")
	require.Less(t, percent(w.plan, w.client), 5.5, "the plan itself, and what a save needs")
	require.Positive(t, w.clientInit)
	require.Positive(t, w.planInit)
}

func TestTheMeasurementPrintsSizesAndTimes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	weight{bare: 1000, client: 1070, plan: 1177, clientInit: 25 * time.Microsecond, planInit: time.Millisecond}.print(&out)
	require.Contains(t, out.String(), "net/http alone       1000 bytes\n")
	require.Contains(t, out.String(), "with the client      1070 bytes, +7.0 %, 25µs before main\n")
	require.Contains(t, out.String(), "with a plan          1177 bytes, +10.0 % more, 1ms before main\n")
}

func TestTheCommandLineIsChecked(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	require.Zero(t, command([]string{"-h"}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "fail where a goal is missed")
	require.Equal(t, 2, command([]string{"-heavy"}, &stdout, &stderr))
	require.Empty(t, stdout.String())
}

func TestAMissedGoalIsFound(t *testing.T) {
	t.Parallel()
	good := weight{bare: 1000, client: 1050, plan: 1071, clientInit: goalInit, planInit: goalInit}
	require.NoError(t, good.missed())
	for problem, change := range map[string]func(*weight){
		"the client is too large":  func(w *weight) { w.client++ },
		"the plan is too large":    func(w *weight) { w.plan++ },
		"the start takes too long": func(w *weight) { w.planInit++ },
	} {
		bad := good
		change(&bad)
		require.EqualError(t, bad.missed(), problem)
	}
}

func TestInitTimeAddsUpWhatTheSDKBrings(t *testing.T) {
	t.Parallel()
	total, err := initTime([]byte(`init net/http @1.2 ms, 0.008 ms clock, 2224 bytes, 29 allocs
init log/slog @1.0 ms, 0.003 ms clock, 176 bytes, 3 allocs
init html/template @1.0 ms, 0.001 ms clock, 0 bytes, 0 allocs
init github.com/seed4e9a5e42/integrations/internal/transport @1.2 ms, 0.001 ms clock, 0 bytes, 0 allocs
init github.com/seed4e9a5e42/integrations @1.2 ms, 0.11 ms clock, 76160 bytes, 272 allocs
CONDUCTOR_SERVER_URL is not set
`))
	require.NoError(t, err)
	require.Equal(t, 115*time.Microsecond, total)
}

func TestATraceThatIsMissingIsNoMeasurement(t *testing.T) {
	t.Parallel()
	_, err := initTime([]byte("CONDUCTOR_SERVER_URL is not set\n"))
	require.ErrorContains(t, err, "no trace")
	_, err = initTime([]byte("init log/slog @1.0 ms, many ms clock\n"))
	require.ErrorContains(t, err, "the trace of log/slog")
	_, err = startUp("/there/is/no/such/program")
	require.Error(t, err)
	_, err = build(t.TempDir()+"/none", "none")
	require.ErrorContains(t, err, "build none")
}
