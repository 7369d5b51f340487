package s3api

import (
	"cmp"
	"regexp"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// versionPattern is what a version ID may look like, on AWS and elsewhere.
var versionPattern = regexp.MustCompile(`^[\w.-]{20,64}$`)

// checkVersionID tells an ID that no version ever had from one that is gone.
func (c *call) checkVersionID(id string) error {
	return cmp.Or(readableVersionID(id), noSuchVersion(c.Key, id))
}

// readableVersionID refuses an ID that no version ever had.
func readableVersionID(id string) error {
	if id != s3store.NullVersion && !versionPattern.MatchString(id) {
		return invalidArgument("versionId", id, "Invalid version id specified")
	}
	return nil
}
