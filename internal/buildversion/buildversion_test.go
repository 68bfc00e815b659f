package buildversion

import (
	"os"
	"regexp"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheVersionIsThatOfTheBuild(t *testing.T) {
	t.Parallel()
	other := &debug.Module{Path: "example.com/other", Version: "v9.9.9"}
	for name, tt := range map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"a program that requires the module": {debug.BuildInfo{Main: *other, Deps: []*debug.Module{other, {Path: modulePath, Version: "v1.2.3"}}}, "1.2.3"},
		"a replaced module": {debug.BuildInfo{Main: *other, Deps: []*debug.Module{
			{Path: modulePath, Version: "v1.2.3", Replace: &debug.Module{Path: "../integrations"}}}}, Released},
		"the module's own command":   {debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "v1.2.3"}}, "1.2.3"},
		"a checkout":                 {debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "(devel)"}}, Released},
		"a build that tells nothing": {debug.BuildInfo{}, Released},
	} {
		require.Equal(t, tt.want, versionIn(&tt.info), name)
	}
}

func TestTheNewestEntryOfTheChangelogIsTheVersion(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../CHANGELOG.md")
	require.NoError(t, err)
	entry := regexp.MustCompile(`(?m)^## \[(.+?)\]`).FindSubmatch(text)
	require.NotNil(t, entry)
	require.Equal(t, Released, string(entry[1]))
}
