package shell

import (
	"errors"
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/impact"
)

// RemovePage asks before something is removed, and names what stops.
type RemovePage struct {
	page.Frame
	Question string // the heading
	Verb     string // of the button
	Icon     string // of the button; default: a bin
	Action   string // path the form posts to
	Back     string
	Stops    []page.Stop
	Summary  string // what stops and what is deleted, in one sentence
	Keeps    string // what is kept anyway
	Confirm  string // the name that confirms
	Typed    string // what was entered instead
	Type     bool   // the name must be entered: rows are deleted, or the action requires it
}

// Removal is a destructive action and the page that asks for its confirmation.
type Removal struct {
	Page    *RemovePage
	Measure func() (impact.Impact, error)
	Act     func(given impact.Confirmation) error
	Done    string // path to go to afterwards
}

// Asks returns the handler of a page that asks before something is removed.
func (s *Shell) Asks(of func(*Visit) (*Removal, error)) Handler {
	return func(w http.ResponseWriter, v *Visit) error {
		r, err := of(v)
		if err != nil {
			return err
		}
		return s.showRemoval(w, v, http.StatusOK, r)
	}
}

// Removes returns the handler of the form on a page from Asks.
func (s *Shell) Removes(of func(*Visit) (*Removal, error)) Handler {
	return func(w http.ResponseWriter, v *Visit) error {
		r, err := of(v)
		if err != nil {
			return err
		}
		typed := v.PostFormValue("confirm")
		err = r.Act(impact.Confirmed(typed))
		if Rejected(err) {
			r.Page.Problem, r.Page.Typed = ConfirmProblem(err, typed), typed
			return s.showRemoval(w, v, http.StatusUnprocessableEntity, r)
		}
		if err != nil {
			return err
		}
		s.Redirect(w, v.Request, r.Done)
		return nil
	}
}

func (s *Shell) showRemoval(w http.ResponseWriter, v *Visit, status int, r *Removal) error {
	measured, err := r.Measure()
	if err != nil {
		return err
	}
	p := r.Page
	p.Stops, p.Summary, p.Confirm = page.StopsOf(measured.Stops), measured.Summary(), measured.Confirm
	p.Type = p.Type || measured.Deletes.Rows > 0
	s.Show(w, v.Request, status, "shell/remove", p)
	return nil
}

// ConfirmProblem words a refusal for the form: a name that doesn't match is a
// fault of its field.
func ConfirmProblem(err error, typed string) *page.Problem {
	var unconfirmed *impact.UnconfirmedError
	if !errors.As(err, &unconfirmed) {
		return page.ProblemOf(err)
	}
	message := "Type " + unconfirmed.Impact.Confirm + " to confirm."
	if typed != "" {
		message = "“" + typed + "” isn’t the name. " + message
	}
	return &page.Problem{Message: message, Fields: map[string]string{"confirm": message}}
}
