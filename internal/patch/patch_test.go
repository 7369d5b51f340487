package patch_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/patch"
)

func TestSet(t *testing.T) {
	name, empty := "before", ""
	if patch.Set(&name, nil); name != "before" {
		t.Errorf("without a change the name is %q, want before", name)
	}
	if patch.Set(&name, &empty); name != "" {
		t.Errorf("changed to the empty text the name is %q, want the empty text", name)
	}
}
