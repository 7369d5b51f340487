//go:build !windows

package audit

import "os"

func syncFolder(folder *os.File) error { return folder.Sync() }
