package console

import (
	"fmt"
	"net/http"
	"slices"
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
type pastedForm struct {
	Trust       string
	Permissions []string // at least one field
	Boundary    string
	Owned       []ownedPolicy
}

// ownedPolicy is the policy of a bucket or a KMS key of the integration.
type ownedPolicy struct {
	Field, Name string // the form's, and whose it is
	Key         bool   // of a KMS key; else of a bucket
	Text        string
}

// Beside reports whether more than a role's own two was pasted.
func (f *pastedForm) Beside() bool {
	return f.Boundary != "" || slices.ContainsFunc(f.Owned, func(o ownedPolicy) bool { return o.Text != "" })
}

// readPasted reads the form of an integration, whose buckets and keys have a
// field each.
func readPasted(r *http.Request, i integration.Integration) pastedForm {
	f := pastedForm{
		Trust: r.PostFormValue("trust"), Boundary: r.PostFormValue("boundary"),
		Permissions: r.PostForm["permission"],
	}
	if len(f.Permissions) == 0 {
		f.Permissions = []string{""}
	}
	seen := map[string]bool{}
	for n, l := range i.Locations {
		if field := fmt.Sprintf("bucket-policy-%d", n); !seen[l.Bucket] {
			f.Owned = append(f.Owned, ownedPolicy{Field: field, Name: l.Bucket, Text: r.PostFormValue(field)})
		}
		seen[l.Bucket] = true
	}
	for n, key := range i.KMSKeyARNs {
		field := fmt.Sprintf("key-policy-%d", n)
		f.Owned = append(f.Owned, ownedPolicy{Field: field, Name: key, Key: true, Text: r.PostFormValue(field)})
	}
	return f
}

// documents are what is judged: the fields that say something.
func (f *pastedForm) documents() pasted.Documents {
	given := pasted.Documents{
		Trust: []byte(strings.TrimSpace(f.Trust)), Boundary: []byte(strings.TrimSpace(f.Boundary)),
		Buckets: map[string][]byte{}, Keys: map[string][]byte{},
	}
	for _, text := range f.Permissions {
		if text = strings.TrimSpace(text); text != "" {
			given.Permissions = append(given.Permissions, []byte(text))
		}
	}
	for _, o := range f.Owned {
		owned := given.Buckets
		if o.Key {
			owned = given.Keys
		}
		if text := strings.TrimSpace(o.Text); text != "" {
			owned[o.Name] = []byte(text)
		}
	}
	return given
}

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

// Chip returns the chip that shows the severity.
func (f pastedFinding) Chip() chip {
	switch f.Severity {
	case pasted.Unreadable, pasted.Insecure, pasted.Missing:
		return chip{"bad", "circle-x", map[pasted.Severity]string{
			pasted.Unreadable: "Unreadable",
			pasted.Insecure:   "Insecure", pasted.Missing: "Missing",
		}[f.Severity]}
	case pasted.Unknown, pasted.Excess:
		return chip{"warn", "triangle-alert", map[pasted.Severity]string{
			pasted.Unknown: "Not certain",
			pasted.Excess:  "Too much",
		}[f.Severity]}
	case pasted.Advice:
	}
	return chip{"calm", "info", "Advice"}
}

// Where names the document.
func (f pastedFinding) Where() string {
	return map[pasted.Document]string{
		pasted.TrustPolicy: "Trust policy", pasted.PermissionPolicy: "Permission policy",
		pasted.BoundaryPolicy: "Permissions boundary",
		pasted.BucketPolicy:   "Bucket policy", pasted.KeyPolicy: "Key policy",
	}[f.Document]
}

func (c *Console) integrationCheck(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	return c.showIntegrationCheck(w, v, http.StatusOK, found, readPasted(v.Request, found), nil, nil)
}

// integrationChecked judges what was pasted. Nothing of it is kept. The button
// beside the policies only adds a field.
func (c *Console) integrationChecked(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	form := readPasted(v.Request, found)
	if v.PostFormValue("action") == "add-permission" {
		if len(form.Permissions) < integration.MaxPermissions {
			form.Permissions = append(form.Permissions, "")
		}
		return c.showIntegrationCheck(w, v, http.StatusOK, found, form, nil, nil)
	}
	checked, err := c.config.Integrations.Check(v.Context(), v.actor, v.workspace, found.ID, form.documents())
	if rejected(err) {
		return c.showIntegrationCheck(w, v, http.StatusUnprocessableEntity, found, form, nil, err)
	}
	if err != nil {
		return err
	}
	return c.showIntegrationCheck(w, v, http.StatusOK, found, form, viewJudged(checked), nil)
}

func (c *Console) showIntegrationCheck(w http.ResponseWriter, v *visit, status int, found integration.Integration,
	form pastedForm, judged *judgedView, rejection error,
) error {
	crumbs := credentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = integrationPath(found.ID)
	p := &integrationCheckPage{
		shell: c.shell(v, "Check what I have", "/sources/credentials",
			append(crumbs, crumb{Name: "Check what I have"})...),
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
