package access_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/access"
)

var update = flag.Bool("update", false, "rewrite docs/access.md")

// TestMatrixIsDocumented checks that docs/access.md prints the matrix.
func TestMatrixIsDocumented(t *testing.T) {
	t.Parallel()
	const mark = "<!-- matrix -->\n"
	file := filepath.Join("..", "..", "docs", "access.md")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, printed, found := strings.Cut(string(page), mark)
	if !found {
		t.Fatalf("%s has no %q", file, mark)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+mark+"\n"+access.Table()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.TrimSpace(printed) != strings.TrimSpace(access.Table()) {
		t.Errorf("%s doesn't print the matrix: run go test ./internal/access -update", file)
	}
}
