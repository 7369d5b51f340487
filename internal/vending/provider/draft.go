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

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// Draft describes a provider to create. The kind's preset has the defaults.
type Draft struct {
	Name              string // default: the kind
	Kind              Kind
	Organization      string // ID; required for CircleCI, unless Issuer is its shared issuer
	Issuer            string
	JWKSURL           string
	MultipleAudiences bool   // accept tokens with other audiences too; see [Provider]
	Audience          string // default: the organization for CircleCI, otherwise the service's public address
	Algorithms        []string
	MaxAge            time.Duration
	Shared            *bool   // of kind Custom; default true
	Claims            []Claim // in addition to the preset's
}

var (
	nameForm  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$`)
	claimForm = regexp.MustCompile(`^[A-Za-z0-9_./:-]{1,128}$`)
	idForm    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	audience  = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)
)

// maxURL is the longest issuer or JWKS URL, in bytes.
const maxURL = 512

// findings collects everything that is invalid in a provider.
type findings []problem.Finding

func (f *findings) add(path, format string, args ...any) {
	*f = append(*f, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The provider is invalid: %s", f[0].Message).WithFindings(f...)
}

// build returns the validated provider of a draft, without an ID.
func (s *Service) build(draft Draft) (Provider, error) {
	p := Provider{
		Name: cmp.Or(draft.Name, string(draft.Kind)), Kind: draft.Kind, Organization: draft.Organization,
		Issuer: draft.Issuer, JWKSURL: draft.JWKSURL, Audience: draft.Audience, MaxAge: draft.MaxAge,
		Algorithms: slices.Clone(draft.Algorithms), MultipleAudiences: draft.MultipleAudiences,
	}
	if err := p.applyPreset(); err != nil {
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
	return p, s.validate(&p)
}

// applyPreset sets missing fields from the kind's preset.
func (p *Provider) applyPreset() error {
	known, ok := presetOf(p.Kind)
	if !ok {
		if p.Kind == Custom {
			return nil
		}
		return problem.New(problem.Invalid, "Unknown kind of provider %s.", quoted(string(p.Kind))).
			WithHint("Use one of circleci, github, gitlab, buildkite, terraform and custom.").
			WithFindings(problem.Finding{Path: "kind", Message: "The kind is unknown."})
	}
	p.Claims, p.Guards = known.clone()
	p.MaxAge = cmp.Or(p.MaxAge, known.maxAge)
	p.Shared = p.Issuer == "" || p.Issuer == known.issuer || strings.HasSuffix(p.Issuer, ".ghe.com")
	p.Issuer = cmp.Or(p.Issuer, known.issuer)
	if p.Kind == CircleCI {
		p.Shared = p.Issuer == circleCIRoot
		if p.Organization != "" {
			p.Issuer, p.Audience = cmp.Or(p.Issuer, circleCIRoot+"/org/"+p.Organization),
				cmp.Or(p.Audience, p.Organization)
		}
		if p.Issuer == "" {
			return problem.New(problem.Invalid,
				"CircleCI has one issuer per organization, and the organization is missing.").
				WithHint("Set the organization's UUID. You find it under Organization Settings › Overview.").
				WithFindings(problem.Finding{Path: "organization", Message: "The organization's UUID is missing."})
		}
	}
	p.JWKSURL = cmp.Or(p.JWKSURL, strings.TrimSuffix(p.Issuer, "/")+known.jwks)
	return nil
}

func (s *Service) validate(p *Provider) error {
	var f findings
	if !nameForm.MatchString(p.Name) || p.Name == Members {
		f.add("name", "The name %s isn't 1 to 64 letters, digits, spaces or ._- that start with a letter or digit.",
			quoted(p.Name))
	}
	if why := explainURL(p.Issuer, s.config.Endpoints); why != "" {
		f.add("issuer", "The issuer %s %s.", quoted(p.Issuer), why)
	}
	if why := explainURL(p.JWKSURL, s.config.Endpoints); why != "" {
		f.add("jwks_url", "The JWKS URL %s %s.", quoted(p.JWKSURL), why)
	}
	if !audience.MatchString(p.Audience) {
		f.add("audience", "The audience isn't 1 to 255 printable characters without spaces.")
	}
	for _, algorithm := range p.Algorithms {
		if !slices.Contains(idtoken.Algorithms(), algorithm) {
			f.add("algorithms", "Unknown algorithm %s. Use %s.", quoted(algorithm),
				strings.Join(idtoken.Algorithms(), ", "))
		}
	}
	if p.MaxAge < minAge || p.MaxAge > maxAge {
		f.add("max_age_seconds", "The maximum age is %d seconds. Use %d to %d.",
			int(p.MaxAge.Seconds()), int(minAge.Seconds()), int(maxAge.Seconds()))
	}
	p.validateOrganization(&f)
	p.validateClaims(&f)
	return f.err()
}

func (p *Provider) validateOrganization(f *findings) {
	switch {
	case p.Organization == "":
	case (p.Kind == CircleCI || p.Kind == Buildkite) && !uuidForm.MatchString(p.Organization):
		f.add("organization", "%s isn't a lowercase UUID. Use the organization's ID.", quoted(p.Organization))
	case (p.Kind == GitHub || p.Kind == GitLab) && strings.Trim(p.Organization, "0123456789") != "":
		f.add("organization", "%s isn't a number. Use the organization's ID, because somebody else can take its name.",
			quoted(p.Organization))
	case !idForm.MatchString(p.Organization):
		f.add("organization", "%s isn't the ID of an organization.", quoted(p.Organization))
	default:
		if _, ok := p.organizationClaim(); !ok {
			f.add("organization", "The provider has no unchanging claim with role organization.")
		}
	}
	if p.Kind == CircleCI && strings.HasPrefix(p.Issuer, circleCIRoot+"/org/") &&
		p.Organization != "" && p.Issuer != circleCIRoot+"/org/"+p.Organization {
		f.add("issuer", "The issuer belongs to another organization.")
	}
}

func (p *Provider) organizationClaim() (Claim, bool) {
	c, ok := p.Of(Organization)
	return c, ok && c.Unchanging
}

// registeredClaims are in every token, and can't be declared.
var registeredClaims = []string{"iss", "aud", "exp", "iat", "nbf", "jti"}

func (p *Provider) validateClaims(f *findings) {
	if len(p.Claims) == 0 || len(p.Claims) > MaxClaims {
		f.add("claims", "The provider has %d claims. Use 1 to %d.", len(p.Claims), MaxClaims)
	}
	seen := map[string]bool{}
	for i, c := range p.Claims {
		path := fmt.Sprintf("claims[%d]", i)
		if !claimForm.MatchString(c.Name) {
			f.add(path+".name", "The name %s isn't 1 to 128 letters, digits or _./:-.", quoted(c.Name))
		}
		if slices.Contains(registeredClaims, c.Name) {
			f.add(path+".name", "Every token has the claim %q. Don't declare it.", c.Name)
		}
		if seen[c.Name] {
			f.add(path+".name", "The claim %q is declared twice.", c.Name)
		}
		seen[c.Name] = true
		if c.Kind != idtoken.String && c.Kind != idtoken.Boolean && c.Kind != idtoken.List {
			f.add(path+".kind", "Unknown kind. Use string, boolean or list.")
		}
		if !slices.Contains([]Role{Organization, Project, User, Context, Subject, Ref, Job, Event, Plain}, c.Role) {
			f.add(path+".role", "Unknown role %s.", quoted(string(c.Role)))
		}
		if (c.From == "") != (c.Form == "") ||
			c.From != "" && (strings.Count(c.Form, "{}") != 1 || c.Kind != idtoken.String) {
			f.add(path+".form", "A claim that is part of another must be a string, with from and a form that has one {}.")
		}
	}
}

// explainURL returns why an issuer or JWKS URL is invalid, or "" if it is
// valid. It doesn't normalize: an issuer must equal the one in tokens exactly.
func explainURL(address string, policy dial.Policy) string {
	if address == "" {
		return "is missing"
	}
	var fault *dial.EndpointError
	if errors.As(policy.URL(address), &fault) {
		return strings.TrimSuffix(fault.Detail, ".")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > maxURL:
		return "isn't a URL such as https://ci.example.com"
	case u.RawQuery != "" || u.ForceQuery:
		return "must not have a query"
	case strings.ToLower(u.Host) != u.Host:
		return "must have a lowercase host"
	}
	return ""
}

// Warnings returns warnings about a valid provider.
func (p *Provider) Warnings() []string {
	var out []string
	issuer, _ := url.Parse(p.Issuer)
	keys, _ := url.Parse(p.JWKSURL)
	if issuer != nil && keys != nil && issuer.Host != keys.Host {
		out = append(out, fmt.Sprintf(
			"The keys are at %s, but the issuer is %s. Anyone who controls the first can sign tokens for the second.",
			keys.Host, issuer.Host))
	}
	if p.Shared && p.Organization == "" {
		out = append(out, "Many customers share this issuer, and the provider has no organization. "+
			"Each grant needs a condition with the ID of an organization or project.")
	}
	return out
}

// quoted quotes a caller's input for a sentence, clipped to 80 bytes.
func quoted(s string) string { return clip.Quote(s, 80) }
