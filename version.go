package integrations

import (
	"runtime/debug"
	"strings"
	"sync"
)

// version is the version of this module. It counts where the build does not know
// a version, as in the module's own tests.
const version = "0.1.0"

const modulePath = "github.com/seed4e9a5e42/integrations"

// userAgent returns the SDK's product token with the version that the program
// was built with.
var userAgent = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return "conductor-integrations-go/" + versionIn(info)
})

// versionIn returns the version of this module in a build, or else the constant.
func versionIn(info *debug.BuildInfo) string {
	for _, module := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if module.Path != modulePath {
			continue
		}
		if module.Replace != nil {
			module = module.Replace
		}
		if v, ok := strings.CutPrefix(module.Version, "v"); ok {
			return v
		}
	}
	return version
}
