package sample_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/shell"
)

func TestEveryShellPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "shell", shell.Templates, sample.Shell())
}
