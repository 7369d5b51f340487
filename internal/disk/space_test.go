package disk_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/windlass-io/windlass/internal/disk"
)

func TestSpace(t *testing.T) {
	t.Parallel()
	free, total, err := disk.Space(t.TempDir())
	if err != nil || free < 0 || free > total {
		t.Errorf("%d of %d bytes, %v", free, total, err)
	}
	if _, _, err := disk.Space(filepath.Join(t.TempDir(), "missing")); err == nil && runtime.GOOS != "windows" {
		t.Error("a folder that isn't there has space")
	}
}
