package integrations

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
)

// integrationRotate starts or abandons a rotation of the External ID,
// depending on the form's "step". A separate page completes it.
func (h *Handlers) integrationRotate(w http.ResponseWriter, v *shell.Visit) error {
	steps := map[string]struct {
		do   func() (integration.Edited, error)
		done string
	}{
		"start": {func() (integration.Edited, error) {
			return h.Integrations.Rotate(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
		}, "rotation-started"},
		"abandon": {func() (integration.Edited, error) {
			return h.Integrations.AbandonRotation(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
		}, "rotation-abandoned"},
	}
	step, ok := steps[v.PostFormValue("step")]
	if !ok {
		step = steps["start"]
	}
	edited, err := step.do()
	if err != nil {
		return h.refusedOn(w, v, v.PathValue("id"), err)
	}
	h.keepChanged(v, edited)
	h.Redirect(w, v.Request, view.IntegrationPath(edited.Integration.ID)+"?done="+step.done)
	return nil
}

// integrationRestore undoes a removal.
func (h *Handlers) integrationRestore(w http.ResponseWriter, v *shell.Visit) error {
	restored, err := h.Integrations.Restore(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return h.refusedOn(w, v, v.PathValue("id"), err)
	}
	h.Redirect(w, v.Request, view.IntegrationPath(restored.ID)+"?done=integration-restored")
	return nil
}

// integrationSwitch switches an integration on again.
func (h *Handlers) integrationSwitch(w http.ResponseWriter, v *shell.Visit) error {
	off := false
	edited, err := h.Integrations.Update(v.Context(), v.Actor, v.Workspace, v.PathValue("id"),
		integration.Change{Disabled: &off})
	if err != nil {
		return h.refusedOn(w, v, v.PathValue("id"), err)
	}
	h.Redirect(w, v.Request, view.IntegrationPath(edited.Integration.ID)+"?done=integration-enabled")
	return nil
}

// Prefix of the session's key for an edit's changes, until the integration's
// page shows them.
const sessionChanged = "changed:"

func (h *Handlers) keepChanged(v *shell.Visit, edited integration.Edited) {
	h.Sessions().Put(v.Context(), sessionChanged+"trust:"+edited.Integration.ID, edited.TrustDiff)
	h.Sessions().Put(v.Context(), sessionChanged+"access:"+edited.Integration.ID, edited.AccessDiff)
}

// takeChanged returns an edit's changes and removes them from the session.
func (h *Handlers) takeChanged(v *shell.Visit, id string) []page.Code {
	var out []page.Code
	for _, d := range []struct{ key, name string }{
		{"trust", "Trust policy: changes"},
		{"access", "Permission policy: changes"},
	} {
		if text := h.Sessions().PopString(v.Context(), sessionChanged+d.key+":"+id); text != "" {
			out = append(out, page.Code{ID: "changed-" + d.key, Label: d.name, Language: "diff", Text: text})
		}
	}
	return out
}
