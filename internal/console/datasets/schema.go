package datasets

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/delivery"
)

// schemaPage shows the columns of a dataset, and changes them.
type schemaPage struct {
	datasetFrame
	Columns []schemaColumn
	Types   []string
	Form    schemaForm
	Report  *schemaReport // of a dry run; nil if there was none
	Large   string        // path that measures the columns of a large dataset
}

// schemaColumn is a column with statistics of its values.
type schemaColumn struct {
	view.Column
	Measured bool
	Nulls    int64
	Min, Max view.Cell // empty text: not known
}

// measuredRows is the number of rows up to which columns are measured without
// asking.
const measuredRows = 1_000_000

func (h *Handlers) schema(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	return h.showSchema(w, v, http.StatusOK, &schemaPage{datasetFrame: f, Form: formOf(&f.found)}, nil)
}

func (h *Handlers) showSchema(w http.ResponseWriter, v *shell.Visit, status int, p *schemaPage, rejection error) error {
	p.Types = typeNames
	for _, c := range p.Dataset.Columns {
		p.Columns = append(p.Columns, schemaColumn{Column: c})
	}
	if p.Dataset.Rows > measuredRows && v.URL.Query().Get("measure") == "" {
		p.Large = p.Dataset.Path() + "/schema?measure=1"
	} else if err := h.measure(v, p); err != nil {
		return err
	}
	p.Problem = page.ProblemOf(rejection)
	h.Show(w, v.Request, status, "datasets/schema", p)
	return nil
}

// measure determines the number of nulls and the smallest and largest value of
// each column. What takes too long stays unknown.
func (h *Handlers) measure(v *shell.Visit, p *schemaPage) error {
	if p.Dataset.Rows == 0 || len(p.found.Schema.Columns) > mostMeasured {
		return nil
	}
	outputs := "rows:count()"
	for n, c := range p.found.Schema.Columns {
		at, name := strconv.Itoa(n), selected([]string{c.Name})
		outputs += ",n" + at + ":" + name + ".count()"
		if ranged(c.Type) {
			outputs += ",a" + at + ":" + name + ".min(),z" + at + ":" + name + ".max()"
		}
	}
	found, err := h.ask(v, p.found.ID, url.Values{"select": {outputs}, "format": {string(delivery.JSON)}})
	if shell.Rejected(err) {
		return nil
	}
	if err != nil || len(found.rows) != 1 {
		return err
	}
	totals := found.rows[0]
	for n, c := range p.found.Schema.Columns {
		at, column := strconv.Itoa(n), &p.Columns[n]
		column.Measured, column.Nulls = true, intOf(totals["rows"])-intOf(totals["n"+at])
		if least, greatest := totals["a"+at], totals["z"+at]; least != nil && greatest != nil {
			column.Min, column.Max = view.CellOf(least, c.Type), view.CellOf(greatest, c.Type)
		}
	}
	return nil
}

// mostMeasured limits the columns that are measured, because each needs three
// outputs.
const mostMeasured = 150

func intOf(value any) int64 {
	number, ok := value.(interface{ Int64() (int64, error) })
	if !ok {
		return 0
	}
	n, _ := number.Int64() // a count is a whole number
	return n
}

func ranged(kind dataset.Type) bool { return sortable(kind) && kind != dataset.Boolean }

// schemaPost applies a change, or shows its effect.
func (h *Handlers) schemaPost(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p := &schemaPage{datasetFrame: f, Form: readSchemaForm(v.PostForm, &f.found)}
	operations := p.Form.operations(&f.found)
	if len(operations) == 0 {
		h.Redirect(w, v.Request, f.Dataset.Path()+"/schema?done=schema-unchanged")
		return nil
	}
	order := alter.Order{
		Version: p.Form.Version, DryRun: p.Form.Act != "apply", Operations: operations,
		Apply: alter.Apply(cmp.Or(p.Form.Apply, string(alter.Leave))), AcceptLoss: p.Form.AcceptLoss,
	}
	report, err := h.Schemas.Change(v.Context(), v.Actor, v.Workspace, f.found.ID, order)
	if err == nil && !order.DryRun {
		h.Redirect(w, v.Request, f.Dataset.Path()+"/schema?done=schema-changed")
		return nil
	}
	var refused *alter.RefusedError
	if errors.As(err, &refused) {
		report = &refused.Report
	}
	if report != nil {
		p.Report = reportOf(report, operations)
	}
	if err != nil && !shell.Rejected(err) {
		return err
	}
	status := http.StatusOK
	if err != nil {
		status = shell.RejectedStatus(w, err)
	}
	return h.showSchema(w, v, status, p, err)
}

// schemaReport is the effect of a change on the rows.
type schemaReport struct {
	Rows, Rejected, Duplicates, Converts, Rounds int64
	Apply                                        alter.Apply
	Outcomes                                     []schemaOutcome
}

// schemaOutcome is the effect of one operation.
type schemaOutcome struct {
	Text                      string
	Converts, Rejects, Rounds int64
	Samples                   []schemaSample
}

// schemaSample is a value that an operation changes.
type schemaSample struct {
	Key, Reason string
	From, To    view.Cell
	Rejected    bool
}

// mostSamples limits the samples of each operation.
const mostSamples = 5

func reportOf(report *alter.Report, operations []alter.Operation) *schemaReport {
	r := &schemaReport{
		Rows: report.Rows, Rejected: report.Rejected, Duplicates: report.Duplicates, Apply: alter.Leave,
	}
	for n, o := range report.Operations {
		made := schemaOutcome{Converts: o.Converts, Rejects: o.Rejects, Rounds: o.Rounds}
		if n < len(operations) {
			made.Text = operationText(&operations[n])
		}
		if o.ApplyNeeded == alter.Convert {
			r.Apply = alter.Convert
		}
		r.Converts += o.Converts
		r.Rounds += o.Rounds
		for _, s := range o.Samples[:min(len(o.Samples), mostSamples)] {
			made.Samples = append(made.Samples, schemaSample{
				Key: s.Key, Reason: s.Reason, From: sampleCell(s.From), To: sampleCell(s.To), Rejected: s.Reason != "",
			})
		}
		r.Outcomes = append(r.Outcomes, made)
	}
	return r
}

func sampleCell(text *string) view.Cell {
	if text == nil {
		return view.CellOf(nil, "")
	}
	return view.CellOf(*text, "")
}

// Loses reports whether the change loses rows or digits.
func (r *schemaReport) Loses() bool { return r.Rejected > 0 || r.Rounds > 0 }

// operationText describes an operation in words.
func operationText(o *alter.Operation) string {
	switch o.Op {
	case alter.Add:
		return "Add column " + o.Column.Name + " as " + string(o.Column.Type)
	case alter.Drop:
		return "Remove column " + o.Name
	case alter.Rename:
		return "Rename " + o.Name + " to " + o.To
	case alter.Index:
		return "Change the index"
	case alter.Set:
		if o.Type != nil {
			return "Change " + o.Name + " to " + string(*o.Type)
		}
	}
	return "Change the settings of " + o.Name
}

// typeNames has the types to choose from.
var typeNames = []string{
	string(dataset.String), string(dataset.Integer), string(dataset.Decimal), string(dataset.Number),
	string(dataset.Boolean), string(dataset.Date), string(dataset.DateTime), string(dataset.Object),
	string(dataset.Array), string(dataset.Any),
}

// isType reports whether a form names a type.
func isType(name string) bool { return slices.Contains(typeNames, name) }
