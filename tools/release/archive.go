package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// platforms are those that archives are made for. Their programs need no C library,
// and have no SQL.
var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"},
}

type platform struct{ os, arch string }

// member is a file of an archive.
type member struct {
	name string // within the archive
	path string // of its content
	mode os.FileMode
}

// archives writes an archive and a list of its parts for each platform.
func archives(ctx context.Context, out io.Writer, o *options) error {
	scratch, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	for _, p := range o.platforms {
		name := fmt.Sprintf("windlass_%s_%s_%s", o.version, p.os, p.arch)
		program := filepath.Join(scratch, name)
		if err := build(ctx, o, p.os, p.arch, program); err != nil {
			return err
		}
		members, err := contents(o, name, program, p.os == "windows")
		if err != nil {
			return err
		}
		write, ext := writeTar, ".tar.gz"
		if p.os == "windows" {
			write, ext = writeZip, ".zip"
		}
		archive := filepath.Join(o.out, name+ext)
		if err := create(archive, func(w io.Writer) error { return write(w, members, o.at) }); err != nil {
			return err
		}
		if err := writeSBOM(program, archive, o); err != nil {
			return err
		}
		if err := os.Remove(program); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, archive); err != nil {
			return err
		}
	}
	return nil
}

// build compiles windlass for a platform.
func build(ctx context.Context, o *options, system, arch, program string) error {
	//nolint:gosec // of the command's own flags
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", program, "-ldflags",
		"-s -w -X main.version="+o.version, "./cmd/windlass")
	cmd.Dir, cmd.Stderr = o.root, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building for %s/%s: %w", system, arch, err)
	}
	return nil
}

// contents lists the files of an archive, all in one folder.
func contents(o *options, folder, program string, windows bool) ([]member, error) {
	name := "windlass"
	if windows {
		name += ".exe"
	}
	members := []member{{path.Join(folder, name), program, 0o755}}
	for _, file := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		members = append(members, member{path.Join(folder, file), filepath.Join(o.root, file), 0o644})
	}
	for _, dir := range []string{"completion", "man"} {
		files, err := os.ReadDir(filepath.Join(o.extra, dir))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			members = append(members, member{
				path.Join(folder, dir, file.Name()), filepath.Join(o.extra, dir, file.Name()), 0o644,
			})
		}
	}
	return members, nil
}

// create writes a file, which is there only if all of it was written.
func create(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name))
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil { //nolint:gosec // for everyone
		return err
	}
	return os.Rename(f.Name(), name)
}

func writeTar(w io.Writer, members []member, at time.Time) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	for _, m := range members {
		text, err := os.ReadFile(m.path)
		if err != nil {
			return err
		}
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: m.name, Mode: int64(m.mode), Size: int64(len(text)), ModTime: at,
			Format: tar.FormatUSTAR,
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(text); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return packed.Close()
}

func writeZip(w io.Writer, members []member, at time.Time) error {
	archive := zip.NewWriter(w)
	for _, m := range members {
		text, err := os.ReadFile(m.path)
		if err != nil {
			return err
		}
		header := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: at}
		header.SetMode(m.mode)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(text); err != nil {
			return err
		}
	}
	return archive.Close()
}

// noExtension returns the name of an archive without .tar.gz or .zip.
func noExtension(name string) string {
	for _, ext := range []string{".tar.gz", ".zip", ".tar"} {
		if short, found := strings.CutSuffix(name, ext); found {
			return short
		}
	}
	return name
}
