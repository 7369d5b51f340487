package policyfile

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/windlass-io/windlass/iam/lint"
)

// Suppression leaves out findings, for a reason.
type Suppression struct {
	Code     string         `toml:"code"`               // of the findings
	File     string         `toml:"file,omitempty"`     // glob of paths, where ** is any number of folders; empty matches every file
	Document string         `toml:"document,omitempty"` // the document's name in the file; empty matches every document
	Path     string         `toml:"path,omitempty"`     // the element, such as "Statement[0].Resource"; empty matches every element
	Reason   string         `toml:"reason"`
	Expires  toml.LocalDate `toml:"expires,omitempty"` // the last day; without one the suppression doesn't expire

	used bool
}

// Suppressions are those of a file.
type Suppressions struct{ list []Suppression }

// ParseSuppressions parses the suppressions of a TOML file: tables
// [[suppress]], each with a code and a reason.
func ParseSuppressions(content []byte) (*Suppressions, error) {
	var file struct {
		Suppress []Suppression `toml:"suppress"`
	}
	if err := toml.NewDecoder(bytes.NewReader(content)).DisallowUnknownFields().Decode(&file); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return nil, fmt.Errorf("unknown name in the suppressions:\n%s", strict.String())
		}
		return nil, fmt.Errorf("reading the suppressions: %w", err)
	}
	known := make(map[string]bool)
	for _, code := range lint.Codes() {
		known[code.Code] = true
	}
	for i, s := range file.Suppress {
		switch {
		case !known[s.Code]:
			return nil, fmt.Errorf("suppression %d: unknown code %q; docs/findings.md lists the codes", i+1, s.Code)
		case strings.TrimSpace(s.Reason) == "":
			return nil, fmt.Errorf("suppression %d (%s): add a reason", i+1, s.Code)
		}
		if _, err := path.Match(s.File, ""); err != nil {
			return nil, fmt.Errorf("suppression %d (%s): invalid pattern %q", i+1, s.Code, s.File)
		}
	}
	return &Suppressions{file.Suppress}, nil
}

// Match returns the reason for leaving out a finding of a document, if a
// suppression that hasn't expired at a time matches it.
func (s *Suppressions) Match(d *Document, f *lint.Finding, now time.Time) (reason string, matched bool) {
	if s == nil {
		return "", false
	}
	file := strings.TrimPrefix(filepath.ToSlash(filepath.Clean(d.File)), "./")
	for i := range s.list {
		each := &s.list[i]
		if each.Code == f.Code && (each.File == "" || glob(each.File, file)) &&
			(each.Document == "" || each.Document == d.Name) && (each.Path == "" || each.Path == f.Path) &&
			!each.expired(now) {
			each.used = true
			return each.Reason, true
		}
	}
	return "", false
}

func (s *Suppression) expired(now time.Time) bool {
	return s.Expires != (toml.LocalDate{}) && now.UTC().Format(time.DateOnly) > s.Expires.String()
}

// Notes returns a sentence for each suppression that has expired, or that no
// finding needed.
func (s *Suppressions) Notes(now time.Time) []string {
	if s == nil {
		return nil
	}
	var notes []string
	for i := range s.list {
		each := &s.list[i]
		where := ""
		if each.File != "" {
			where = " in " + each.File
		}
		switch {
		case each.expired(now):
			notes = append(notes, fmt.Sprintf("The suppression of %s%s expired on %s.", each.Code, where, each.Expires))
		case !each.used:
			notes = append(notes, fmt.Sprintf("The suppression of %s%s matches no finding; remove it.", each.Code, where))
		}
	}
	return notes
}

// glob reports whether a path matches a pattern of [path.Match] whose ** is any
// number of folders.
func glob(pattern, name string) bool {
	return globParts(strings.Split(pattern, "/"), strings.Split(name, "/"))
}

func globParts(pattern, name []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for skipped := range len(name) + 1 {
				if globParts(pattern[1:], name[skipped:]) {
					return true
				}
			}
			return false
		}
		if len(name) == 0 {
			return false
		}
		if matched, err := path.Match(pattern[0], name[0]); err != nil || !matched {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return len(name) == 0
}
