package workspace

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
)

// The limits of failures: this many, then one more in each interval.
const (
	failuresPerAccount  = 10 // of a known device, and of all unknown devices together
	failuresPerAddress  = 40
	failuresPerPassword = 8 // of the current password, in the console
	failureInterval     = time.Minute
)

// Log records security events; *security.Log implements it.
type Log interface {
	Record(ctx context.Context, event security.Event)
}

// byAddress is the bucket of a client's network.
func byAddress(address string) attempt.Bucket {
	return attempt.Bucket{
		Name: attempt.Name("address", security.Network(address)), Size: failuresPerAddress,
		Every: failureInterval,
	}
}

// byAccount is the bucket of an account, which needn't exist. device is empty
// for all unknown devices together.
func byAccount(workspace, email, device string) attempt.Bucket {
	name := attempt.Name("account", strings.ToLower(workspace), email, device)
	return attempt.Bucket{Name: name, Size: failuresPerAccount, Every: failureInterval}
}

// byPassword is the bucket of guesses of a member's current password.
func byPassword(memberID string) attempt.Bucket {
	return attempt.Bucket{Name: attempt.Name("password", memberID), Size: failuresPerPassword, Every: failureInterval}
}

// take takes an attempt from each bucket, and records an event if a limit is
// exceeded.
func (s *Service) take(ctx context.Context, event security.Event, buckets ...attempt.Bucket) error {
	err := s.counts.Take(ctx, buckets...)
	if !problem.Is(err, problem.RateLimited) {
		return err
	}
	event.Kind, event.Reason = security.SignInLimited, "Too many failed attempts."
	s.record(ctx, event)
	return err
}

// record records a security event.
func (s *Service) record(ctx context.Context, event security.Event) {
	if s.config.Log != nil {
		s.config.Log.Record(ctx, event)
	}
}

// eventOf returns an event for a request that concerns a member, who may be
// unknown.
func eventOf(origin Origin, found *Member, method string) security.Event {
	return security.Event{
		Address: origin.Address, RequestID: origin.RequestID, Subject: found.ID, Workspace: found.Workspace,
		Method: method,
	}
}
