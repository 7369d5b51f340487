package aws_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/setup/aws"
)

// document is a document in a page: a comment with its format and route, and a block.
var document = regexp.MustCompile("(?s)(<!-- (\\w+) (\\w+) -->\n```\\w+\n)(.*?)(```\n)")

// TestBucketNotificationsPage checks that the page has the documents that are printed.
func TestBucketNotificationsPage(t *testing.T) {
	t.Parallel()
	const page = "../../../docs/bucket-notifications.md"
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	want := document.ReplaceAllStringFunc(string(content), func(found string) string {
		parts := document.FindStringSubmatch(found)
		seen[parts[3]] = true
		e := events(t, aws.EventRoute(parts[3]))
		e.Prefix = "in/"
		return parts[1] + renderEvents(t, aws.Format(parts[2]), e) + parts[5]
	})
	if len(seen) != 3 {
		t.Errorf("the page has the routes %v, want all three", seen)
	}
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
