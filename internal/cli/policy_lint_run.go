package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/policyfile"
	"github.com/windlass-io/windlass/internal/policyfile/report"
)

// defaultSuppressions is read if it exists.
const defaultSuppressions = ".windlass-lint.toml"

// standardInput is the name of standard input in findings.
const standardInput = "(standard input)"

// lintRun is the state of one run.
type lintRun struct {
	*policyLintCommand
	kind         iam.Kind
	suppressions *policyfile.Suppressions
	files        []string
	documents    int
	corrections  int
	findings     []report.Finding
	lines        map[string][]byte // of the files with findings
	notes        []string
	broken       []error // of files in folders that mention policies, but can't be read
}

func (c *policyLintCommand) run(paths []string) error {
	r := lintRun{policyLintCommand: c, lines: make(map[string][]byte)}
	if c.json {
		c.format = "json"
	}
	formats := []string{"text", "json", "sarif", "github", "junit"}
	if !slices.Contains(formats, c.format) {
		return usagef("unknown --format %q; use one of %s", c.format, strings.Join(formats, ", "))
	}
	var err error
	if r.kind, err = c.policyKind(); err != nil {
		return err
	}
	if err = r.readSuppressions(); err != nil {
		return err
	}
	for _, path := range paths {
		if err = r.path(path, len(paths) == 1); err != nil {
			return err
		}
	}
	if err = r.print(); err != nil {
		return err
	}
	for _, note := range append(r.notes, r.suppressions.Notes(c.streams.Now())...) {
		_, _ = fmt.Fprintln(c.streams.Err, "Note: "+note)
	}
	if len(r.broken) > 0 {
		return usageError{errors.Join(r.broken...)}
	}
	failed := slices.ContainsFunc(r.findings, func(f report.Finding) bool {
		return f.Suppressed == "" && lint.Failed([]lint.Finding{f.Finding})
	})
	return noUnless(!failed)
}

func (r *lintRun) readSuppressions() error {
	file := r.policyLintCommand.suppressions
	if file == "" {
		if _, err := os.Stat(defaultSuppressions); err != nil {
			return nil //nolint:nilerr // there are none
		}
		file = defaultSuppressions
	}
	content, err := readPolicyFile(file, r.streams)
	if err != nil {
		return err
	}
	if r.suppressions, err = policyfile.ParseSuppressions(content); err != nil {
		return usagef("%s: %w", file, err)
	}
	return nil
}

// path checks a file or the files of a folder. alone is true if it is the only
// argument.
func (r *lintRun) path(path string, alone bool) error {
	if path == "-" {
		return r.file(path, alone)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%s doesn't exist", path)
	}
	if err != nil {
		return usageError{err}
	}
	if !info.IsDir() {
		return r.file(path, alone)
	}
	files, err := policyfile.Files(path)
	if err != nil {
		return usagef("reading %s: %w", path, err)
	}
	var unread []string
	for _, file := range files {
		content, err := readPolicyFile(file, r.streams)
		if err != nil {
			return err
		}
		documents, err := policyfile.Read(file, content)
		switch {
		case err != nil && strings.EqualFold(filepath.Ext(file), ".json") && policyfile.MentionsPolicy(content):
			documents = []policyfile.Document{{File: file, Kind: r.kind, Text: content}}
		case err != nil && policyfile.MentionsPolicy(content):
			r.broken = append(r.broken, fmt.Errorf("%s: %w", file, err))
		case err != nil:
			unread = append(unread, file)
		}
		if err := r.check(file, content, documents); err != nil {
			return err
		}
	}
	if len(unread) > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%s can't be read as JSON, YAML or Terraform, such as %s.",
			counted(len(unread), "file"), unread[0]))
	}
	if r.documents == 0 {
		r.notes = append(r.notes, fmt.Sprintf("%s has no policies.", path))
	}
	return nil
}

// file checks a file that the user named. If no policy is found in it, the file
// is taken as one.
func (r *lintRun) file(path string, alone bool) error {
	content, err := readPolicyFile(path, r.streams)
	if err != nil {
		return err
	}
	name := path
	if path == "-" {
		name = standardInput
	}
	documents, err := policyfile.Read(path, content)
	format := strings.ToLower(filepath.Ext(path))
	other := format == ".tf" || format == ".yaml" || format == ".yml"
	switch {
	case err != nil && other:
		return usagef("%s: %w", path, err)
	case len(documents) == 0 && other:
		r.notes = append(r.notes, path+" has no policies.")
	case err != nil || len(documents) == 0:
		documents = []policyfile.Document{{Kind: r.kind, Text: content}}
	case alone && len(documents) == 1 && documents[0].Whole():
		documents[0].Kind = r.kind
	}
	for i := range documents {
		documents[i].File = name
	}
	return r.check(name, content, documents)
}

// check adds the findings for the documents of a file, and corrects the file
// with --fix.
func (r *lintRun) check(file string, content []byte, documents []policyfile.Document) error {
	if len(documents) == 0 {
		return nil
	}
	r.files = append(r.files, file)
	r.documents += len(documents)
	for i := range documents {
		d := &documents[i]
		if r.policyLintCommand.kind != "" {
			d.Kind = r.kind
		}
		if r.fix && file != standardInput && d.Whole() {
			fixed, n := d.Fix(r.options)
			if n > 0 {
				if err := replaceFile(file, fixed); err != nil {
					return err
				}
				d.Text, content, r.corrections = fixed, fixed, r.corrections+n
			}
		}
		for _, f := range d.Lint(r.options) {
			reason, _ := r.suppressions.Match(d, &f, r.streams.Now())
			r.findings = append(r.findings,
				report.Finding{File: file, Document: d.Name, Finding: f, Suppressed: reason})
			r.lines[file] = content
		}
	}
	return nil
}

// replaceFile replaces a file in one step, with its permissions.
func replaceFile(path string, content []byte) (err error) {
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".windlass-*")
	if err != nil {
		return fmt.Errorf("correcting %s: %w", path, err)
	}
	_, err = temporary.Write(content)
	if err = moveTo(path, temporary, errors.Join(err, temporary.Chmod(info.Mode().Perm()))); err != nil {
		return fmt.Errorf("correcting %s: %w", path, err)
	}
	return nil
}

func (r *lintRun) print() error {
	out := r.streams.Out
	switch r.format {
	case "json":
		list := []report.Finding{}
		for _, f := range r.findings {
			if f.Suppressed == "" {
				list = append(list, f)
			}
		}
		return printJSON(out, list)
	case "sarif":
		return report.SARIF(out, r.version, r.findings)
	case "github":
		return report.GitHub(out, r.findings)
	case "junit":
		return report.JUnit(out, r.files, r.findings)
	}
	return r.text(out)
}

// text writes the findings for a person, each with its line.
func (r *lintRun) text(to io.Writer) error {
	var out strings.Builder
	colours := paintFor(r.streams)
	split := make(map[string][][]byte)
	fixes, suppressed := 0, 0
	for i := range r.findings {
		f := &r.findings[i]
		if f.Suppressed != "" {
			suppressed++
			continue
		}
		lines := split[f.File]
		if lines == nil {
			lines = bytes.Split(r.lines[f.File], []byte("\n"))
			split[f.File] = lines
		}
		where := ""
		if f.Document != "" {
			where = f.Document + ": "
		}
		fmt.Fprintf(&out, "%s:%d:%d: %s: %s%s [%s]\n", f.File, f.Line, f.Column,
			colours.in(severityColour(f.Severity), string(f.Severity)), where, printable(f.Message), f.Code)
		frame(&out, lines, &f.Finding, colours)
		fmt.Fprintf(&out, "      %s\n\n", colours.in(grey, f.Reference))
		if f.Fix != "" {
			fixes++
		}
	}
	if r.corrections > 0 {
		fmt.Fprintf(&out, "Corrected %s.\n", counted(r.corrections, "finding"))
	}
	if r.documents > 1 {
		fmt.Fprintf(&out, "%s in %s: ", counted(r.documents, "policy document"), counted(len(r.files), "file"))
	}
	out.WriteString(summary(r.findings) + "\n")
	if suppressed > 0 {
		fmt.Fprintf(&out, "%s suppressed.\n", counted(suppressed, "finding"))
	}
	if fixes > 0 {
		fmt.Fprintf(&out, "%s with a corrected document: see --json.\n", counted(fixes, "finding"))
	}
	_, err := io.WriteString(to, out.String())
	return err
}
