package policies

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// policyCheck lists the findings of a document.
type policyCheck struct {
	Kind        string // of the policy, in a sentence
	Findings    []findingView
	Correctable int // findings that have one correction
	Size, Most  int // characters that count, and AWS's limit; Most is 0 if AWS doesn't store the kind
}

// findingView is one finding.
type findingView struct {
	Code, Severity, Path, Message, Reference string
	Line, Column                             int // from 1, the column in UTF-16 units, as a browser counts
	Index                                    int
	// the corrected document, and what changes; empty when a person must choose
	Fix, Change string
}

// Chip returns the chip that shows the severity.
func (f findingView) Chip() page.Chip {
	switch lint.Severity(f.Severity) {
	case lint.Error:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Error"}
	case lint.Security:
		return page.Chip{Tone: "bad", Icon: "shield-alert", Label: "Security"}
	case lint.Warning:
		return page.Chip{Tone: "warn", Icon: "triangle-alert", Label: "Warning"}
	case lint.Suggestion:
	}
	return page.Chip{Tone: "calm", Icon: "sparkles", Label: "Suggestion"}
}

// Tone is the colour of the verdict.
func (c policyCheck) Tone() string {
	tone := "good"
	for _, f := range c.Findings {
		switch f.Chip().Tone {
		case "bad":
			return "bad"
		case "warn":
			tone = "warn"
		}
	}
	return tone
}

// Icon is the sign of the verdict.
func (c policyCheck) Icon() string {
	return map[string]string{"good": "shield-check", "warn": "triangle-alert", "bad": "circle-x"}[c.Tone()]
}

// Headline is the verdict.
func (c policyCheck) Headline() string {
	switch {
	case len(c.Findings) == 0:
		return "No findings"
	case c.Tone() == "good":
		return page.Plural(len(c.Findings), "suggestion", "suggestions")
	}
	return page.Plural(len(c.Findings), "finding", "findings")
}

// Summary is the sentence below it.
func (c policyCheck) Summary() string {
	counts := map[string]int{}
	for _, f := range c.Findings {
		counts[f.Severity]++
	}
	switch {
	case len(c.Findings) == 0:
		return "AWS accepts it, and every statement can apply. Test requests below to see whether it does what you " +
			"mean."
	case counts["error"] > 0:
		return "AWS rejects it, or a statement can never take effect."
	case counts["security"] > 0:
		return "It opens more than its author can want."
	case counts["warning"] > 0:
		return "It works, but probably not as intended."
	}
	return "It works, but could be simpler."
}

// policySizes has AWS's limits in characters. White space counts only where
// AWS counts it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var policySizes = map[iam.Kind]int{
	iam.Identity: 6144, iam.Boundary: 6144, iam.Trust: 2048, iam.Session: 2048,
	iam.Resource: 20480,
}

func checkPolicy(form policyForm) policyCheck {
	check := policyCheck{Kind: form.Kind.String(), Size: sizeOf(form.Kind, form.Document), Most: policySizes[form.Kind]}
	if strings.TrimSpace(form.Document) == "" {
		return check
	}
	lines := strings.Split(form.Document, "\n")
	for n, f := range lint.Lint(form.Kind, []byte(form.Document), form.options()) {
		view := findingView{
			Code: f.Code, Severity: string(f.Severity), Path: f.Path, Message: f.Message, Reference: f.Reference,
			Line: f.Line, Column: columnOf(lines, f.Line, f.Column), Index: n, Fix: f.Fix,
		}
		if f.Fix != "" {
			check.Correctable++
			view.Change = changeOf(form.Document, f.Fix)
		}
		check.Findings = append(check.Findings, view)
	}
	return check
}

func (f policyForm) options() lint.Options {
	options := lint.Options{}
	switch f.Kind {
	case iam.Identity:
		options.PrincipalKind = f.Attached
	case iam.Resource:
		options.BucketName = f.Bucket
	case iam.Trust, iam.Session, iam.Boundary, iam.ServiceControl, iam.ResourceControl, iam.Endpoint:
	}
	return options
}

// sizeOf counts as AWS does: without white space, save in a session policy
// and a bucket policy.
func sizeOf(kind iam.Kind, document string) int {
	if kind == iam.Session || kind == iam.Resource {
		return len(strings.TrimSpace(document))
	}
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// columnOf converts a column in bytes to one in UTF-16 units.
func columnOf(lines []string, line, column int) int {
	if line < 1 || line > len(lines) {
		return column
	}
	before := lines[line-1]
	return len(utf16.Encode([]rune(before[:min(column-1, len(before))]))) + 1
}

// changeOf returns the diff of a correction, without file names.
func changeOf(was, is string) string {
	text := aws.Diff("policy", []byte(was), []byte(is))
	for range 2 {
		if _, rest, found := strings.Cut(text, "\n"); found {
			text = rest
		}
	}
	return text
}

// takeAll selects all corrections, instead of a finding's number.
const takeAll = "all"

// maxCorrections limits how often a document is corrected and checked again.
const maxCorrections = 40

// corrected returns the document with one finding's correction, or with all
// of them. If wish is invalid, it returns the document unchanged.
func (f policyForm) corrected(wish string) string {
	if wish == takeAll {
		return f.correctedWhole()
	}
	n, err := strconv.Atoi(wish)
	findings := lint.Lint(f.Kind, []byte(f.Document), f.options())
	if err != nil || n < 0 || n >= len(findings) || findings[n].Fix == "" {
		return f.Document
	}
	return findings[n].Fix
}

// correctedWhole applies one correction after another, the most severe first,
// until none is left.
func (f policyForm) correctedWhole() string {
	seen := map[string]bool{}
	for range maxCorrections {
		findings := lint.Lint(f.Kind, []byte(f.Document), f.options())
		findings = slices.DeleteFunc(findings, func(l lint.Finding) bool { return l.Fix == "" || seen[l.Fix] })
		if len(findings) == 0 {
			break
		}
		worst := slices.MinFunc(findings, func(a, b lint.Finding) int { return rank(a) - rank(b) })
		seen[worst.Fix] = true
		f.Document = worst.Fix
	}
	return f.Document
}

// rank orders findings, the worst first.
func rank(f lint.Finding) int {
	return slices.Index([]lint.Severity{lint.Error, lint.Security, lint.Warning, lint.Suggestion}, f.Severity)
}

// Sized describes how much of the size limit a policy uses.
func (c policyCheck) Sized() string {
	return fmt.Sprintf("%s of %s characters", page.Count(c.Size), page.Count(c.Most))
}
