package source

import (
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/windlass-io/windlass/internal/problem"
)

// Pattern is a set of keys. In it "*" stands for any characters of a segment,
// "**" as a whole segment for any segments or none, "?" for one character,
// "[a-z]" for one of a set, "{a,b}" for one of several; "\" takes the meaning
// from the next character. Segments end at "/".
type Pattern struct {
	include string
	exclude []string
}

// ParsePattern checks a pattern and its exclusions. All faults come back at
// once, as findings of a problem of code invalid.
func ParsePattern(include string, exclude []string) (Pattern, error) {
	findings := patternFindings("pattern", include)
	if len(exclude) > MaxExclude {
		findings = append(findings, problem.Finding{Path: "exclude", Message: "has more than 50 patterns"})
		exclude = nil
	}
	for _, e := range exclude {
		findings = append(findings, patternFindings("exclude", e)...)
	}
	if len(findings) > 0 {
		return Pattern{}, problem.New(problem.Invalid, "The pattern is not valid: %s %s.", findings[0].Path, findings[0].Message).
			WithHint(`A pattern is a key in which "*" stands for part of a segment and "**" for whole segments, as in "prices/**/*.csv".`).
			WithFindings(findings...)
	}
	return Pattern{include: include, exclude: exclude}, nil
}

func patternFindings(path, pattern string) []problem.Finding {
	var fault string
	switch {
	case pattern == "":
		fault = "is empty"
	case len(pattern) > MaxPatternBytes:
		fault = "is longer than a key can be (1,024 bytes)"
	case !utf8.ValidString(pattern):
		fault = "is not valid UTF-8"
	case strings.HasPrefix(pattern, "/"):
		fault = `begins with "/", which no key that AWS's tools make does`
	case strings.ContainsFunc(pattern, func(r rune) bool { return r < ' ' || r == 0x7f }):
		fault = "has a control character"
	case gluedStars(pattern):
		fault = `has "**" next to other characters of a segment, where it would not cross "/"; write "**/*" for whole segments`
	case !doublestar.ValidatePattern(pattern):
		fault = `has a bracket, brace or "\" that is not closed`
	default:
		return nil
	}
	return []problem.Finding{{Path: path, Message: fault}}
}

// gluedStars says whether "**" stands where it would mean "*" only.
func gluedStars(pattern string) bool {
	for segment := range strings.SplitSeq(pattern, "/") {
		if strings.Contains(segment, "**") && segment != "**" {
			return true
		}
	}
	return false
}

// Prefix is how every matching key begins: what to list.
func (p Pattern) Prefix() string {
	if i := strings.IndexAny(p.include, `*?[{\`); i >= 0 {
		return p.include[:i]
	}
	return p.include
}

// Match says whether a key is in the set, and if it is not, why.
func (p Pattern) Match(key string) (matched bool, reason string) {
	if strings.HasSuffix(key, "/") {
		return false, "It is a folder's placeholder."
	}
	if !doublestar.MatchUnvalidated(p.include, key) {
		return false, "The pattern does not match it."
	}
	for _, e := range p.exclude {
		if doublestar.MatchUnvalidated(e, key) {
			return false, `The exclusion "` + e + `" matches it.`
		}
	}
	return true, ""
}
