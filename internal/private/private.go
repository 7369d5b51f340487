// Package private keeps the state folder to the user that runs the service:
// folders have mode 0700 and files 0600, under any umask.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/problem"
)

// The modes of folders and files, and the permission bits of others.
const (
	folderMode = 0o700
	fileMode   = 0o600
	others     = 0o077
)

// Folder creates a folder that only this user can open. If the folder exists,
// others lose access to it; if it belongs to another user, the error says so.
func Folder(dir string) error {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return fmt.Errorf("creating the state folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("reading the state folder: %w", err)
	}
	if !info.IsDir() {
		return problem.New(problem.Invalid, "The state folder %s is a file.", dir).WithHint("Set dir to a folder.")
	}
	if owner, mine := owned(info); !mine {
		return problem.New(problem.Invalid, "The state folder %s belongs to another user (ID %d).", dir, owner).
			WithHint("Run Windlass as that user, or change the owner: chown -R \"$(id -u)\" %s", dir)
	}
	return tighten(dir, info, folderMode)
}

// Files makes the files and folders below a folder private. It ignores files
// that are deleted meanwhile, and doesn't follow symbolic links.
func Files(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return tighten(path, info, folderMode)
		case info.Mode().IsRegular():
			return tighten(path, info, fileMode)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("closing the state folder to others: %w", err)
	}
	return nil
}

func tighten(path string, info fs.FileInfo, mode fs.FileMode) error {
	if info.Mode().Perm()&others == 0 {
		return nil
	}
	if err := os.Chmod(path, mode); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return problem.Wrap(err, problem.Invalid, "%s can be read by others, and its mode can't be changed.", path).
			WithHint("chmod %o %s", mode, path)
	}
	return nil
}
