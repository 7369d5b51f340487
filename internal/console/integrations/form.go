package integrations

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// integrationForm has the input for an integration.
type integrationForm struct {
	Order         string // "role" or "reserve"
	RoleARN       string
	Name          string
	Locations     []view.Location // at least one row
	Access        string
	Region        string
	Endpoint      string
	KMSKeys       string // one ARN a line
	RequesterPays bool
	Vending       bool
	Session       *time.Duration // nil: unchanged, or an hour
	Webhook       *string        // nil: unchanged, or none
}

// readIntegrationForm parses the form. It reads one row more than an
// integration may have, so that the domain can report that there are too
// many.
func readIntegrationForm(r *http.Request) integrationForm {
	_ = r.ParseForm() // unreadable fields are empty and rejected as such
	f := integrationForm{
		Order: r.PostForm.Get("order"), RoleARN: strings.TrimSpace(r.PostForm.Get("role_arn")),
		Name: strings.TrimSpace(r.PostForm.Get("name")), Access: r.PostForm.Get("access"),
		Region: strings.TrimSpace(r.PostForm.Get("region")), Endpoint: strings.TrimSpace(r.PostForm.Get("endpoint")),
		KMSKeys: r.PostForm.Get("kms_key_arns"), RequesterPays: r.PostForm.Get("requester_pays") == "true",
		Vending: r.PostForm.Get("vending") == "true",
	}
	if seconds, err := strconv.Atoi(r.PostForm.Get("session_seconds")); err == nil {
		length := time.Duration(seconds) * time.Second
		f.Session = &length
	}
	if r.PostForm.Has("webhook_url") {
		address := strings.TrimSpace(r.PostForm.Get("webhook_url"))
		f.Webhook = &address
	}
	prefixes := r.PostForm["prefix"]
	for n, bucket := range r.PostForm["bucket"] {
		if n > integration.MaxLocations || n >= len(prefixes) {
			break
		}
		f.Locations = append(f.Locations, view.Location{
			Bucket: strings.TrimSpace(bucket),
			Prefix: strings.TrimSpace(prefixes[n]),
		})
	}
	f.pad()
	return f
}

// pad adds an empty row for input.
func (f *integrationForm) pad() {
	if len(f.Locations) == 0 {
		f.Locations = []view.Location{{}}
	}
}

// editRows performs the action of the buttons next to the rows, and reports
// whether one of them was pressed.
func (f *integrationForm) editRows(action string) bool {
	if action == "add-location" {
		if len(f.Locations) < integration.MaxLocations {
			f.Locations = append(f.Locations, view.Location{})
		}
		return true
	}
	row, ok := strings.CutPrefix(action, "remove-location-")
	if !ok {
		return false
	}
	if n, err := strconv.Atoi(row); err == nil && n >= 0 && n < len(f.Locations) {
		f.Locations = append(f.Locations[:n], f.Locations[n+1:]...)
		f.pad()
	}
	return true
}

// locations returns the rows that aren't empty.
func (f *integrationForm) locations() []object.Location {
	locations := []object.Location{}
	for _, l := range f.Locations {
		if l != (view.Location{}) {
			locations = append(locations, object.Location{Bucket: l.Bucket, Prefix: l.Prefix})
		}
	}
	return locations
}

func (f *integrationForm) kmsKeys() []string { return strings.Fields(f.KMSKeys) }

func (f *integrationForm) draft() integration.Draft {
	d := integration.Draft{
		Name: f.Name, Locations: f.locations(), Access: integration.Mode(f.Access),
		Region: f.Region, Endpoint: f.Endpoint, RequesterPays: f.RequesterPays, KMSKeyARNs: f.kmsKeys(),
		Vending: f.Vending,
	}
	if f.Order != "reserve" {
		d.RoleARN = f.RoleARN
	}
	if f.Session != nil {
		d.SessionLength = *f.Session
	}
	if f.Webhook != nil {
		d.WebhookURL = *f.Webhook
	}
	return d
}

func (f *integrationForm) change() integration.Change {
	locations, mode, keys := f.locations(), integration.Mode(f.Access), f.kmsKeys()
	return integration.Change{
		Name: &f.Name, RoleARN: &f.RoleARN, Locations: &locations, Access: &mode,
		Region: &f.Region, Endpoint: &f.Endpoint, RequesterPays: &f.RequesterPays, KMSKeyARNs: &keys,
		Vending:       &f.Vending,
		SessionLength: f.Session, WebhookURL: f.Webhook,
	}
}

// sessionChoice is a length that a role's sessions may have.
type sessionChoice struct {
	Seconds int
	Name    string
	Chosen  bool
}

// Sessions returns the lengths to choose from, including the current one.
func (f integrationForm) Sessions() []sessionChoice {
	chosen := assume.DefaultDuration
	if f.Session != nil {
		chosen = *f.Session
	}
	lengths := []time.Duration{
		assume.MinDuration, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
		8 * time.Hour, assume.MaxDuration,
	}
	if !slices.Contains(lengths, chosen) {
		lengths = append(lengths, chosen)
	}
	slices.Sort(lengths)
	choices := make([]sessionChoice, len(lengths))
	for n, length := range lengths {
		choices[n] = sessionChoice{int(length.Seconds()), view.LengthName(length), length == chosen}
	}
	return choices
}

// More reports whether the collapsed part of the form has input.
func (f integrationForm) More() bool {
	return f.Region != "" || f.Endpoint != "" || f.RequesterPays || f.Vending || f.KMSKeys != "" ||
		f.Webhook != nil && *f.Webhook != "" || f.Session != nil && *f.Session != assume.DefaultDuration
}

func formOfIntegration(i integration.Integration) integrationForm {
	f := integrationForm{
		RoleARN: string(i.RoleARN), Name: i.Name, Locations: view.IntegrationOf(i).Locations, Access: string(i.Access),
		Region: i.Region, Endpoint: i.Endpoint, KMSKeys: strings.Join(i.KMSKeyARNs, "\n"),
		RequesterPays: i.RequesterPays, Vending: i.Vending,
		Session: &i.SessionLength, Webhook: &i.WebhookURL,
	}
	f.pad()
	return f
}

// integrationProblem assigns an error's findings to the form's fields. The
// domain counts the given locations, but the form counts its rows. A fault of
// a whole location is shown at its bucket.
func (f *integrationForm) integrationProblem(err error) *page.Problem {
	p := page.ProblemOf(err)
	p.Relabel(func(path string) string {
		switch {
		case strings.HasPrefix(path, "locations["):
			return f.rowPath(path)
		case path == "locations":
			return "locations[0].bucket"
		case strings.HasPrefix(path, "kms_key_arns"):
			return "kms_key_arns"
		}
		return path
	})
	return p
}

// rowPath returns the path of a location's field by its row; empty if no row has
// the location.
func (f *integrationForm) rowPath(path string) string {
	given := 0
	for row, l := range f.Locations {
		if l == (view.Location{}) {
			continue
		}
		from, to := fmt.Sprintf("locations[%d]", given), fmt.Sprintf("locations[%d]", row)
		if path == from {
			return to + ".bucket"
		}
		if part, ok := strings.CutPrefix(path, from+"."); ok {
			return to + "." + part
		}
		given++
	}
	return ""
}

// roleARNView is the text below the role ARN field.
type roleARNView struct{ Error, Account, Role, Partition string }

// viewRoleARN parses a role ARN while it is being entered. An empty one shows
// nothing.
func viewRoleARN(text string) roleARNView {
	if text == "" {
		return roleARNView{}
	}
	arn, err := assume.ParseRoleARN(text)
	if err != nil {
		return roleARNView{Error: problem.From(err).Message}
	}
	return roleARNView{Account: arn.Account(), Role: arn.Name(), Partition: arn.Partition()}
}

// integrationRoleARN serves a description of a role ARN while it is being entered.
func (h *Handlers) integrationRoleARN(w http.ResponseWriter, v *shell.Visit) error {
	h.Write(w, v.Request, http.StatusOK, "integrations/new", "role-arn-note",
		viewRoleARN(strings.TrimSpace(v.PostFormValue("role_arn"))))
	return nil
}

// integrationGuide serves the guide with the policy for the locations while
// they are being entered.
func (h *Handlers) integrationGuide(w http.ResponseWriter, v *shell.Visit) error {
	form := readIntegrationForm(v.Request)
	h.Write(w, v.Request, http.StatusOK, "integrations/new", "guide",
		view.GuideBefore(view.GuideRoleARN, form.Locations, form.Access))
	return nil
}

// formFields has the fields of the form that are kept while someone signs in
// again.
var formFields = []string{
	"order", "role_arn", "name", "access", "region", "endpoint", "kms_key_arns", "requester_pays", "vending",
	"session_seconds", "webhook_url", "bucket", "prefix",
}
