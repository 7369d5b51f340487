//go:build !windows

package disk

import "os"

func flush(folder *os.File) error { return folder.Sync() }
