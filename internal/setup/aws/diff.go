package aws

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the change from one version of a document to another as a
// unified diff. It is empty when the versions are the same.
func Diff(name string, before, after []byte) string {
	text := string(diff.Diff("a/"+name, before, "b/"+name, after))
	_, rest, _ := strings.Cut(text, "\n") // the first line is the diff command
	return rest
}
