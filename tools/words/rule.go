package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// kind says where a rule applies.
type kind string

// The kinds.
const (
	kindText    kind = "text"    // Go comments and strings, templates and Markdown
	kindProduct kind = "product" // the same, but not in tests
	kindDoc     kind = "doc"     // the first line of a Go doc comment
	kindName    kind = "name"    // names that Go code declares
	kindCommit  kind = "commit"  // a commit subject behind its area
)

// rule is one expression that must not match.
type rule struct {
	kind    kind
	pattern *regexp.Regexp
	instead string
}

// ruleSet is the parsed file of rules.
type ruleSet struct {
	rules  []rule
	skip   []string       // path patterns of files that are not checked
	widths map[string]int // most columns of a line by file suffix
	since  string         // commit after which subjects are checked
}

// parseRules reads a file of rules. Each line is empty, a comment that begins
// with #, or fields separated by tabs:
//
//	skip	PATTERN
//	width	SUFFIX	COLUMNS
//	since	COMMIT
//	KIND	EXPRESSION	INSTEAD
func parseRules(text string) (*ruleSet, error) {
	set := &ruleSet{widths: map[string]int{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := set.add(strings.Split(line, "\t")); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return set, nil
}

func (s *ruleSet) add(fields []string) error {
	switch {
	case fields[0] == "skip" && len(fields) == 2:
		s.skip = append(s.skip, fields[1])
	case fields[0] == "since" && len(fields) == 2:
		s.since = fields[1]
	case fields[0] == "width" && len(fields) == 3:
		columns := 0
		if _, err := fmt.Sscanf(fields[2], "%d", &columns); err != nil || columns < 1 {
			return fmt.Errorf("width %q: want a positive number", fields[2])
		}
		s.widths[fields[1]] = columns
	case len(fields) == 3:
		return s.addRule(kind(fields[0]), fields[1], fields[2])
	default:
		return fmt.Errorf("unknown rule %q", strings.Join(fields, "\t"))
	}
	return nil
}

func (s *ruleSet) addRule(k kind, expression, instead string) error {
	switch k {
	case kindText, kindProduct, kindDoc, kindName, kindCommit:
	default:
		return fmt.Errorf("unknown kind %q", k)
	}
	pattern, err := regexp.Compile(expression)
	if err != nil {
		return err
	}
	s.rules = append(s.rules, rule{k, pattern, instead})
	return nil
}

// appliesTo reports whether the rule applies to texts of a kind in a file.
func (r *rule) appliesTo(k kind, file string) bool {
	if r.kind == kindProduct {
		return k == kindText && !strings.HasSuffix(file, "_test.go")
	}
	return r.kind == k
}

// skips reports whether a file is skipped. A pattern that ends in / names a
// folder; others match files with [path.Match].
func (s *ruleSet) skips(file string) bool {
	for _, pattern := range s.skip {
		if strings.HasSuffix(pattern, "/") && strings.HasPrefix(file, pattern) {
			return true
		}
		if matched, err := path.Match(pattern, file); err == nil && matched {
			return true
		}
	}
	return false
}
