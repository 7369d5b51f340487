package shell

import (
	"errors"
	"net/http"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

// RefusedPage shows a refusal within the console's frame.
type RefusedPage struct {
	page.Frame
	Status     int
	Message    string
	Hint       string
	Verb, Next string   // the button of the next step; empty: home
	Ask        []string // e-mail addresses of owners who can do what was refused
	RequestID  string
}

// NearError reports a name that doesn't exist, and has the one that was probably
// meant.
type NearError struct {
	Problem    *problem.Error
	Name, Path string // what was meant, and its page
}

// Error returns the problem's message.
func (e *NearError) Error() string { return e.Problem.Error() }

// Unwrap returns the problem.
func (e *NearError) Unwrap() error { return e.Problem }

// maxAsked limits the owners that a refusal names.
const maxAsked = 3

// failVisit shows an error to a signed-in member. Requests by htmx and internal
// errors get a page without the frame, which depends on nothing.
func (s *Shell) failVisit(w http.ResponseWriter, v *Visit, err error) {
	e := problem.From(err)
	status := door.StatusOf(e.Code)
	if status >= http.StatusInternalServerError || v.Header.Get("HX-Request") != "" ||
		e.Code == problem.Unauthenticated {
		s.Fail(w, v.Request, err)
		return
	}
	w.Header().Del("Content-Disposition")
	if after := e.RetryAfter(); after != "" {
		w.Header().Set("Retry-After", after)
	}
	p := &RefusedPage{
		Frame: s.Frame(v, http.StatusText(status), ""), Status: status, Message: e.Message, Hint: e.Hint,
		RequestID: door.From(v.Context()).ID,
	}
	var near *NearError
	if errors.As(err, &near) {
		p.Verb, p.Next = "Open "+near.Name, near.Path
	}
	if e.Code == problem.Forbidden && !access.IsStale(err) {
		p.Ask = s.owners(v)
	}
	s.Show(w, v.Request, status, "shell/refused", p)
}

// owners returns the e-mail addresses of owners that the member can ask.
func (s *Shell) owners(v *Visit) []string {
	found, err := s.config.Members.List(v.Context(), v.Actor, v.Workspace, workspace.Filter{Role: access.Owner},
		paging.Request{Limit: maxAsked})
	if err != nil { // the refusal is clear enough without them
		return nil
	}
	var names []string
	for i := range found.Items {
		if found.Items[i].ID != v.Actor.ID {
			names = append(names, found.Items[i].Email)
		}
	}
	return names
}
