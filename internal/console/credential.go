package console

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// credentialPage is one access key, and what it was proven to open.
type credentialPage struct {
	shell
	Key          keyView
	Form         keyVerifyForm
	Verification *verificationView // nil when there was none
}

// keyVerifyForm is what an access key is to open.
type keyVerifyForm struct{ Bucket, Prefix, Access string }

func (c *Console) credential(w http.ResponseWriter, v *visit) error {
	return c.showCredential(w, v, http.StatusOK, nil, nil)
}

// credentialVerify verifies while the browser waits: some seconds at most.
func (c *Console) credentialVerify(w http.ResponseWriter, v *visit) error {
	form := keyVerifyForm{
		Bucket: strings.TrimSpace(v.PostFormValue("bucket")),
		Prefix: strings.TrimSpace(v.PostFormValue("prefix")), Access: v.PostFormValue("access"),
	}
	order := doctor.KeyOrder{
		Locations: []object.Location{{Bucket: form.Bucket, Prefix: form.Prefix}},
		Access:    integration.Mode(form.Access),
	}
	_, err := c.config.Doctor.VerifyCredential(v.Context(), v.actor, v.workspace, v.PathValue("id"), order, nil)
	if rejected(err) {
		return c.showCredential(w, v, http.StatusUnprocessableEntity, &form, err)
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, "/sources/credentials/"+v.PathValue("id")+"#verification")
	return nil
}

func (c *Console) showCredential(w http.ResponseWriter, v *visit, status int, typed *keyVerifyForm,
	rejection error,
) error {
	found, err := c.config.Credentials.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	p := &credentialPage{
		shell: c.shell(v, found.Name, "/sources/credentials", credentialCrumbs(found.Name)...),
		Key: keyView{
			ID: found.ID, Name: found.Name, AccessKeyID: found.AccessKeyID, Endpoint: found.Endpoint,
			Region: found.Region, CreatedAt: found.CreatedAt,
		},
	}
	last, err := c.config.Doctor.LastOfCredential(v.Context(), v.actor, v.workspace, found.ID)
	switch {
	case err == nil:
		p.Verification = viewVerification(last)
		if l := last.Subject.Locations; len(l) > 0 {
			p.Form = keyVerifyForm{l[0].Bucket, l[0].Prefix, string(last.Subject.Access)}
		}
	case !problem.Is(err, problem.NotFound):
		return err
	}
	if typed != nil {
		p.Form = *typed
	}
	p.Problem = viewProblem(rejection)
	c.show(w, v.Request, status, "credential", p)
	return nil
}
