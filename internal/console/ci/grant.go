package ci

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// ciGrantPage creates a grant.
type ciGrantPage struct {
	page.Frame
	Form         grantForm
	Providers    []page.Option
	Integrations []page.Option
	Claims       []claimView // of the chosen provider
	Kind         string      // of the chosen provider
}

// claimView is a claim that a condition can be about.
type claimView struct{ Name, Tells string }

// grantForm has the input.
type grantForm struct {
	Name, Provider, Integration, Bucket, Prefixes, Conditions, Users string
	Actions                                                          []string
	Minutes, Exchanges                                               string
	Forks, SSHReruns, PullRequests                                   bool
}

// Has reports whether an action is selected.
func (f grantForm) Has(action string) bool {
	for _, a := range f.Actions {
		if a == action {
			return true
		}
	}
	return false
}

// Actions returns the actions that a grant can allow, with their descriptions.
func (ciGrantPage) Actions() []page.Option {
	return []page.Option{
		{Value: "list", Name: "List the prefixes"},
		{Value: "read", Name: "Read objects"},
		{Value: "write", Name: "Put and overwrite objects"},
		{Value: "delete", Name: "Delete objects"},
	}
}

func (h *Handlers) grantNew(w http.ResponseWriter, v *shell.Visit) error {
	if v.Draft != nil {
		return h.showGrantForm(w, v, http.StatusOK, readGrantForm(v.Typed()), nil)
	}
	q := v.URL.Query()
	return h.showGrantForm(w, v, http.StatusOK, grantForm{
		Provider: q.Get("provider"), Actions: []string{"list", "read"}, Minutes: "60", Exchanges: "1",
	}, nil)
}

func (h *Handlers) showGrantForm(w http.ResponseWriter, v *shell.Visit, status int, form grantForm,
	rejection error,
) error {
	p := &ciGrantPage{Frame: h.Frame(v, "Add a grant", "/ci", page.Crumb{Name: "CI access", Path: "/ci"},
		page.Crumb{Name: "Providers and grants", Path: "/ci/access"}), Form: form}
	p.Problem = page.ProblemOf(rejection)
	providers, err := h.providers(v)
	if err != nil {
		return err
	}
	for _, found := range providers {
		p.Providers = append(p.Providers, page.Option{Value: found.ID, Name: found.Name})
	}
	p.Providers = append(p.Providers, page.Option{Value: provider.Members, Name: "Members who are signed in"})
	if p.Form.Provider == "" {
		p.Form.Provider = p.Providers[0].Value
	}
	for _, found := range providers {
		if found.ID == p.Form.Provider {
			p.Claims, p.Kind = viewClaims(found), ciName(found.Kind)
		}
	}
	if p.Integrations, err = h.vendable(v); err != nil {
		return err
	}
	h.Show(w, v.Request, status, "ci/grant", p)
	return nil
}

// viewClaims returns the claims that identify the owner of a job, those that
// never change first.
func viewClaims(p provider.Provider) []claimView {
	var firm, loose []claimView
	for _, claim := range p.Claims {
		if claim.Role == provider.Plain || claim.Role == provider.Job {
			continue
		}
		if claim.Unchanging {
			firm = append(firm, claimView{claim.Name, string(claim.Role) + ", an ID that never changes"})
		} else {
			loose = append(loose, claimView{claim.Name, string(claim.Role)})
		}
	}
	return append(firm, loose...)
}

// grantCreate creates the grant.
func (h *Handlers) grantCreate(w http.ResponseWriter, v *shell.Visit) error {
	form := readGrantForm(v)
	draft, err := form.draft()
	if err == nil {
		_, _, err = h.Grants.Create(v.Context(), v.Actor, v.Workspace, draft)
	}
	if shell.Rejected(err) || problem.Is(err, problem.NotFound) {
		return h.showGrantForm(w, v, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/ci/access?done=grant-added")
	return nil
}

// grantFields has the fields of a grant's form.
var grantFields = []string{
	"name", "provider", "integration", "bucket", "prefixes", "conditions", "users", "actions", "minutes", "exchanges",
	"allow_forks", "allow_ssh_reruns", "allow_pull_requests",
}

func readGrantForm(v *shell.Visit) grantForm {
	get := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	return grantForm{
		Name: get("name"), Provider: get("provider"), Integration: get("integration"), Bucket: get("bucket"),
		Prefixes:   get("prefixes"),
		Conditions: get("conditions"), Users: get("users"), Actions: v.PostForm["actions"], Minutes: get("minutes"),
		Exchanges: get("exchanges"),
		Forks:     get("allow_forks") != "", SSHReruns: get("allow_ssh_reruns") != "",
		PullRequests: get("allow_pull_requests") != "",
	}
}

// draft converts the form to a draft for the domain.
func (f grantForm) draft() (grant.Draft, error) {
	draft := grant.Draft{
		Name: f.Name, Provider: f.Provider, Integration: f.Integration, Bucket: f.Bucket,
		Prefixes:   page.Lines(f.Prefixes),
		Users:      page.Lines(f.Users),
		AllowForks: f.Forks, AllowSSHReruns: f.SSHReruns, AllowPullRequests: f.PullRequests,
	}
	if f.Prefixes == "/" {
		draft.Prefixes = []string{""}
	}
	for _, a := range f.Actions {
		draft.Actions = append(draft.Actions, grant.Action(a))
	}
	for _, line := range page.Lines(f.Conditions) {
		condition, err := parseCondition(line)
		if err != nil {
			return draft, err
		}
		draft.Conditions = append(draft.Conditions, condition)
	}
	minutes, err := strconv.Atoi(cmp.Or(f.Minutes, "60"))
	if err != nil || minutes < 1 || minutes > 24*60 {
		return draft, problem.New(problem.Invalid, "“%s” isn't a number of minutes.", f.Minutes).
			WithFindings(problem.Finding{Path: "max_duration_seconds", Message: "From 15 to 720 minutes."})
	}
	draft.MaxDuration = time.Duration(minutes) * time.Minute
	if draft.Exchanges, err = strconv.Atoi(cmp.Or(f.Exchanges, "1")); err != nil {
		return draft, problem.New(problem.Invalid, "“%s” isn't a number of exchanges.", f.Exchanges).
			WithFindings(problem.Finding{Path: "exchanges", Message: "From 1 to 100."})
	}
	return draft, nil
}

// parseCondition parses the syntax of conditionText.
func parseCondition(line string) (grant.Condition, error) {
	at := strings.IndexAny(line, "=~")
	if at < 1 || at == len(line)-1 {
		return grant.Condition{}, problem.New(problem.Invalid, "The condition “%s” isn’t of the form claim=value.",
			line).
			WithFindings(problem.Finding{
				Path:    "conditions",
				Message: "Write one per line: claim=value, claim=one,another, or claim~pattern for a branch or tag.",
			})
	}
	condition := grant.Condition{Claim: strings.TrimSpace(line[:at]), Operator: grant.Equals}
	for value := range strings.SplitSeq(line[at+1:], ",") {
		condition.Values = append(condition.Values, strings.TrimSpace(value))
	}
	switch {
	case line[at] == '~':
		condition.Operator = grant.Glob
	case len(condition.Values) > 1:
		condition.Operator = grant.OneOf
	}
	return condition, nil
}
