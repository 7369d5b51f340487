package ci

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// ciReachPage shows who can access a location, and what a person can access.
type ciReachPage struct {
	page.Frame
	Location, Member string
	Asked            string // the subject of the answer; empty if nothing was asked
	Ways             []reachView
}

// reachView is one way to access a location.
type reachView struct {
	Who, Sub     string
	Through      string
	Address      string
	Part         bool // only a part of the requested location
	Actions      []reachAction
	Closed, Note string
	Open         bool
}

// reachAction is an action and whether it is possible: "yes", "no" or
// "unknown".
type reachAction struct{ Name, Answer string }

// Chip shows the action with its answer, not only by color.
func (a reachAction) Chip() page.Chip {
	switch reach.Answer(a.Answer) {
	case reach.Yes:
		return page.Chip{Tone: "good", Icon: "check", Label: a.Name}
	case reach.Unknown:
		return page.Chip{Tone: "warn", Icon: "circle-question-mark", Label: a.Name + "?"}
	case reach.No:
	}
	return page.Chip{Tone: "", Icon: "x", Label: "no " + a.Name}
}

// Opens returns the number of ways that allow access.
func (p *ciReachPage) Opens() int {
	n := 0
	for _, w := range p.Ways {
		if w.Open {
			n++
		}
	}
	return n
}

func (h *Handlers) ciReach(w http.ResponseWriter, v *shell.Visit) error {
	q := v.URL.Query()
	p := &ciReachPage{
		Frame: h.Frame(v, "Who can reach it", "/reach"), Location: strings.TrimSpace(q.Get("location")),
		Member: strings.TrimSpace(q.Get("member")),
	}
	status := http.StatusOK
	ways, err := h.reachable(v, p)
	if shell.Rejected(err) || problem.Is(err, problem.NotFound) {
		p.Problem, p.Asked, status = page.ProblemOf(err), "", http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	for n := range ways {
		p.Ways = append(p.Ways, viewWay(&ways[n]))
	}
	h.Show(w, v.Request, status, "ci/reach", p)
	return nil
}

// reachable looks up the form's location or, without one, its person.
func (h *Handlers) reachable(v *shell.Visit, p *ciReachPage) ([]reach.Way, error) {
	switch {
	case p.Location != "":
		place, err := object.ParseLocation(p.Location)
		if err != nil {
			return nil, err
		}
		p.Member, p.Asked = "", place.String()
		return h.Reach.To(v.Context(), v.Actor, v.Workspace, place)
	case p.Member != "":
		p.Asked = p.Member
		return h.Reach.Of(v.Context(), v.Actor, v.Workspace, p.Member)
	}
	return nil, nil
}

func viewWay(w *reach.Way) reachView {
	view := reachView{Address: w.Location.String(), Part: !w.Whole, Closed: w.Closed, Note: w.Note, Open: w.Open()}
	switch w.Who {
	case reach.Windlass:
		view.Who, view.Sub = "Windlass", "loads it; members and tokens can read the loaded rows"
	case reach.AnyJob:
		view.Who, view.Sub = "CI jobs", "every job that meets the grant’s conditions"
	case reach.JobsOf:
		view.Who, view.Sub = "CI jobs of "+w.Subject, "that this user triggered"
	case reach.OneMember:
		view.Who = w.Subject
	case reach.AllMembers:
		view.Who = "Every member"
	}
	if view.Who == "" {
		view.Who = "Anyone who has the key"
	}
	switch w.Kind {
	case reach.ByIntegration:
		view.Through = "the integration " + w.Name
	case reach.ByGrant:
		view.Through = "the grant " + w.Name
	case reach.ByCredential:
		view.Through = "the access key " + w.Name
	}
	for _, action := range grant.Actions() {
		view.Actions = append(view.Actions, reachAction{string(action), string(w.Actions[action])})
	}
	return view
}
