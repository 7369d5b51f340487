package source_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

// Patterns for which a backtracking matcher needs exponential or cubic time.
func TestAttackPatternWorkIsLinear(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("a", 1000) + "/" + strings.Repeat("a", 22)
	for name, pattern := range map[string]string{
		"stars":                strings.Repeat("*a", 400) + "b",
		"segments":             strings.Repeat("**/", 300) + "b",
		"segments and stars":   strings.Repeat("**/*a*/", 120) + "b",
		"equal alternatives":   strings.Repeat("{a,a}", 64) + "b",
		"starred alternatives": strings.Repeat("{*,*a}", 64) + "b",
		"nested alternatives":  strings.Repeat("{{{{*,a},*},a},*}", 16) + "b",
		"empty alternatives":   strings.Repeat("{,}", 64) + "b",
		"classes":              strings.Repeat("*[a-c]", 150) + "b",
	} {
		p, err := source.ParsePattern(pattern, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for range 20 { // A backtracking matcher needs longer than a test may take.
			if matched, _ := p.Match(key); matched {
				t.Errorf("%s: it matches", name)
			}
		}
	}
}

// A page of keys under the most expensive pattern that can be saved ends when
// its context does.
func TestAttackPatternMatchingIsCancelled(t *testing.T) {
	t.Parallel()
	var exclude []string
	for range 15 {
		exclude = append(exclude, strings.Repeat("*a", 500)+"b")
	}
	p, err := source.ParsePattern("**", exclude)
	if err != nil {
		t.Fatal(err)
	}
	listed := slices.Repeat([]object.Info{{Key: strings.Repeat("a", 1024)}}, 10_000)
	ctx, cancel := context.WithCancel(t.Context())
	matched := 0
	err = p.MatchEach(ctx, listed, func(object.Info, source.Match, string) {
		matched++
		cancel()
	})
	if !errors.Is(err, context.Canceled) || matched != 1 {
		t.Errorf("got %v after %d keys, want context.Canceled after 1", err, matched)
	}
}
