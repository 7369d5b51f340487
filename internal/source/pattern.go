package source

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Pattern matches keys: "*" matches any characters within a segment, "**" as a
// whole segment any number of segments, "?" one character, "[a-z]" one of a set,
// and "{a,b}" one of several alternatives. "\" quotes the next character.
// Segments end at "/", and "/**" at the end needs at least one segment. It is safe for concurrent use.
type Pattern struct {
	include string
	prefix  string
	glob    *glob
	exclude []exclusion
	markers markers
	all     bool // markers and empty objects match, too
}

// exclusion is a pattern of keys to exclude.
type exclusion struct {
	text string
	glob *glob
}

// ParsePattern compiles a pattern and its exclusions. It returns all findings in
// a problem with code invalid.
func ParsePattern(include string, exclude []string) (Pattern, error) {
	p := Pattern{include: include, prefix: literalPrefix(include)}
	var findings []problem.Finding
	compile := func(path, pattern string) *glob {
		compiled, fault := compilePattern(pattern)
		if fault != "" {
			findings = append(findings, problem.Finding{Path: path, Message: fault})
		}
		return compiled
	}
	p.glob = compile("pattern", include)
	if fault := excludeFault(include, exclude); fault != "" {
		findings = append(findings, problem.Finding{Path: "exclude", Message: fault})
		exclude = nil
	}
	for _, e := range exclude {
		p.exclude = append(p.exclude, exclusion{text: e, glob: compile("exclude", e)})
	}
	p.markers = newMarkers(include, p.prefix)
	if len(findings) > 0 {
		return Pattern{}, problem.New(problem.Invalid, "The pattern is invalid: %s %s.", findings[0].Path,
			findings[0].Message).
			WithHint(`Use "*" for a part of a segment and "**" for whole segments, as in "prices/**/*.csv".`).
			WithFindings(findings...)
	}
	return p, nil
}

// excludeFault returns why a list of exclusions is too long, or "".
func excludeFault(include string, exclude []string) string {
	if len(exclude) > MaxExclude {
		return "has more than 50 patterns"
	}
	total := len(include)
	for _, e := range exclude {
		total += len(e)
	}
	if total > MaxPatternsBytes {
		return "and the pattern are together longer than 16,384 bytes"
	}
	return ""
}

// compilePattern compiles one pattern, or returns why it is refused.
func compilePattern(pattern string) (compiled *glob, fault string) {
	switch {
	case pattern == "":
		return nil, "is empty"
	case len(pattern) > MaxPatternBytes:
		return nil, "is longer than a key can be (1,024 bytes)"
	case !utf8.ValidString(pattern):
		return nil, "isn't valid UTF-8"
	case strings.HasPrefix(pattern, "/"):
		return nil, `begins with "/"; start with the first segment, because keys don't begin with "/"`
	case strings.ContainsFunc(pattern, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return nil, "has a control character"
	case gluedStars(pattern):
		return nil, `has "**" next to other characters of a segment, where it would not cross "/"; write "**/*" for whole segments`
	}
	return compileGlob(pattern)
}

// gluedStars reports whether "**" is only part of a segment, where it would
// mean "*".
func gluedStars(pattern string) bool {
	for segment := range strings.SplitSeq(pattern, "/") {
		if strings.Contains(segment, "**") && segment != "**" {
			return true
		}
	}
	return false
}

// Prefix returns the prefix of all matching keys, for listing.
func (p Pattern) Prefix() string { return p.prefix }

func literalPrefix(pattern string) string {
	if i := strings.IndexAny(pattern, `*?[{\`); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// Match reports whether a key is in the set, and if not, why. Its work is at
// most the bytes of the pattern and its exclusions times the bytes of the key.
func (p Pattern) Match(key string) (matched bool, reason string) {
	match, reason := p.matchKey(key)
	return match == Matched, reason
}

func (p Pattern) matchKey(key string) (match Match, reason string) {
	if key == "" {
		return NoMatch, "The key has no name."
	}
	if strings.HasSuffix(key, "/") {
		return Marker, "The object is a folder's placeholder."
	}
	if !strings.HasPrefix(key, p.prefix) || !p.glob.match(key) {
		return NoMatch, "The pattern doesn't match the key."
	}
	for _, e := range p.exclude {
		if e.glob.match(key) {
			return Excluded, `The exclusion "` + e.text + `" matches it.`
		}
	}
	return Matched, ""
}

// MatchKey returns whether the source loads an object with a key, as far as the
// key decides: an empty object is not loaded either.
func (p Pattern) MatchKey(key string) Match {
	match, _ := p.matchKey(key)
	if match == Matched && !p.all && p.markers.is(key) {
		return Marker
	}
	return match
}

// matchObject is like matchKey, and leaves out markers and empty objects.
func (p Pattern) matchObject(info *object.Info) (match Match, reason string) {
	match, reason = p.matchKey(info.Key)
	switch {
	case match != Matched || p.all:
		return match, reason
	case p.markers.is(info.Key):
		return Marker, "The object is a writer's marker file. Set include_markers to load it."
	case info.Size == 0:
		return Empty, "It is empty."
	}
	return match, reason
}

// MatchEach calls fn for each listed object with whether the source loads it, and
// if not, why. It returns the error of ctx as soon as ctx ends: a long key and
// many exclusions can take milliseconds, so ctx is checked before every key.
func (p Pattern) MatchEach(
	ctx context.Context, listed []object.Info, fn func(info object.Info, match Match, reason string),
) error {
	for _, info := range listed {
		if err := ctx.Err(); err != nil {
			return err
		}
		match, reason := p.matchObject(&info)
		fn(info, match, reason)
	}
	return nil
}
