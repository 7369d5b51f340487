package datasets

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

// rowsDeletePage asks before rows are deleted.
type rowsDeletePage struct {
	datasetFrame
	Query  rowsQuery
	Count  int64
	Grid   view.Grid // some of the rows
	Type   bool      // the count must be entered
	Typed  string
	Action string
	Back   string
}

const (
	freelyDeleted = 1_000 // rows up to which nothing must be entered
	shownDeleted  = 5     // rows that the page shows
)

// rowsRemoval shows what would be deleted by the conditions in the address;
// without conditions, that is every row.
func (h *Handlers) rowsRemoval(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p, err := h.removalOf(v, f)
	if err != nil {
		return err
	}
	return h.showRowsRemoval(w, v, http.StatusOK, p)
}

// removalOf counts the rows that the conditions in the address select.
func (h *Handlers) removalOf(v *shell.Visit, f datasetFrame) (*rowsDeletePage, error) {
	if !offers(v, &f, access.DataDelete) {
		return nil, problem.New(problem.Forbidden, "You need the role editor to delete rows.").
			WithHint("Ask an owner of the workspace.")
	}
	query := readRows(v.URL.Query(), f.Dataset.Path(), &f.found.Schema)
	p := &rowsDeletePage{datasetFrame: f, Query: rowsQuery{Filters: query.Filters, path: query.path}}
	p.Back, p.Action = p.Query.Path(), p.Query.at("/rows/delete")
	p.Title = "Delete rows: " + f.Dataset.Name
	counted, err := h.deleteRows(v, p, -1)
	if err != nil {
		return nil, err
	}
	p.Count, p.Type = counted.Rows, counted.Rows > freelyDeleted
	return p, nil
}

// deleteRows deletes the rows of the page if the dataset has this version. If it
// is negative, it only counts them.
func (h *Handlers) deleteRows(v *shell.Visit, p *rowsDeletePage, version int64) (delivery.Removed, error) {
	values := url.Values{}
	for _, f := range p.Query.Filters {
		values.Add(delivery.QuotedColumn(f.Column), f.Raw)
	}
	if len(values) == 0 {
		values.Set("all", "true")
	}
	removal := delivery.Removal{Dataset: p.found.ID, Values: values}
	if version < 0 {
		values.Set("dry_run", "true")
	} else {
		removal.IfVersion = strconv.FormatInt(version, 10)
	}
	return h.Delivery.Delete(v.Context(), v.Actor, v.Workspace, removal)
}

func (h *Handlers) showRowsRemoval(w http.ResponseWriter, v *shell.Visit, status int, p *rowsDeletePage) error {
	asked := p.Query.asked()
	asked.Set("format", string(delivery.JSON))
	asked.Set("limit", strconv.Itoa(shownDeleted))
	found, err := h.ask(v, p.found.ID, asked)
	if err != nil {
		return err
	}
	p.showRows(found.rows)
	h.Show(w, v.Request, status, "datasets/delete", p)
	return nil
}

func (p *rowsDeletePage) showRows(rows []map[string]any) {
	shown := &rowsPage{datasetFrame: p.datasetFrame, Query: p.Query}
	shown.show(&foundRows{rows: rows}, p.found.Schema.Columns)
	p.Grid = shown.Grid
	p.Grid.Label = "Rows that are deleted"
	for n := range p.Grid.Columns {
		p.Grid.Columns[n].SortPath = ""
	}
	for n := range p.Grid.Rows {
		p.Grid.Rows[n].Path = ""
	}
}

// rowsRemove deletes the rows that the page showed. If their number changed since,
// it asks again.
func (h *Handlers) rowsRemove(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p, err := h.removalOf(v, f)
	if err != nil {
		return err
	}
	p.Typed = strings.TrimSpace(v.PostFormValue("confirm"))
	typed := strings.NewReplacer(",", "", " ", "", " ", "").Replace(p.Typed)
	count := strconv.FormatInt(p.Count, 10)
	switch {
	case v.PostFormValue("count") != count:
		p.Typed = ""
		p.Problem = &page.Problem{
			Message: "The number of rows has changed.", Hint: "Nothing was deleted. Check the rows below and confirm again.",
		}
	case p.Type && typed != count:
		message := "Type " + count + " to confirm."
		p.Problem = &page.Problem{Message: message, Fields: map[string]string{"confirm": message}}
	default:
		return h.confirmedRemoval(w, v, p)
	}
	return h.showRowsRemoval(w, v, http.StatusUnprocessableEntity, p)
}

func (h *Handlers) confirmedRemoval(w http.ResponseWriter, v *shell.Visit, p *rowsDeletePage) error {
	counted, err := h.deleteRows(v, p, -1)
	if err != nil {
		return err
	}
	if counted.Rows == p.Count {
		if _, err = h.deleteRows(v, p, counted.Version); err == nil {
			h.Redirect(w, v.Request, withDone(p.Query.path, "rows-deleted"))
			return nil
		}
	}
	if err != nil && !problem.Is(err, problem.Precondition) && !shell.Rejected(err) {
		return err
	}
	p.Problem = &page.Problem{
		Message: "Somebody wrote rows meanwhile.", Hint: "Nothing was deleted. Check the rows below and confirm again.",
	}
	p.Count, p.Type, p.Typed = counted.Rows, counted.Rows > freelyDeleted, ""
	return h.showRowsRemoval(w, v, http.StatusConflict, p)
}
