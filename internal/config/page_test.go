package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/config"
)

var update = flag.Bool("update", false, "write docs/operate/settings.md again")

const pageHead = `# Settings

A setting is a flag of ` + "`windlass serve`, an environment variable or a line of the TOML file that `--config`" + `
names: ` + "`--upload-bytes 1GiB`, `WINDLASS_UPLOAD_BYTES=1GiB` or `upload_bytes = \"1GiB\"`" + `. A flag overrides the
variable, which overrides the file. Sizes take KiB, MiB and GiB; times take s, m, h and d.
` + "`windlass config show`" + ` prints every value in force, and where it comes from; ` + "`windlass config check`" + `
tries them.

A secret has no flag, since a command line is seen by every process. To keep it in a file, add ` + "`_FILE`" + ` to
its variable: ` + "`WINDLASS_DATABASE_FILE=/run/secrets/database`" + `.

This page is made from the program: ` + "`go test ./internal/config -update`" + ` writes it.

| setting | default | meaning |
|---|---|---|
`

// TestSettingsPage compares the page of the documentation with the settings.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(pageHead)
	for _, field := range config.Fields() {
		text := field.Doc
		if field.Secret {
			text += "; secret"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", field.Name, field.Default, strings.ReplaceAll(text, "|", `\|`))
	}
	path := filepath.Join("..", "..", "docs", "operate", "settings.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(page)); diff != "" {
		t.Errorf("docs/operate/settings.md is stale; run go test ./internal/config -update (-want +got):\n%s", diff)
	}
}
