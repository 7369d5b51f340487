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

// Credentials are access keys; *credential.Service fulfils it.
type Credentials interface {
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (credential.Credential, error)
	Access(ctx context.Context, actor access.Actor, workspace, idOrName, bucket string) (object.Access, error)
}

// KeyOrder says what an access key is to open. It is not kept with the key:
// a source says what it reads.
type KeyOrder struct {
	Locations []object.Location // one or more; at most [integration.MaxLocations]
	Access    integration.Mode  // default read
}

// VerifyCredential runs the checks that need no role over an access key, and
// gives what came of it. see, when it is not nil, is called with the
// verification as it begins and after each check. The verification is kept as
// the key's last one, and decides nothing: it is for people.
func (s *Service) VerifyCredential(ctx context.Context, actor access.Actor, workspace, idOrName string, order KeyOrder, see func(Verification)) (Verification, error) {
	key, err := s.config.Credentials.Get(ctx, actor, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	if order, err = order.checked(); err != nil {
		return Verification{}, err
	}
	reach, err := s.reaches(ctx, actor, key, order.Locations)
	if err != nil {
		return Verification{}, err
	}
	now := s.now()
	r, err := s.newRun(standIn(&key, order), Documents{})
	if err != nil {
		return Verification{}, err
	}
	r.key, r.reaches, r.actor = &key, reach, actor
	v := Verification{
		ID: id.New("ver", now), Workspace: workspace, Credential: key.ID, State: Running, Subject: subjectOf(&r.i),
		Trigger: Asked, By: cmp.Or(actor.Name, actor.ID), Checks: []Check{}, StartedAt: now,
	}
	s.lookThrough(ctx, r, &v, see)
	s.note(ctx, r, &v)
	return v, s.config.Store.SaveCredentialVerification(context.WithoutCancel(ctx), v)
}

// lookThrough runs the checks of an access key while somebody waits.
func (s *Service) lookThrough(ctx context.Context, r *run, v *Verification, see func(Verification)) {
	limited, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	show := func() {
		if see != nil {
			see(*v)
		}
	}
	show()
	r.all(limited, func(c Check) {
		v.Checks = append(v.Checks, c)
		show()
	})
	v.EndedAt = s.now()
	v.State, v.Reason = judge(v, false)
	show()
}

// LastOfCredential gives an access key's last verification; not_found when it
// has none.
func (s *Service) LastOfCredential(ctx context.Context, actor access.Actor, workspace, idOrName string) (Verification, error) {
	key, err := s.config.Credentials.Get(ctx, actor, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	v, err := s.config.Store.CredentialVerification(ctx, workspace, key.ID)
	if problem.Is(err, problem.NotFound) {
		return Verification{}, problem.New(problem.NotFound, "The access key %q was never verified.", key.Name).
			WithHint("Verify it: windlass credential verify %s --location s3://BUCKET/PREFIX/", key.Name)
	}
	return v, err
}

// checked gives the order with its defaults and its locations in their one
// spelling, or every fault it has.
func (o KeyOrder) checked() (KeyOrder, error) {
	o.Access = cmp.Or(o.Access, integration.Read)
	var findings []problem.Finding
	fault := func(path, format string, args ...any) {
		findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if o.Access != integration.Read && o.Access != integration.ReadWrite {
		fault("access", "The access %q is neither read nor readwrite.", o.Access)
	}
	if n := len(o.Locations); n == 0 || n > integration.MaxLocations {
		fault("locations", "%d locations are given; a verification looks at 1 to %d.", n, integration.MaxLocations)
		o.Locations = nil
	}
	locations := make([]object.Location, len(o.Locations))
	for n, l := range o.Locations {
		made, err := object.NewLocation(l.Bucket, l.Prefix)
		if err != nil {
			fault(fmt.Sprintf("locations[%d]", n), "%s", problem.From(err).Message)
		}
		locations[n] = made
	}
	o.Locations = locations
	if len(findings) > 0 {
		return KeyOrder{}, problem.New(problem.Invalid, "The access key cannot be verified like this: %s", findings[0].Message).
			WithHint("Name what it is to open, such as s3://acme-data/daily/.").WithFindings(findings...)
	}
	return o, nil
}

// reaches asks once for each bucket how the key reaches it.
func (s *Service) reaches(ctx context.Context, actor access.Actor, key credential.Credential, locations []object.Location) (map[string]object.Access, error) {
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

// standIn is an integration in the access key's place: what is open is asked
// in the same way, whoever asks.
func standIn(key *credential.Credential, order KeyOrder) integration.Integration {
	return integration.Integration{
		ID: key.ID, Workspace: key.Workspace, Name: key.Name, State: integration.Unverified, PrincipalARN: principalIn(key.Region),
		Locations: order.Locations, Access: order.Access, Region: key.Region, Endpoint: key.Endpoint, SessionLength: time.Hour, EditedAt: key.CreatedAt,
	}
}
