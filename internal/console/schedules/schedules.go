package schedules

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
)

// root is the path of the list.
const root = "/schedules"

// listPage lists the schedules.
type listPage struct {
	page.Frame
	Schedules []scheduleView
	CanAdd    bool // there is a source
	Next      string
}

// scheduleView is a schedule as pages show it.
type scheduleView struct {
	ID, Name, Dataset    string
	Source, SourcePath   string
	When, Zone           string // "0 6 * * 1-5", "Europe/Berlin"
	NextRuns             []string
	Last                 *runView
	Paused               bool
	Overlap, CatchUp     string // in words
	CreatedAt, UpdatedAt time.Time
}

// Path is the schedule's page.
func (s *scheduleView) Path() string { return root + "/" + s.ID }

// Chip shows the state of the schedule.
func (s *scheduleView) Chip() page.Chip {
	switch {
	case s.Paused:
		return page.Chip{Tone: "", Icon: "ban", Label: "Paused"}
	case len(s.NextRuns) == 0:
		return page.Chip{Tone: "", Icon: "circle-dashed", Label: "Manual"}
	default:
		return page.Chip{Tone: "good", Icon: "clock", Label: "On"}
	}
}

// runView is the result of a fire time.
type runView struct {
	At       time.Time
	State    schedule.RunState
	Reason   string
	LoadPath string // empty: no load
}

// Chip shows the result of the fire time.
func (r *runView) Chip() page.Chip {
	switch r.State {
	case schedule.Started:
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Started"}
	case schedule.Manual:
		return page.Chip{Tone: "good", Icon: "play", Label: "By hand"}
	case schedule.Merged:
		return page.Chip{Tone: "calm", Icon: "layers", Label: "Joined"}
	case schedule.Skipped:
		return page.Chip{Tone: "warn", Icon: "circle-minus", Label: "Skipped"}
	case schedule.Missed:
		return page.Chip{Tone: "warn", Icon: "circle-dashed", Label: "Missed"}
	default:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failed"}
	}
}

func viewRun(r schedule.Run) runView {
	shown := runView{At: r.FireAt, State: r.State, Reason: r.Reason}
	if r.LoadID != "" {
		shown.LoadPath = view.LoadPath(r.LoadID)
	}
	if r.State == schedule.Missed {
		shown.Reason = "The service was down at the fire time."
	}
	return shown
}

func viewSchedule(s *schedule.Shown, sources map[string]string) scheduleView {
	shown := scheduleView{
		ID: s.ID, Name: s.Name, Dataset: s.Dataset, Source: sources[s.SourceID],
		SourcePath: view.SourcePath(s.SourceID),
		Paused:     s.Paused, Overlap: overlaps[s.Overlap], CatchUp: catchUps[s.CatchUp], CreatedAt: s.CreatedAt,
		UpdatedAt: s.UpdatedAt,
	}
	switch {
	case s.Cron != "":
		shown.When, shown.Zone = s.Cron, s.TimeZone
	case s.Every != 0:
		shown.When, shown.Zone = "Every "+schedule.FormatEvery(s.Every), "UTC"
	default:
		shown.When = "By hand"
	}
	for _, at := range s.NextRuns {
		shown.NextRuns = append(shown.NextRuns, local(at, shown.Zone))
	}
	if s.LastRun != nil {
		last := viewRun(*s.LastRun)
		shown.Last = &last
	}
	return shown
}

// local writes a fire time in the time zone of its schedule.
func local(at time.Time, zone string) string {
	if location, err := time.LoadLocation(zone); err == nil {
		at = at.In(location)
	}
	return at.Format("Mon 2 Jan 2006, 15:04 MST")
}

var overlaps = map[schedule.Overlap]string{
	schedule.Skip:  "Skip the fire time",
	schedule.Queue: "Queue one load",
}

var catchUps = map[schedule.CatchUp]string{
	schedule.Last: "Load once, for the latest",
	schedule.None: "Load nothing",
	schedule.All:  "Load for each, at most 24",
}

// Overlaps returns the ways to treat an overlap, the default first.
func (*formPage) Overlaps() []page.Option {
	return []page.Option{
		{Value: string(schedule.Skip), Name: overlaps[schedule.Skip]},
		{Value: string(schedule.Queue), Name: overlaps[schedule.Queue]},
	}
}

// CatchUps returns the ways to catch up, the default first.
func (*formPage) CatchUps() []page.Option {
	return []page.Option{
		{Value: string(schedule.Last), Name: catchUps[schedule.Last]},
		{Value: string(schedule.None), Name: catchUps[schedule.None]},
		{Value: string(schedule.All), Name: catchUps[schedule.All]},
	}
}

// sourceNames returns the names of the first thousand sources by ID.
func (h *Handlers) sourceNames(v *shell.Visit) (options []page.Option, names map[string]string, err error) {
	found, err := h.Sources.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	names = map[string]string{}
	for _, src := range found.Items {
		options = append(options, page.Option{Value: src.ID, Name: src.Name})
		names[src.ID] = src.Name
	}
	return options, names, err
}

func (h *Handlers) list(w http.ResponseWriter, v *shell.Visit) error {
	_, names, err := h.sourceNames(v)
	if err != nil {
		return err
	}
	found, err := h.Schedules.List(v.Context(), v.Actor, v.Workspace,
		paging.Request{Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	p := &listPage{
		Frame: h.Frame(v, "Schedules", root), CanAdd: len(names) > 0, Next: page.NextPath(root, found.Next),
	}
	for i := range found.Items {
		p.Schedules = append(p.Schedules, viewSchedule(&found.Items[i], names))
	}
	h.Show(w, v.Request, http.StatusOK, "schedules/schedules", p)
	return nil
}
