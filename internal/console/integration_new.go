package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/problem"
)

// integrationNewPage is Add Integration.
type integrationNewPage struct {
	shell
	Form    integrationForm
	RoleARN roleARNView
	Guide   *guideView
}

// integrationAddedPage is Add Integration after it was saved: the External ID
// and User ARN appear.
type integrationAddedPage struct {
	shell
	Integration integrationView
	Documents   []codeBlock
	Guide       *guideView
}

func (c *Console) showIntegrationNew(w http.ResponseWriter, v *visit, status int, form integrationForm, err error) {
	p := &integrationNewPage{
		shell:   c.shell(v, "Add Integration", "/sources/credentials", credentialCrumbs("Add Integration")...),
		Form:    form,
		RoleARN: viewRoleARN(form.RoleARN),
		Guide:   guideBefore(guideRoleARN, form.Locations, form.Access),
	}
	if err != nil {
		p.Problem = form.integrationProblem(err)
		p.RoleARN.Error = p.Problem.Field("role_arn")
	}
	c.show(w, v.Request, status, "integration_new", p)
}

func (c *Console) integrationNew(w http.ResponseWriter, v *visit) error {
	form := integrationForm{}
	form.pad()
	if v.draft != nil {
		form = readIntegrationForm(v.typed().Request)
	}
	c.showIntegrationNew(w, v, http.StatusOK, form, nil)
	return nil
}

// integrationCreate saves the form; the buttons beside the rows only change
// it.
func (c *Console) integrationCreate(w http.ResponseWriter, v *visit) error {
	form := readIntegrationForm(v.Request)
	if form.editRows(v.PostFormValue("action")) {
		c.showIntegrationNew(w, v, http.StatusOK, form, nil)
		return nil
	}
	if form.Order != "reserve" && form.RoleARN == "" {
		c.showIntegrationNew(w, v, http.StatusUnprocessableEntity, form,
			problem.New(problem.Invalid, "The role ARN is missing.").
				WithHint("Paste it, or choose “Reserve first” when the role does not exist yet.").
				WithFindings(problem.Finding{Path: "role_arn", Message: "Paste the ARN of the role you made."}))
		return nil
	}
	made, err := c.config.Integrations.Create(v.Context(), v.actor, v.workspace, form.draft())
	if rejected(err) {
		c.showIntegrationNew(w, v, http.StatusUnprocessableEntity, form, err)
		return nil
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, integrationPath(made.ID)+"/added")
	return nil
}

// integrationAdded shows what the new integration's role must trust.
func (c *Console) integrationAdded(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	guide, err := guideFor(found)
	if err != nil {
		return err
	}
	p := &integrationAddedPage{
		shell:       c.shell(v, "Add Integration", "/sources/credentials", credentialCrumbs("Add Integration")...),
		Integration: viewIntegration(found),
		Documents:   []codeBlock{{"trust", "Trust policy of the role", "json", guide.TrustPolicy}},
		Guide:       guide,
	}
	if found.RoleARN == "" && !guide.Placeholder {
		p.Documents = append(p.Documents, codeBlock{
			"permission", "Permission policy of the role", "json",
			guide.PermissionPolicy,
		})
	}
	c.show(w, v.Request, http.StatusOK, "integration_added", p)
	return nil
}
