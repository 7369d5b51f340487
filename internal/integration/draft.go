package integration

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Draft describes an integration to create.
type Draft struct {
	Name          string            // default: the name of the role or the bucket
	RoleARN       string            // empty to reserve
	Locations     []object.Location // can be added later
	Access        Mode              // default [Read]
	Region        string
	Endpoint      string
	RequesterPays bool
	KMSKeyARNs    []string
	SessionLength time.Duration // default one hour
	Vending       bool
	WebhookURL    string // optional
	Onboarded     bool   // it comes from onboarding, of which a workspace has one
	ExternalID    string // always rejected; it exists to explain why
}

// refuseExternalID rejects an External ID that a caller chose.
func refuseExternalID(given string) error {
	if given == "" {
		return nil
	}
	const why = "Windlass generates External IDs. If callers could choose them, anyone who knows another customer's role " +
		"and External ID could use that role through Windlass."
	return problem.New(problem.Invalid, "Windlass generates the External ID. Remove external_id.").
		WithHint("The response contains the External ID for the role's trust policy.").
		WithFindings(problem.Finding{Path: "external_id", Message: why})
}

var (
	nameForm   = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$`)
	regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$`)
)

// faults collects everything that is invalid in an integration.
type faults struct {
	findings []problem.Finding
	hint     string // the next step, for the first of them
}

func (f *faults) add(path, format string, args ...any) {
	f.findings = append(f.findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (f *faults) addAll(path string, err error) {
	if len(f.findings) == 0 {
		f.hint = problem.From(err).Hint
	}
	found := problem.From(err).Findings
	for _, finding := range found {
		f.add(path+"."+finding.Path, "%s", finding.Message)
	}
	if len(found) == 0 {
		f.add(path, "%s", problem.From(err).Message)
	}
}

// validate validates an integration, and normalizes its locations. roleARN is
// from the caller.
func (s *Service) validate(i *Integration, roleARN string) error {
	var f faults
	i.checkName(&f)
	i.checkRole(&f, roleARN)
	i.checkLocations(&f)
	i.checkRest(&f)
	s.checkAddresses(&f, i)
	if len(f.findings) == 0 {
		i.checkPolicies(&f)
	}
	return f.problem()
}

// problem returns the faults as one error, or nil if there are none.
func (f *faults) problem() error {
	if len(f.findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The integration is invalid: %s", f.findings[0].Message).
		WithHint("%s", f.hint).WithFindings(f.findings...)
}

func (i *Integration) checkName(f *faults) {
	if !nameForm.MatchString(i.Name) {
		f.add("name", "The name %s isn't 1 to 64 letters, digits, spaces or ._- that start with a letter or digit.",
			quoted(i.Name))
	}
}

func (i *Integration) checkRole(f *faults, roleARN string) {
	i.RoleARN = ""
	if roleARN == "" {
		return
	}
	parsed, err := assume.ParseRoleARN(roleARN)
	if err != nil {
		f.addAll("role_arn", err)
		return
	}
	if ours := partitionOf(i.PrincipalARN); parsed.Partition() != ours {
		f.add("role_arn", "The role is in partition %s, but Windlass is in %s. Roles can't be assumed across partitions.",
			parsed.Partition(), ours)
		return
	}
	i.RoleARN = parsed
}

func (i *Integration) checkLocations(f *faults) {
	if len(i.Locations) > MaxLocations {
		f.add("locations", "The integration has %d locations. The limit is %d.", len(i.Locations), MaxLocations)
		return
	}
	locations := make([]object.Location, len(i.Locations))
	for n, l := range i.Locations {
		made, err := object.NewLocation(l.Bucket, l.Prefix)
		if err != nil {
			f.addAll(fmt.Sprintf("locations[%d]", n), err)
			continue
		}
		for m, earlier := range locations[:n] {
			if earlier.Bucket != "" && (earlier.Covers(made) || made.Covers(earlier)) {
				f.add(fmt.Sprintf("locations[%d]", n), "%s and locations[%d], %s, overlap.", made, m, earlier)
			}
		}
		locations[n] = made
	}
	i.Locations = locations
}

func (i *Integration) checkRest(f *faults) {
	if i.Access != Read && i.Access != ReadWrite {
		f.add("access", "Unknown access %s. Use read or readwrite.", quoted(string(i.Access)))
	}
	if i.Region != "" && (!regionForm.MatchString(i.Region) || len(i.Region) > 32) {
		f.add("region", "%s isn't a region such as eu-west-1.", quoted(i.Region))
	}
	if i.SessionLength < assume.MinDuration || i.SessionLength > assume.MaxDuration {
		f.add("session_seconds", "The session length is %d seconds. Use %d to %d.", int(i.SessionLength.Seconds()),
			int(assume.MinDuration.Seconds()), int(assume.MaxDuration.Seconds()))
	}
	if len(i.KMSKeyARNs) > MaxKMSKeys {
		f.add("kms_key_arns", "The integration has %d KMS keys. The limit is %d.", len(i.KMSKeyARNs), MaxKMSKeys)
	}
}

// checkPolicies generates the session policy to find invalid values. STS limits
// its length.
func (i *Integration) checkPolicies(f *faults) {
	need := i.Need()
	if len(need.Locations) == 0 {
		if len(need.KMSKeyARNs) == 0 {
			return
		}
		need.Locations = []generate.Location{{Bucket: "any-bucket"}} // to validate the keys
	}
	_, err := generate.SessionPolicy(need)
	var input *generate.InputError
	var size *generate.SizeError
	switch {
	case errors.As(err, &input):
		f.add(input.Field, "%s: %s.", quoted(input.Value), input.Reason)
	case errors.As(err, &size):
		f.add("locations", "The session policy for these locations has %d characters, and AWS allows %d. "+
			"Use fewer locations or shorter prefixes.", size.Characters, generate.MaxSessionPolicy)
	case err != nil:
		f.add("locations", "%v", err)
	}
}

// checkAddresses validates and normalizes the endpoint, and validates the
// webhook, which may have a path and a query.
func (s *Service) checkAddresses(f *faults, i *Integration) {
	if i.Endpoint != "" {
		endpoint, err := s.config.Endpoints.Endpoint(i.Endpoint)
		if err != nil {
			f.add("endpoint", "%v", err)
		} else {
			i.Endpoint = endpoint
		}
	}
	if i.WebhookURL == "" {
		return
	}
	if err := s.config.Endpoints.URL(i.WebhookURL); err != nil {
		f.add("webhook_url", "%v", err)
	} else if len(i.WebhookURL) > maxWebhook {
		f.add("webhook_url", "The webhook's address has %d bytes. Use at most %d.", len(i.WebhookURL), maxWebhook)
	}
}

// clone returns a copy with its own slices.
func (i *Integration) clone() Integration {
	c := *i
	c.Locations, c.KMSKeyARNs = slices.Clone(i.Locations), slices.Clone(i.KMSKeyARNs)
	c.Parts = maps.Clone(i.Parts)
	return c
}

func partitionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// quoted quotes a caller's input for a sentence, clipped to 80 bytes.
func quoted(s string) string { return clip.Quote(s, 80) }
