//go:build !windows

package backup

import "os"

func fsync(folder *os.File) error { return folder.Sync() }
