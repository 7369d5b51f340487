//go:build !windows

package parquetfile

import "os"

func syncFolder(dir *os.File) error { return dir.Sync() }
