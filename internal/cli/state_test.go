package cli_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStateScripts runs commands that work on the service's state, without a service.
func TestStateScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/state",

		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status(t, noInput)},
	})
}
