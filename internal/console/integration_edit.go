package console

import "net/http"

// integrationEditPage changes an integration, or gives a reserved one its
// role.
type integrationEditPage struct {
	shell
	Integration integrationView
	Form        integrationForm
	RoleARN     roleARNView
	Stops       []stopView // what hangs on it
	Hanging     string     // the same counted: "7 sources, 1 grant"
}

func (c *Console) integrationEdit(w http.ResponseWriter, v *visit) error {
	if v.draft != nil {
		form := readIntegrationForm(v.typed().Request)
		return c.showIntegrationEdit(w, v, http.StatusOK, &form, nil)
	}
	return c.showIntegrationEdit(w, v, http.StatusOK, nil, nil)
}

// showIntegrationEdit shows the form as it was typed, or of what is kept.
func (c *Console) showIntegrationEdit(w http.ResponseWriter, v *visit, status int, typed *integrationForm,
	err error,
) error {
	found, getErr := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if getErr != nil {
		return getErr
	}
	crumbs := credentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = integrationPath(found.ID)
	p := &integrationEditPage{
		shell:       c.shell(v, "Edit "+found.Name, "/sources/credentials", append(crumbs, crumb{Name: "Edit"})...),
		Integration: viewIntegration(found),
		Form:        formOfIntegration(found),
	}
	needed, getErr := c.config.Integrations.Impact(v.Context(), v.actor, v.workspace, found.ID)
	if getErr != nil {
		return getErr
	}
	p.Stops, p.Hanging = viewStops(needed.Stops), countOf(needed.Stops)
	if typed != nil {
		p.Form = *typed
	}
	p.RoleARN = viewRoleARN(p.Form.RoleARN)
	if err != nil {
		p.Problem = p.Form.integrationProblem(err)
		p.RoleARN.Error = p.Problem.Field("role_arn")
	}
	c.show(w, v.Request, status, "integration_edit", p)
	return nil
}

// integrationUpdate saves the form; the buttons beside the rows only change
// it.
func (c *Console) integrationUpdate(w http.ResponseWriter, v *visit) error {
	form := readIntegrationForm(v.Request)
	if form.editRows(v.PostFormValue("action")) {
		return c.showIntegrationEdit(w, v, http.StatusOK, &form, nil)
	}
	edited, err := c.config.Integrations.Update(v.Context(), v.actor, v.workspace, v.PathValue("id"), form.change())
	if rejected(err) {
		return c.showIntegrationEdit(w, v, http.StatusUnprocessableEntity, &form, err)
	}
	if err != nil {
		return err
	}
	done := "integration-saved"
	if edited.TrustDiff != "" || edited.AccessDiff != "" {
		done = "integration-changed"
		c.keepChanged(v, edited)
	}
	c.redirect(w, v.Request, integrationPath(edited.Integration.ID)+"?done="+done)
	return nil
}
