package audit

import "os"

// syncFolder does nothing: Windows writes the list of a folder by itself.
func syncFolder(*os.File) error { return nil }
