package metrics

import "runtime/debug"

// revision returns the commit that the binary was built from; or an empty string
// if it isn't known.
func revision() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range build.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
