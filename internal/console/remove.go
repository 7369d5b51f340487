package console

import (
	"errors"
	"net/http"

	"github.com/windlass-io/windlass/internal/impact"
)

// removePage asks before something is removed, and names what stops.
type removePage struct {
	shell
	Question string // the heading
	Verb     string // of the button
	Icon     string // of the button; default: a bin
	Action   string // path the form posts to
	Back     string
	Stops    []stopView
	Summary  string // what stops and what is deleted, in one sentence
	Keeps    string // what is kept all the same
	Confirm  string // the name that confirms
	Typed    string // what was typed instead
	Type     bool   // the name is to be typed, because rows are deleted
}

// removal is a destructive act and the page that asks for its confirmation.
type removal struct {
	page    *removePage
	measure func() (impact.Impact, error)
	act     func(given impact.Confirmation) error
	done    string // path to go to afterwards
}

// asks returns the handler of a page that asks; removes that of its form.
func (c *Console) asks(of func(*visit) (*removal, error)) handler {
	return func(w http.ResponseWriter, v *visit) error {
		r, err := of(v)
		if err != nil {
			return err
		}
		return c.showRemoval(w, v, http.StatusOK, r)
	}
}

func (c *Console) removes(of func(*visit) (*removal, error)) handler {
	return func(w http.ResponseWriter, v *visit) error {
		r, err := of(v)
		if err != nil {
			return err
		}
		typed := v.PostFormValue("confirm")
		err = r.act(impact.Confirmed(typed))
		if rejected(err) {
			r.page.Problem, r.page.Typed = confirmProblem(err, typed), typed
			return c.showRemoval(w, v, http.StatusUnprocessableEntity, r)
		}
		if err != nil {
			return err
		}
		c.redirect(w, v.Request, r.done)
		return nil
	}
}

func (c *Console) showRemoval(w http.ResponseWriter, v *visit, status int, r *removal) error {
	measured, err := r.measure()
	if err != nil {
		return err
	}
	p := r.page
	p.Stops, p.Summary, p.Confirm, p.Type = viewStops(measured.Stops), measured.Summary(), measured.Confirm,
		measured.Deletes.Rows > 0
	c.show(w, v.Request, status, "remove", p)
	return nil
}

// confirmProblem words a refusal for the form: a name that doesn't match is a
// fault of its field.
func confirmProblem(err error, typed string) *problemView {
	var unconfirmed *impact.UnconfirmedError
	if !errors.As(err, &unconfirmed) {
		return viewProblem(err)
	}
	message := "Type " + unconfirmed.Impact.Confirm + " to confirm."
	if typed != "" {
		message = "“" + typed + "” isn’t the name. " + message
	}
	return &problemView{Message: message, fields: map[string]string{"confirm": message}}
}
