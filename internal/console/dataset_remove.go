package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
)

// datasetRemoval removes a dataset.
func (c *Console) datasetRemoval(v *visit) (*removal, error) {
	found, err := c.config.Datasets.Get(v.Context(), v.actor, v.workspace, v.PathValue("name"))
	if err != nil {
		return nil, err
	}
	path := "/datasets/" + found.Name
	return &removal{
		page: &removePage{
			shell: c.shell(v, "Delete "+found.Name, "/datasets", crumb{"Datasets", "/datasets"},
				crumb{found.Name, path}, crumb{Name: "Delete"}),
			Question: "Delete the dataset “" + found.Name + "”?", Verb: "Delete dataset", Action: path + "/remove",
			Back:  path,
			Keeps: "Objects in your bucket stay, and for 24 hours you can restore the dataset with its rows.",
		},
		measure: func() (impact.Impact, error) {
			return c.config.Datasets.Impact(v.Context(), v.actor, v.workspace, found.ID)
		},
		act: func(given impact.Confirmation) error {
			_, err := c.config.Datasets.Remove(v.Context(), v.actor, v.workspace, found.ID, given)
			return err
		},
		done: "/datasets?done=dataset-removed",
	}, nil
}

// datasetRestore undoes a removal.
func (c *Console) datasetRestore(w http.ResponseWriter, v *visit) error {
	restored, err := c.config.Datasets.Restore(v.Context(), v.actor, v.workspace, v.PathValue("name"))
	if rejected(err) {
		return c.showDatasets(w, v, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, "/datasets/"+restored.Name+"?done=dataset-restored")
	return nil
}

// viewRemoved is the datasets that can be restored.
func (c *Console) viewRemoved(v *visit, removed []dataset.Dataset) ([]datasetView, error) {
	views := make([]datasetView, len(removed))
	for n, d := range removed {
		var err error
		if views[n], err = c.viewDataset(v, d); err != nil {
			return nil, err
		}
	}
	return views, nil
}
