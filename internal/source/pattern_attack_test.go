package source_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

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
		began := time.Now()
		for range 20 {
			if matched, _ := p.Match(key); matched {
				t.Errorf("%s: it matches", name)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: 20 keys took %s", name, took)
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
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began, matched := time.Now(), 0
	err = p.MatchEach(ctx, listed, func(object.Info, source.Match, string) { matched++ })
	if !errors.Is(err, context.DeadlineExceeded) || matched == len(listed) {
		t.Errorf("got %v after %d keys", err, matched)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it ended after %s", took)
	}
}
