package policies

import (
	"html/template"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/reference"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
)

// question is "may this principal do this here?".
type question struct {
	Principal string // ARN, a service's name, or "*"
	Action    string
	Resource  string // ARN, or "*"
	Account   string // that owns the resource; empty: the account in its ARN, else the caller's
	Context   string // condition keys, one key=value per line
	Caller    string // the assumption about the caller's own policies, for kinds that don't grant access alone
}

// The assumptions about the caller's own policies.
const (
	callerAllows = "everything"
	callerSilent = "nothing"
)

// answerView is the answer to a question.
type answerView struct {
	Faults      []string // why there is no answer
	Tone        string   // "good" or "bad"
	Icon        string
	Trace       *explain.Trace
	Explanation template.HTML // the whole explanation
	Line        int           // line of the document that decided; 0: none
}

func readQuestion(v *shell.Visit) question {
	q := question{Caller: callerAllows}
	for field, value := range map[string]*string{
		"principal": &q.Principal, "action": &q.Action, "resource": &q.Resource, "resource_account": &q.Account,
		"context": &q.Context,
	} {
		*value = strings.TrimSpace(v.PostFormValue(field))
	}
	if v.PostFormValue("caller") == callerSilent {
		q.Caller = callerSilent
	}
	return q
}

// ask evaluates the question with only the document. It returns nil if nothing is
// asked.
func (f policyForm) ask() (*answerView, error) {
	if f.Question.Principal == "" && f.Question.Action == "" && f.Question.Resource == "" {
		return nil, nil //nolint:nilnil // no question, no answer
	}
	request, faults := f.Question.request()
	policies, fault := f.policies()
	if fault != "" {
		faults = append(faults, fault)
	}
	if len(faults) > 0 {
		return &answerView{Faults: faults}, nil
	}
	trace := explain.Explain(policies, request, explain.Options{Carries: reference.Carries})
	return viewTrace(trace, f.Kind)
}

// viewTrace converts an explanation for a page. kind is that of the document
// whose lines are marked.
func viewTrace(trace *explain.Trace, kind iam.Kind) (*answerView, error) {
	markup, err := trace.HTML()
	if err != nil {
		return nil, err
	}
	view := &answerView{Tone: "bad", Icon: "ban", Trace: trace, Explanation: markup}
	if trace.Decision == iam.Allow {
		view.Tone, view.Icon = "good", "circle-check"
	}
	for _, p := range trace.Policies {
		if p.Kind == kind.String() && trace.Kind == p.Kind && trace.Policy != nil && *trace.Policy == p.Index &&
			trace.Statement != nil {
			view.Line = p.Statements[*trace.Statement].Line
		}
	}
	return view, nil
}

// request converts the question to a request for the engine, or returns its faults.
func (q question) request() (*iam.Request, []string) {
	var faults []string
	principal, err := iam.ParsePrincipal(q.Principal)
	switch {
	case q.Principal == "":
		faults = append(faults, "Enter the caller: the ARN of a user, a role session or an account’s root, or * "+
			"for an unsigned request.")
	case err != nil:
		faults = append(faults, "The principal isn’t valid: "+err.Error()+".")
	}
	if prefix, name, ok := strings.Cut(q.Action, ":"); !ok || prefix == "" || name == "" ||
		strings.ContainsAny(q.Action, "*?") {
		faults = append(faults, "Enter one action, such as s3:GetObject.")
	}
	if q.Resource != "*" && strings.Count(q.Resource, ":") < 5 {
		faults = append(faults, "Enter a resource: an ARN such as arn:aws:s3:::bucket/key, or * for calls without "+
			"a resource.")
	}
	if q.Account != "" && !isAccount(q.Account) {
		faults = append(faults, "The account of the resource has 12 digits.")
	}
	request := &iam.Request{Principal: principal, Action: q.Action, Resource: q.Resource, ResourceAccount: q.Account}
	if parts := strings.SplitN(q.Resource, ":", 6); q.Account == "" && len(parts) == 6 && parts[4] == "" {
		request.ResourceAccount = principal.Account
	}
	faults = append(faults, q.keys(&request.Context)...)
	request.AddGlobalKeys()
	return request, faults
}

func isAccount(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

// maxKeys limits the condition keys of a question.
const maxKeys = 100

// keys sets the condition keys; a key on several lines has several values.
func (q question) keys(context *iam.Context) (faults []string) {
	values := map[string][]string{}
	for _, line := range page.Lines(q.Context) {
		key, value, ok := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return append(faults, "Write condition keys as key=value, one per line: “"+line+"” is not.")
		}
		if len(values) == maxKeys {
			return append(faults, "At most "+page.Count(maxKeys)+" condition keys are allowed.")
		}
		name := strings.ToLower(key)
		values[name] = append(values[name], strings.TrimSpace(value))
		context.Set(key, values[name]...)
	}
	return faults
}

// callersOwn is the policy that the caller is assumed to have, so that only
// the document decides.
const callersOwn = `{"Version": "2012-10-17", "Statement": [{"Sid": "TakenForGranted", "Effect": "Allow", "Action": "*", "Resource": "*"}]}`

// policies returns the policies to evaluate: the document and, for kinds that
// don't grant access alone, the caller's assumed policy. fault is the reason
// why the document can't be evaluated yet.
func (f policyForm) policies() (policies *iam.Policies, fault string) {
	document, err := compilePolicy(f.Kind, f.Document)
	if err != nil {
		return nil, "The document isn’t a valid policy yet. See the findings."
	}
	policies = &iam.Policies{}
	if f.Kind != iam.Identity && f.Question.Caller != callerSilent {
		own, err := compilePolicy(iam.Identity, callersOwn)
		if err != nil {
			return nil, "The request can’t be evaluated: " + err.Error() + "."
		}
		policies.Identity = []*iam.Compiled{own}
	}
	switch f.Kind {
	case iam.Identity:
		policies.Identity = []*iam.Compiled{document}
	case iam.Resource:
		policies.Resource = document
	case iam.Trust:
		policies.Trust = document
	case iam.Session:
		policies.Session = []*iam.Compiled{document}
	case iam.Boundary:
		policies.Boundary = document
	case iam.ServiceControl:
		policies.ServiceControl = [][]*iam.Compiled{{document}}
	case iam.ResourceControl:
		policies.ResourceControl = []*iam.Compiled{document}
	case iam.Endpoint:
		policies.Endpoint = document
	}
	return policies, ""
}

func compilePolicy(kind iam.Kind, document string) (*iam.Compiled, error) {
	parsed, err := iam.Parse(kind, []byte(document))
	if err != nil {
		return nil, err
	}
	return iam.Compile(parsed)
}
