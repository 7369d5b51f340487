package ci

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// ciSetupPage has the three ways in which a CI can access a bucket, the best
// first, each with documents ready to copy. The page's address has the input
// for the documents.
type ciSetupPage struct {
	page.Frame
	CIs          []ciChoice
	Ways         []wayChoice
	CI, Way      string
	Fields       []ciField
	Form         ciForm
	Integrations []page.Option // names of those that may be vended from, and of the others
	Guide        *guideOf      // nil until the form is complete
}

// ciChoice is a CI to choose.
type ciChoice struct {
	Value, Name string
	Current     bool
}

// wayChoice is a way to choose, with its advantages.
type wayChoice struct {
	Value, Name, Text string
	Chip              page.Chip
	Current           bool
}

// ciField is one field of the input for the documents.
type ciField struct {
	ci.Field
	Value, Fault string
	Usual        string // the value that is used if it is empty
}

// ciForm has the fields that every way needs.
type ciForm struct{ Bucket, Prefix, Access, Integration string }

// guideOf is a guide to one way, step by step.
type guideOf struct {
	Title, Verdict string
	Steps          []guideStep
}

// guideStep is one thing to do.
type guideStep struct {
	Title string
	Text  []string // paragraphs
	Codes []page.Code
}

var ciNames = []page.Option{
	{Value: string(provider.CircleCI), Name: "CircleCI"},
	{Value: string(provider.GitHub), Name: "GitHub Actions"},
	{Value: string(provider.GitLab), Name: "GitLab"},
	{Value: string(provider.Buildkite), Name: "Buildkite"},
	{Value: string(provider.Terraform), Name: "Terraform Cloud"},
}

func ciName(kind provider.Kind) string {
	for _, o := range ciNames {
		if o.Value == string(kind) {
			return o.Name
		}
	}
	return "Another issuer"
}

// wayChoices returns the ways, the best first.
func wayChoices(current ci.Way) []wayChoice {
	return []wayChoice{
		{
			string(ci.Brokered), "Brokered by Windlass",
			"Windlass exchanges the job’s own token for credentials that last minutes and open one prefix. The CI " +
				"stores no key, and the audit log records who got credentials.",
			page.Chip{Tone: "good", Icon: "shield-check", Label: "Strongest"},
			current == ci.Brokered,
		},
		{
			string(ci.Direct),
			"Direct to AWS",
			"A role in your account trusts the CI’s tokens, with a fixed audience and subject. The CI stores no " +
				"key, and Windlass isn’t involved.",
			page.Chip{Tone: "calm", Icon: "link", Label: "Strong"},
			current == ci.Direct,
		},
		{
			string(ci.User),
			"A stored access key",
			"An IAM user whose key the CI stores. It works everywhere, for anyone who has it. Rotate it every 90 days.",
			page.Chip{Tone: "warn", Icon: "triangle-alert", Label: "Weakest"},
			current == ci.User,
		},
	}
}

func (h *Handlers) ci(w http.ResponseWriter, v *shell.Visit) error {
	order := h.ciOrder(v)
	p := &ciSetupPage{
		Frame: h.Frame(v, "CI access", "/ci"), CI: string(order.CI), Way: string(order.Way),
		Ways: wayChoices(order.Way),
		Form: ciForm{
			Bucket: order.Bucket, Prefix: order.Prefix, Access: string(order.Access),
			Integration: order.Integration,
		},
	}
	for _, o := range ciNames {
		p.CIs = append(p.CIs, ciChoice{o.Value, o.Name, o.Value == p.CI})
	}
	var err error
	if p.Integrations, err = h.vendable(v); err != nil {
		return err
	}
	guide, err := ci.Write(order)
	if err != nil && !shell.Rejected(err) {
		return err
	}
	p.Problem = page.ProblemOf(err)
	for _, f := range ci.Fields(order.CI, order.Way) {
		if f.Name == "integration" || f.Name == "workspace" {
			continue
		}
		field := ciField{
			Field: f, Value: v.URL.Query().Get(f.Name), Fault: p.Problem.Field(f.Name),
			Usual: usualOf(f.Name, order.CI),
		}
		if field.Value == "" {
			field.Fault = "" // it hasn't been entered yet
		}
		p.Fields = append(p.Fields, field)
	}
	if err == nil {
		p.Guide = viewGuide(guide)
	}
	h.Show(w, v.Request, http.StatusOK, "ci/setup", p)
	return nil
}

// usualOf returns the value of a field that is left empty.
func usualOf(field string, ci provider.Kind) string {
	switch field {
	case "name":
		return "ci-" + string(ci)
	case "region":
		return "us-east-1"
	}
	return ""
}

// ciOrder parses the input for the documents.
func (h *Handlers) ciOrder(v *shell.Visit) ci.Order {
	q := v.URL.Query()
	get := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	order := ci.Order{
		CI: provider.Kind(get("ci")), Way: ci.Way(get("way")), Server: h.BaseURL(), Workspace: v.WorkspaceName,
		Integration: get("integration"),
		Account:     get("account"), Bucket: get("bucket"), Prefix: get("prefix"),
		Access: generate.Access(get("access")),
		Region: get("region"), Name: get("name"),
		Job: ci.Job{
			Organization: get("organization"), OrganizationID: get("organization_id"), Project: get("project"),
			ProjectID: get("project_id"),
			Ref:       get("ref"), Environment: get("environment"),
		},
	}
	if order.CI == "" {
		order.CI = provider.CircleCI
	}
	if order.Way == "" {
		order.Way = ci.Brokered
	}
	if order.Access == "" {
		order.Access = generate.Read
	}
	return order
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// vendable returns the integrations, those that can vend credentials first.
func (h *Handlers) vendable(v *shell.Visit) ([]page.Option, error) {
	found, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	var ready, others []page.Option
	for _, i := range found.Items {
		value := i.Name
		if !plainName.MatchString(value) { // the documents can't contain other values
			value = i.ID
		}
		switch {
		case i.CheckVends() == nil:
			ready = append(ready, page.Option{Value: value, Name: i.Name})
		case i.State != integration.Removed:
			others = append(others, page.Option{Value: value, Name: i.Name + " (not for vending yet)"})
		}
	}
	return append(ready, others...), nil
}

func viewGuide(g ci.Guide) *guideOf {
	view := &guideOf{Title: g.Title, Verdict: g.Verdict}
	for n, s := range g.Steps {
		step := guideStep{Title: s.Title}
		for text := range strings.SplitSeq(s.Text, "\n\n") {
			if text != "" {
				step.Text = append(step.Text, text)
			}
		}
		for m, d := range s.Documents {
			step.Codes = append(step.Codes, page.Code{
				ID: "document-" + page.Count(n+1) + "-" + page.Count(m+1), Label: d.Name,
				Language: d.Language, Text: d.Text,
			})
		}
		view.Steps = append(view.Steps, step)
	}
	return view
}

// Missing returns the fields that are still required, in order.
func (p *ciSetupPage) Missing() []string {
	var missing []string
	for _, f := range p.Fields {
		if f.Required && f.Value == "" && p.Problem.Field(f.Name) != "" {
			missing = append(missing, f.Label)
		}
	}
	for _, place := range []struct{ path, label, value string }{
		{"bucket", "Bucket", p.Form.Bucket},
		{"integration", "AWS integration", p.Form.Integration},
	} {
		if p.Problem.Field(place.path) != "" && place.value == "" {
			missing = append(missing, place.label)
		}
	}
	return missing
}

// Wrong has the messages about the input.
func (p *ciSetupPage) Wrong() []problem.Finding {
	var wrong []problem.Finding
	for _, f := range p.Fields {
		if f.Fault != "" {
			wrong = append(wrong, problem.Finding{Path: f.Name, Message: f.Fault})
		}
	}
	for _, place := range []struct{ path, value string }{{"bucket", p.Form.Bucket}, {"prefix", p.Form.Prefix}} {
		if fault := p.Problem.Field(place.path); fault != "" && place.value != "" {
			wrong = append(wrong, problem.Finding{Path: place.path, Message: fault})
		}
	}
	return wrong
}
