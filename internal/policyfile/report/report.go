// Package report writes findings in the formats of other programs: SARIF,
// annotations of GitHub Actions, and JUnit.
package report

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/windlass-io/windlass/iam/lint"
)

// Finding is a finding of a document in a file.
type Finding struct {
	File     string `json:"file,omitempty"`
	Document string `json:"document,omitempty"` // its name in the file; empty if the file is the document
	lint.Finding
	Suppressed string `json:"suppressed,omitempty"` // the reason, if it is suppressed
}

// GitHub writes a workflow command for each finding, which GitHub shows as an
// annotation in the file.
func GitHub(out io.Writer, findings []Finding) error {
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range findings {
		if f.Suppressed != "" {
			continue
		}
		level := map[lint.Severity]string{lint.Warning: "warning", lint.Suggestion: "notice"}[f.Severity]
		if level == "" {
			level = "error"
		}
		if _, err := fmt.Fprintf(out, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", level,
			property.Replace(filepath.ToSlash(f.File)), f.Line, f.Column, property.Replace(f.Code),
			text.Replace(f.Message)); err != nil {
			return err
		}
	}
	return nil
}

// testSuites is a JUnit report.
type testSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Suites   []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Failure *message `xml:"failure"`
	Skipped *message `xml:"skipped"`
	Output  string   `xml:"system-out,omitempty"`
}

type message struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes a test suite for each file, and in it a test for each finding.
// Errors and security findings are failures. A file without findings is one
// test that passes.
func JUnit(out io.Writer, files []string, findings []Finding) error {
	var report testSuites
	at := make(map[string]int)
	for _, file := range files {
		if _, ok := at[file]; !ok {
			at[file] = len(report.Suites)
			report.Suites = append(report.Suites, testSuite{Name: filepath.ToSlash(file)})
		}
	}
	for _, f := range findings {
		suite := &report.Suites[at[f.File]]
		c := testCase{Name: fmt.Sprintf("%s %d:%d", f.Code, f.Line, f.Column), Class: filepath.ToSlash(f.File)}
		where := fmt.Sprintf("%s:%d:%d %s", filepath.ToSlash(f.File), f.Line, f.Column, f.Path)
		switch {
		case f.Suppressed != "":
			c.Skipped = &message{Message: f.Suppressed}
			suite.Skipped++
		case f.Severity == lint.Error || f.Severity == lint.Security:
			c.Failure = &message{Message: f.Message, Type: string(f.Severity), Text: where}
			suite.Failures++
			report.Failures++
		default:
			c.Output = fmt.Sprintf("%s: %s (%s)", f.Severity, f.Message, where)
		}
		suite.Cases = append(suite.Cases, c)
	}
	for i := range report.Suites {
		suite := &report.Suites[i]
		if len(suite.Cases) == 0 {
			suite.Cases = []testCase{{Name: "no findings", Class: suite.Name}}
		}
		suite.Tests = len(suite.Cases)
		report.Tests += suite.Tests
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

// SARIF writes a log of SARIF 2.1.0, as GitHub's code scanning reads it.
func SARIF(out io.Writer, version string, findings []Finding) error {
	document := sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{Results: []sarifResult{}, Columns: "utf16CodeUnits"}},
	}
	run := &document.Runs[0]
	run.Tool.Driver = sarifDriver{
		Name: "windlass policy lint", Version: version, URI: "https://github.com/windlass-io/windlass",
		Rules: []sarifRule{},
	}
	index := make(map[string]int)
	for i, code := range lint.Codes() {
		index[code.Code] = i
		rule := sarifRule{ID: code.Code, Short: sarifText{code.Summary}, Help: code.Reference}
		rule.Default.Level = level(code.Severities[0])
		if code.Severities[0] == lint.Security {
			rule.Properties = &sarifProperties{Tags: []string{"security"}, Severity: "7.0"}
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
	}
	for _, f := range findings {
		result := sarifResult{
			Rule: f.Code, Index: index[f.Code], Level: level(f.Severity), Message: sarifText{f.Message},
		}
		var location sarifLocation
		location.Physical.Artifact.URI = uri(f.File)
		location.Physical.Region = sarifRegion{f.Line, f.Column}
		if name := strings.Trim(f.Document+" "+f.Path, " "); name != "" {
			location.Logical = []sarifLogical{{name}}
		}
		result.Locations = []sarifLocation{location}
		if f.Suppressed != "" {
			result.Suppressions = []sarifSuppression{{"external", f.Suppressed}}
		}
		run.Results = append(run.Results, result)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
