// Package buildversion tells the version of this module.
package buildversion

import (
	"runtime/debug"
	"strings"
	"sync"
)

// Released is the version of this module. It counts where the build does not know
// a version, as in the module's own tests.
const Released = "0.1.0"

const modulePath = "github.com/seed4e9a5e42/integrations"

// Get returns the version of this module that the program was built with.
var Get = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Released
	}
	return versionIn(info)
})

// versionIn returns the version of this module in a build, or else Released.
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
	return Released
}
