package nodes_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/console/nodes"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "nodes", nodes.Templates, nodes.Samples())
}
