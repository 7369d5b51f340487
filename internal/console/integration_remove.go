package console

import (
	"strings"

	"github.com/windlass-io/windlass/internal/impact"
)

// integrationRemoval removes an integration.
func (c *Console) integrationRemoval(v *visit) (*removal, error) {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	crumbs := credentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = integrationPath(found.ID)
	return &removal{
		page: &removePage{
			shell: c.shell(v, "Remove "+found.Name, "/sources/credentials",
				append(crumbs, crumb{Name: "Remove"})...),
			Question: "Remove the AWS integration “" + found.Name + "”?",
			Verb:     "Remove AWS integration", Action: integrationPath(found.ID) + "/remove",
			Back:  integrationPath(found.ID),
			Keeps: "Rows that are loaded stay. Loads that run now may go on for ten minutes, and for 24 hours you can restore the integration. Its External ID is never used again.",
		},
		measure: func() (impact.Impact, error) {
			return c.config.Integrations.Impact(v.Context(), v.actor, v.workspace, found.ID)
		},
		act: func(given impact.Confirmation) error {
			_, err := c.config.Integrations.Remove(v.Context(), v.actor, v.workspace, found.ID, given)
			return err
		},
		done: "/sources/credentials?done=integration-removed",
	}, nil
}

// rotationCompletion completes the rotation of an External ID.
func (c *Console) rotationCompletion(v *visit) (*removal, error) {
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	crumbs := credentialCrumbs(found.Name)
	crumbs[len(crumbs)-1].Path = integrationPath(found.ID)
	return &removal{
		page: &removePage{
			shell: c.shell(v, "Use the new External ID of "+found.Name, "/sources/credentials",
				append(crumbs, crumb{Name: "External ID"})...),
			Question: "Use the new External ID of “" + found.Name + "”?",
			Verb:     "Use the new External ID", Icon: "check", Action: integrationPath(found.ID) +
				"/rotation/complete", Back: integrationPath(found.ID),
			Keeps: "First Windlass checks that the role accepts the new External ID. If it doesn’t, nothing changes. Afterwards, remove the old one from the trust policy.",
		},
		measure: func() (impact.Impact, error) {
			return c.config.Integrations.RotationImpact(v.Context(), v.actor, v.workspace, found.ID)
		},
		act: func(given impact.Confirmation) error {
			edited, err := c.config.Integrations.CompleteRotation(v.Context(), v.actor, v.workspace, found.ID, given)
			if err == nil {
				c.keepChanged(v, edited)
			}
			return err
		},
		done: integrationPath(found.ID) + "?done=rotation-completed",
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
		kinds[n] = plural(numbers[kind], kind, kind+"s")
	}
	return strings.Join(kinds, ", ")
}
