package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/source"
)

// sourceNewPage adds a source, or edits one.
type sourceNewPage struct {
	shell
	Source  sourceView // with an ID when it is edited
	Action  string
	Form    sourceForm
	Through []option
	Buckets []string // those of the declared locations
}

// Formats are the formats to choose from.
func (*sourceNewPage) Formats() []option { return formats }

// sourceForm is what was typed about a source.
type sourceForm struct {
	Name, Through, Bucket, Pattern, Format, JSONPath string
	Exclude                                          string // one pattern a line
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

// exclude are the lines that say something.
func (f *sourceForm) exclude() []string {
	var patterns []string
	for line := range strings.Lines(f.Exclude) {
		if line = strings.TrimSpace(line); line != "" {
			patterns = append(patterns, line)
		}
	}
	return patterns
}

func (c *Console) sourceNew(w http.ResponseWriter, v *visit) error {
	ways, err := c.waysIn(v)
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
	if v.draft != nil {
		form = readSourceForm(v.typed().Request)
	}
	c.showSourceForm(w, v, http.StatusOK, sourceView{}, form, ways, nil)
	return nil
}

func (c *Console) showSourceForm(w http.ResponseWriter, v *visit, status int, edited sourceView, form sourceForm,
	ways []wayIn, err error,
) {
	crumbs := []crumb{{Name: "Sources"}, {"Data sources", "/sources/data"}}
	p := &sourceNewPage{Source: edited, Form: form, Action: "/sources/data/new"}
	title := "Add a source"
	if edited.ID != "" {
		title, p.Action = "Edit "+edited.Name, edited.Path()+"/edit"
		crumbs = append(crumbs, crumb{edited.Name, edited.Path()})
	}
	p.shell = c.shell(v, title, "/sources/data", crumbs...)
	p.Problem = viewProblem(err)
	if p.Problem != nil {
		p.Problem.move("integration_id", "through")
		p.Problem.move("credential_id", "through")
		p.Problem.move("format.name", "format")
		p.Problem.move("format.json_path", "json_path")
	}
	for _, way := range ways {
		kind := "access key"
		if way.integration {
			kind = "AWS integration"
		}
		p.Through = append(p.Through, option{way.id, way.name + " (" + kind + ")"})
		p.Buckets = append(p.Buckets, way.buckets...)
	}
	slices.Sort(p.Buckets)
	p.Buckets = slices.Compact(p.Buckets)
	c.show(w, v.Request, status, "source_new", p)
}

func (c *Console) sourceCreate(w http.ResponseWriter, v *visit) error {
	ways, err := c.waysIn(v)
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
	made, err := c.config.Sources.Create(v.Context(), v.actor, v.workspace, draft)
	if rejected(err) {
		c.showSourceForm(w, v, http.StatusUnprocessableEntity, sourceView{}, form, ways, err)
		return nil
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, sourcePath(made.ID)+"?done=source-saved")
	return nil
}

func (c *Console) sourceEdit(w http.ResponseWriter, v *visit) error {
	found, ways, err := c.sourceOf(v)
	if err != nil {
		return err
	}
	form := sourceForm{
		Name: found.Name, Bucket: found.Bucket, Pattern: found.Pattern, Format: found.Format,
		JSONPath: found.JSONPath, Exclude: strings.Join(found.Exclude, "\n"),
	}
	if v.draft != nil {
		form = readSourceForm(v.typed().Request)
		form.Bucket = found.Bucket
	}
	c.showSourceForm(w, v, http.StatusOK, found, form, ways, nil)
	return nil
}

// sourceOf finds the source that the path names.
func (c *Console) sourceOf(v *visit) (sourceView, []wayIn, error) {
	found, err := c.config.Sources.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return sourceView{}, nil, err
	}
	ways, err := c.waysIn(v)
	return viewSource(found, ways), ways, err
}

func (c *Console) sourceUpdate(w http.ResponseWriter, v *visit) error {
	found, ways, err := c.sourceOf(v)
	if err != nil {
		return err
	}
	form := readSourceForm(v.Request)
	form.Bucket = found.Bucket // another bucket is another source
	format, exclude := form.format(), form.exclude()
	format.Delimiter = found.Delimiter
	_, err = c.config.Sources.Update(v.Context(), v.actor, v.workspace, found.ID,
		source.Change{Name: &form.Name, Pattern: &form.Pattern, Exclude: &exclude, Format: &format})
	if rejected(err) {
		c.showSourceForm(w, v, http.StatusUnprocessableEntity, found, form, ways, err)
		return nil
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, found.Path()+"?done=source-saved")
	return nil
}

// sourceRemoval removes a source.
func (c *Console) sourceRemoval(v *visit) (*removal, error) {
	found, _, err := c.sourceOf(v)
	if err != nil {
		return nil, err
	}
	return &removal{
		page: &removePage{
			shell: c.shell(v, "Remove "+found.Name, "/sources/data", crumb{Name: "Sources"},
				crumb{"Data sources", "/sources/data"}, crumb{found.Name, found.Path()}),
			Question: "Remove the source “" + found.Name + "”?", Verb: "Remove source", Action: found.Path() +
				"/remove", Back: found.Path(),
			Keeps: "What it loaded stays, and so does the record of which objects were loaded.",
		},
		measure: func() (impact.Impact, error) {
			return c.config.Sources.Impact(v.Context(), v.actor, v.workspace, found.ID)
		},
		act: func(given impact.Confirmation) error {
			return c.config.Sources.Remove(v.Context(), v.actor, v.workspace, found.ID, given)
		},
		done: "/sources/data?done=source-removed",
	}, nil
}

// sourceFields are the fields of the form that are kept while somebody signs in
// again.
var sourceFields = []string{"name", "through", "bucket", "pattern", "format", "json_path", "exclude"}
