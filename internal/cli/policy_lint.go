package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

// policyLintCommand checks one document.
type policyLintCommand struct {
	kind    string
	options lint.Options
	json    bool
	streams Streams
}

func newPolicyLint(streams Streams) *cobra.Command {
	c := &policyLintCommand{streams: streams}
	cmd := &cobra.Command{
		Use:   "lint [flags] FILE",
		Short: "Find mistakes in a policy",
		Long: `Find mistakes in a policy: what AWS refuses to store, what never takes effect,
what allows more than intended, and what could be shorter. FILE is a
JSON document, or - for standard input. Invalid JSON is a finding.

Each finding has a code, a position, what to do and a link to AWS's
documentation. With --json it also has the corrected document, if there is only
one correction.

Exit status: 0 no error or security finding, 1 at least one, 2 FILE can't be read.`,
		Example: `  windlass policy lint role-policy.json
  windlass policy lint --type trust --account 111122223333 trust.json
  windlass policy lint --type resource --bucket acme-data bucket-policy.json
  aws iam get-role-policy --role-name load --policy-name access --query PolicyDocument | windlass policy lint -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("specify one file, or - for standard input; see windlass policy lint --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.run(args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&c.kind, "type", "identity",
		"kind of the policy: identity, resource, trust, session or boundary; identity:role or identity:user if attached to one")
	flags.StringVar(&c.options.BucketName, "bucket", "", "the bucket that a resource policy is attached to")
	flags.StringVar(&c.options.Account, "account", "",
		"the policy's account, whose principals don't count as third parties")
	flags.BoolVar(&c.json, "json", false, "print the findings as JSON")
	return cmd
}

func (c *policyLintCommand) run(path string) error {
	kind, err := c.policyKind()
	if err != nil {
		return err
	}
	document, err := readPolicyFile(path, c.streams)
	if err != nil {
		return err
	}
	findings := lint.Lint(kind, document, c.options)
	if c.json {
		if findings == nil {
			findings = []lint.Finding{}
		}
		err = printJSON(c.streams.Out, findings)
	} else {
		err = c.print(path, document, findings)
	}
	if err == nil && lint.Failed(findings) {
		return errNo
	}
	return err
}

// policyKind parses --type. After a colon it has what the policy is attached to: "identity:role", "resource:s3:BUCKET".
func (c *policyLintCommand) policyKind() (iam.Kind, error) {
	name, attached, _ := strings.Cut(c.kind, ":")
	kind, err := iam.ParseKind(name)
	if err != nil {
		return 0, usagef("--type: %w", err)
	}
	switch {
	case attached == "":
	case kind == iam.Identity && (attached == "role" || attached == "user"):
		c.options.PrincipalKind = attached
	case kind == iam.Resource && (attached == "s3" || strings.HasPrefix(attached, "s3:")):
		if _, bucket, ok := strings.Cut(attached, ":"); ok && c.options.BucketName == "" {
			c.options.BucketName = bucket
		}
	default:
		return 0, usagef("--type %s: after the colon use role or user (identity) or s3 (resource)", c.kind)
	}
	return kind, nil
}

// print writes the findings for a person, each with its line.
func (c *policyLintCommand) print(path string, document []byte, findings []lint.Finding) error {
	if path == "-" {
		path = "(standard input)"
	}
	var out strings.Builder
	colours := paintFor(c.streams)
	lines := bytes.Split(document, []byte("\n"))
	fixes := 0
	for _, f := range findings {
		fmt.Fprintf(&out, "%s:%d:%d: %s: %s [%s]\n", path, f.Line, f.Column,
			colours.in(severityColour(f.Severity), string(f.Severity)), printable(f.Message), f.Code)
		frame(&out, lines, f, colours)
		fmt.Fprintf(&out, "      %s\n\n", colours.in(grey, f.Reference))
		if f.Fix != "" {
			fixes++
		}
	}
	out.WriteString(summary(findings) + "\n")
	if fixes > 0 {
		fmt.Fprintf(&out, "%s with a corrected document: see --json.\n", counted(fixes, "finding"))
	}
	_, err := io.WriteString(c.streams.Out, out.String())
	return err
}

// shownColumns limits how much of a line is shown.
const shownColumns = 100

// frame writes the line with a caret under the position.
func frame(out *strings.Builder, lines [][]byte, f lint.Finding, colours paint) {
	if f.Line > len(lines) {
		return
	}
	line := lines[f.Line-1]
	before := []rune(printable(string(line[:min(f.Column-1, len(line))])))
	after := []rune(printable(string(line[min(f.Column-1, len(line)):])))
	if len(before) > shownColumns/2 {
		before = append([]rune("…"), before[len(before)-shownColumns/2:]...)
	}
	if len(after) > shownColumns {
		after = append(after[:shownColumns], '…')
	}
	text := strings.TrimRight(string(before)+string(after), " ")
	if text == "" {
		return
	}
	fmt.Fprintf(out, "%5d | %s\n      | %s%s\n", f.Line, text, strings.Repeat(" ", len(before)),
		colours.in(severityColour(f.Severity), "^"))
}

// printable replaces characters that could move a terminal's cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == '\r':
			return -1
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, text)
}

func severityColour(s lint.Severity) string {
	switch s {
	case lint.Error, lint.Security:
		return red
	case lint.Warning:
		return yellow
	case lint.Suggestion:
		return grey
	}
	return grey
}

// summary counts the findings by their severity.
func summary(findings []lint.Finding) string {
	if len(findings) == 0 {
		return "No findings."
	}
	var parts []string
	for _, kind := range []struct {
		severity lint.Severity
		noun     string
	}{
		{lint.Error, "error"},
		{lint.Security, "security finding"},
		{lint.Warning, "warning"},
		{lint.Suggestion, "suggestion"},
	} {
		n := 0
		for _, f := range findings {
			if f.Severity == kind.severity {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, counted(n, kind.noun))
		}
	}
	return strings.Join(parts, ", ") + "."
}
