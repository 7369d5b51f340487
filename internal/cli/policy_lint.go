package cli

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/policyfile/report"
)

// policyLintCommand checks the policies of files and folders.
type policyLintCommand struct {
	kind         string
	options      lint.Options
	json         bool
	format       string
	fix          bool
	suppressions string
	version      string
	streams      Streams
}

func newPolicyLint(streams Streams) *cobra.Command {
	c := &policyLintCommand{streams: streams}
	cmd := &cobra.Command{
		Use:   "lint [flags] FILE|FOLDER…",
		Short: "Find mistakes in policies",
		Long: `Find mistakes in policies: what AWS refuses to store, what never takes effect,
what allows more than intended, and what could be shorter.

A FILE is a policy as JSON or YAML, or has policies in it: a CloudFormation or
CDK template, a Terraform configuration (.tf: aws_iam_policy_document,
jsonencode and JSON texts), a plan from terraform show -json, or output of the
aws command. Use - for standard input. In a FOLDER, all files with the
extensions .json, .yaml, .yml, .template and .tf are read, except in hidden
folders, node_modules and vendor. Findings that depend on values that only a
deployment knows, such as var.bucket, aren't reported.

Each finding has a code, a position, what to do and a link to AWS's
documentation. With --json it also has the corrected document, if there is only
one correction. --fix corrects files that are one JSON policy, where the
correction doesn't change what the policy allows.

--suppressions names a TOML file with findings to leave out, each with a reason
(default: .windlass-lint.toml, if it exists):

  [[suppress]]
  code = "resource-star"
  file = "infra/**/audit.tf"    # optional, as are document, path and expires
  reason = "The audit reads every bucket."

Exit status: 0 no error or security finding, 1 at least one, 2 a file can't be read.`,
		Example: `  windlass policy lint role-policy.json
  windlass policy lint infra/ cdk.out/
  windlass policy lint --format sarif infra/ > findings.sarif
  windlass policy lint --type trust --account 111122223333 trust.json
  windlass policy lint --type resource --bucket acme-data bucket-policy.json
  aws iam get-role-policy --role-name load --policy-name access | windlass policy lint -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("specify files or folders, or - for standard input; see windlass policy lint --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c.version = cmd.Root().Version
			return c.run(args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(
		&c.kind,
		"type",
		"",
		"kind of the policies: identity, resource, trust, session, boundary, scp, rcp or endpoint; identity:role or "+
			"identity:user if attached to one (default: identity for one file that is a policy, else by the policy's place and statements)",
	)
	flags.StringVar(&c.options.BucketName, "bucket", "", "the bucket that a resource policy is attached to")
	flags.StringVar(&c.options.Account, "account", "",
		"the policies' account, whose principals don't count as third parties")
	flags.StringVar(&c.format, "format", "text", "output: text, json, sarif, github (annotations) or junit")
	flags.BoolVar(&c.json, "json", false, "print the findings as JSON, like --format json")
	flags.BoolVar(&c.fix, "fix", false, "correct files where that doesn't change what the policy allows")
	flags.StringVar(&c.suppressions, "suppressions", "", "TOML file of findings to leave out")
	return cmd
}

// policyKind parses --type. After a colon it has what the policy is attached to: "identity:role", "resource:s3:BUCKET".
func (c *policyLintCommand) policyKind() (iam.Kind, error) {
	name, attached, _ := strings.Cut(cmp.Or(c.kind, iam.Identity.String()), ":")
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

// shownColumns limits how much of a line is shown.
const shownColumns = 100

// frame writes the line with a caret under the position.
func frame(out *strings.Builder, lines [][]byte, f *lint.Finding, colours paint) {
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
func summary(findings []report.Finding) string {
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
			if f.Severity == kind.severity && f.Suppressed == "" {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, counted(n, kind.noun))
		}
	}
	if len(parts) == 0 {
		return "No findings."
	}
	return strings.Join(parts, ", ") + "."
}
