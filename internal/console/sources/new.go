package sources

import (
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/source"
)

// sourceNewPage adds a source, or edits one.
type sourceNewPage struct {
	page.Frame
	Source  sourceView // with an ID when it is edited
	Action  string
	Form    sourceForm
	Through []page.Option
	Buckets []string // those of the declared locations
}

// Formats returns the formats to choose from.
func (*sourceNewPage) Formats() []page.Option { return formats }

// sourceForm has the input for a source.
type sourceForm struct {
	Name, Through, Bucket, Pattern, Format, JSONPath string
	Exclude                                          string // one pattern per line
}

func readSourceForm(r *http.Request) sourceForm {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return sourceForm{
		Name: value("name"), Through: value("through"), Bucket: value("bucket"), Pattern: value("pattern"),
		Format: value("format"), JSONPath: value("json_path"), Exclude: r.PostFormValue("exclude"),
	}
}

func (f *sourceForm) format() source.Format {
	return source.Format{Name: source.FormatName(f.Format), JSONPath: f.JSONPath}
}

// exclude returns the exclusions that aren't blank.
func (f *sourceForm) exclude() []string {
	var patterns []string
	for line := range strings.Lines(f.Exclude) {
		if line = strings.TrimSpace(line); line != "" {
			patterns = append(patterns, line)
		}
	}
	return patterns
}

func (h *Handlers) sourceNew(w http.ResponseWriter, v *shell.Visit) error {
	ways, err := h.waysIn(v)
	if err != nil {
		return err
	}
	form := sourceForm{Format: string(source.Auto)}
	if len(ways) > 0 {
		form.Through = ways[0].id
		if len(ways[0].buckets) > 0 {
			form.Bucket = ways[0].buckets[0]
		}
	}
	if v.Draft != nil {
		form = readSourceForm(v.Typed().Request)
	}
	h.showSourceForm(w, v, http.StatusOK, sourceView{}, form, ways, nil)
	return nil
}

func (h *Handlers) showSourceForm(w http.ResponseWriter, v *shell.Visit, status int, edited sourceView, form sourceForm,
	ways []wayIn, err error,
) {
	crumbs := []page.Crumb{{Name: "Sources"}, {Name: "Data sources", Path: "/sources/data"}}
	p := &sourceNewPage{Source: edited, Form: form, Action: "/sources/data/new"}
	title := "Add a source"
	if edited.ID != "" {
		title, p.Action = "Edit "+edited.Name, edited.Path()+"/edit"
		crumbs = append(crumbs, page.Crumb{Name: edited.Name, Path: edited.Path()})
	}
	p.Frame = h.Frame(v, title, "/sources/data", crumbs...)
	p.Problem = page.ProblemOf(err)
	if p.Problem != nil {
		p.Problem.Move("integration_id", "through")
		p.Problem.Move("credential_id", "through")
		p.Problem.Move("format.name", "format")
		p.Problem.Move("format.json_path", "json_path")
	}
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
	h.Show(w, v.Request, status, "sources/new", p)
}

func (h *Handlers) sourceCreate(w http.ResponseWriter, v *shell.Visit) error {
	ways, err := h.waysIn(v)
	if err != nil {
		return err
	}
	form := readSourceForm(v.Request)
	draft := source.Draft{
		Name: form.Name, Bucket: form.Bucket, Pattern: form.Pattern, Exclude: form.exclude(),
		Format: form.format(),
	}
	for _, way := range ways {
		switch {
		case way.id != form.Through:
		case way.integration:
			draft.IntegrationID = way.id
		default:
			draft.CredentialID = way.id
		}
	}
	made, err := h.Sources.Create(v.Context(), v.Actor, v.Workspace, draft)
	if shell.Rejected(err) {
		h.showSourceForm(w, v, http.StatusUnprocessableEntity, sourceView{}, form, ways, err)
		return nil
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, view.SourcePath(made.ID)+"?done=source-saved")
	return nil
}

func (h *Handlers) sourceEdit(w http.ResponseWriter, v *shell.Visit) error {
	found, ways, err := h.sourceOf(v)
	if err != nil {
		return err
	}
	form := sourceForm{
		Name: found.Name, Bucket: found.Bucket, Pattern: found.Pattern, Format: found.Format,
		JSONPath: found.JSONPath, Exclude: strings.Join(found.Exclude, "\n"),
	}
	if v.Draft != nil {
		form = readSourceForm(v.Typed().Request)
		form.Bucket = found.Bucket
	}
	h.showSourceForm(w, v, http.StatusOK, found, form, ways, nil)
	return nil
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
	format, exclude := form.format(), form.exclude()
	format.Delimiter = found.Delimiter
	_, err = h.Sources.Update(v.Context(), v.Actor, v.Workspace, found.ID,
		source.Change{Name: &form.Name, Pattern: &form.Pattern, Exclude: &exclude, Format: &format})
	if shell.Rejected(err) {
		h.showSourceForm(w, v, http.StatusUnprocessableEntity, found, form, ways, err)
		return nil
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
			Frame: h.Frame(v, "Remove "+found.Name, "/sources/data", page.Crumb{Name: "Sources"},
				page.Crumb{Name: "Data sources", Path: "/sources/data"}, page.Crumb{Name: found.Name, Path: found.Path()}),
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
var sourceFields = []string{"name", "through", "bucket", "pattern", "format", "json_path", "exclude"}
