package deploy_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/config"
)

var variable = regexp.MustCompile(`\bWINDLASS_[A-Z_]*[A-Z]\b`)

// TestSettingsAreKnown: every variable in the files of this folder is a setting.
func TestSettingsAreKnown(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"WINDLASS_VERSION": true} // of compose.yaml itself
	for _, field := range config.Fields() {
		known[field.Env] = true
		if field.Secret {
			known[field.Env+"_FILE"] = true
		}
	}
	found := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range variable.FindAllString(string(text), -1) {
			found++
			if !known[name] {
				t.Errorf("%s has %s, which is no setting", path, name)
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d variables, %v", found, err)
	}
}

// TestChartRules: the chart has the alert rules that are tested.
func TestChartRules(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("helm/windlass/files/windlass.rules.yml")
	if err != nil || string(got) != string(want) {
		t.Errorf("the chart's rules differ from %s: copy it (%v)", rulesFile, err)
	}
}

// TestChartSecrets: the chart refuses every secret setting in its config.
func TestChartSecrets(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("helm/windlass/templates/_helpers.tpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range config.Fields() {
		if field.Secret && !strings.Contains(string(text), `"`+field.Name+`"`) {
			t.Errorf("the chart accepts the secret %s in config", field.Name)
		}
	}
}
