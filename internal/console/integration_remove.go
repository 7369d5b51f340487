package console

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/integration"
)

var dependentIcons = map[string]string{"source": "folder-open", "schedule": "calendar", "dataset": "table-2", "grant": "fingerprint"}

var dependentTexts = map[string]string{
	"source":   "source: cannot be loaded any more",
	"schedule": "schedule: fires no more",
	"dataset":  "dataset: keeps its rows, gets no new ones",
	"grant":    "grant: gives no credentials any more",
}

// integrationRemove asks, and names what stops.
func (c *Console) integrationRemove(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	needed, err := c.config.Integrations.Impact(v.Context(), v.actor, v.workspace, found.ID)
	if err != nil {
		return err
	}
	crumbs := toCredentials(found.Name)
	crumbs[len(crumbs)-1].Path = integrationPath(found.ID)
	c.show(w, v.Request, http.StatusOK, "remove", &removePage{
		shell:    c.shell(v, "Remove "+found.Name, "/sources/credentials", append(crumbs, crumb{Name: "Remove"})...),
		Question: "Remove the AWS integration “" + found.Name + "”?",
		Verb:     "Remove AWS integration", Action: integrationPath(found.ID) + "/remove", Back: integrationPath(found.ID),
		Impact: impactOf(needed),
		Keeps:  "Rows that are loaded stay. Loads that run now may go on for ten minutes, and for 24 hours the removal can be undone. The External ID is never used again.",
	})
	return nil
}

func impactOf(needed []integration.Dependent) []impact {
	impacts := make([]impact, len(needed))
	for n, d := range needed {
		impacts[n] = impact{Icon: "circle-dot", Name: d.Name, Text: d.Kind}
		if text := dependentTexts[d.Kind]; text != "" {
			impacts[n].Icon, impacts[n].Text = dependentIcons[d.Kind], text
		}
	}
	return impacts
}

// countOf counts things by kind, in their order: "7 sources, 1 grant".
func countOf(needed []integration.Dependent) string {
	var kinds []string
	numbers := map[string]int{}
	for _, d := range needed {
		if numbers[d.Kind]++; numbers[d.Kind] == 1 {
			kinds = append(kinds, d.Kind)
		}
	}
	for n, kind := range kinds {
		kinds[n] = plural(numbers[kind], kind, kind+"s")
	}
	return strings.Join(kinds, ", ")
}

// integrationRemoved removes: the page before named what depends on it.
func (c *Console) integrationRemoved(w http.ResponseWriter, v *visit) error {
	_, err := c.config.Integrations.Remove(v.Context(), v.actor, v.workspace, v.PathValue("id"), true)
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, "/sources/credentials?done=integration-removed")
	return nil
}
