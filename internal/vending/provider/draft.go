package provider

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// Draft is what a caller says of a new provider. What is left out comes from
// the kind's preset.
type Draft struct {
	Name         string // default: the kind
	Kind         Kind
	Organization string // the organization's ID; CircleCI: required, unless Issuer says the shared one
	Issuer       string
	JWKSURL      string
	// MultipleAudiences accepts tokens that are for others too; see [Provider].
	MultipleAudiences bool
	Audience          string // default: the organization for CircleCI, else the service's public address
	Algorithms        []string
	MaxAge            time.Duration
	Shared            *bool   // Custom: default true
	Claims            []Claim // beside those of the preset
}

var (
	nameForm  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$`)
	claimForm = regexp.MustCompile(`^[A-Za-z0-9_./:-]{1,128}$`)
	idForm    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	audience  = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)
)

// maxAddress bounds an issuer and an address of keys, in bytes.
const maxAddress = 512

// faults are all that is wrong with a provider that is about to be saved.
type faults struct{ findings []problem.Finding }

func (f *faults) add(path, format string, args ...any) {
	f.findings = append(f.findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (f *faults) err() error {
	if len(f.findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The provider cannot be saved like this: %s", f.findings[0].Message).WithFindings(f.findings...)
}

// made is the provider that a draft asks for, or every fault it has.
func (s *Service) made(draft Draft) (Provider, error) {
	p := Provider{
		Name: cmp.Or(draft.Name, string(draft.Kind)), Kind: draft.Kind, Organization: draft.Organization,
		Issuer: draft.Issuer, JWKSURL: draft.JWKSURL, Audience: draft.Audience, Algorithms: slices.Clone(draft.Algorithms), MaxAge: draft.MaxAge,
		MultipleAudiences: draft.MultipleAudiences,
	}
	if err := p.preset(); err != nil {
		return Provider{}, err
	}
	if draft.Kind == Custom {
		p.Shared = draft.Shared == nil || *draft.Shared
	}
	p.Claims = append(p.Claims, draft.Claims...)
	if p.Audience == "" {
		p.Audience = s.config.Audience
	}
	if len(p.Algorithms) == 0 {
		p.Algorithms = []string{"RS256"}
	}
	p.MaxAge = cmp.Or(p.MaxAge, time.Hour)
	return p, s.checked(&p)
}

// preset fills in what the kind's preset knows.
func (p *Provider) preset() error {
	known, ok := presetOf(p.Kind)
	if !ok {
		if p.Kind == Custom {
			return nil
		}
		return problem.New(problem.Invalid, "There is no kind of provider %q.", p.Kind).WithHint("The kinds are circleci, github, gitlab, buildkite, terraform and custom.").
			WithFindings(problem.Finding{Path: "kind", Message: "The kind is not known."})
	}
	p.Claims, p.Guards = known.clone()
	p.MaxAge = cmp.Or(p.MaxAge, known.maxAge)
	p.Shared = p.Issuer == "" || p.Issuer == known.issuer || strings.HasSuffix(p.Issuer, ".ghe.com")
	p.Issuer = cmp.Or(p.Issuer, known.issuer)
	if p.Kind == CircleCI {
		p.Shared = p.Issuer == circleCIRoot
		if p.Organization != "" {
			p.Issuer, p.Audience = cmp.Or(p.Issuer, circleCIRoot+"/org/"+p.Organization), cmp.Or(p.Audience, p.Organization)
		}
		if p.Issuer == "" {
			return problem.New(problem.Invalid, "CircleCI has an issuer for each organization, and no organization is named.").
				WithHint("Give the organization's UUID; it is under Organization Settings › Overview.").
				WithFindings(problem.Finding{Path: "organization", Message: "The organization's UUID is missing."})
		}
	}
	p.JWKSURL = cmp.Or(p.JWKSURL, strings.TrimSuffix(p.Issuer, "/")+known.jwks)
	return nil
}

func (s *Service) checked(p *Provider) error {
	var f faults
	if !nameForm.MatchString(p.Name) || p.Name == Members {
		f.add("name", "The name %q is not 1 to 64 letters, digits, spaces or ._-, beginning with a letter or digit.", bounded(p.Name))
	}
	if fault := addressFault(p.Issuer, s.config.Endpoints); fault != "" {
		f.add("issuer", "The issuer %q %s.", bounded(p.Issuer), fault)
	}
	if fault := addressFault(p.JWKSURL, s.config.Endpoints); fault != "" {
		f.add("jwks_url", "The address of the keys %q %s.", bounded(p.JWKSURL), fault)
	}
	if !audience.MatchString(p.Audience) {
		f.add("audience", "An audience is 1 to 255 characters that print, without spaces.")
	}
	for _, algorithm := range p.Algorithms {
		if !slices.Contains(idtoken.Algorithms(), algorithm) {
			f.add("algorithms", "The algorithm %q is not one of %s.", bounded(algorithm), strings.Join(idtoken.Algorithms(), ", "))
		}
	}
	if p.MaxAge < minAge || p.MaxAge > maxAge {
		f.add("max_age_seconds", "Tokens are taken for %d to %d seconds after they were issued, not %d.", int(minAge.Seconds()), int(maxAge.Seconds()), int(p.MaxAge.Seconds()))
	}
	p.checkOrganization(&f)
	p.checkClaims(&f)
	return f.err()
}

func (p *Provider) checkOrganization(f *faults) {
	switch {
	case p.Organization == "":
	case p.Kind == CircleCI && !uuidForm.MatchString(p.Organization), p.Kind == Buildkite && !uuidForm.MatchString(p.Organization):
		f.add("organization", "%q is not a UUID in lower case: the organization is named by its ID.", bounded(p.Organization))
	case (p.Kind == GitHub || p.Kind == GitLab) && strings.Trim(p.Organization, "0123456789") != "":
		f.add("organization", "%q is not a number: the organization is named by its ID, since another can take its name.", bounded(p.Organization))
	case !idForm.MatchString(p.Organization):
		f.add("organization", "%q is not the ID of an organization.", bounded(p.Organization))
	default:
		if _, ok := p.organizationClaim(); !ok {
			f.add("organization", "No unchanging claim of role organization is declared.")
		}
	}
	if p.Kind == CircleCI && strings.HasPrefix(p.Issuer, circleCIRoot+"/org/") && p.Organization != "" && p.Issuer != circleCIRoot+"/org/"+p.Organization {
		f.add("issuer", "The issuer is of another organization.")
	}
}

func (p *Provider) organizationClaim() (Claim, bool) {
	c, ok := p.Of(Organization)
	return c, ok && c.Unchanging
}

func (p *Provider) checkClaims(f *faults) {
	if len(p.Claims) == 0 || len(p.Claims) > MaxClaims {
		f.add("claims", "%d claims are declared; a provider has 1 to %d.", len(p.Claims), MaxClaims)
	}
	seen := map[string]bool{}
	for i, c := range p.Claims {
		path := fmt.Sprintf("claims[%d]", i)
		if !claimForm.MatchString(c.Name) || slices.Contains([]string{"iss", "aud", "exp", "iat", "nbf", "jti"}, c.Name) {
			f.add(path+".name", "A claim's name is 1 to 128 letters, digits or _./:-, and none that every token has: %q.", bounded(c.Name))
		}
		if seen[c.Name] {
			f.add(path+".name", "The claim %q is declared twice.", c.Name)
		}
		seen[c.Name] = true
		if c.Kind != idtoken.String && c.Kind != idtoken.Boolean && c.Kind != idtoken.List {
			f.add(path+".kind", "A claim is a string, a boolean or a list.")
		}
		if !slices.Contains([]Role{Organization, Project, User, Context, Subject, Ref, Job, Event, Plain}, c.Role) {
			f.add(path+".role", "The role %q is not known.", bounded(string(c.Role)))
		}
		if (c.From == "") != (c.Form == "") || c.From != "" && (strings.Count(c.Form, "{}") != 1 || c.Kind != idtoken.String) {
			f.add(path+".form", "A claim made of a part of another is a string, and has from and a form with one {}.")
		}
	}
}

// addressFault returns the fault of an issuer or an address of keys; empty
// when there is none. An issuer is compared letter by letter with what tokens
// name, so nothing of it is changed.
func addressFault(address string, policy dial.Policy) string {
	if address == "" {
		return "is missing"
	}
	var fault *dial.EndpointError
	if errors.As(policy.URL(address), &fault) {
		return strings.TrimSuffix(fault.Detail, ".")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > maxAddress:
		return "is not an address such as https://ci.example.com"
	case u.RawQuery != "" || u.ForceQuery:
		return "must not have a query"
	case strings.ToLower(u.Host) != u.Host:
		return "must have its host in lower case"
	}
	return ""
}

// Warnings are what is allowed, and worth a second thought.
func (p *Provider) Warnings() []string {
	var out []string
	issuer, _ := url.Parse(p.Issuer)
	keys, _ := url.Parse(p.JWKSURL)
	if issuer != nil && keys != nil && issuer.Host != keys.Host {
		out = append(out, fmt.Sprintf("The keys are at %s and the issuer is %s: whoever has the former can sign for the latter.", keys.Host, issuer.Host))
	}
	if p.Shared && p.Organization == "" {
		out = append(out, "Many customers share this issuer and no organization is named: each grant must name an organization or project by its ID.")
	}
	return out
}

// bounded cuts what a caller gave to what a sentence bears.
func bounded(s string) string { return s[:min(len(s), 80)] }
