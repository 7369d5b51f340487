package signin_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/console/signin"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "signin", signin.Templates, signin.Samples())
}
