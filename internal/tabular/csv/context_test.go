package csv_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// contextOf is the context of a test or a property; both end it.
func contextOf(t fataler) context.Context {
	switch t := t.(type) {
	case *testing.T:
		return t.Context()
	case *rapid.T:
		return t.Context()
	}
	panic("not a test")
}
