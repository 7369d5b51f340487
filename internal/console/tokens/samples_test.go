package tokens_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/console/tokens"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "tokens", tokens.Templates, tokens.Samples())
}
