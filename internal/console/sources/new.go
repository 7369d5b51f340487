package sources

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/source"
)

// sourceNewPage adds a source with what loads it, or edits a source.
type sourceNewPage struct {
	page.Frame
	Source   sourceView // with an ID when it is edited
	Action   string
	Form     sourceForm
	Through  []page.Option
	Buckets  []string // those of the declared locations
	Datasets []page.Option
	Format   []section
	Loading  []section // of a new source
	Preview  *previewView
}

// sourceForm has the input for a source.
type sourceForm struct {
	Name, Through, Bucket, Pattern, Dataset string
	Exclude                                 string // one pattern per line
	Settings                                url.Values
}

// settingNames are the names of the settings in the form.
var settingNames = namesOf(formatFields, feedFields, driftFields, columnFields, timeFields)

func readSourceForm(r *http.Request) sourceForm {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return sourceForm{
		Name: value("name"), Through: value("through"), Bucket: value("bucket"), Pattern: value("pattern"),
		Dataset: value("dataset"), Exclude: r.PostFormValue("exclude"), Settings: typed(r.PostForm, settingNames),
	}
}

// presets are the settings of a new source.
func presets() url.Values {
	settings := feed.Defaults()
	all := timePresets()
	maps.Copy(all, formatValues(&source.Format{Name: source.Auto}))
	maps.Copy(all, feedValues(&settings))
	return all
}

// draft returns what the form describes. Without a dataset, it is the source alone.
func (f *sourceForm) draft(ways []wayIn) (pipeline.Draft, error) {
	r := reading{values: f.Settings}
	draft := pipeline.Draft{Source: source.Draft{
		Name: f.Name, Bucket: f.Bucket, Pattern: f.Pattern, Exclude: page.Lines(f.Exclude), Format: r.format(),
	}, Dataset: f.Dataset}
	for _, way := range ways {
		switch {
		case way.id != f.Through:
		case way.integration:
			draft.Source.IntegrationID = way.id
		default:
			draft.Source.CredentialID = way.id
		}
	}
	change, timed := r.feedChange(), r.schedule()
	if f.Dataset != "" || timed != nil {
		draft.Feed, draft.Schedule = change, timed
	}
	return draft, r.err("source")
}

func (h *Handlers) sourceNew(w http.ResponseWriter, v *shell.Visit) error {
	ways, err := h.waysIn(v)
	if err != nil {
		return err
	}
	form := sourceForm{Settings: presets(), Dataset: v.URL.Query().Get("dataset")}
	if len(ways) > 0 {
		form.Through = ways[0].id
		if len(ways[0].buckets) > 0 {
			form.Bucket = ways[0].buckets[0]
		}
	}
	if v.Draft != nil {
		form = readSourceForm(v.Typed().Request)
		for name, preset := range presets() {
			if !v.Draft.Has(name) {
				form.Settings[name] = preset
			}
		}
	}
	return h.showSourceForm(w, v, http.StatusOK, sourceView{}, form, ways, nil)
}

func (h *Handlers) showSourceForm(w http.ResponseWriter, v *shell.Visit, status int, edited sourceView, form sourceForm,
	ways []wayIn, rejection error,
) error {
	crumbs := []page.Crumb{{Name: "Sources"}, {Name: "Data sources", Path: "/sources/data"}}
	p := &sourceNewPage{Source: edited, Form: form, Action: "/sources/data/new"}
	title := "Add a source"
	if edited.ID != "" {
		title, p.Action = "Edit "+edited.Name, edited.Path()+"/edit"
		crumbs = append(crumbs, page.Crumb{Name: edited.Name, Path: edited.Path()})
	}
	p.Frame = h.Frame(v, title, "/sources/data", crumbs...)
	p.Problem = page.ProblemOf(rejection)
	if p.Problem != nil {
		p.Problem.Move("integration_id", "through")
		p.Problem.Move("credential_id", "through")
		p.Problem.Move("integration", "through")
		p.Problem.Relabel(func(path string) string {
			if strings.HasPrefix(path, "feed.") {
				return feedPath(path)
			}
			return path
		})
	}
	p.sections()
	for _, way := range ways {
		kind := "access key"
		if way.integration {
			kind = "AWS integration"
		}
		p.Through = append(p.Through, page.Option{Value: way.id, Name: way.name + " (" + kind + ")"})
		p.Buckets = append(p.Buckets, way.buckets...)
	}
	slices.Sort(p.Buckets)
	p.Buckets = slices.Compact(p.Buckets)
	if edited.ID == "" {
		var err error
		if p.Datasets, err = view.DatasetOptions(v, h.Datasets); err != nil {
			return err
		}
	}
	h.Show(w, v.Request, status, "sources/new", p)
	return nil
}

// sections adds the settings.
func (p *sourceNewPage) sections() {
	preset := presets()
	add := func(title, hint string, fields []field) section {
		return newSection(title, hint, fields, p.Form.Settings, preset, p.Problem)
	}
	p.Format = []section{add("Format settings", "Whatever you leave empty is detected for each object.", formatFields)}
	if p.Source.ID != "" {
		return
	}
	p.Loading = []section{
		add("Schedule", "Objects that are already loaded are skipped.", timeFields),
		add("Columns", "Which columns the rows have.", columnFields),
		add("Loading", "How objects and rows are loaded.", feedFields),
		add("Schema drift", "When objects differ from the dataset’s schema.", driftFields),
	}
	p.Loading[0].Open = true
}

func (h *Handlers) sourceCreate(w http.ResponseWriter, v *shell.Visit) error {
	ways, err := h.waysIn(v)
	if err != nil {
		return err
	}
	form := readSourceForm(v.Request)
	draft, err := form.draft(ways)
	draft.Load = v.PostFormValue("then") == "load"
	var made pipeline.Pipeline
	if err == nil {
		made, err = h.Pipelines.Create(v.Context(), v.Actor, v.Workspace, draft)
	}
	if shell.Rejected(err) {
		return h.showSourceForm(w, v, http.StatusUnprocessableEntity, sourceView{}, form, ways, err)
	}
	if err != nil {
		return err
	}
	if made.Load != nil {
		h.Redirect(w, v.Request, view.LoadPath(made.Load.ID))
		return nil
	}
	h.Redirect(w, v.Request, view.SourcePath(made.Source.ID)+"?done=source-saved")
	return nil
}

// sourceDraft shows, while a source is typed, what it would load.
func (h *Handlers) sourceDraft(w http.ResponseWriter, v *shell.Visit) error {
	ways, err := h.waysIn(v)
	if err != nil {
		return err
	}
	form := readSourceForm(v.Request)
	if form.Pattern == "" || form.Bucket == "" {
		h.Write(w, v.Request, http.StatusOK, "sources/new", "draft-preview", (*previewView)(nil))
		return nil
	}
	draft, err := form.draft(ways)
	shown := &previewView{}
	if err == nil {
		shown, err = h.previewDraft(v, &draft)
	}
	if shell.Rejected(err) {
		shown, err = &previewView{Problem: page.ProblemOf(err)}, nil
	}
	if err != nil {
		return err
	}
	h.Write(w, v.Request, http.StatusOK, "sources/new", "draft-preview", shown)
	return nil
}

func (h *Handlers) sourceEdit(w http.ResponseWriter, v *shell.Visit) error {
	found, ways, err := h.sourceOf(v)
	if err != nil {
		return err
	}
	form := sourceForm{
		Name: found.Name, Bucket: found.Bucket, Pattern: found.Pattern, Exclude: strings.Join(found.Exclude, "\n"),
		Settings: formatValues(&found.Settings),
	}
	if v.Draft != nil {
		form = readSourceForm(v.Typed().Request)
		form.Bucket = found.Bucket
	}
	return h.showSourceForm(w, v, http.StatusOK, found, form, ways, nil)
}

// sourceOf finds the source that the path names.
func (h *Handlers) sourceOf(v *shell.Visit) (sourceView, []wayIn, error) {
	found, err := h.Sources.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return sourceView{}, nil, err
	}
	ways, err := h.waysIn(v)
	return viewSource(found, ways), ways, err
}

func (h *Handlers) sourceUpdate(w http.ResponseWriter, v *shell.Visit) error {
	found, ways, err := h.sourceOf(v)
	if err != nil {
		return err
	}
	form := readSourceForm(v.Request)
	form.Bucket = found.Bucket // another bucket is another source
	r := reading{values: form.Settings}
	format, exclude := r.format(), page.Lines(form.Exclude)
	if err = r.err("source"); err == nil {
		_, err = h.Sources.Update(v.Context(), v.Actor, v.Workspace, found.ID,
			source.Change{Name: &form.Name, Pattern: &form.Pattern, Exclude: &exclude, Format: &format})
	}
	if shell.Rejected(err) {
		return h.showSourceForm(w, v, http.StatusUnprocessableEntity, found, form, ways, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, found.Path()+"?done=source-saved")
	return nil
}

// sourceRemoval removes a source.
func (h *Handlers) sourceRemoval(v *shell.Visit) (*shell.Removal, error) {
	found, _, err := h.sourceOf(v)
	if err != nil {
		return nil, err
	}
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(
				v,
				"Remove "+found.Name,
				"/sources/data",
				page.Crumb{Name: "Sources"},
				page.Crumb{
					Name: "Data sources",
					Path: "/sources/data",
				},
				page.Crumb{Name: found.Name, Path: found.Path()},
			),
			Question: "Remove the source “" + found.Name + "”?", Verb: "Remove source", Action: found.Path() +
				"/remove", Back: found.Path(),
			Keeps: "The rows it loaded stay, and so does the record of loaded objects.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Sources.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(given impact.Confirmation) error {
			return h.Sources.Remove(v.Context(), v.Actor, v.Workspace, found.ID, given)
		},
		Done: "/sources/data?done=source-removed",
	}, nil
}

// sourceFields has the fields of the form that are kept while someone signs in
// again.
var sourceFields = append([]string{"name", "through", "bucket", "pattern", "exclude", "dataset"}, settingNames...)
