package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestFile(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"valid", "loads = 3\nallow_private_endpoints = true\nupload_bytes = \"3GiB\"\nhttp_min_rate = 1\n", ""},
		{"a number as text", "loads = \"3\"\n", ""},
		{"not TOML", "loads: 3\n", "can't be read"},
		{"text without quotes", "listen = 8080\n", "listen must be text in quotes, not 8080"},
		{"a list", "loads = [1, 2]\n", `loads must be a whole number, not "[1 2]"`},
		{"a fraction", "loads = 1.5\n", `loads must be a whole number, not "1.5"`},
		{"a number out of range", "loads = 99999999999999999999\n", "can't be read"},
		{
			"a number for true", "allow_private_endpoints = \"maybe\"\n",
			`allow_private_endpoints must be true or false, not "maybe"`,
		},
		{"a unit", "upload_bytes = \"3GB\"\n", `upload_bytes "3GB" isn't a size`},
		{
			"every unknown name, sorted", "lisen = \"x\"\nowne = \"y\"\nacme = 1\n",
			"acme isn't a setting; lisen isn't a setting; owne isn't a setting",
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "windlass.toml")
			if err := os.WriteFile(name, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := config.Load(config.Sources{File: name, Getenv: func(string) string { return "" }})
			if got := describe(err); tc.want == "" && err != nil || !strings.Contains(got, tc.want) {
				t.Errorf("loading returned %q, want %q", got, tc.want)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "none.toml")
	_, err := config.Load(config.Sources{File: name, Getenv: func(string) string { return "" }})
	if e := problem.From(err); e.Code != problem.Invalid || !strings.Contains(e.Message, name) {
		t.Errorf("loading returned %v, want an error that names %s", err, name)
	}
}

// describe returns an error's message and findings as one text.
func describe(err error) string {
	if err == nil {
		return ""
	}
	e := problem.From(err)
	var findings []string
	for _, f := range e.Findings {
		findings = append(findings, f.Path+" "+f.Message)
	}
	return e.Message + " " + strings.Join(findings, "; ")
}
