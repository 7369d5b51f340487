package ci

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// ciAccessPage lists accepted providers, what their tokens allow, and what
// was vended last.
type ciAccessPage struct {
	page.Frame
	Providers []providerView
	Grants    []grantView
	Exchanges []view.Entry
	Form      providerForm
	Next      string
}

// providerView is an issuer.
type providerView struct {
	ID, Name, Kind, Issuer, Audience, Organization string
	Warnings                                       []string
	CreatedAt                                      time.Time
}

// grantView is a grant.
type grantView struct {
	ID, Name, Provider, ProviderName string
	Integration, IntegrationPath     string
	Bucket                           string
	Prefixes                         []string
	Actions                          string
	Conditions                       []string
	Duration                         time.Duration
	Users                            int
	CreatedAt, NotAfter              time.Time
}

// Addresses returns the locations that the grant gives access to.
func (g grantView) Addresses() []string {
	addresses := make([]string, len(g.Prefixes))
	for n, prefix := range g.Prefixes {
		addresses[n] = "s3://" + g.Bucket + "/" + prefix
	}
	return addresses
}

// providerForm has the input for a provider.
type providerForm struct {
	Multiple                                            bool
	Kind, Name, Organization, Issuer, JWKSURL, Audience string
	// of another issuer, one per line: "name role", with "unchanging" behind an ID
	Claims string
}

// Kinds returns the kinds of issuers to choose from.
func (ciAccessPage) Kinds() []page.Option {
	return append(append([]page.Option(nil), ciNames...),
		page.Option{Value: string(provider.Custom), Name: "Another issuer"})
}

// lastExchanges limits the exchanges on the page. The audit has all.
const lastExchanges = 8

func (h *Handlers) ciAccess(w http.ResponseWriter, v *shell.Visit) error {
	form := providerForm{}
	if v.Draft != nil {
		form = readProviderForm(v.Typed())
	}
	return h.showCIAccess(w, v, http.StatusOK, form, nil)
}

func (h *Handlers) showCIAccess(w http.ResponseWriter, v *shell.Visit, status int, form providerForm,
	rejection error,
) error {
	p := &ciAccessPage{Frame: h.Frame(v, "Providers and grants", "/ci"), Form: form}
	p.Problem = page.ProblemOf(rejection)
	providers, err := h.providers(v)
	if err != nil {
		return err
	}
	for _, found := range providers {
		p.Providers = append(p.Providers, viewProvider(found))
	}
	if p.Grants, p.Next, err = h.listGrants(v, providers); err != nil {
		return err
	}
	found, err := h.Audit.List(v.Context(), v.Actor, v.Workspace, audit.Filter{Action: string(access.GrantUse)},
		paging.Request{Limit: lastExchanges})
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, g := range p.Grants {
		names[g.ID] = g.Name
	}
	for _, e := range found.Items {
		view := view.EntryOf(e, view.AuditFilter{})
		if name := names[e.Resource.ID]; name != "" {
			view.Resource = name
		}
		p.Exchanges = append(p.Exchanges, view)
	}
	h.Show(w, v.Request, status, "ci/access", p)
	return nil
}

func (h *Handlers) providers(v *shell.Visit) ([]provider.Provider, error) {
	found, err := h.Providers.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	return found.Items, err
}

func viewProvider(p provider.Provider) providerView {
	return providerView{
		ID: p.ID, Name: p.Name, Kind: ciName(p.Kind), Issuer: p.Issuer, Audience: p.Audience,
		Organization: p.Organization,
		Warnings:     p.Warnings(), CreatedAt: p.CreatedAt,
	}
}

func (h *Handlers) listGrants(v *shell.Visit, providers []provider.Provider) ([]grantView, string, error) {
	found, err := h.Grants.List(v.Context(), v.Actor, v.Workspace,
		paging.Request{Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return nil, "", err
	}
	integrations, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace,
		paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, "", err
	}
	names := map[string]string{provider.Members: "Members who are signed in"}
	for _, p := range providers {
		names[p.ID] = p.Name
	}
	for _, i := range integrations.Items {
		names[i.ID] = i.Name
	}
	var grants []grantView
	for _, g := range found.Items {
		grants = append(grants, viewGrant(g, names))
	}
	return grants, page.NextPath("/ci/access", found.Next), nil
}

// viewGrant is a grant as pages show it; names are those of providers and
// integrations by their IDs.
func viewGrant(g grant.Grant, names map[string]string) grantView {
	view := grantView{
		ID: g.ID, Name: g.Name, Provider: g.Provider, ProviderName: names[g.Provider],
		Integration: names[g.Integration], IntegrationPath: view.IntegrationPath(g.Integration),
		Bucket: g.Bucket, Prefixes: g.Prefixes, Duration: g.MaxDuration, Users: len(g.Users), CreatedAt: g.CreatedAt,
		NotAfter: g.NotAfter,
	}
	if view.ProviderName == "" {
		view.ProviderName = "a removed provider"
	}
	if view.Integration == "" {
		view.Integration = "a removed integration"
	}
	actions := make([]string, len(g.Actions))
	for n, a := range g.Actions {
		actions[n] = string(a)
	}
	view.Actions = strings.Join(actions, ", ")
	for _, condition := range g.Conditions {
		view.Conditions = append(view.Conditions, conditionText(condition))
	}
	return view
}

// conditionText returns a condition in the syntax of the form and the command line:
// "claim=value" or "claim~pattern", several values with commas.
func conditionText(c grant.Condition) string {
	sign := "="
	if c.Operator == grant.Glob {
		sign = "~"
	}
	return c.Claim + sign + strings.Join(c.Values, ",")
}

// providerFields has the fields of a provider's form.
var providerFields = []string{
	"kind", "name", "organization", "issuer", "jwks_url", "audience", "multiple_audiences", "claims",
}

func readProviderForm(v *shell.Visit) providerForm {
	get := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	return providerForm{
		Kind: get("kind"), Name: get("name"), Organization: get("organization"), Issuer: get("issuer"),
		JWKSURL: get("jwks_url"), Audience: get("audience"), Multiple: get("multiple_audiences") != "",
		Claims: get("claims"),
	}
}

// providerAdd adds a provider.
func (h *Handlers) providerAdd(w http.ResponseWriter, v *shell.Visit) error {
	form := readProviderForm(v)
	_, err := h.Providers.Create(v.Context(), v.Actor, v.Workspace, provider.Draft{
		Kind: provider.Kind(form.Kind), Name: form.Name, Organization: form.Organization, Issuer: form.Issuer,
		JWKSURL: form.JWKSURL, Audience: form.Audience,
		MultipleAudiences: form.Multiple,
		Claims:            form.claims(),
	})
	if shell.Rejected(err) {
		return h.showCIAccess(w, v, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/ci/access?done=provider-added")
	return nil
}

// claims parses the claims of another issuer. The domain validates them.
func (f providerForm) claims() []provider.Claim {
	var claims []provider.Claim
	for _, line := range page.Lines(f.Claims) {
		words := strings.Fields(line)
		claim := provider.Claim{Name: words[0], Kind: idtoken.String}
		for _, word := range words[1:] {
			if word == "unchanging" {
				claim.Unchanging = true
			} else {
				claim.Role = provider.Role(word)
			}
		}
		claims = append(claims, claim)
	}
	return claims
}
