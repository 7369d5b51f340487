package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/integration"
)

// integrationRotate starts or abandons a rotation of the External ID, as the
// form's "step" says. A page of its own completes it.
func (c *Console) integrationRotate(w http.ResponseWriter, v *visit) error {
	steps := map[string]struct {
		do   func() (integration.Edited, error)
		done string
	}{
		"start": {func() (integration.Edited, error) {
			return c.config.Integrations.Rotate(v.Context(), v.actor, v.workspace, v.PathValue("id"))
		}, "rotation-started"},
		"abandon": {func() (integration.Edited, error) {
			return c.config.Integrations.AbandonRotation(v.Context(), v.actor, v.workspace, v.PathValue("id"))
		}, "rotation-abandoned"},
	}
	step, ok := steps[v.PostFormValue("step")]
	if !ok {
		step = steps["start"]
	}
	edited, err := step.do()
	if err != nil {
		return c.refusedOn(w, v, v.PathValue("id"), err)
	}
	c.keepChanged(v, edited)
	c.redirect(w, v.Request, integrationPath(edited.Integration.ID)+"?done="+step.done)
	return nil
}

// integrationRestore undoes a removal.
func (c *Console) integrationRestore(w http.ResponseWriter, v *visit) error {
	restored, err := c.config.Integrations.Restore(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return c.refusedOn(w, v, v.PathValue("id"), err)
	}
	c.redirect(w, v.Request, integrationPath(restored.ID)+"?done=integration-restored")
	return nil
}

// integrationSwitch switches an integration off, or on again: the form's
// "off".
func (c *Console) integrationSwitch(w http.ResponseWriter, v *visit) error {
	off := v.PostFormValue("off") == "true"
	edited, err := c.config.Integrations.Update(v.Context(), v.actor, v.workspace, v.PathValue("id"),
		integration.Change{Disabled: &off})
	if err != nil {
		return c.refusedOn(w, v, v.PathValue("id"), err)
	}
	done := "integration-enabled"
	if off {
		done = "integration-disabled"
	}
	c.redirect(w, v.Request, integrationPath(edited.Integration.ID)+"?done="+done)
	return nil
}

// The session keeps what an edit changed until the integration's page shows
// it.
const sessionChanged = "changed:"

func (c *Console) keepChanged(v *visit, edited integration.Edited) {
	c.sessions.Put(v.Context(), sessionChanged+"trust:"+edited.Integration.ID, edited.TrustDiff)
	c.sessions.Put(v.Context(), sessionChanged+"access:"+edited.Integration.ID, edited.AccessDiff)
}

// takeChanged returns what an edit changed, once.
func (c *Console) takeChanged(v *visit, id string) []codeBlock {
	var out []codeBlock
	for _, d := range []struct{ key, name string }{
		{"trust", "Trust policy: the change"},
		{"access", "Permission policy: the change"},
	} {
		if text := c.sessions.PopString(v.Context(), sessionChanged+d.key+":"+id); text != "" {
			out = append(out, codeBlock{"changed-" + d.key, d.name, "diff", text})
		}
	}
	return out
}
