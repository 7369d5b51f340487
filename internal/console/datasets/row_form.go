package datasets

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

// rowPage inserts a row, or changes one.
type rowPage struct {
	datasetFrame
	Heading string
	Fields  []rowField
	Action  string // path the form posts to
	Back    string
	Remove  string // path that deletes the row; empty: it is new, or may not be deleted
	New     bool
}

// rowField is the input for a column.
type rowField struct {
	Column view.Column
	At     int // position of the column, part of the names of inputs
	Text   string
	Null   bool
	Was    string // the value when the form was shown, as JSON; empty: a new row
	Fixed  bool   // part of the index of an existing row
	Error  string
}

// Long reports whether the field has several lines.
func (f rowField) Long() bool {
	return strings.Contains(f.Text, "\n") || len(f.Text) > 80 || !sortable(dataset.Type(f.Column.Type))
}

// mostFields limits the columns of rows that are edited here.
const mostFields = 300

// rowNew shows the form of a new row.
func (h *Handlers) rowNew(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p, err := h.newRow(v, f)
	if err != nil {
		return err
	}
	if v.Draft != nil {
		p.read(v.Draft)
	}
	h.Show(w, v.Request, http.StatusOK, "datasets/row", p)
	return nil
}

func (h *Handlers) newRow(v *shell.Visit, f datasetFrame) (*rowPage, error) {
	if err := editable(v, &f, access.DataWrite, "insert rows"); err != nil {
		return nil, err
	}
	p := &rowPage{
		datasetFrame: f, Heading: "Insert a row", Action: f.Dataset.Path() + "/rows/new", Back: f.Dataset.Path(),
		New: true,
	}
	p.Title = "Insert a row: " + f.Dataset.Name
	for n, c := range f.Dataset.Columns {
		p.Fields = append(p.Fields, rowField{Column: c, At: n, Null: c.AllowNull && !c.Required})
	}
	return p, nil
}

// rowInsert writes a new row.
func (h *Handlers) rowInsert(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p, err := h.newRow(v, f)
	if err != nil {
		return err
	}
	p.read(v.PostForm)
	row := map[string]json.RawMessage{}
	for n, c := range f.found.Schema.Columns {
		if value := p.Fields[n].value(c.Type); c.Required || c.AllowNull || string(value) != "null" {
			row[c.Name] = value
		}
	}
	return h.saveRow(w, v, p, row, delivery.FailRow, "row-inserted")
}

// rowEdit shows the form of an existing row, which the conditions in the
// address identify.
func (h *Handlers) rowEdit(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p, _, err := h.oldRow(v, f)
	if err != nil {
		return err
	}
	h.Show(w, v.Request, http.StatusOK, "datasets/row", p)
	return nil
}

func (h *Handlers) oldRow(v *shell.Visit, f datasetFrame) (*rowPage, map[string]any, error) {
	if err := editable(v, &f, access.DataWrite, "edit rows"); err != nil {
		return nil, nil, err
	}
	values, err := h.readRow(v, &f)
	if err != nil {
		return nil, nil, err
	}
	query := identityOf(&f, values)
	p := &rowPage{
		datasetFrame: f, Heading: "Edit row", Back: query.Path(), Action: query.at("/rows/edit"),
	}
	if offers(v, &f, access.DataDelete) {
		p.Remove = query.at("/rows/delete")
	}
	p.Title = "Edit row: " + f.Dataset.Name
	for n, c := range f.Dataset.Columns {
		text, null := fieldText(values[c.Name], f.found.Schema.Columns[n].Type)
		p.Fields = append(p.Fields, rowField{
			Column: c, At: n, Text: text, Null: null, Was: jsonOf(values[c.Name]), Fixed: c.Part != "",
		})
	}
	return p, values, nil
}

// readRow reads the one row that the conditions in the address name.
func (h *Handlers) readRow(v *shell.Visit, f *datasetFrame) (map[string]any, error) {
	if !f.found.Schema.Index.Unique {
		return nil, problem.New(problem.Conflict, "Rows of %s can't be edited: it has no unique index.", f.Dataset.Name).
			WithHint("Declare one on the Schema tab, so that each row has an identity.")
	}
	query := readRows(v.URL.Query(), f.Dataset.Path(), &f.found.Schema)
	asked := rowsQuery{Filters: query.Filters}.asked()
	asked.Set("format", string(delivery.JSON))
	asked.Set("limit", "2")
	found, err := h.ask(v, f.found.ID, asked)
	if err != nil {
		return nil, err
	}
	if len(query.Filters) == 0 || len(found.rows) != 1 {
		return nil, problem.New(problem.NotFound, "This row doesn't exist any more.").
			WithHint("Somebody deleted it or changed its index. Go back to the rows of %s.", f.Dataset.Name)
	}
	return found.rows[0], nil
}

// rowSave changes a row. A column that somebody else changed meanwhile is shown
// before it is overwritten.
func (h *Handlers) rowSave(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p, now, err := h.oldRow(v, f)
	if err != nil {
		return err
	}
	for n := range p.Fields {
		p.Fields[n].Was = v.PostForm.Get("w-" + strconv.Itoa(n))
	}
	p.read(v.PostForm)
	row, conflicts := map[string]json.RawMessage{}, 0
	for n, c := range f.found.Schema.Columns {
		field := &p.Fields[n]
		current := jsonOf(now[c.Name])
		if field.Fixed {
			row[c.Name] = json.RawMessage(current)
			continue
		}
		value := field.value(c.Type)
		if string(value) == oneLine(field.Was) || string(value) == oneLine(current) {
			continue
		}
		row[c.Name] = value
		if oneLine(current) != oneLine(field.Was) {
			text, _ := fieldText(now[c.Name], c.Type)
			field.Error, field.Was = "Somebody changed it to "+strconv.Quote(text)+" meanwhile.", current
			conflicts++
		}
	}
	if conflicts > 0 {
		p.Problem = &page.Problem{
			Message: "Somebody changed this row meanwhile.",
			Hint:    "Your input is below. Save again to replace the current values.",
		}
		h.Show(w, v.Request, http.StatusConflict, "datasets/row", p)
		return nil
	}
	return h.saveRow(w, v, p, row, delivery.MergeRow, "row-saved")
}

// saveRow writes a row and shows it, or the form with the reason why not.
func (h *Handlers) saveRow(w http.ResponseWriter, v *shell.Visit, p *rowPage, row map[string]json.RawMessage,
	conflict delivery.OnConflict, done string,
) error {
	body, err := json.Marshal([]any{row})
	if err != nil {
		return err
	}
	written, err := h.Delivery.WriteRows(v.Context(), v.Actor, v.Workspace, delivery.RowWrite{
		WriteOptions: delivery.WriteOptions{OnConflict: conflict}, Dataset: p.found.ID,
		Body: strings.NewReader(string(body)),
	})
	if err != nil && !shell.Rejected(err) {
		return err
	}
	if err == nil && written.Rejected == 0 {
		h.Redirect(w, v.Request, withDone(p.Back, done))
		return nil
	}
	status := http.StatusUnprocessableEntity
	if p.Problem = page.ProblemOf(err); err != nil {
		status = shell.RejectedStatus(w, err)
	} else {
		p.reject(&written.Rows[0])
	}
	h.Show(w, v.Request, status, "datasets/row", p)
	return nil
}

// reject shows why a row was rejected at the field of its column.
func (p *rowPage) reject(row *delivery.WrittenRow) {
	p.Problem = &page.Problem{Message: "The row wasn’t saved.", Hint: sentence(row.Reason)}
	for n := range p.Fields {
		if p.Fields[n].Column.Name == row.Column {
			p.Fields[n].Error = sentence(row.Reason)
			p.Problem.Hint = row.Column + ": " + p.Fields[n].Error
		}
	}
}

func sentence(text string) string {
	if text == "" {
		return "It isn’t valid."
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// read takes the input of the form.
func (p *rowPage) read(form url.Values) {
	for n := range p.Fields {
		field, at := &p.Fields[n], strconv.Itoa(n)
		if field.Fixed {
			continue
		}
		field.Text = strings.ReplaceAll(form.Get("v-"+at), "\r\n", "\n")
		field.Null = form.Get("n-"+at) != ""
	}
}

// value returns the input as JSON. If a text was entered and null is ticked, what
// differs from the value before counts.
func (f *rowField) value(kind dataset.Type) json.RawMessage {
	if f.Text == "" && (f.Null || kind != dataset.String) {
		return json.RawMessage("null")
	}
	raw := textJSON(f.Text, kind)
	if f.Null && f.Was != "" && f.Was != "null" && string(raw) == oneLine(f.Was) {
		return json.RawMessage("null")
	}
	return raw
}

// textJSON returns a text as a JSON value of a type, and as a string if it isn't
// one, so that its rejection quotes it.
func textJSON(text string, kind dataset.Type) json.RawMessage {
	bare := strings.TrimSpace(text)
	literal := isNumber(kind) || kind == dataset.Boolean || !sortable(kind)
	if literal && json.Valid([]byte(bare)) && bare != "null" {
		return json.RawMessage(compact(bare))
	}
	return json.RawMessage(jsonOf(text))
}

// compact returns JSON in the form of jsonOf.
func compact(text string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return text
	}
	return jsonOf(value)
}

func isNumber(kind dataset.Type) bool {
	return slices.Contains([]dataset.Type{dataset.Integer, dataset.Decimal, dataset.Number}, kind)
}

// fieldText returns a value as the text of its input, and whether it is null.
func fieldText(value any, kind dataset.Type) (text string, null bool) {
	if value == nil {
		return "", true
	}
	if s, ok := value.(string); ok && kind != dataset.Any {
		return s, false
	}
	return jsonOf(value), false
}

// jsonOf returns a decoded value as JSON.
func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "null"
	}
	return string(text)
}

// oneLine replaces the ends of lines in JSON as browsers send them.
func oneLine(text string) string { return strings.ReplaceAll(text, `\r\n`, `\n`) }

// identityOf returns the query for the row by its index.
func identityOf(f *datasetFrame, values map[string]any) rowsQuery {
	query := rowsQuery{path: f.Dataset.Path()}
	for _, c := range f.Dataset.Columns {
		if c.Part == "" {
			continue
		}
		raw := "is.null"
		if text, null := fieldText(values[c.Name], ""); !null {
			raw = "eq." + text
		}
		query.Filters = append(query.Filters, rowFilter{Parameter: parameterOf(c.Name), Column: c.Name, Raw: raw})
	}
	return query
}

// at returns the address of another page about the rows of the query.
func (r rowsQuery) at(part string) string {
	q := rowsQuery{Filters: r.Filters, path: r.path + part}
	return q.Path()
}

func withDone(path, done string) string {
	if strings.Contains(path, "?") {
		return path + "&done=" + done
	}
	return path + "?done=" + done
}

// offers reports whether the member may do something with the dataset's rows.
func offers(v *shell.Visit, f *datasetFrame, action access.Action) bool {
	return shell.Offers(v, action, access.Resource{Kind: "dataset", ID: f.found.ID})
}

// editable returns an error if the member may not change rows, or the dataset has
// too many columns for a form.
func editable(v *shell.Visit, f *datasetFrame, action access.Action, act string) error {
	if !offers(v, f, action) {
		return problem.New(problem.Forbidden, "You need the role editor to %s.", act).
			WithHint("Ask an owner of the workspace.")
	}
	if len(f.Dataset.Columns) > mostFields {
		return problem.New(problem.Conflict, "%s has more than %d columns, too many for a form.", f.Dataset.Name,
			mostFields).WithHint("Write rows through its API.")
	}
	return nil
}

// rowFields has the fields of a new row that are kept while someone signs in again.
func rowFields() []string {
	names := make([]string, 0, 2*mostFields)
	for n := range mostFields {
		names = append(names, "v-"+strconv.Itoa(n), "n-"+strconv.Itoa(n))
	}
	return names
}
