package credentials_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/console/credentials"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "credentials", credentials.Templates, credentials.Samples())
}
