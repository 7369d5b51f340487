package console

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/secret"
)

// credentialNewPage takes an access key pair.
type credentialNewPage struct {
	shell
	Form keyForm
}

// keyForm is what was typed, without the secret, which never comes back.
type keyForm struct{ Name, AccessKeyID, Endpoint, Region string }

// keys are the workspace's access keys: at most paging.MaxLimit of them.
func (c *Console) keys(v *visit) ([]keyView, error) {
	found, err := c.config.Credentials.List(v.Context(), v.actor, v.workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	keys := make([]keyView, len(found.Items))
	for n, k := range found.Items {
		keys[n] = keyView{
			ID: k.ID, Name: k.Name, AccessKeyID: k.AccessKeyID, Endpoint: k.Endpoint, Region: k.Region,
			CreatedAt: k.CreatedAt, Due: !c.config.Now().Before(k.RotateBy()),
		}
	}
	return keys, nil
}

func (c *Console) credentialNew(w http.ResponseWriter, v *visit) error {
	form := keyForm{}
	if v.draft != nil {
		form = readKeyForm(v.typed())
	}
	c.showCredentialNew(w, v, http.StatusOK, form, nil)
	return nil
}

// readKeyForm reads the form without its secret.
func readKeyForm(v *visit) keyForm {
	value := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	return keyForm{
		Name: value("name"), AccessKeyID: value("access_key_id"), Endpoint: value("endpoint"),
		Region: value("region"),
	}
}

func (c *Console) showCredentialNew(w http.ResponseWriter, v *visit, status int, form keyForm, err error) {
	p := &credentialNewPage{shell: c.shell(v, "Add access key", "/sources/credentials",
		credentialCrumbs("Add access key")...), Form: form}
	p.Problem = viewProblem(err)
	c.show(w, v.Request, status, "credential_new", p)
}

func (c *Console) credentialAdd(w http.ResponseWriter, v *visit) error {
	form := readKeyForm(v)
	_, err := c.config.Credentials.Add(v.Context(), v.actor, v.workspace, credential.Draft{
		Name: form.Name, AccessKeyID: form.AccessKeyID,
		SecretAccessKey: secret.New(strings.TrimSpace(v.PostFormValue("secret_access_key"))),
		Region:          form.Region, Endpoint: form.Endpoint,
	})
	if rejected(err) {
		c.showCredentialNew(w, v, http.StatusUnprocessableEntity, form, err)
		return nil
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, "/sources/credentials?done=key-added")
	return nil
}

// credentialRemoval removes an access key.
func (c *Console) credentialRemoval(v *visit) (*removal, error) {
	found, err := c.config.Credentials.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return &removal{
		page: &removePage{
			shell:    c.shell(v, "Remove "+found.Name, "/sources/credentials", credentialCrumbs("Remove "+found.Name)...),
			Question: "Remove the access key “" + found.Name + "”?", Verb: "Remove access key",
			Action: "/sources/credentials/" + found.ID + "/remove", Back: "/sources/credentials",
			Keeps: "This can’t be undone. The key itself lives on in AWS until you delete it there.",
		},
		measure: func() (impact.Impact, error) {
			return c.config.Credentials.Impact(v.Context(), v.actor, v.workspace, found.ID)
		},
		act: func(given impact.Confirmation) error {
			return c.config.Credentials.Remove(v.Context(), v.actor, v.workspace, found.ID, given)
		},
		done: "/sources/credentials?done=key-removed",
	}, nil
}
