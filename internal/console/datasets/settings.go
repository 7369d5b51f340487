package datasets

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
)

// settingsPage changes a dataset's name and texts, and links to its deletion.
type settingsPage struct {
	datasetFrame
	Form settingsForm
}

type settingsForm struct{ Name, Title, Description string }

// settingsFields has the fields that are kept while someone signs in again.
var settingsFields = []string{"name", "title", "description"}

func (h *Handlers) settings(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	form := settingsForm{f.Dataset.Name, f.Dataset.Title, f.Dataset.Description}
	if v.Draft != nil {
		form = settingsForm{v.Draft.Get("name"), v.Draft.Get("title"), v.Draft.Get("description")}
	}
	return h.showSettings(w, v, http.StatusOK, f, form, nil)
}

func (h *Handlers) showSettings(w http.ResponseWriter, v *shell.Visit, status int, f datasetFrame,
	form settingsForm, rejection error,
) error {
	f.Problem = page.ProblemOf(rejection)
	h.Show(w, v.Request, status, "datasets/settings", &settingsPage{datasetFrame: f, Form: form})
	return nil
}

// settingsSave renames and describes a dataset.
func (h *Handlers) settingsSave(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	form := settingsForm{
		strings.TrimSpace(v.PostFormValue("name")), strings.TrimSpace(v.PostFormValue("title")),
		strings.TrimSpace(v.PostFormValue("description")),
	}
	saved, err := h.Datasets.Update(v.Context(), v.Actor, v.Workspace, f.found.ID,
		dataset.Change{Name: &form.Name, Title: &form.Title, Description: &form.Description})
	if shell.Rejected(err) {
		return h.showSettings(w, v, shell.RejectedStatus(w, err), f, form, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/datasets/"+saved.Name+"/settings?done=dataset-saved")
	return nil
}
