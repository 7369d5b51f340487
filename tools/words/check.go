package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// finding is one place that breaks a rule.
type finding struct {
	file    string
	line    int
	message string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.message) }

// maxSubject limits the characters of a commit subject.
const maxSubject = 72

// tabColumns is the width of a tab.
const tabColumns = 4

// check reports what breaks a rule in a file.
func (s *ruleSet) check(file string, content []byte, report func(finding)) {
	s.checkWidth(file, content, report)
	switch path.Ext(file) {
	case ".go":
		s.checkGo(file, content, report)
	case ".md", ".html", ".tmpl", ".gohtml":
		s.match(kindText, file, 1, string(content), report)
	}
}

// directive matches a directive to a linter at the end of a line. It can't move, so its width
// doesn't count.
var directive = regexp.MustCompile(` //nolint:.*$`)

// checkWidth reports lines that are too long. A Go line may end in a long
// literal or struct tag, which can't be split, if that begins early enough.
func (s *ruleSet) checkWidth(file string, content []byte, report func(finding)) {
	most, ok := s.widths[path.Ext(file)]
	if !ok {
		return
	}
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimRight(line, "\n")
		columns := columnsOf(directive.ReplaceAllString(line, ""))
		if columns <= most || path.Ext(file) == ".go" && endsInText(line, most) ||
			strings.HasSuffix(file, "_test.go") && holdsData(line) {
			continue
		}
		report(finding{file, n, fmt.Sprintf("%d columns, at most %d", columns, most)})
	}
}

func columnsOf(line string) int {
	return utf8.RuneCountInString(line) + (tabColumns-1)*strings.Count(line, "\t")
}

// longText matches a long literal up to the end of its line.
var longText = regexp.MustCompile("(\"[^\"\\\\]*(\\\\.[^\"\\\\]*)*\"|`[^`]*`?)[^\"`]*$")

// endsInText reports whether a long line is a directive, or ends in a literal
// that begins in its first two thirds or would not fit on a line of its own.
func endsInText(line string, most int) bool {
	if strings.HasPrefix(strings.TrimSpace(line), "//go:") {
		return true
	}
	at := longText.FindStringIndex(line)
	return at != nil && (columnsOf(line[:at[0]]) <= most*2/3 || columnsOf(line[at[0]:]) > most-2*tabColumns)
}

// dataLine matches JSON, XML or a literal of more than 60 columns.
var dataLine = regexp.MustCompile("^\\s*[{<].*[}>\\]]|\"[^\"\\\\]*(\\\\.[^\"\\\\]*){30,}\"|\"[^\"]{60,}\"|`[^`]{60,}(`|$)")

// holdsData reports whether a line of a test has data that would be harder to read in parts.
func holdsData(line string) bool { return dataLine.MatchString(line) }

func (s *ruleSet) checkGo(file string, content []byte, report func(finding)) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		report(finding{file, 1, "it does not parse: " + err.Error()})
		return
	}
	line := func(p token.Pos) int { return set.Position(p).Line }
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			s.match(kindText, file, line(c.Pos()), c.Text, report)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				s.match(kindText, file, line(n.Pos()), n.Value, report)
			}
		case *ast.FuncDecl:
			s.checkDoc(file, line, n.Doc, report)
			s.match(kindName, file, line(n.Name.Pos()), n.Name.Name, report)
		case *ast.GenDecl:
			s.checkDoc(file, line, n.Doc, report)
		case *ast.TypeSpec:
			s.checkDoc(file, line, n.Doc, report)
			s.match(kindName, file, line(n.Name.Pos()), n.Name.Name, report)
		case *ast.ValueSpec:
			s.checkDoc(file, line, n.Doc, report)
			s.matchNames(file, line, n.Names, report)
		case *ast.Field:
			s.checkDoc(file, line, n.Doc, report)
			s.matchNames(file, line, n.Names, report)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						s.match(kindName, file, line(id.Pos()), id.Name, report)
					}
				}
			}
		}
		return true
	})
}

func (s *ruleSet) matchNames(file string, line func(token.Pos) int, names []*ast.Ident, report func(finding)) {
	for _, id := range names {
		s.match(kindName, file, line(id.Pos()), id.Name, report)
	}
}

// checkDoc checks the first line of a doc comment.
func (s *ruleSet) checkDoc(file string, line func(token.Pos) int, doc *ast.CommentGroup, report func(finding)) {
	if doc == nil {
		return
	}
	first, _, _ := strings.Cut(doc.Text(), "\n")
	s.match(kindDoc, file, line(doc.Pos()), first, report)
}

// checkSubject checks a commit subject.
func (s *ruleSet) checkSubject(hash, subject string, report func(finding)) {
	at := "commit " + hash
	if n := utf8.RuneCountInString(subject); n > maxSubject {
		report(finding{at, 1, fmt.Sprintf("the subject has %d characters, at most %d: %s", n, maxSubject, subject)})
	}
	_, summary, ok := strings.Cut(subject, ": ")
	if !ok {
		report(finding{at, 1, fmt.Sprintf("want \"area: imperative summary\": %s", subject)})
		return
	}
	s.match(kindCommit, at, 1, summary, report)
}

// match reports each place of text that a rule of this kind matches.
func (s *ruleSet) match(k kind, file string, line int, text string, report func(finding)) {
	for _, r := range s.rules {
		if !r.appliesTo(k, file) {
			continue
		}
		for _, at := range r.pattern.FindAllStringIndex(text, -1) {
			n := line + strings.Count(text[:at[0]], "\n")
			report(finding{file, n, fmt.Sprintf("%q: %s", text[at[0]:at[1]], r.instead)})
		}
	}
}
