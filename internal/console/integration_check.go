package console

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// integrationCheckPage judges the documents that a role has already.
type integrationCheckPage struct {
	shell
	Integration integrationView
	Form        pastedForm
	Judged      *judgedView // nil until something was pasted
}

// pastedForm is what was pasted.
type pastedForm struct{ Trust, Permission string }

// judgedView is what came of it.
type judgedView struct {
	Chip      chip
	Headline  string
	Summary   string
	Findings  []pastedFinding
	Questions []pasted.Question
	Diffs     []codeBlock
}

type pastedFinding struct{ pasted.Finding }

// Chip tells the severity.
func (f pastedFinding) Chip() chip {
	switch f.Severity {
	case pasted.Unreadable, pasted.Insecure, pasted.Missing:
		return chip{"bad", "circle-x", map[pasted.Severity]string{pasted.Unreadable: "Unreadable", pasted.Insecure: "Insecure", pasted.Missing: "Missing"}[f.Severity]}
	case pasted.Unknown, pasted.Excess:
		return chip{"warn", "triangle-alert", map[pasted.Severity]string{pasted.Unknown: "Not certain", pasted.Excess: "Too much"}[f.Severity]}
	case pasted.Advice:
	}
	return chip{"calm", "info", "Advice"}
}

// Where names the document.
func (f pastedFinding) Where() string {
	if f.Document == pasted.TrustPolicy {
		return "Trust policy"
	}
	return "Permission policy"
}

func (c *Console) integrationCheck(w http.ResponseWriter, v *visit) error {
	return c.showIntegrationCheck(w, v, http.StatusOK, pastedForm{}, nil, nil)
}

// integrationChecked judges what was pasted. Nothing of it is kept.
func (c *Console) integrationChecked(w http.ResponseWriter, v *visit) error {
	form := pastedForm{Trust: v.PostFormValue("trust"), Permission: v.PostFormValue("permission")}
	given := pasted.Documents{Trust: []byte(strings.TrimSpace(form.Trust))}
	if text := strings.TrimSpace(form.Permission); text != "" {
		given.Permissions = [][]byte{[]byte(text)}
	}
	checked, err := c.config.Integrations.Check(v.Context(), v.actor, v.workspace, v.PathValue("id"), given)
	if rejected(err) {
		return c.showIntegrationCheck(w, v, http.StatusUnprocessableEntity, form, nil, err)
	}
	if err != nil {
		return err
	}
	return c.showIntegrationCheck(w, v, http.StatusOK, form, viewJudged(checked), nil)
}

func (c *Console) showIntegrationCheck(w http.ResponseWriter, v *visit, status int, form pastedForm, judged *judgedView, rejection error) error {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	crumbs := toCredentials(found.Name)
	crumbs[len(crumbs)-1].Path = integrationPath(found.ID)
	p := &integrationCheckPage{
		shell:       c.shell(v, "Check what I have", "/sources/credentials", append(crumbs, crumb{Name: "Check what I have"})...),
		Integration: viewIntegration(found), Form: form, Judged: judged,
	}
	p.Problem = viewProblem(rejection)
	c.show(w, v.Request, status, "integration_check", p)
	return nil
}

func viewJudged(checked integration.Checked) *judgedView {
	j := &judgedView{Questions: checked.Questions}
	asked := plural(len(checked.Questions), "call was", "calls were")
	switch checked.Verdict() {
	case "":
		j.Chip, j.Headline = chip{"good", "shield-check", ""}, "These documents fit"
		j.Summary = asked + " put to them: what Windlass needs is allowed, and what nobody should do is refused. Verification proves it in AWS."
	case pasted.Excess:
		j.Chip, j.Headline = chip{"warn", "triangle-alert", ""}, "They work, and open more than was declared"
		j.Summary = asked + " put to them. Loads will work; a reviewer will ask about the rest."
	case pasted.Unknown:
		j.Chip, j.Headline = chip{"warn", "triangle-alert", ""}, "Only a real call can tell"
		j.Summary = "A condition hangs on something that no document shows, such as an address. Verification tries it."
	case pasted.Missing:
		j.Chip, j.Headline = chip{"bad", "circle-x", ""}, "They do not open what Windlass needs"
		j.Summary = asked + " put to them. The first finding is usually the cause of the rest."
	case pasted.Insecure:
		j.Chip, j.Headline = chip{"bad", "shield-alert", ""}, "They let in somebody who must not get in"
		j.Summary = "A role like this is never used, whatever else it allows."
	case pasted.Unreadable, pasted.Advice:
		j.Chip, j.Headline = chip{"bad", "circle-x", ""}, "That is not a policy"
		j.Summary = "Paste the whole document, or what the aws command printed."
	}
	for _, f := range checked.Findings {
		j.Findings = append(j.Findings, pastedFinding{f})
	}
	if checked.Verdict() != "" {
		for _, d := range []codeBlock{
			{"judged-trust", "Trust policy: from yours to the printed one", "diff", checked.TrustDiff},
			{"judged-access", "Permission policy: from yours to the printed one", "diff", checked.AccessDiff},
		} {
			if d.Text != "" {
				j.Diffs = append(j.Diffs, d)
			}
		}
	}
	return j
}
