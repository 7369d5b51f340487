package notifications_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
	"github.com/windlass-io/windlass/internal/console/notifications"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "notifications", notifications.Templates, notifications.Samples())
}
