package policies

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/problem"
)

// policiesPage checks a pasted policy and answers questions about it. It reads
// nothing from the workspace, and doesn't store pasted text.
type policiesPage struct {
	page.Frame
	Form     policyForm
	Check    policyCheck
	Answer   *answerView // nil until there is a question
	Examples []policyExample
	Actions  []string // to choose from in the question
}

// policyForm has the input.
type policyForm struct {
	Kind     iam.Kind
	Document string
	Attached string // of an identity policy: "role", "user" or empty
	Bucket   string // of a resource policy: the bucket it is attached to
	Question question
}

// maxPolicyText limits the text that is checked while someone types. It is
// far larger than any policy.
const maxPolicyText = 64 << 10

// policyKind is one of the kinds to choose from.
type policyKind struct{ Value, Name, Text string }

// Kinds returns the kinds of policy, in AWS's words.
func (policiesPage) Kinds() []policyKind {
	return []policyKind{
		{"identity", "Identity", "attached to a user, group or role"},
		{"trust", "Trust", "on a role: who may assume it"},
		{"resource", "Bucket", "on a resource: who may do what with it"},
		{"session", "Session", "passed when a session starts"},
		{"boundary", "Boundary", "limits a user or role"},
	}
}

func (h *Handlers) policies(w http.ResponseWriter, v *shell.Visit) error {
	q := v.URL.Query()
	form := policyForm{Question: question{Caller: callerAllows}}
	kind := q.Get("kind")
	if kind == "" {
		kind = form.Kind.String()
	}
	chosen, ok := exampleOf(q.Get("example"), kind)
	if !ok {
		return problem.New(problem.NotFound, "Unknown kind of policy or example.").
			WithHint("Use identity, resource, trust, session or boundary.")
	}
	text, err := chosen.document()
	if err != nil {
		return err
	}
	form.Kind, form.Document = chosen.Kind, text
	form.Question = chosen.Question
	form.Question.Caller = callerAllows
	return h.showPolicies(w, v, http.StatusOK, form, nil)
}

// policiesJudge evaluates the input, or applies a correction.
func (h *Handlers) policiesJudge(w http.ResponseWriter, v *shell.Visit) error {
	form, err := readPolicyForm(v)
	if err != nil {
		return h.showPolicies(w, v, http.StatusUnprocessableEntity, form, err)
	}
	if take := v.PostFormValue("take"); take != "" {
		form.Document = form.corrected(take)
	}
	return h.showPolicies(w, v, http.StatusOK, form, nil)
}

func readPolicyForm(v *shell.Visit) (policyForm, error) {
	form := policyForm{Question: question{Caller: callerAllows}}
	if err := v.ParseForm(); err != nil {
		return form, tooLargePolicy()
	}
	kind, err := iam.ParseKind(v.PostFormValue("kind"))
	if err != nil {
		return form, problem.New(problem.Invalid, "Unknown kind of policy.").
			WithHint("Use identity, resource, trust, session or boundary.")
	}
	form.Kind = kind
	form.Attached, form.Bucket = v.PostFormValue("attached"), strings.TrimSpace(v.PostFormValue("bucket"))
	form.Question = readQuestion(v)
	form.Document = strings.ReplaceAll(v.PostFormValue("document"), "\r\n", "\n")
	if len(form.Document) > maxPolicyText {
		form.Document = ""
		return form, tooLargePolicy()
	}
	return form, nil
}

func tooLargePolicy() error {
	return problem.New(problem.TooLarge, "The document is larger than %s, so it can’t be a "+
		"policy.", page.Bytes(maxPolicyText)).
		WithHint("The longest policy that AWS stores has 20 kB. windlass policy lint reads larger files.")
}

func (h *Handlers) showPolicies(w http.ResponseWriter, v *shell.Visit, status int, form policyForm,
	rejection error,
) error {
	p := &policiesPage{
		Frame: h.Frame(v, "Policies", "/policies"), Form: form, Check: checkPolicy(form), Examples: policyExamples(),
		Actions: knownActions(),
	}
	p.Problem = page.ProblemOf(rejection)
	var err error
	if p.Answer, err = form.ask(); err != nil {
		return err
	}
	h.Show(w, v.Request, status, "policies/policies", p)
	return nil
}

// knownActions returns the actions that policies for buckets use.
func knownActions() []string {
	var names []string
	for _, prefix := range []string{"s3", "sts"} {
		for n := range reference.FindService(prefix).Actions {
			names = append(names, reference.FindService(prefix).Actions[n].String())
		}
	}
	return names
}
