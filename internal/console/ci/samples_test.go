package ci_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/ci"
	"github.com/windlass-io/windlass/internal/console/consoletest"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "ci", ci.Templates, ci.Samples())
}
