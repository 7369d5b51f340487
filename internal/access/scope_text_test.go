package access_test

import (
	"testing"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/access"
)

// scopeTexts has texts that the command line and the service must parse alike.
var scopeTexts = []string{
	"read", "write", "delete", "read:prices", "write:prices", "delete:prices", "read:*", "read:a:b", "read:ds_01",
	"query", "load", "manage", "audit", "metrics",
	"", " ", ":", "read:", "query:", "query:prices", "load:x", "manage:x", "audit:*", "metrics:*", "READ", "reads",
	"data.read", "all", "*",
}

// TestScopeTextsAgree compares the client's parser, which has none of our
// internals, with the service's.
func TestScopeTextsAgree(t *testing.T) {
	t.Parallel()
	for _, text := range scopeTexts {
		compareScope(t, text)
	}
}

func FuzzScopeTextsAgree(f *testing.F) {
	for _, text := range scopeTexts {
		f.Add(text)
	}
	f.Fuzz(compareScope)
}

func compareScope(t *testing.T, text string) {
	t.Helper()
	theirs, theirErr := client.ParseTokenScope(text)
	ours, ourErr := access.ParseScope(text)
	if (theirErr == nil) != (ourErr == nil) {
		t.Errorf("%q: the client says %v, the service %v", text, theirErr, ourErr)
		return
	}
	if ourErr == nil && (theirs.Action != string(ours.Action) || theirs.Dataset != ours.Dataset ||
		theirs.String() != ours.String()) {
		t.Errorf("%q: the client reads %+v, the service %+v", text, theirs, ours)
	}
}
