package integrations

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
)

// integrationEditPage changes an integration, or gives a reserved one its
// role.
type integrationEditPage struct {
	page.Frame
	Integration view.Integration
	Form        integrationForm
	RoleARN     roleARNView
	Stops       []page.Stop // what depends on it
	Hanging     string      // the same counted: "7 sources, 1 grant"
}

func (h *Handlers) integrationEdit(w http.ResponseWriter, v *shell.Visit) error {
	if v.Draft != nil {
		form := readIntegrationForm(v.Typed().Request)
		return h.showIntegrationEdit(w, v, http.StatusOK, &form, nil)
	}
	return h.showIntegrationEdit(w, v, http.StatusOK, nil, nil)
}

// showIntegrationEdit shows the form with the input, or with the stored values.
func (h *Handlers) showIntegrationEdit(w http.ResponseWriter, v *shell.Visit, status int, typed *integrationForm,
	err error,
) error {
	found, getErr := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if getErr != nil {
		return getErr
	}
	crumbs := view.CredentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = view.IntegrationPath(found.ID)
	p := &integrationEditPage{
		Frame: h.Frame(v, "Edit "+found.Name, "/sources/credentials",
			append(crumbs, page.Crumb{Name: "Edit"})...),
		Integration: view.IntegrationOf(found),
		Form:        formOfIntegration(found),
	}
	needed, getErr := h.Integrations.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
	if getErr != nil {
		return getErr
	}
	p.Stops, p.Hanging = page.StopsOf(needed.Stops), countOf(needed.Stops)
	if typed != nil {
		p.Form = *typed
	}
	p.RoleARN = viewRoleARN(p.Form.RoleARN)
	if err != nil {
		p.Problem = p.Form.integrationProblem(err)
		p.RoleARN.Error = p.Problem.Field("role_arn")
	}
	h.Show(w, v.Request, status, "integrations/edit", p)
	return nil
}

// integrationUpdate saves the form; the buttons next to the rows only change
// the form.
func (h *Handlers) integrationUpdate(w http.ResponseWriter, v *shell.Visit) error {
	form := readIntegrationForm(v.Request)
	if form.editRows(v.PostFormValue("action")) {
		return h.showIntegrationEdit(w, v, http.StatusOK, &form, nil)
	}
	edited, err := h.Integrations.Update(v.Context(), v.Actor, v.Workspace, v.PathValue("id"), form.change())
	if shell.Rejected(err) {
		return h.showIntegrationEdit(w, v, http.StatusUnprocessableEntity, &form, err)
	}
	if err != nil {
		return err
	}
	done := "integration-saved"
	if edited.TrustDiff != "" || edited.AccessDiff != "" {
		done = "integration-changed"
		h.keepChanged(v, edited)
	}
	h.Redirect(w, v.Request, view.IntegrationPath(edited.Integration.ID)+"?done="+done)
	return nil
}
