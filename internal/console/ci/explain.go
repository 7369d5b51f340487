package ci

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/vending"
)

// ciExplainPage shows the result that an exchange of a token would have. It never shows
// the token, and the exchange isn't counted.
type ciExplainPage struct {
	page.Frame
	Form     explainForm
	Outcome  *tokenOutcome // nil until a token is pasted
	Checks   []tokenCheck
	Token    []pair
	Verdicts []grantVerdict
	Session  *sessionView
}

// explainForm has the input except the token.
type explainForm struct{ Grant, Prefix string }

// tokenOutcome is the result of the explanation.
type tokenOutcome struct {
	Accepted     bool
	Reason, Hint string
}

// tokenCheck is one step and its result.
type tokenCheck struct{ Title, Status, Detail string }

// Mark is the check's sign.
func (c tokenCheck) Mark() page.Chip { return view.CheckMark(c.Status) }

// pair is a name and a value.
type pair struct{ Name, Value string }

// grantVerdict shows whether one grant accepts the token, and why.
type grantVerdict struct {
	Name, Reason string
	Accepted     bool
	Findings     []grantFinding
}

// grantFinding is the result of one condition for the token.
type grantFinding struct {
	Text string
	Met  bool
}

// sessionView shows the session that Windlass would request.
type sessionView struct {
	Facts  []pair
	Policy string
}

// exchangeSteps has the page's words for the steps of an exchange.
var exchangeSteps = map[string]string{
	"read": "The token can be read", "trust": "A provider of this workspace accepts it",
	"verify": "Signature, times and audience are valid",
	"grant":  "Exactly one grant accepts it", "scope": "The session policy fits",
	"spend": "It hasn’t been exchanged yet",
}

func (h *Handlers) explain(w http.ResponseWriter, v *shell.Visit) error {
	h.Show(w, v.Request, http.StatusOK, "ci/explain", &ciExplainPage{Frame: h.Frame(v, "Explain a token", "/ci")})
	return nil
}

func (h *Handlers) explained(w http.ResponseWriter, v *shell.Visit) error {
	p := &ciExplainPage{
		Frame: h.Frame(v, "Explain a token", "/ci"),
		Form:  explainForm{strings.TrimSpace(v.PostFormValue("grant")), strings.TrimSpace(v.PostFormValue("prefix"))},
	}
	e, err := h.Vending.Explain(v.Context(), v.Actor, v.Workspace,
		secret.New(strings.TrimSpace(v.PostFormValue("token"))),
		vending.Request{Grant: p.Form.Grant, Prefix: p.Form.Prefix})
	if shell.Rejected(err) {
		p.Problem = page.ProblemOf(err)
		h.Show(w, v.Request, http.StatusUnprocessableEntity, "ci/explain", p)
		return nil
	}
	if err != nil {
		return err
	}
	p.fill(e)
	h.Show(w, v.Request, http.StatusOK, "ci/explain", p)
	return nil
}

// fill fills the page with an explanation.
func (p *ciExplainPage) fill(e vending.Explanation) {
	p.Outcome = &tokenOutcome{e.Accepted, e.Reason, e.Hint}
	for _, check := range e.Checks {
		title := exchangeSteps[check.Code]
		if title == "" {
			title = check.Code
		}
		p.Checks = append(p.Checks, tokenCheck{title, check.Status, check.Detail})
	}
	if t := e.Token; t != nil {
		p.Token = []pair{
			{"Issuer", t.Issuer},
			{"Subject", t.Subject},
			{"Audience", strings.Join(t.Audience, ", ")},
			{"Issued", t.IssuedAt.UTC().Format(time.RFC3339)},
			{"Expires", t.ExpiresAt.UTC().Format(time.RFC3339)},
		}
		for _, name := range slices.Sorted(maps.Keys(t.Claims)) {
			p.Token = append(p.Token, pair{name, t.Claims[name]})
		}
	}
	for _, verdict := range e.Grants {
		view := grantVerdict{Name: verdict.Grant.Name, Reason: verdict.Reason, Accepted: verdict.Accepted}
		for _, finding := range verdict.Findings {
			view.Findings = append(view.Findings, grantFinding{finding.Reason, finding.Met})
		}
		p.Verdicts = append(p.Verdicts, view)
	}
	if s := e.Session; s != nil {
		actions := make([]string, len(s.Actions))
		for n, a := range s.Actions {
			actions[n] = string(a)
		}
		p.Session = &sessionView{Policy: page.IndentJSON([]byte(s.Policy)), Facts: []pair{
			{"Role", s.RoleARN},
			{"Session name", s.SessionName},
			{"Source identity", s.SourceIdentity},
			{"Bucket", s.Bucket},
			{"Prefixes", strings.Join(s.Prefixes, ", ")},
			{"Actions", strings.Join(actions, ", ")},
			{"Lives", page.Took(time.Duration(s.Seconds) * time.Second)},
		}}
	}
}
