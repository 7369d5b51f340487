package account_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/console/account"
	"github.com/windlass-io/windlass/internal/console/consoletest"
)

func TestEveryPageRenders(t *testing.T) {
	t.Parallel()
	consoletest.Render(t, "account", account.Templates, account.Samples())
}
