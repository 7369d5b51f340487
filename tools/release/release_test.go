package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// sources writes the sources of a small program, with the other files of archives.
func sources(t *testing.T) *options {
	t.Helper()
	root, extra := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod":               "module example.com/windlass\n\ngo 1.26\n",
		"cmd/windlass/main.go": "package main\n\nvar version string\n\nfunc main() { println(version) }\n",
		"LICENSE":              "a license\n", "README.md": "# Windlass\n", "CHANGELOG.md": "# Changelog\n",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"man/windlass.1.gz", "completion/windlass.fish"} {
		file := filepath.Join(extra, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &options{
		version: "1.4.0", at: time.Unix(1_700_000_000, 0).UTC(), root: root, extra: extra, arch: "amd64",
		platforms: []platform{{"linux", "amd64"}, {"windows", "amd64"}}, out: t.TempDir(),
	}
}

// TestArchives writes the archives twice: they are equal, each has what a user needs,
// and sha256sum accepts the sums.
func TestArchives(t *testing.T) {
	t.Parallel()
	o := sources(t)
	again := *o
	again.out = t.TempDir()
	for _, each := range []*options{o, &again} {
		if err := archives(t.Context(), t.Output(), each); err != nil {
			t.Fatal(err)
		}
		if err := sums(each.out); err != nil {
			t.Fatal(err)
		}
	}
	if first, second := text(t, o, sumsFile), text(t, &again, sumsFile); first != second {
		t.Errorf("a second run differs:\n%s\n%s", first, second)
	}
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", sumsFile)
	check.Dir = o.out
	if out, err := check.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") != 4 {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	want := []string{"CHANGELOG.md", "LICENSE", "README.md", "completion/windlass.fish", "man/windlass.1.gz"}
	for file, program := range map[string]string{
		"windlass_1.4.0_linux_amd64.tar.gz": "windlass", "windlass_1.4.0_windows_amd64.zip": "windlass.exe",
	} {
		got := list(t, filepath.Join(o.out, file), noExtension(file)+"/")
		expected := append(slices.Clone(want), program)
		slices.Sort(got)
		slices.Sort(expected)
		if !slices.Equal(got, expected) {
			t.Errorf("%s has %q, want %q", file, got, expected)
		}
	}
}

func text(t *testing.T, o *options, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(o.out, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// list returns the names of an archive's files within its folder.
func list(t *testing.T, file, folder string) (names []string) {
	t.Helper()
	add := func(name string) {
		short, found := strings.CutPrefix(name, folder)
		if !found {
			t.Errorf("%s has %s outside its folder", file, name)
		}
		names = append(names, short)
	}
	if strings.HasSuffix(file, ".zip") {
		r, err := zip.OpenReader(file)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		for _, f := range r.File {
			add(f.Name)
		}
		return names
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	packed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(packed); ; {
		header, err := r.Next()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		add(header.Name)
	}
}

// TestSBOM finds the modules of a program with modules, this test, in its list.
func TestSBOM(t *testing.T) {
	t.Parallel()
	o := sources(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.out, "windlass.tar.gz")
	if err := os.WriteFile(file, []byte("an archive"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeSBOM(program, file, o); err != nil {
		t.Fatal(err)
	}
	var found struct {
		SPDXVersion   string
		Packages      []struct{ Name, VersionInfo string }
		Relationships []struct{ RelationshipType string }
	}
	if err := json.Unmarshal([]byte(text(t, o, "windlass.spdx.json")), &found); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, p := range found.Packages {
		names[p.Name] = p.VersionInfo
	}
	if found.SPDXVersion != "SPDX-2.3" || names["windlass"] != "1.4.0" || names["stdlib"] == "" ||
		!strings.HasPrefix(names["github.com/google/go-containerregistry"], "v0.") ||
		len(found.Relationships) != len(found.Packages) {
		t.Errorf("%s, %d relationships, packages %v", found.SPDXVersion, len(found.Relationships), names)
	}
}

// TestImage builds an image of a static program, and refuses one that isn't static.
func TestImage(t *testing.T) {
	t.Parallel()
	o := sources(t)
	o.binary = filepath.Join(o.out, "program")
	if err := build(t.Context(), o, "linux", o.arch, o.binary); err != nil {
		t.Fatal(err)
	}
	file, err := writeImage(o)
	if err != nil {
		t.Fatal(err)
	}
	image, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c := config.Config; c.User != "65532:65532" || c.Healthcheck == nil || len(c.Volumes) != 1 ||
		len(c.ExposedPorts) != 2 || c.Entrypoint[0] != "/usr/bin/windlass" || config.OS != "linux" {
		t.Errorf("the image runs as %+v", c)
	}
	if file, err := exec.LookPath("sh"); err == nil {
		o.binary = file
		if _, err := writeImage(o); err == nil || !strings.Contains(err.Error(), "make static") {
			t.Errorf("a program with libraries: %v", err)
		}
	}
}
