package explain

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// Text returns the explanation for a terminal: the decision and its reason, what
// to change, then each policy with its statements. Lines end with "\n".
func (t *Trace) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.Headline(), t.Reason)
	if t.Fix != "" {
		fmt.Fprintf(&b, "To change that: %s\n", t.Fix)
	}
	fmt.Fprintf(&b, "\n%s requests %s on %s", t.Request.Principal, t.Request.Action, t.Request.Resource)
	if t.Request.ResourceAccount != "" {
		fmt.Fprintf(&b, " of account %s", t.Request.ResourceAccount)
	}
	b.WriteString("\n")
	for _, key := range t.Request.Keys {
		fmt.Fprintf(&b, "  %s = %s\n", key.Name, quoted(key.Values))
	}
	for i := range t.Policies {
		t.Policies[i].text(&b)
	}
	return b.String()
}

// Headline returns the decision in a word or two.
func (t *Trace) Headline() string {
	switch t.Decision {
	case iam.Allow:
		return "Allowed"
	case iam.ExplicitDeny:
		return "Explicitly denied"
	case iam.ImplicitDeny:
	}
	return "Implicitly denied"
}

// Name returns the policy's kind and number, and its title if it has one, such
// as "identity policy 2 (AmazonS3ReadOnlyAccess)".
func (p *Policy) Name() string {
	if p.Title == "" {
		return policyName(p.Kind, p.Index)
	}
	return policyName(p.Kind, p.Index) + " (" + p.Title + ")"
}

func (p *Policy) text(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s\n", p.Name())
	for i := range p.Statements {
		s := &p.Statements[i]
		fmt.Fprintf(b, "  %s %s\n      %s\n", s.mark(), s.Title(), s.Says)
	}
}

// mark returns the sign before the statement's title.
func (s *Statement) mark() string {
	switch {
	case s.Applies && s.Effect == "Deny":
		return "x"
	case s.Applies:
		return "+"
	default:
		return "-"
	}
}

// Title returns the statement's name, such as `statement 2 "List" (Allow, line 8)`.
func (s *Statement) Title() string {
	title := fmt.Sprintf("statement %d", s.Index+1)
	if s.Sid != "" {
		title += fmt.Sprintf(" %q", s.Sid)
	}
	if s.Line > 0 {
		return fmt.Sprintf("%s (%s, line %d)", title, s.Effect, s.Line)
	}
	return fmt.Sprintf("%s (%s)", title, s.Effect)
}
