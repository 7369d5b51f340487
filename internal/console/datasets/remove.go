package datasets

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
)

// datasetRemoval removes a dataset.
func (h *Handlers) datasetRemoval(v *shell.Visit) (*shell.Removal, error) {
	found, err := h.Datasets.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("name"))
	if err != nil {
		return nil, err
	}
	path := "/datasets/" + found.Name
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Delete "+found.Name, "/datasets", page.Crumb{Name: "Datasets", Path: "/datasets"},
				page.Crumb{Name: found.Name, Path: path}, page.Crumb{Name: "Delete"}),
			Question: "Delete the dataset “" + found.Name + "”?", Verb: "Delete dataset", Action: path + "/remove",
			Back:  path,
			Keeps: "Objects in your bucket stay, and for 24 hours you can restore the dataset with its rows.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Datasets.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(given impact.Confirmation) error {
			_, err := h.Datasets.Remove(v.Context(), v.Actor, v.Workspace, found.ID, given)
			return err
		},
		Done: "/datasets?done=dataset-removed",
	}, nil
}

// datasetRestore undoes a removal.
func (h *Handlers) datasetRestore(w http.ResponseWriter, v *shell.Visit) error {
	restored, err := h.Datasets.Restore(v.Context(), v.Actor, v.Workspace, v.PathValue("name"))
	if shell.Rejected(err) {
		return h.showDatasets(w, v, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/datasets/"+restored.Name+"?done=dataset-restored")
	return nil
}

// viewRemoved is the datasets that can be restored.
func (h *Handlers) viewRemoved(v *shell.Visit, removed []dataset.Dataset) ([]datasetView, error) {
	views := make([]datasetView, len(removed))
	for n, d := range removed {
		var err error
		if views[n], err = h.viewDataset(v, d); err != nil {
			return nil, err
		}
	}
	return views, nil
}
