// Package docs_test checks the documentation: the form of the decision pages,
// their index, and relative links.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// maxWidth is the width of a decision page, in characters.
const maxWidth = 100

// parts has the parts of a decision in their required order.
var parts = []string{"**Decision.**", "**Why.**", "**Trade-offs.**", "**Alternatives considered.**"}

var (
	pageName  = regexp.MustCompile(`^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$`)
	heading   = regexp.MustCompile("^# (\\d{4}): [\\pL`].*[^.]$")
	code      = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	indexLine = regexp.MustCompile(`(?m)^- \[(\d{4}: .+)\]\((.+)\)$`)
)

// TestDecisions checks the form of each decision page, and that no two pages
// have the same number.
func TestDecisions(t *testing.T) {
	t.Parallel()
	numbers := map[string]string{}
	for _, name := range decisions(t) {
		text := read(t, filepath.Join("decisions", name))
		lines := strings.Split(text, "\n")
		number := pageName.FindStringSubmatch(name)
		title := heading.FindStringSubmatch(lines[0])
		if number == nil || title == nil || number[1] != title[1] {
			t.Errorf("%s: the heading is %q; use \"# NNNN: Title in sentence case\" with the file's number", name,
				lines[0])
			continue
		}
		if other := numbers[number[1]]; other != "" {
			t.Errorf("%s has the number of %s; use a free one", name, other)
		}
		numbers[number[1]] = name
		checkParts(t, name, text)
		for n, line := range lines {
			if utf8.RuneCountInString(line) > maxWidth && !strings.HasPrefix(line, "|") {
				t.Errorf("%s:%d: the line is wider than %d characters", name, n+1, maxWidth)
			}
		}
	}
}

// checkParts checks that a page has a decision, and its parts in order.
func checkParts(t *testing.T, name, text string) {
	t.Helper()
	var at []int
	for _, part := range parts {
		if i := strings.Index(text, "\n"+part); i >= 0 {
			at = append(at, i)
		}
	}
	if !strings.Contains(text, "\n"+parts[0]) {
		t.Errorf("%s has no %s", name, parts[0])
	}
	if !slices.IsSorted(at) {
		t.Errorf("%s: the parts aren't in the order %s", name, strings.Join(parts, " "))
	}
}

// TestDecisionIndex checks that the index has each decision once, under its
// title.
func TestDecisionIndex(t *testing.T) {
	t.Parallel()
	got := []string{}
	for _, entry := range indexLine.FindAllStringSubmatch(read(t, "decisions/README.md"), -1) {
		got = append(got, entry[2]+" "+entry[1])
	}
	slices.Sort(got)
	want := []string{}
	for _, name := range decisions(t) {
		title, _, _ := strings.Cut(read(t, filepath.Join("decisions", name)), "\n")
		want = append(want, name+" "+strings.TrimPrefix(title, "# "))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/decisions/README.md (-want +got)\n%s", diff)
	}
}

// TestLinks checks that each relative link in a page leads to a file.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := []string{"../README.md", "../CHANGELOG.md", "../ci/README.md"}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, page), ""), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target)); err != nil {
				t.Errorf("%s: the link %s leads to no file", page, found[1])
			}
		}
	}
}

// decisions returns the file names of the decision pages.
func decisions(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("decisions")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Name() != "README.md" {
			names = append(names, entry.Name())
		}
	}
	if len(names) == 0 {
		t.Fatal("docs/decisions has no pages")
	}
	return names
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
