package query

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/query"
	stored "github.com/windlass-io/windlass/internal/view"
)

// queryPage runs a statement and shows its rows.
type queryPage struct {
	page.Frame
	SQL      string
	Action   string // the path that the statement runs at
	View     *savedView
	Tables   []table
	Views    []table
	Saves    bool   // the member may save a view
	Names    string // JSON of the tables and their columns, for completion
	Result   *result
	Fault    *fault
	NoEngine *page.Problem // set if SQL isn't available
	Waits    bool          // a statement from another site's link, which a person must start
	Formats  []page.Option

	stored *dataset.Dataset  // the view
	given  map[string]string // values of its parameters
}

// root is the path of the page.
const root = "/query"

// table is a dataset or a view as a statement names it.
type table struct {
	Name, Path string
	Columns    []view.Column
}

// result has the rows of a statement.
type result struct {
	Grid      view.Grid
	Rows      int
	Truncated bool
	Took      time.Duration
}

// fault describes an error in a statement.
type fault struct {
	Message, Hint string
	Names         []string // suggested names
	Line, Column  int      // from 1; 0: nowhere
	Text          string   // the line
	Marks         string   // spaces up to the column, and ^ below it
}

// The limits of the page.
const (
	mostRows    = 500
	mostTables  = 200
	mostColumns = 300 // of a table
)

var formats = []page.Option{
	{Value: string(query.CSV), Name: "CSV"},
	{Value: string(query.NDJSON), Name: "NDJSON"},
	{Value: string(query.Parquet), Name: "Parquet"},
}

// show shows the page, and runs the statement of its address.
func (h *Handlers) show(w http.ResponseWriter, v *shell.Visit) error {
	if v.Draft != nil {
		return h.render(w, v, &queryPage{SQL: v.Draft.Get("sql")})
	}
	return h.answer(w, v, &queryPage{SQL: v.URL.Query().Get("sql")})
}

func (h *Handlers) run(w http.ResponseWriter, v *shell.Visit) error {
	return h.answer(w, v, &queryPage{SQL: v.PostFormValue("sql")})
}

// answer runs the statement of a page and shows its rows or its fault. A statement from another
// site's link doesn't run until someone starts it.
func (h *Handlers) answer(w http.ResponseWriter, v *shell.Visit, p *queryPage) error {
	if strings.TrimSpace(p.SQL) == "" {
		return h.render(w, v, p)
	}
	from := v.Header.Get("Sec-Fetch-Site")
	if v.Method == http.MethodGet && v.URL.Query().Get("sql") != "" && (from == "cross-site" || from == "same-site") {
		p.Waits = true
		return h.render(w, v, p)
	}
	start := h.Now()
	parameters, err := p.bind()
	var found *result
	if err == nil {
		found, err = h.rows(v, p.SQL, parameters, mostRows)
	}
	if found != nil {
		found.Took = h.Now().Sub(start)
	}
	p.Result = found
	status := http.StatusOK
	var e *problem.Error
	switch {
	case errors.As(err, &e) && e.Reason == engine.NoSQLEngine:
		p.NoEngine = page.ProblemOf(err)
	case shell.Rejected(err):
		p.Fault, status = faultOf(problem.From(err), p.SQL), shell.RejectedStatus(w, err)
	case err != nil:
		return err
	}
	return h.renderAs(w, v, status, p)
}

func (h *Handlers) render(w http.ResponseWriter, v *shell.Visit, p *queryPage) error {
	return h.renderAs(w, v, http.StatusOK, p)
}

func (h *Handlers) renderAs(w http.ResponseWriter, v *shell.Visit, status int, p *queryPage) error {
	rejected := p.Problem
	p.Frame, p.Formats = h.Frame(v, "Query", root), formats
	if p.View != nil {
		p.Frame = h.Frame(v, p.View.Name, root, page.Crumb{Name: "Query", Path: root}, page.Crumb{Name: p.View.Name})
	}
	p.Problem, p.Action = rejected, cmp.Or(p.Action, root)
	p.Saves = shell.Offers(v, access.ViewCreate, access.Resource{Kind: "view"})
	if err := errors.Join(h.tables(v, p), h.views(v, p)); err != nil {
		return err
	}
	if p.SQL == "" && len(p.Tables) > 0 && p.Result == nil {
		p.SQL = "select *\nfrom " + quoted(p.Tables[0].Name) + "\nlimit 100"
	}
	h.Show(w, v.Request, status, "query/query", p)
	return nil
}

// tables lists what a statement can name.
func (h *Handlers) tables(v *shell.Visit, p *queryPage) error {
	found, err := h.Datasets.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: mostTables})
	if err != nil {
		return err
	}
	names := make(map[string][]string, len(found.Items))
	for _, d := range found.Items {
		t := table{Name: d.Name, Path: "/datasets/" + d.Name}
		list := []string{}
		for _, c := range d.Schema.Columns[:min(len(d.Schema.Columns), mostColumns)] {
			t.Columns = append(t.Columns, view.Column{Name: c.Name, Type: c.TypeName()})
			list = append(list, c.Name)
		}
		names[d.Name] = list
		p.Tables = append(p.Tables, t)
	}
	text, err := json.Marshal(names)
	p.Names = string(text)
	return err
}

// views lists the saved views, with those whose statement can't run.
func (h *Handlers) views(v *shell.Visit, p *queryPage) error {
	found, err := h.Views.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: mostTables})
	if problem.Is(err, problem.Forbidden) {
		return nil // the page is useful without them
	}
	for _, d := range found.Items {
		p.Views = append(p.Views, table{Name: d.Name, Path: root + "/" + d.Name})
	}
	return err
}

// bind returns the values of the view's parameters.
func (p *queryPage) bind() (map[string]engine.SQLParameter, error) {
	if p.stored == nil {
		return nil, nil //nolint:nilnil // no parameters
	}
	return stored.Bind(p.stored, p.given)
}

// rows runs a statement with the service that apps use.
func (h *Handlers) rows(v *shell.Visit, sql string, parameters map[string]engine.SQLParameter, limit int) (
	*result, error,
) {
	answer, err := h.Query.Query(v.Context(), v.Actor, v.Workspace,
		query.Request{SQL: sql, Parameters: parameters, Format: query.Table, Limit: limit})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := errors.Join(answer.Write(v.Context(), &out), answer.Close()); err != nil {
		return nil, err
	}
	var document struct {
		Columns   []struct{ Name, Type string }
		Rows      [][]any
		Truncated bool
	}
	decoder := json.NewDecoder(&out)
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	r := &result{Grid: view.Grid{Label: "Rows of the query"}, Rows: len(document.Rows), Truncated: document.Truncated}
	for _, c := range document.Columns {
		r.Grid.Columns = append(r.Grid.Columns, view.GridColumn{Name: c.Name, Type: c.Type})
	}
	for n, values := range document.Rows {
		row := view.GridRow{Number: int64(n) + 1}
		for i, value := range values {
			kind, _, _ := strings.Cut(document.Columns[i].Type, "(")
			row.Cells = append(row.Cells, view.CellOf(value, dataset.Type(kind)))
		}
		r.Grid.Rows = append(r.Grid.Rows, row)
	}
	return r, nil
}

// The engine's hints that suggest names.
var (
	meant = regexp.MustCompile(`^(Candidate bindings:|Did you mean) `)
	named = regexp.MustCompile(`["“]([^"”]+)["”]`)
)

// faultOf returns a problem with its position in the statement.
func faultOf(e *problem.Error, sql string) *fault {
	f := &fault{Message: strings.TrimRight(e.Message, "!"), Hint: e.Hint}
	if meant.MatchString(e.Hint) {
		for _, name := range named.FindAllStringSubmatch(e.Hint, -1) {
			f.Names = append(f.Names, name[1])
		}
		f.Hint = ""
	}
	if len(e.Findings) == 0 || e.Findings[0].Line == 0 {
		return f
	}
	f.Line, f.Column = e.Findings[0].Line, e.Findings[0].Column
	lines := strings.Split(sql, "\n")
	if f.Line > len(lines) {
		return f
	}
	text := strings.TrimRight(lines[f.Line-1], "\r")
	before := []rune(text[:min(max(f.Column-1, 0), len(text))])
	f.Column = len(before) + 1
	f.Text = strings.ReplaceAll(text, "\t", " ")
	f.Marks = strings.Repeat(" ", len(before)) + "^"
	return f
}

// download sends all rows of a statement, as a file.
func (h *Handlers) download(w http.ResponseWriter, v *shell.Visit) error {
	format := query.Format(v.PostFormValue("format"))
	if !format.Stream() || format == query.Arrow {
		return problem.New(problem.Invalid, "Rows can't be downloaded as %q.", string(format)).
			WithHint("Use csv, ndjson or parquet.")
	}
	parameters, err := h.downloadParameters(v)
	if err != nil {
		return err
	}
	answer, err := h.Query.Query(v.Context(), v.Actor, v.Workspace,
		query.Request{SQL: v.PostFormValue("sql"), Parameters: parameters, Format: format})
	if err != nil {
		return err
	}
	return h.Download(w, v, format.ContentType(), "query."+string(format),
		func(ctx context.Context, w io.Writer) error { return errors.Join(answer.Write(ctx, w), answer.Close()) })
}

// downloadParameters returns the values of the parameters of the view that a form names.
func (h *Handlers) downloadParameters(v *shell.Visit) (map[string]engine.SQLParameter, error) {
	name := v.PostFormValue("view")
	if name == "" {
		return nil, nil //nolint:nilnil // no parameters
	}
	found, err := h.Views.Get(v.Context(), v.Actor, v.Workspace, name)
	if err != nil {
		return nil, err
	}
	return h.viewPage(v, &found, "", v.PostForm).bind()
}

// quoted returns a name in SQL's syntax.
func quoted(name string) string {
	for n, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (n == 0 || r < '0' || r > '9') {
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	return name
}
