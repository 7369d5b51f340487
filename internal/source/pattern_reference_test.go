package source_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/source"
)

// The reference is written to be obviously correct, at any cost: braces are
// expanded, then characters are compared one after the other.

// segments replaces "**", so that it differs from the "**" that two
// alternatives make.
const segments = '\x01'

func referenceMatches(pattern, key string) bool {
	if key == "" || strings.HasSuffix(key, "/") {
		return false
	}
	for _, plain := range writeOut(strings.ReplaceAll(pattern, "**", string(segments))) {
		if matchChars([]rune(plain), []rune(key)) {
			return true
		}
	}
	return false
}

// writeOut expands the braces of a pattern into patterns without braces.
func writeOut(pattern string) []string {
	open := -1
	depth, start := 0, 0
	var alternatives []string
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case c == '[':
			i += classLength(pattern[i:]) - 1
		case c == '{':
			if depth++; depth == 1 {
				open, start = i, i+1
			}
		case c == ',' && depth == 1:
			alternatives = append(alternatives, pattern[start:i])
			start = i + 1
		case c == '}':
			if depth--; depth == 0 {
				alternatives = append(alternatives, pattern[start:i])
				var all []string
				for _, a := range alternatives {
					all = append(all, writeOut(pattern[:open]+a+pattern[i+1:])...)
				}
				return all
			}
		}
	}
	return []string{pattern}
}

// classLength returns the length of the "[…]" at the beginning of s.
func classLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ']':
			return i + 1
		}
	}
	return len(s)
}

func matchChars(pattern, key []rune) bool {
	if len(pattern) == 0 {
		return len(key) == 0
	}
	switch pattern[0] {
	case segments:
		if len(pattern) == 1 {
			return len(key) > 0
		}
		if matchChars(pattern[2:], key) { // without its "/"
			return true
		}
		i := slices.Index(key, '/')
		return i >= 0 && matchChars(pattern, key[i+1:])
	case '*':
		return matchChars(pattern[1:], key) || len(key) > 0 && key[0] != '/' && matchChars(pattern, key[1:])
	case '?':
		return len(key) > 0 && key[0] != '/' && matchChars(pattern[1:], key[1:])
	case '[':
		n := len([]rune(string(pattern)[:classLength(string(pattern))]))
		return len(key) > 0 && inClass(pattern[1:n-1], key[0]) && matchChars(pattern[n:], key[1:])
	case '\\':
		pattern = pattern[1:]
	}
	return len(key) > 0 && pattern[0] == key[0] && matchChars(pattern[1:], key[1:])
}

func inClass(class []rune, r rune) bool {
	negated := class[0] == '!' || class[0] == '^'
	if negated {
		class = class[1:]
	}
	found := false
	for i := 0; i < len(class); i++ {
		if class[i] == '\\' {
			i++
		}
		first := class[i]
		found = found || r == first
		if i+2 < len(class) && class[i+1] == '-' {
			if i += 2; class[i] == '\\' {
				i++
			}
			found = found || first <= r && r <= class[i]
		}
	}
	return found != negated
}

// drawPattern draws patterns of few characters, so that keys often match.
func drawPattern(t *rapid.T) string {
	pieces := []string{
		"a", "b", "é", "/", "/", "*", "?", "/**/", "**/", "/**", "{a,b}", "{a/b,}", "{,a*}", "{*,{b,?a}}", "{a/**/b,b}",
		"[ab]", "[!a]", "[^a-b]", "[b-a]", `[\]a-]`, "[a-é]", `\*`, `\a`, `\{`, ",", "]", "{[,}],a}", "[!a]b", "[/a]",
	}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 7).Draw(t, "pattern"), "")
}

func TestPatternMatchesLikeTheReference(t *testing.T) {
	t.Parallel()
	var valid, matched int
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawPattern(t)
		p, err := source.ParsePattern(pattern, nil)
		if err != nil {
			t.Skip(err)
		}
		valid++
		for _, key := range rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("aabé//*{,]")), 1, 8, -1), 1, 20).
			Draw(t, "keys") {
			want := referenceMatches(pattern, key)
			if got, _ := p.Match(key); got != want {
				t.Fatalf("pattern %q, key %q: got %t, the reference says %t", pattern, key, got, want)
			}
			if want {
				matched++
			}
		}
	})
	if valid == 0 || matched == 0 {
		t.Errorf("%d patterns were valid and %d keys matched: nothing was compared", valid, matched)
	}
}

// FuzzPatternReference compares short patterns of any bytes with the
// reference, whose work grows exponentially.
func FuzzPatternReference(f *testing.F) {
	for _, seed := range [][2]string{
		{"a/**/b*.{csv,tsv}", "a/x/b1.tsv"},
		{"**/x/**", "q/x/r"},
		{`[\]]x`, "]x"},
		{"{a,{b/c,}}d", "b/cd"},
		{"a?[!b-d]", "aéz"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if len(pattern) > 24 || len(key) > 24 || strings.ToValidUTF8(key, "") != key {
			return
		}
		p, err := source.ParsePattern(pattern, nil)
		if err != nil || starsInClass(pattern) {
			return
		}
		if got, _ := p.Match(key); got != referenceMatches(pattern, key) {
			t.Errorf("pattern %q, key %q: got %t", pattern, key, got)
		}
	})
}

// starsInClass reports whether a "[…]" has "**" between two "/": the reference
// would treat it as segments.
func starsInClass(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			n := classLength(pattern[i:])
			if strings.Contains(pattern[i:i+n], "**") {
				return true
			}
			i += n - 1
		}
	}
	return false
}
