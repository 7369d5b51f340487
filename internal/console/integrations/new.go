package integrations

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
)

// integrationNewPage is Add Integration.
type integrationNewPage struct {
	page.Frame
	Form    integrationForm
	RoleARN roleARNView
	Guide   *view.Guide
}

// integrationAddedPage is Add Integration after it was saved: the External ID
// and User ARN appear.
type integrationAddedPage struct {
	page.Frame
	Integration view.Integration
	Documents   []page.Code
	Guide       *view.Guide
}

func (h *Handlers) showIntegrationNew(w http.ResponseWriter, v *shell.Visit, status int, form integrationForm,
	err error,
) {
	p := &integrationNewPage{
		Frame:   h.Frame(v, "Add Integration", "/sources/credentials", view.CredentialCrumbs("Add Integration")...),
		Form:    form,
		RoleARN: viewRoleARN(form.RoleARN),
		Guide:   view.GuideBefore(view.GuideRoleARN, form.Locations, form.Access),
	}
	if err != nil {
		p.Problem = form.integrationProblem(err)
		p.RoleARN.Error = p.Problem.Field("role_arn")
	}
	h.Show(w, v.Request, status, "integrations/new", p)
}

func (h *Handlers) integrationNew(w http.ResponseWriter, v *shell.Visit) error {
	form := integrationForm{}
	form.pad()
	if v.Draft != nil {
		form = readIntegrationForm(v.Typed().Request)
	}
	h.showIntegrationNew(w, v, http.StatusOK, form, nil)
	return nil
}

// integrationCreate saves the form; the buttons next to the rows only change
// the form.
func (h *Handlers) integrationCreate(w http.ResponseWriter, v *shell.Visit) error {
	form := readIntegrationForm(v.Request)
	if form.editRows(v.PostFormValue("action")) {
		h.showIntegrationNew(w, v, http.StatusOK, form, nil)
		return nil
	}
	if form.Order != "reserve" && form.RoleARN == "" {
		h.showIntegrationNew(w, v, http.StatusUnprocessableEntity, form,
			problem.New(problem.Invalid, "The role ARN is missing.").
				WithHint("Paste it, or choose “Reserve first” if the role doesn’t exist yet.").
				WithFindings(problem.Finding{Path: "role_arn", Message: "Paste the ARN of the role you created."}))
		return nil
	}
	made, err := h.Integrations.Create(v.Context(), v.Actor, v.Workspace, form.draft())
	if shell.Rejected(err) {
		h.showIntegrationNew(w, v, http.StatusUnprocessableEntity, form, err)
		return nil
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, view.IntegrationPath(made.ID)+"/added")
	return nil
}

// integrationAdded shows what the new integration's role must trust.
func (h *Handlers) integrationAdded(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	guide, err := view.GuideFor(found)
	if err != nil {
		return err
	}
	p := &integrationAddedPage{
		Frame:       h.Frame(v, "Add Integration", "/sources/credentials", view.CredentialCrumbs("Add Integration")...),
		Integration: view.IntegrationOf(found),
		Documents: []page.Code{{
			ID: "trust", Label: "Trust policy of the role", Language: "json",
			Text: guide.TrustPolicy,
		}},
		Guide: guide,
	}
	if found.RoleARN == "" && !guide.Placeholder {
		p.Documents = append(p.Documents, page.Code{
			ID: "permission", Label: "Permission policy of the role", Language: "json",
			Text: guide.PermissionPolicy,
		})
	}
	h.Show(w, v.Request, http.StatusOK, "integrations/added", p)
	return nil
}
