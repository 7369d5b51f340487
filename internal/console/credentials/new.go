package credentials

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/secret"
)

// credentialNewPage adds an access key pair.
type credentialNewPage struct {
	page.Frame
	Form keyForm
}

// keyForm has the input without the secret, which is never shown again.
type keyForm struct{ Name, AccessKeyID, Endpoint, Region string }

// keys returns up to paging.MaxLimit of the workspace's access keys.
func (h *Handlers) keys(v *shell.Visit) ([]keyView, error) {
	found, err := h.Credentials.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	keys := make([]keyView, len(found.Items))
	for n, k := range found.Items {
		keys[n] = keyView{
			ID: k.ID, Name: k.Name, AccessKeyID: k.AccessKeyID, Endpoint: k.Endpoint, Region: k.Region,
			CreatedAt: k.CreatedAt, Due: !h.Now().Before(k.RotateBy()),
		}
	}
	return keys, nil
}

func (h *Handlers) credentialNew(w http.ResponseWriter, v *shell.Visit) error {
	form := keyForm{}
	if v.Draft != nil {
		form = readKeyForm(v.Typed())
	}
	h.showCredentialNew(w, v, http.StatusOK, form, nil)
	return nil
}

// readKeyForm reads the form without its secret.
func readKeyForm(v *shell.Visit) keyForm {
	value := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	return keyForm{
		Name: value("name"), AccessKeyID: value("access_key_id"), Endpoint: value("endpoint"),
		Region: value("region"),
	}
}

func (h *Handlers) showCredentialNew(w http.ResponseWriter, v *shell.Visit, status int, form keyForm, err error) {
	p := &credentialNewPage{Frame: h.Frame(v, "Add access key", "/sources/credentials",
		view.CredentialCrumbs("Add access key")...), Form: form}
	p.Problem = page.ProblemOf(err)
	h.Show(w, v.Request, status, "credentials/new", p)
}

func (h *Handlers) credentialAdd(w http.ResponseWriter, v *shell.Visit) error {
	form := readKeyForm(v)
	_, err := h.Credentials.Add(v.Context(), v.Actor, v.Workspace, credential.Draft{
		Name: form.Name, AccessKeyID: form.AccessKeyID,
		SecretAccessKey: secret.New(strings.TrimSpace(v.PostFormValue("secret_access_key"))),
		Region:          form.Region, Endpoint: form.Endpoint,
	})
	if shell.Rejected(err) {
		h.showCredentialNew(w, v, http.StatusUnprocessableEntity, form, err)
		return nil
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/sources/credentials?done=key-added")
	return nil
}

// credentialRemoval removes an access key.
func (h *Handlers) credentialRemoval(v *shell.Visit) (*shell.Removal, error) {
	found, err := h.Credentials.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Remove "+found.Name, "/sources/credentials",
				view.CredentialCrumbs("Remove "+found.Name)...),
			Question: "Remove the access key “" + found.Name + "”?", Verb: "Remove access key",
			Action: "/sources/credentials/" + found.ID + "/remove", Back: "/sources/credentials",
			Keeps: "This can’t be undone. The key itself stays active in AWS until you delete it there.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Credentials.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(given impact.Confirmation) error {
			return h.Credentials.Remove(v.Context(), v.Actor, v.Workspace, found.ID, given)
		},
		Done: "/sources/credentials?done=key-removed",
	}, nil
}
