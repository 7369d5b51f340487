package home

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// homePage is the first page: for a newcomer the four steps to a first
// answer, later what there is.
type homePage struct {
	page.Frame
	Steps     []homeStep
	Figures   []homeFigure
	Attention []attention
	Loads     []view.Load
}

// homeStep is one of the four steps.
type homeStep struct{ State, Name, Text, Verb, Path string }

// homeFigure is a number with the page behind it.
type homeFigure struct{ Icon, Name, Value, Text, Path string }

// attention is something that a person should look at.
type attention struct{ Tone, Icon, Title, Text, Link, Path string }

// StepsDone counts the steps that are done.
func (p *homePage) StepsDone() int {
	done := 0
	for _, s := range p.Steps {
		if s.State == "done" {
			done++
		}
	}
	return done
}

// Done reports whether every step is done.
func (p *homePage) Done() bool { return p.StepsDone() == len(p.Steps) }

// homeLoads is how many loads the page names.
const homeLoads = 6

// standing is what a workspace has, as far as its first page tells.
type standing struct {
	integrations []integration.Integration
	keys         int
	sources      int
	datasets     int
	tokens       int
	read         bool // a token was used
	loads        []view.Load
}

func (h *Handlers) home(w http.ResponseWriter, v *shell.Visit) error {
	s, err := h.standing(v)
	if err != nil {
		return err
	}
	h.Show(w, v.Request, http.StatusOK, "home/home", &homePage{
		Frame: h.Frame(v, "Home", "/"), Steps: s.steps(), Figures: s.figures(), Attention: s.attention(),
		Loads: s.loads,
	})
	return nil
}

func (h *Handlers) standing(v *shell.Visit) (standing, error) {
	var s standing
	all := paging.Request{Limit: paging.MaxLimit}
	integrations, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.integrations = integrations.Items
	keys, err := h.Credentials.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.keys = len(keys.Items)
	lister := view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
	names, err := lister.SourceNames(v)
	if err != nil {
		return s, err
	}
	s.sources = len(names)
	datasets, err := h.Datasets.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.datasets = len(datasets.Items)
	tokens, err := h.Tokens.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.tokens = len(tokens.Items)
	for _, t := range tokens.Items {
		s.read = s.read || !t.UsedAt.IsZero()
	}
	s.loads, _, err = lister.List(v, paging.Request{Limit: homeLoads}, nil)
	return s, err
}

// steps are the four steps from a bucket to an app, marked by what there is.
func (s standing) steps() []homeStep {
	connected := s.keys > 0
	connect := homeStep{
		Name: "Connect your bucket",
		Text: "Make an AWS integration: a role in your account that opens exactly the locations you declare.",
		Verb: "Create AWS integration", Path: "/sources/integrations/new",
	}
	for _, i := range s.integrations {
		connect.Verb, connect.Path = "Finish it", view.IntegrationPath(i.ID)
		connect.Text = "The integration is there; its role is not proven yet."
		if i.State == integration.Verified {
			connected = true
			break
		}
	}
	if connected {
		connect.Text, connect.Path = "Windlass reaches your bucket, and holds no key of it that you did not give.",
			"/sources/credentials"
	}
	source := "/sources/data/new"
	if s.sources > 0 {
		source = "/sources/data"
	}
	return mark([]homeStep{
		connect,
		{
			Name: "Name your data",
			Text: "Add a source: which objects, in which format. See what matches before anything is loaded.",
			Verb: "Add a source",
			Path: source,
		},
		{
			Name: "Load it", Text: "Each object once; bad rows are set aside with their reason.", Verb: "Load now",
			Path: "/sources/data",
		},
		{
			Name: "Read it from an app", Text: "Make a token, and try the example request of a dataset.",
			Verb: "Create a token", Path: "/tokens/new",
		},
	}, connected, s.sources > 0, s.datasets > 0, s.read)
}

// mark sets each step's state: the first that is not done is the next.
func mark(steps []homeStep, done ...bool) []homeStep {
	next := "now"
	for n := range steps {
		if done[n] {
			steps[n].State = "done"
			continue
		}
		steps[n].State, next = next, "later"
	}
	return steps
}

func (s standing) figures() []homeFigure {
	verified := 0
	for _, i := range s.integrations {
		if i.State == integration.Verified {
			verified++
		}
	}
	return []homeFigure{
		{
			"shield-check", "AWS integrations", page.Count(len(s.integrations)),
			page.Plural(verified, "verified", "verified"),
			"/sources/credentials",
		},
		{"folder-open", "Data sources", page.Count(s.sources), "", "/sources/data"},
		{"table-2", "Datasets", page.Count(s.datasets), "", "/datasets"},
		{"fingerprint", "API tokens", page.Count(s.tokens), "", "/tokens"},
	}
}

// attention is what a person should look at: integrations that turned bad, and
// loads that failed.
func (s standing) attention() []attention {
	var found []attention
	for _, i := range s.integrations {
		switch i.State {
		case integration.Failing:
			found = append(found, attention{
				"bad", "circle-x", i.Name + " fails its verification", i.Reason,
				"See what to change", view.IntegrationPath(i.ID),
			})
		case integration.Insecure:
			found = append(found, attention{
				"bad", "shield-alert", i.Name + " is insecure", i.Reason,
				"See what to change", view.IntegrationPath(i.ID),
			})
		case integration.Reserved, integration.Unverified, integration.Propagating, integration.Verified,
			integration.Disabled, integration.Removed:
		}
	}
	if len(s.loads) > 0 && s.loads[0].State == string(load.Failed) {
		l := s.loads[0]
		found = append(found, attention{
			"bad", "circle-x", "The last load of " + l.Source + " failed", l.Problem.Text(),
			"See it", l.Path(),
		})
	}
	return found
}
