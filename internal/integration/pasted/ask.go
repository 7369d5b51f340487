package pasted

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/iam/reference"
)

// ask is a call to evaluate with the documents.
type ask struct {
	code     string
	document Document
	call     string // in words: "list s3://acme/daily/"
	wanted   bool   // must be allowed; else it must be refused
	severity Severity
	message  string // when the answer is the wrong one
	why      string
	request  iam.Request
}

// put evaluates a call and reports findings.
func (j *judge) put(policies *iam.Policies, a ask) (allowed bool) {
	a.request.AddGlobalKeys()
	a.request.Context.Set("aws:SecureTransport", "true")
	trace := explain.Explain(policies, &a.request, explain.Options{Carries: reference.Carries})
	allowed = trace.Decision == iam.Allow
	j.said.Questions = append(j.said.Questions, Question{
		Document: a.document, Asked: a.call, Wanted: a.wanted,
		Allowed: allowed,
	})
	if allowed == a.wanted {
		return allowed
	}
	found := Finding{
		Code: a.code, Severity: a.severity, Document: ofKind(trace.Kind, a.request.Resource, a.document),
		Message: a.message, Why: a.why,
		Reason: trace.Reason, Fix: trace.Fix, Line: line(trace),
	}
	key := unknownKey(trace, &a.request)
	if key == "" || trace.Decision == iam.ExplicitDeny {
		key = unknownDeny(policies, trace, &a.request)
	}
	if a.wanted && key != "" {
		found.Severity = Unknown
		found.Message = fmt.Sprintf("Whether Windlass may %s depends on the condition key %s, which only a real call has.", a.call, key)
		found.Fix = "Verify the integration to find out. No document shows the value of the key."
	}
	j.find(found)
	return allowed
}

// line returns the line of the statement that decided.
func line(trace *explain.Trace) int {
	if trace.Statement == nil {
		return 0
	}
	for _, p := range trace.Policies {
		if p.Kind == trace.Kind && (trace.Policy == nil || p.Index == *trace.Policy) &&
			*trace.Statement < len(p.Statements) {
			return p.Statements[*trace.Statement].Line
		}
	}
	return 0
}

// carried has the condition keys that a request here has just like a real one.
var carried = []string{
	"sts:externalid", "sts:sourceidentity", "sts:rolesessionname", "aws:tagkeys", "aws:principalarn",
	"aws:principalaccount",
	"aws:principaltype", "aws:username", "aws:securetransport", "aws:resourceaccount",
	"s3:resourceaccount", "s3:prefix", "kms:viaservice",
}

// unknownKey returns a condition key whose absence caused a denial, although a
// real call would have it.
func unknownKey(trace *explain.Trace, request *iam.Request) string {
	for _, p := range trace.Policies {
		for _, s := range p.Statements {
			allows := s.Effect == "Allow" && !s.Applies && s.Failed == explain.Condition && s.Cause == explain.KeyAbsent
			if allows && !slices.Contains(carried, strings.ToLower(s.Key)) && !request.Context.Has(s.Key) {
				return s.Key
			}
		}
	}
	return ""
}

// read compiles a document and reports its problems as findings.
func (j *judge) read(kind iam.Kind, document Document, text []byte, options lint.Options) *iam.Compiled {
	for _, f := range lint.Lint(kind, text, options) {
		if f.Severity != lint.Suggestion { // the evaluated calls show their effect on the integration
			j.find(Finding{Code: f.Code, Severity: Advice, Document: document, Message: f.Message, Line: f.Line})
		}
	}
	policy, err := iam.Parse(kind, text)
	if err == nil {
		var compiled *iam.Compiled
		if compiled, err = iam.Compile(policy); err == nil {
			return compiled
		}
	}
	j.find(Finding{
		Code: "unreadable", Severity: Unreadable, Document: document,
		Message: "The document isn't a policy that AWS would accept: " + strings.TrimSuffix(err.Error(), ".") + ".",
		Fix:     "Paste the whole policy, from { to }, as the role's page in IAM shows it.",
	})
	return nil
}
