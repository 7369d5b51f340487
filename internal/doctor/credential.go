package doctor

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Credentials manages access keys. *[credential.Service] implements it.
type Credentials interface {
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (credential.Credential, error)
	Access(ctx context.Context, actor access.Actor, workspace, idOrName, bucket string) (object.Access, error)
}

// KeyOrder requests the verification of an access key. The key itself has no
// locations.
type KeyOrder struct {
	Locations []object.Location // 1 to [integration.MaxLocations]
	Access    integration.Mode  // default read
}

// VerifyCredential verifies an access key with the checks that don't need a
// role, and returns the result. If see isn't nil, it is called at the start and
// after each check. The result is stored as the key's latest verification. It
// is for people and has no effect on loads.
func (s *Service) VerifyCredential(
	ctx context.Context, actor access.Actor, workspace, idOrName string, order KeyOrder, see func(Verification),
) (Verification, error) {
	key, err := s.config.Credentials.Get(ctx, actor, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	if order, err = order.validated(); err != nil {
		return Verification{}, err
	}
	reach, err := s.keyReaches(ctx, actor, key, order.Locations)
	if err != nil {
		return Verification{}, err
	}
	now := s.now()
	r, err := s.newRun(plan{i: placeholder(&key, order), key: &key, reaches: reach, actor: actor})
	if err != nil {
		return Verification{}, err
	}
	v := Verification{
		ID: id.New("ver", now), Workspace: workspace, Credential: key.ID, State: Running, Subject: subjectOf(&r.i),
		Trigger: Asked, By: cmp.Or(actor.Name, actor.ID), Checks: []Check{}, StartedAt: now,
	}
	s.performKey(ctx, r, &v, see)
	s.note(ctx, r, &v)
	return v, s.config.Store.SaveCredentialVerification(context.WithoutCancel(ctx), v)
}

// performKey runs the checks of an access key.
func (s *Service) performKey(ctx context.Context, r *run, v *Verification, see func(Verification)) {
	limited, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	show := func() {
		if see != nil {
			see(*v)
		}
	}
	show()
	r.runChecks(limited, func(c Check) {
		v.Checks = append(v.Checks, c)
		show()
	})
	v.EndedAt = s.now()
	v.State, v.Reason = verdict(v, integration.Reading, false)
	show()
}

// LastOfCredential returns an access key's latest verification, or a problem
// with code not_found.
func (s *Service) LastOfCredential(
	ctx context.Context, actor access.Actor, workspace, idOrName string,
) (Verification, error) {
	key, err := s.config.Credentials.Get(ctx, actor, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	v, err := s.config.Store.CredentialVerification(ctx, workspace, key.ID)
	if problem.Is(err, problem.NotFound) {
		return Verification{}, problem.New(problem.NotFound, "The access key %q has never been verified.", key.Name).
			WithHint("Run windlass credential verify %s --location s3://BUCKET/PREFIX/", key.Name)
	}
	return v, err
}

// validated returns the order with defaults and normalized locations, or a
// problem with all findings.
func (o KeyOrder) validated() (KeyOrder, error) {
	o.Access = cmp.Or(o.Access, integration.Read)
	var findings []problem.Finding
	add := func(path, format string, args ...any) {
		findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if o.Access != integration.Read && o.Access != integration.ReadWrite {
		add("access", "Unknown access %q. Use read or readwrite.", o.Access)
	}
	if n := len(o.Locations); n == 0 || n > integration.MaxLocations {
		add("locations", "The number of locations is %d. Use 1 to %d.", n, integration.MaxLocations)
		o.Locations = nil
	}
	locations := make([]object.Location, len(o.Locations))
	for n, l := range o.Locations {
		made, err := object.NewLocation(l.Bucket, l.Prefix)
		if err != nil {
			add(fmt.Sprintf("locations[%d]", n), "%s", problem.From(err).Message)
		}
		locations[n] = made
	}
	o.Locations = locations
	if len(findings) > 0 {
		return KeyOrder{}, problem.New(problem.Invalid, "Invalid request: %s", findings[0].Message).
			WithHint("Specify the locations that the key should have access to, such as s3://acme-data/daily/.").
			WithFindings(findings...)
	}
	return o, nil
}

// keyReaches returns the access of the key to each bucket.
func (s *Service) keyReaches(
	ctx context.Context, actor access.Actor, key credential.Credential, locations []object.Location,
) (map[string]object.Access, error) {
	out := map[string]object.Access{}
	for _, l := range locations {
		reach, ok := out[l.Bucket]
		if !ok {
			var err error
			if reach, err = s.config.Credentials.Access(ctx, actor, key.Workspace, key.ID, l.Bucket); err != nil {
				return nil, err
			}
		}
		reach.Locations = append(reach.Locations, l)
		out[l.Bucket] = reach
	}
	return out, nil
}

// placeholder returns an integration for the access key, so that the checks
// needn't distinguish keys from roles.
func placeholder(key *credential.Credential, order KeyOrder) integration.Integration {
	return integration.Integration{
		ID: key.ID, Workspace: key.Workspace, Name: key.Name, State: integration.Unverified,
		PrincipalARN: principalIn(key.Region), Locations: order.Locations, Access: order.Access,
		Region: key.Region, Endpoint: key.Endpoint, SessionLength: time.Hour, EditedAt: key.CreatedAt,
	}
}
