package integrations

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// integrationCheckPage judges the documents that a role has already.
type integrationCheckPage struct {
	page.Frame
	Integration view.Integration
	Form        pastedForm
	Judged      *judgedView // nil until something was pasted
}

// pastedForm has the pasted documents.
type pastedForm struct {
	Trust       string
	Permissions []string // at least one field
	Boundary    string
	Owned       []ownedPolicy
}

// ownedPolicy is the policy of a bucket or a KMS key of the integration.
type ownedPolicy struct {
	Field, Name string // the form's field, and the bucket or key
	Key         bool   // whether it is a KMS key; else a bucket
	Text        string
}

// Beside reports whether more than a role's own two was pasted.
func (f *pastedForm) Beside() bool {
	return f.Boundary != "" || slices.ContainsFunc(f.Owned, func(o ownedPolicy) bool { return o.Text != "" })
}

// readPasted parses the form of an integration. Each of its buckets and keys
// has a field.
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

// documents returns the documents to check: the fields that aren't empty.
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

// judgedView is the result of the check.
type judgedView struct {
	Chip      page.Chip
	Headline  string
	Summary   string
	Findings  []pastedFinding
	Questions []pasted.Question
	Diffs     []page.Code
}

type pastedFinding struct{ pasted.Finding }

// Chip returns the chip that shows the severity.
func (f pastedFinding) Chip() page.Chip {
	switch f.Severity {
	case pasted.Unreadable, pasted.Insecure, pasted.Missing:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: map[pasted.Severity]string{
			pasted.Unreadable: "Unreadable",
			pasted.Insecure:   "Insecure", pasted.Missing: "Missing",
		}[f.Severity]}
	case pasted.Unknown, pasted.Excess:
		return page.Chip{Tone: "warn", Icon: "triangle-alert", Label: map[pasted.Severity]string{
			pasted.Unknown: "Not certain",
			pasted.Excess:  "Too much",
		}[f.Severity]}
	case pasted.Advice:
	}
	return page.Chip{Tone: "calm", Icon: "info", Label: "Advice"}
}

// Where names the document.
func (f pastedFinding) Where() string {
	return map[pasted.Document]string{
		pasted.TrustPolicy: "Trust policy", pasted.PermissionPolicy: "Permission policy",
		pasted.BoundaryPolicy: "Permissions boundary",
		pasted.BucketPolicy:   "Bucket policy", pasted.KeyPolicy: "Key policy",
	}[f.Document]
}

func (h *Handlers) integrationCheck(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	return h.showIntegrationCheck(w, v, http.StatusOK, found, readPasted(v.Request, found), nil, nil)
}

// integrationChecked checks the pasted documents without storing them. The
// button next to the policies only adds a field.
func (h *Handlers) integrationChecked(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	form := readPasted(v.Request, found)
	if v.PostFormValue("action") == "add-permission" {
		if len(form.Permissions) < integration.MaxPermissions {
			form.Permissions = append(form.Permissions, "")
		}
		return h.showIntegrationCheck(w, v, http.StatusOK, found, form, nil, nil)
	}
	checked, err := h.Integrations.Check(v.Context(), v.Actor, v.Workspace, found.ID, form.documents())
	if shell.Rejected(err) {
		return h.showIntegrationCheck(w, v, http.StatusUnprocessableEntity, found, form, nil, err)
	}
	if err != nil {
		return err
	}
	return h.showIntegrationCheck(w, v, http.StatusOK, found, form, viewJudged(checked), nil)
}

func (h *Handlers) showIntegrationCheck(w http.ResponseWriter, v *shell.Visit, status int,
	found integration.Integration,
	form pastedForm, judged *judgedView, rejection error,
) error {
	crumbs := view.CredentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = view.IntegrationPath(found.ID)
	p := &integrationCheckPage{
		Frame: h.Frame(v, "Check what I have", "/sources/credentials",
			append(crumbs, page.Crumb{Name: "Check what I have"})...),
		Integration: view.IntegrationOf(found), Form: form, Judged: judged,
	}
	p.Problem = page.ProblemOf(rejection)
	h.Show(w, v.Request, status, "integrations/check", p)
	return nil
}

func viewJudged(checked integration.Checked) *judgedView {
	j := &judgedView{Questions: checked.Questions}
	asked := page.Plural(len(checked.Questions), "call was", "calls were")
	switch checked.Verdict() {
	case "":
		j.Chip, j.Headline = page.Chip{Tone: "good", Icon: "shield-check", Label: ""}, "These documents fit"
		j.Summary = asked + " evaluated: they allow what Windlass needs and refuse everything else that was tried. " +
			"Verification tests it in AWS."
	case pasted.Excess:
		j.Chip, j.Headline = page.Chip{Tone: "warn", Icon: "triangle-alert", Label: ""},
			"They work, but open more than you declared"
		j.Summary = asked + " evaluated. Loads will work, but a reviewer will question the extra access."
	case pasted.Unknown:
		j.Chip, j.Headline = page.Chip{Tone: "warn", Icon: "triangle-alert", Label: ""}, "Only a real call can "+
			"decide this"
		j.Summary = "A condition depends on something that the documents don’t show, such as an IP address. " +
			"Verification tests it."
	case pasted.Missing:
		j.Chip, j.Headline = page.Chip{Tone: "bad", Icon: "circle-x", Label: ""}, "They don’t allow what Windlass needs"
		j.Summary = asked + " evaluated. The first finding is usually the cause of the others."
	case pasted.Insecure:
		j.Chip, j.Headline = page.Chip{Tone: "bad", Icon: "shield-alert", Label: ""},
			"They let in callers that must be refused"
		j.Summary = "Windlass never uses a role like this, whatever else it allows."
	case pasted.Unreadable, pasted.Advice:
		j.Chip, j.Headline = page.Chip{Tone: "bad", Icon: "circle-x", Label: ""}, "This isn’t a policy"
		j.Summary = "Paste the whole document, or the output of the aws command."
	}
	for _, f := range checked.Findings {
		j.Findings = append(j.Findings, pastedFinding{f})
	}
	if checked.Verdict() != "" {
		for _, d := range []page.Code{
			{
				ID: "judged-trust", Label: "Trust policy: changes from yours to the generated one", Language: "diff",
				Text: checked.TrustDiff,
			},
			{
				ID: "judged-access", Label: "Permission policy: changes from yours to the generated " +
					"one", Language: "diff",
				Text: checked.AccessDiff,
			},
		} {
			if d.Text != "" {
				j.Diffs = append(j.Diffs, d)
			}
		}
	}
	return j
}
