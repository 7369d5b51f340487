package console

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestPicturesOfTheDoctor takes the pictures of docs/doctor.md anew, into the
// folder that WINDLASS_PICTURES names:
//
//	WINDLASS_PICTURES=$PWD/docs/images/doctor go test ./internal/console -run Pictures
func TestPicturesOfTheDoctor(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("WINDLASS_PICTURES")
	if folder == "" {
		t.Skip("WINDLASS_PICTURES names no folder")
	}
	server := fixtureServer(t)
	page := browsertest.Start(t).Page(t, browsertest.Desktop, "light")
	for _, p := range []struct{ fixture, selector string }{
		{"integration-unverified", "#verification"},
		{"integration-running", "#verification"},
		{"integration-verified", "#verification"},
		{"integration-warning", "#verification"},
		{"integration-failing", "#verification"},
		{"integration-insecure", "#verification"},
		{"integration-propagating", "#verification"},
		{"integration-reserved", "#verification"},
		{"integration-rotating", "main"},
		{"integration-check-insecure", "main"},
		{"credential-verified", "main"},
		{"identity-warned", "main"},
	} {
		page.Open(server.URL + "/" + p.fixture)
		page.ShotOf(p.selector, filepath.Join(folder, p.fixture+".png"))
	}
}
