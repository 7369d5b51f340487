package awserror_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	e := awserror.New(404, "NoSuchKey", "no key %q", "k").With("Key", "k").With("Bucket", "b")
	wrapped := fmt.Errorf("reading: %w", e)
	if got := awserror.From(wrapped); got != e {
		t.Errorf("From returns %v", got)
	}
	if !awserror.Is(wrapped, "NoSuchKey") || awserror.Is(wrapped, "NoSuchBucket") ||
		awserror.Is(errors.New("NoSuchKey"), "NoSuchKey") {
		t.Error("Is doesn't tell codes apart")
	}
	if diff := cmp.Diff(
		[]awserror.Field{{Name: "Key", Value: "k"}, {Name: "Bucket", Value: "b"}},
		e.Fields,
	); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if e.Error() != `NoSuchKey: no key "k"` {
		t.Errorf("the error reads %q", e.Error())
	}
}

// TestAttackInternalErrorsTellNothing checks that responses don't reveal
// internal paths and secrets.
func TestAttackInternalErrorsTellNothing(t *testing.T) {
	t.Parallel()
	got := awserror.From(errors.New("open /home/ada/secret: permission denied"))
	if got.Status != 500 || got.Code != "InternalError" || strings.Contains(got.Message, "ada") {
		t.Errorf("%+v", got)
	}
}
