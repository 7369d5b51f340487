package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// user is the user of the container, which doesn't exist on the host.
const user = 65532

// writeImage writes a container image as docker load takes it, with a list of its
// parts, and returns its path. The image has the program, one folder for its data,
// and nothing else: no shell, no package manager.
func writeImage(o *options) (string, error) {
	if err := mustBeStatic(o.binary); err != nil {
		return "", err
	}
	layer, err := layer(o.binary, o.at)
	if err != nil {
		return "", err
	}
	image, err := mutate.Append(empty.Image, mutate.Addendum{Layer: layer, History: v1.History{
		Created: v1.Time{Time: o.at}, CreatedBy: "windlass " + o.version,
	}})
	if err != nil {
		return "", err
	}
	if image, err = mutate.ConfigFile(image, withConfig(image, o)); err != nil {
		return "", err
	}
	file := filepath.Join(o.out, fmt.Sprintf("windlass_%s_linux_%s_image.tar", o.version, o.arch))
	tag, err := name.NewTag("windlass:" + o.version)
	if err != nil {
		return "", err
	}
	if err := create(file, func(w io.Writer) error { return tarball.Write(tag, image, w) }); err != nil {
		return "", err
	}
	return file, writeSBOM(o.binary, file, o)
}

// mustBeStatic refuses a program that needs libraries, which the image hasn't.
func mustBeStatic(program string) error {
	f, err := elf.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	needed, err := f.ImportedLibraries()
	if err == nil && len(needed) > 0 {
		err = fmt.Errorf("%s needs %v; build it by make static", program, needed)
	}
	return err
}

// withConfig returns the configuration of the image's containers.
func withConfig(image v1.Image, o *options) *v1.ConfigFile {
	config := &v1.ConfigFile{Architecture: o.arch, OS: "linux", Created: v1.Time{Time: o.at}}
	if had, err := image.ConfigFile(); err == nil {
		config.RootFS, config.History = had.RootFS, had.History
	}
	config.Config = v1.Config{
		User: fmt.Sprintf("%d:%d", user, user), Entrypoint: []string{"/usr/bin/windlass"}, Cmd: []string{"serve"},
		Env: []string{
			"PATH=/usr/bin", "WINDLASS_DIR=/data", "WINDLASS_LISTEN=0.0.0.0:8080", "WINDLASS_ADMIN_LISTEN=0.0.0.0:9180",
		},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "9180/tcp": {}},
		Volumes:      map[string]struct{}{"/data": {}},
		WorkingDir:   "/data",
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", "/usr/bin/windlass", "health"}, Interval: 10 * time.Second,
			Timeout: 5 * time.Second, StartPeriod: time.Minute, Retries: 3,
		},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "windlass",
			"org.opencontainers.image.version":  o.version,
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.source":   homepage,
		},
	}
	return config
}

// layer returns the file system of the image.
func layer(program string, at time.Time) (v1.Layer, error) {
	text, err := os.ReadFile(program) //nolint:gosec // the file that the command names
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, e := range []struct {
		name  string
		mode  int64
		owner int
		text  []byte
	}{
		{"data/", 0o700, user, nil},
		{"etc/", 0o755, 0, nil},
		{"etc/group", 0o644, 0, []byte("root:x:0:\nwindlass:x:65532:\n")},
		{"etc/passwd", 0o644, 0, []byte("root:x:0:0::/:/\nwindlass:x:65532:65532::/data:/\n")},
		{"tmp/", 0o1777, 0, nil},
		{"usr/", 0o755, 0, nil},
		{"usr/bin/", 0o755, 0, nil},
		{"usr/bin/windlass", 0o755, 0, text},
	} {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: e.name, Mode: e.mode, Uid: e.owner, Gid: e.owner, Size: int64(len(e.text)),
			ModTime: at, Format: tar.FormatUSTAR,
		}
		if e.name[len(e.name)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed.Bytes())), nil
	})
}
