package schedules

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
)

// formPage adds a schedule, or edits one.
type formPage struct {
	page.Frame
	Schedule scheduleView // with an ID when it is edited
	Action   string
	Form     form
	Sources  []page.Option
	Datasets []page.Option
}

// form has the input for a schedule.
type form struct {
	Name, Source, Dataset string
	When                  string // cron, every or manual
	Cron, Zone, Every     string
	Overlap, CatchUp      string
}

// fields are the fields of the form.
var fields = []string{"name", "source", "dataset", "when", "cron", "time_zone", "every", "overlap", "catch_up"}

func readForm(r *http.Request) form {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return form{
		Name: value("name"), Source: value("source"), Dataset: value("dataset"), When: value("when"),
		Cron: value("cron"),
		Zone: value("time_zone"), Every: value("every"), Overlap: value("overlap"), CatchUp: value("catch_up"),
	}
}

// settings returns the schedule's settings. It ignores fields that belong to
// another choice of When.
func (f *form) settings() (schedule.Settings, error) {
	settings := schedule.Settings{
		TimeZone: f.Zone, Overlap: schedule.Overlap(f.Overlap), CatchUp: schedule.CatchUp(f.CatchUp),
	}
	switch f.When {
	case "cron":
		if settings.Cron = f.Cron; f.Cron == "" {
			return settings, missing("cron", "is missing; write, for example, 0 6 * * 1-5")
		}
	case "every":
		every, err := schedule.ParseEvery(f.Every)
		if err != nil {
			return settings, missing("every", err.Error())
		}
		if settings.Every = every; every == 0 {
			return settings, missing("every", "is missing; write, for example, 15m")
		}
	}
	return settings, nil
}

func missing(path, message string) error {
	return problem.New(problem.Invalid, "The schedule is invalid: %s %s.", path, message).
		WithFindings(problem.Finding{Path: path, Message: message})
}

func (h *Handlers) add(w http.ResponseWriter, v *shell.Visit) error {
	typed := form{
		Source: v.URL.Query().Get("source"), Dataset: v.URL.Query().Get("dataset"), When: "cron", Cron: "0 6 * * *",
		Zone: "UTC", Every: "15m", Overlap: string(schedule.Skip), CatchUp: string(schedule.Last),
	}
	if v.Draft != nil {
		typed = readForm(v.Typed().Request)
	}
	return h.showForm(w, v, http.StatusOK, scheduleView{}, typed, nil)
}

func (h *Handlers) showForm(w http.ResponseWriter, v *shell.Visit, status int, edited scheduleView, typed form,
	rejection error,
) error {
	p := &formPage{Schedule: edited, Form: typed, Action: root + "/new"}
	title, crumbs := "Add a schedule", []page.Crumb{{Name: "Schedules", Path: root}}
	if edited.ID != "" {
		title, p.Action = "Edit "+edited.Name, edited.Path()+"/edit"
		crumbs = append(crumbs, page.Crumb{Name: edited.Name, Path: edited.Path()})
	}
	p.Frame = h.Frame(v, title, root, append(crumbs, page.Crumb{Name: title})...)
	p.Problem = page.ProblemOf(rejection)
	var err error
	if p.Sources, _, err = h.sourceNames(v); err != nil {
		return err
	}
	if p.Datasets, err = view.DatasetOptions(v, h.Datasets); err != nil {
		return err
	}
	h.Show(w, v.Request, status, "schedules/form", p)
	return nil
}

func (h *Handlers) create(w http.ResponseWriter, v *shell.Visit) error {
	typed := readForm(v.Request)
	settings, err := typed.settings()
	var made schedule.Schedule
	if err == nil {
		made, err = h.Schedules.Create(v.Context(), v.Actor, v.Workspace, schedule.Draft{
			Name: typed.Name, Source: typed.Source, Dataset: typed.Dataset, Settings: settings,
		})
	}
	if shell.Rejected(err) {
		return h.showForm(w, v, http.StatusUnprocessableEntity, scheduleView{}, typed, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, root+"/"+made.ID+"?done=schedule-saved")
	return nil
}

func (h *Handlers) edit(w http.ResponseWriter, v *shell.Visit) error {
	found, shown, err := h.scheduleOf(v)
	if err != nil {
		return err
	}
	typed := form{
		Name: found.Name, When: "manual", Cron: found.Cron, Zone: found.TimeZone,
		Every: schedule.FormatEvery(found.Every), Overlap: string(found.Overlap), CatchUp: string(found.CatchUp),
	}
	switch {
	case found.Cron != "":
		typed.When = "cron"
	case found.Every != 0:
		typed.When = "every"
	}
	if v.Draft != nil {
		typed = readForm(v.Typed().Request)
	}
	return h.showForm(w, v, http.StatusOK, shown, typed, nil)
}

func (h *Handlers) update(w http.ResponseWriter, v *shell.Visit) error {
	found, shown, err := h.scheduleOf(v)
	if err != nil {
		return err
	}
	typed := readForm(v.Request)
	settings, err := typed.settings()
	if err == nil {
		_, err = h.Schedules.Update(v.Context(), v.Actor, v.Workspace, found.ID, schedule.Change{
			Name: &typed.Name, Cron: &settings.Cron, Every: &settings.Every, TimeZone: &settings.TimeZone,
			Overlap: &settings.Overlap, CatchUp: &settings.CatchUp, StartAt: startOf(&found, settings.Every),
		})
	}
	if shell.Rejected(err) {
		return h.showForm(w, v, http.StatusUnprocessableEntity, shown, typed, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, shown.Path()+"?done=schedule-saved")
	return nil
}

// startOf returns the start of another interval: it counts from now on. The same
// one keeps its start.
func startOf(found *schedule.Shown, every time.Duration) *time.Time {
	if every == found.Every {
		return nil
	}
	return &time.Time{}
}
