package schedules

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
)

// schedulePage shows one schedule with its last runs.
type schedulePage struct {
	page.Frame
	Schedule scheduleView
	Runs     []runView
	Next     string
}

// shownRuns limits the runs on a page.
const shownRuns = 30

func (h *Handlers) show(w http.ResponseWriter, v *shell.Visit) error {
	_, found, err := h.scheduleOf(v)
	if err != nil {
		return err
	}
	runs, err := h.Schedules.Runs(v.Context(), v.Actor, v.Workspace, found.ID,
		paging.Request{Limit: shownRuns, Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	p := &schedulePage{
		Frame:    h.Frame(v, found.Name, root, page.Crumb{Name: "Schedules", Path: root}, page.Crumb{Name: found.Name}),
		Schedule: found, Next: page.NextPath(found.Path(), runs.Next),
	}
	for _, run := range runs.Items {
		p.Runs = append(p.Runs, viewRun(run))
	}
	h.Show(w, v.Request, http.StatusOK, "schedules/schedule", p)
	return nil
}

// scheduleOf finds the schedule that the path names.
func (h *Handlers) scheduleOf(v *shell.Visit) (schedule.Shown, scheduleView, error) {
	found, err := h.Schedules.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return schedule.Shown{}, scheduleView{}, err
	}
	_, names, err := h.sourceNames(v)
	return found, viewSchedule(&found, names), err
}

func (h *Handlers) run(w http.ResponseWriter, v *shell.Visit) error {
	started, err := h.Schedules.Run(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, view.LoadPath(started.ID))
	return nil
}

func (h *Handlers) pause(w http.ResponseWriter, v *shell.Visit) error {
	changed, err := h.Schedules.Pause(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, root+"/"+changed.ID+"?done=schedule-paused")
	return nil
}

func (h *Handlers) resume(w http.ResponseWriter, v *shell.Visit) error {
	changed, err := h.Schedules.Resume(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, root+"/"+changed.ID+"?done=schedule-resumed")
	return nil
}

// removal removes a schedule.
func (h *Handlers) removal(v *shell.Visit) (*shell.Removal, error) {
	_, found, err := h.scheduleOf(v)
	if err != nil {
		return nil, err
	}
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Remove "+found.Name, root, page.Crumb{Name: "Schedules", Path: root},
				page.Crumb{Name: found.Name, Path: found.Path()}, page.Crumb{Name: "Remove"}),
			Question: "Remove the schedule “" + found.Name + "”?", Verb: "Remove schedule",
			Action: found.Path() + "/remove", Back: found.Path(),
			Keeps: "Loads that it started continue, and their rows stay.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Schedules.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(impact.Confirmation) error {
			return h.Schedules.Remove(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Done: root + "?done=schedule-removed",
	}, nil
}
