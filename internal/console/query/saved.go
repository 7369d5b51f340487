package query

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	stored "github.com/windlass-io/windlass/internal/view"
)

// savedView is a view as its page shows it.
type savedView struct {
	Name, Description string
	Broken            string // why its statement can't run; empty: it can
	Address           string // from which apps read it
	Index             []indexPart
	Parameters        []parameterField
	Differs           bool // the statement in the editor isn't the view's
	Changes, Removes  bool // the member may
}

// indexPart is a column with its part of the index.
type indexPart struct{ Part, Column string }

// parameterField is a parameter of a view with the value that the statement runs with.
type parameterField struct{ Name, Type, Value, Description string }

// Path is the address of the view's page.
func (s *savedView) Path() string { return "/query/" + s.Name }

func viewResource(d *dataset.Dataset) access.Resource { return access.Resource{Kind: "view", ID: d.ID} }

// showView shows a view, and runs its statement or the one in the address.
func (h *Handlers) showView(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Views.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	values := v.URL.Query()
	sql := values.Get("sql")
	if v.Draft != nil {
		sql = v.Draft.Get("sql")
	}
	return h.answer(w, v, h.viewPage(v, &found, cmp.Or(sql, found.View.SQL), values))
}

// viewPage returns the page of a view, for a statement with the values of its parameters.
func (h *Handlers) viewPage(v *shell.Visit, found *dataset.Dataset, sql string, values url.Values) *queryPage {
	saved := &savedView{
		Name: found.Name, Description: cmp.Or(found.Description, found.Title), Broken: found.View.Fault,
		Address: h.BaseURL() + "/v1/data/" + url.PathEscape(v.WorkspaceName) + "/" + url.PathEscape(found.Name),
		Differs: sql != found.View.SQL,
		Changes: shell.Offers(v, access.ViewUpdate, viewResource(found)),
		Removes: shell.Offers(v, access.ViewRemove, viewResource(found)),
	}
	index := found.Schema.Index
	for _, part := range []indexPart{{"key", index.Key}, {"subkey", index.Subkey}, {"date", index.Date}} {
		if part.Column != "" {
			saved.Index = append(saved.Index, part)
		}
	}
	p := &queryPage{SQL: sql, View: saved, Action: saved.Path(), given: map[string]string{}, stored: found}
	for _, declared := range found.View.Parameters {
		name := "p." + declared.Name
		saved.Parameters = append(saved.Parameters, parameterField{
			declared.Name, string(declared.Type), values.Get(name), declared.Description,
		})
		if value := values.Get(name); value != "" {
			p.given[declared.Name] = value
		}
	}
	return p
}

// saveView stores the statement that ran as the view's.
func (h *Handlers) saveView(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Views.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	sql := v.PostFormValue("sql")
	change := stored.Change{SQL: &sql}
	changed, err := h.Views.Update(v.Context(), v.Actor, v.Workspace, found.ID, change, false)
	if shell.Rejected(err) {
		p := h.viewPage(v, &found, sql, url.Values{})
		p.Problem = page.ProblemOf(err)
		return h.renderAs(w, v, shell.RejectedStatus(w, err), p)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/query/"+changed.Name+"?done=view-saved")
	return nil
}

// removal asks before a view is removed.
func (h *Handlers) removal(v *shell.Visit) (*shell.Removal, error) {
	found, err := h.Views.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	path := "/query/" + found.Name
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Remove "+found.Name, root, page.Crumb{Name: "Query", Path: root},
				page.Crumb{Name: found.Name, Path: path}, page.Crumb{Name: "Remove"}),
			Question: "Remove the view “" + found.Name + "”?", Verb: "Remove view",
			Action: path + "/remove", Back: path,
			Keeps: "The datasets that it reads stay as they are.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Views.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(given impact.Confirmation) error {
			return h.Views.Remove(v.Context(), v.Actor, v.Workspace, found.ID, given)
		},
		Done: root + "?done=view-removed",
	}, nil
}

// newViewPage saves a statement as a view.
type newViewPage struct {
	page.Frame
	SQL     string
	Form    viewForm
	Columns []page.Option // of the result
	Days    []page.Option // those that have days or times
	Fault   *fault
}

// viewForm has the input for a new view.
type viewForm struct{ Name, Description, Key, Subkey, Date string }

// newView shows the form for the statement in the address.
func (h *Handlers) newView(w http.ResponseWriter, v *shell.Visit) error {
	p := &newViewPage{SQL: v.URL.Query().Get("sql")}
	if v.Draft != nil {
		p.SQL, p.Form = v.Draft.Get("sql"), readViewForm(v.Draft)
	}
	return h.renderNew(w, v, http.StatusOK, p)
}

func readViewForm(values url.Values) viewForm {
	value := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	return viewForm{value("name"), value("description"), value("key"), value("subkey"), value("date")}
}

func (h *Handlers) createView(w http.ResponseWriter, v *shell.Visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	p := &newViewPage{SQL: v.PostFormValue("sql"), Form: readViewForm(v.PostForm)}
	made, err := h.Views.Create(v.Context(), v.Actor, v.Workspace, stored.Draft{
		Name: p.Form.Name, Description: p.Form.Description, SQL: p.SQL,
		Index: dataset.Index{Key: p.Form.Key, Subkey: p.Form.Subkey, Date: p.Form.Date},
	})
	if shell.Rejected(err) {
		p.Problem = page.ProblemOf(err)
		p.Problem.Relabel(func(path string) string { return strings.TrimPrefix(path, "index.") })
		if problem.Is(err, problem.Conflict) {
			p.Problem.Fields["name"] = p.Problem.Message
		}
		return h.renderNew(w, v, shell.RejectedStatus(w, err), p)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/query/"+made.Name+"?done=view-created")
	return nil
}

// renderNew shows the form with the columns of the statement's result.
func (h *Handlers) renderNew(w http.ResponseWriter, v *shell.Visit, status int, p *newViewPage) error {
	problemOf := p.Problem
	back := page.Crumb{Name: "Query", Path: root + "?" + url.Values{"sql": {p.SQL}}.Encode()}
	p.Frame = h.Frame(v, "Save as view", root, back, page.Crumb{Name: "Save as view"})
	p.Problem = problemOf
	none := page.Option{Name: "None"}
	p.Columns, p.Days = []page.Option{none}, []page.Option{none}
	found, err := h.rows(v, p.SQL, nil, 1)
	if shell.Rejected(err) {
		p.Fault = faultOf(problem.From(err), p.SQL)
		h.Show(w, v.Request, status, "query/new", p)
		return nil
	}
	if err != nil {
		return err
	}
	for _, c := range found.Grid.Columns {
		option := page.Option{Value: c.Name, Name: c.Name}
		p.Columns = append(p.Columns, option)
		if c.Type == string(dataset.Date) || c.Type == string(dataset.DateTime) {
			p.Days = append(p.Days, option)
		}
	}
	h.Show(w, v.Request, status, "query/new", p)
	return nil
}
