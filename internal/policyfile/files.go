package policyfile

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// maxFiles limits how many files of a folder are read.
const maxFiles = 100_000

// Files returns the files of a folder that can have policies, sorted. It leaves
// out hidden folders and those with code of others.
func Files(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case entry.IsDir():
			if path != folder && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor") {
				return fs.SkipDir
			}
		case entry.Type().IsRegular() && slices.Contains(Extensions(), strings.ToLower(filepath.Ext(name))):
			if len(files) >= maxFiles {
				return fmt.Errorf("%s has more than %d files; name smaller folders", folder, maxFiles)
			}
			files = append(files, path)
		}
		return nil
	})
	return files, err
}
