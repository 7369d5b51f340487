package integrations

import (
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
)

// integrationRemoval removes an integration.
func (h *Handlers) integrationRemoval(v *shell.Visit) (*shell.Removal, error) {
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	crumbs := view.CredentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = view.IntegrationPath(found.ID)
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Remove "+found.Name, "/sources/credentials",
				append(crumbs, page.Crumb{Name: "Remove"})...),
			Question: "Remove the AWS integration “" + found.Name + "”?",
			Verb:     "Remove AWS integration", Action: view.IntegrationPath(found.ID) + "/remove",
			Back: view.IntegrationPath(found.ID),
			Keeps: "Loaded rows stay. Running loads may continue for ten minutes. You can restore the integration " +
				"for 24 hours. Its External ID is never used for another integration.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Integrations.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(given impact.Confirmation) error {
			_, err := h.Integrations.Remove(v.Context(), v.Actor, v.Workspace, found.ID, given)
			return err
		},
		Done: "/sources/credentials?done=integration-removed",
	}, nil
}

// integrationDisabling switches an integration off.
func (h *Handlers) integrationDisabling(v *shell.Visit) (*shell.Removal, error) {
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	path, off := view.IntegrationPath(found.ID), true
	crumbs := view.CredentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = path
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Disable "+found.Name, "/sources/credentials",
				append(crumbs, page.Crumb{Name: "Disable"})...),
			Question: "Disable the AWS integration “" + found.Name + "”?", Verb: "Disable", Icon: "ban",
			Action: path + "/disable", Back: path,
			Keeps: "You can enable it again at any time. Windlass then verifies it before using it.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Integrations.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(impact.Confirmation) error {
			_, err := h.Integrations.Update(v.Context(), v.Actor, v.Workspace, found.ID,
				integration.Change{Disabled: &off})
			return err
		},
		Done: path + "?done=integration-disabled",
	}, nil
}

// rotationCompletion completes the rotation of an External ID.
func (h *Handlers) rotationCompletion(v *shell.Visit) (*shell.Removal, error) {
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	crumbs := view.CredentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = view.IntegrationPath(found.ID)
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Use the new External ID of "+found.Name, "/sources/credentials",
				append(crumbs, page.Crumb{Name: "External ID"})...),
			Question: "Use the new External ID of “" + found.Name + "”?",
			Verb:     "Use the new External ID", Icon: "check", Action: view.IntegrationPath(found.ID) +
				"/rotation/complete", Back: view.IntegrationPath(found.ID),
			Keeps: "Windlass first checks that the role accepts the new External ID. If it doesn’t, nothing " +
				"changes. Afterwards, remove the old one from the trust policy.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Integrations.RotationImpact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(given impact.Confirmation) error {
			edited, err := h.Integrations.CompleteRotation(v.Context(), v.Actor, v.Workspace, found.ID, given)
			if err == nil {
				h.keepChanged(v, edited)
			}
			return err
		},
		Done: view.IntegrationPath(found.ID) + "?done=rotation-completed",
	}, nil
}

// countOf counts things by kind, in their order: "7 sources, 1 grant".
func countOf(needed []impact.Stop) string {
	var kinds []string
	numbers := map[string]int{}
	for _, d := range needed {
		if numbers[d.Kind]++; numbers[d.Kind] == 1 {
			kinds = append(kinds, d.Kind)
		}
	}
	for n, kind := range kinds {
		kinds[n] = page.Plural(numbers[kind], kind, kind+"s")
	}
	return strings.Join(kinds, ", ")
}
