package credentials

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// credentialPage shows one access key, and what it was verified to access.
type credentialPage struct {
	page.Frame
	Key          keyView
	Form         keyVerifyForm
	Verification *view.Verification // nil if there was none
}

// keyVerifyForm has the location that an access key should access.
type keyVerifyForm struct{ Bucket, Prefix, Access string }

func (h *Handlers) credential(w http.ResponseWriter, v *shell.Visit) error {
	return h.showCredential(w, v, http.StatusOK, nil, nil)
}

// credentialVerify verifies while the browser waits: some seconds at most.
func (h *Handlers) credentialVerify(w http.ResponseWriter, v *shell.Visit) error {
	form := keyVerifyForm{
		Bucket: strings.TrimSpace(v.PostFormValue("bucket")),
		Prefix: strings.TrimSpace(v.PostFormValue("prefix")), Access: v.PostFormValue("access"),
	}
	order := doctor.KeyOrder{
		Locations: []object.Location{{Bucket: form.Bucket, Prefix: form.Prefix}},
		Access:    integration.Mode(form.Access),
	}
	_, err := h.Doctor.VerifyCredential(v.Context(), v.Actor, v.Workspace, v.PathValue("id"), order, nil)
	if shell.Rejected(err) {
		return h.showCredential(w, v, http.StatusUnprocessableEntity, &form, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/sources/credentials/"+v.PathValue("id")+"#verification")
	return nil
}

func (h *Handlers) showCredential(w http.ResponseWriter, v *shell.Visit, status int, typed *keyVerifyForm,
	rejection error,
) error {
	found, err := h.Credentials.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	p := &credentialPage{
		Frame: h.Frame(v, found.Name, "/sources/credentials", view.CredentialCrumbs(found.Name)...),
		Key: keyView{
			ID: found.ID, Name: found.Name, AccessKeyID: found.AccessKeyID, Endpoint: found.Endpoint,
			Region: found.Region, CreatedAt: found.CreatedAt,
		},
	}
	last, err := h.Doctor.LastOfCredential(v.Context(), v.Actor, v.Workspace, found.ID)
	switch {
	case err == nil:
		p.Verification = view.VerificationOf(last)
		if l := last.Subject.Locations; len(l) > 0 {
			p.Form = keyVerifyForm{l[0].Bucket, l[0].Prefix, string(last.Subject.Access)}
		}
	case !problem.Is(err, problem.NotFound):
		return err
	}
	if typed != nil {
		p.Form = *typed
	}
	p.Problem = page.ProblemOf(rejection)
	h.Show(w, v.Request, status, "credentials/credential", p)
	return nil
}
