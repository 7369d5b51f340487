package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestSecretsInFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const address = "postgres://windlass:p@localhost/windlass"
	for name, c := range map[string]struct {
		env   map[string]string
		fault string // empty: the database is address
	}{
		"a file":       {map[string]string{"WINDLASS_DATABASE_FILE": write("a", address+"\n")}, ""},
		"no line end":  {map[string]string{"WINDLASS_DATABASE_FILE": write("b", address)}, ""},
		"the variable": {map[string]string{"WINDLASS_DATABASE": address}, ""},
		"both": {map[string]string{
			"WINDLASS_DATABASE": address, "WINDLASS_DATABASE_FILE": write("c", address),
		}, "both set"},
		"missing":   {map[string]string{"WINDLASS_DATABASE_FILE": filepath.Join(dir, "none")}, "can't be read"},
		"empty":     {map[string]string{"WINDLASS_DATABASE_FILE": write("d", "\n")}, "is empty"},
		"too large": {map[string]string{"WINDLASS_DATABASE_FILE": write("e", strings.Repeat("x", 1<<17))}, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := config.Load(config.Sources{Getenv: func(name string) string { return c.env[name] }})
			switch {
			case c.fault == "" && (err != nil || found.Database != address):
				t.Errorf("the database is %q, %v", found.Database, err)
			case c.fault != "" && (err == nil || !strings.Contains(textOf(err), c.fault) ||
				!strings.Contains(textOf(err), "WINDLASS_DATABASE_FILE")):
				t.Errorf("%v, want %q", err, c.fault)
			}
		})
	}
}

// TestFilesOfSecrets checks that settings that name a file stay unchanged.
func TestFilesOfSecrets(t *testing.T) {
	t.Parallel()
	files := config.SecretFiles()
	if files["WINDLASS_OIDC_SECRET"] != "WINDLASS_OIDC_SECRET_FILE" {
		t.Errorf("the files are %v", files)
	}
	for _, own := range []string{"WINDLASS_MASTER_KEY", "WINDLASS_VAULT_TOKEN"} {
		if files[own] != "" {
			t.Errorf("%s has the file %s", own, files[own])
		}
	}
}

// textOf returns an error with its findings.
func textOf(err error) string {
	var b strings.Builder
	b.WriteString(err.Error())
	for _, finding := range problem.From(err).Findings {
		b.WriteString("; " + finding.Path + " " + finding.Message)
	}
	return b.String()
}
