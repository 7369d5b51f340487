package parquetfile

import "os"

// syncFolder does nothing: Windows cannot flush a folder, and NTFS journals names.
func syncFolder(*os.File) error { return nil }
