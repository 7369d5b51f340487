package integration

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Change changes an integration. A nil field doesn't change.
type Change struct {
	Name          *string
	RoleARN       *string // the External ID stays the same
	Locations     *[]object.Location
	Access        *Mode
	Region        *string
	Endpoint      *string
	RequesterPays *bool
	KMSKeyARNs    *[]string
	SessionLength *time.Duration
	Vending       *bool
	WebhookURL    *string // empty: none
	Disabled      *bool
	ExternalID    string // always rejected, as in [Draft]
}

// Edited is a changed integration, and how its setup documents changed.
type Edited struct {
	Integration Integration
	TrustDiff   string // unified diff of the trust policy; empty when it is the same
	AccessDiff  string // unified diff of the permission policy
}

// Update changes an integration. A change that affects AWS's decisions makes
// what depends on it unverified, and invalidates a running verification: vending
// and writing can be added while the integration is read.
func (s *Service) Update(
	ctx context.Context, actor access.Actor, workspace, idOrName string, change Change,
) (Edited, error) {
	if err := s.check(ctx, actor, access.IntegrationUpdate, workspace, idOrName); err != nil {
		return Edited{}, err
	}
	if err := refuseExternalID(change.ExternalID); err != nil {
		return Edited{}, err
	}
	before, after, err := s.change(ctx, workspace, idOrName, func(i *Integration) error { return s.edit(i, change) })
	if err != nil {
		if problem.Is(err, problem.Conflict) && change.Name != nil {
			err = s.nameTaken(err, *change.Name)
		}
		return Edited{}, err
	}
	if after.Revision != before.Revision {
		s.config.Roles.Forget(after.ID)
	}
	if err := s.note(ctx, actor, access.IntegrationUpdate, &after, describeChanges(&before, &after)); err != nil {
		return Edited{}, err
	}
	return edited(before, after)
}

// edit applies a change to an integration.
func (s *Service) edit(i *Integration, change Change) error {
	if i.State == Removed {
		return problem.New(problem.Conflict, "The integration %s is removed.", i.ID).WithHint("Restore it first.")
	}
	was := i.clone()
	role := string(i.RoleARN)
	set(&role, change.RoleARN)
	set(&i.Name, change.Name)
	set(&i.Locations, change.Locations)
	set(&i.Access, change.Access)
	set(&i.Region, change.Region)
	set(&i.Endpoint, change.Endpoint)
	set(&i.RequesterPays, change.RequesterPays)
	set(&i.KMSKeyARNs, change.KMSKeyARNs)
	set(&i.SessionLength, change.SessionLength)
	set(&i.Vending, change.Vending)
	set(&i.WebhookURL, change.WebhookURL)
	i.Endpoint = strings.TrimSuffix(i.Endpoint, "/")
	if change.RoleARN != nil && role == "" && was.RoleARN != "" {
		return problem.New(problem.Invalid, "The role ARN can't be removed.").
			WithHint("Set the ARN of another role, or remove the integration.").
			WithFindings(problem.Finding{Path: "role_arn", Message: "The role ARN is empty."})
	}
	if err := s.validate(i, role); err != nil {
		return err
	}
	disabled := was.State == Disabled
	set(&disabled, change.Disabled)
	switch {
	case disabled:
		i.State, i.Reason = Disabled, ""
	case was.State == Disabled || !was.isSameForReading(i):
		i.unverify()
	}
	if !was.isSameForAWS(i) {
		i.Revision++
		i.EditedAt = s.now()
	}
	if !was.isSameForReading(i) {
		i.ReadRevision = i.Revision
	}
	i.fitParts(!was.isSameForReading(i))
	return nil
}

// unverify sets the state to unverified, or to reserved without a role.
func (i *Integration) unverify() {
	i.State, i.Reason = Unverified, ""
	if i.RoleARN == "" {
		i.State = Reserved
	}
	i.fitParts(true)
}

// isSameForReading reports whether reading works as before a change to the other.
// Vending and writing only add to what the role allows; that writing is denied is
// proven with reading.
func (i *Integration) isSameForReading(other *Integration) bool {
	with := *other
	with.Vending = i.Vending
	if other.Access == ReadWrite {
		with.Access = i.Access
	}
	return i.isSameForAWS(&with)
}

// isSameForAWS reports whether a verification of one integration applies to the
// other: they agree in everything that affects AWS's decisions.
func (i *Integration) isSameForAWS(other *Integration) bool {
	return i.RoleARN == other.RoleARN && i.ExternalID == other.ExternalID && i.PrincipalARN == other.PrincipalARN &&
		slices.Equal(i.Locations, other.Locations) && i.Access == other.Access && i.Region == other.Region &&
		i.Endpoint == other.Endpoint && i.RequesterPays == other.RequesterPays &&
		slices.Equal(i.KMSKeyARNs, other.KMSKeyARNs) && i.SessionLength == other.SessionLength &&
		i.Vending == other.Vending
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// edited returns a changed integration with the diffs of its documents.
func edited(before, after Integration) (Edited, error) {
	was, err := before.Documents()
	if err != nil {
		return Edited{}, err
	}
	is, err := after.Documents()
	if err != nil {
		return Edited{}, err
	}
	return Edited{
		Integration: after,
		TrustDiff:   aws.Diff("trust-policy.json", was.Trust, is.Trust),
		AccessDiff:  aws.Diff("permission-policy.json", was.Permission, is.Permission),
	}, nil
}
