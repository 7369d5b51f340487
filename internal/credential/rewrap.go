package credential

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
)

// rewrapBatch is the number of credentials to read at a time.
const rewrapBatch = 100

// Rewrap encrypts the keys of all credentials under the current master key, and
// returns how many it changed. It may run while the service is running. It may
// be interrupted; the next call continues.
func (s *Service) Rewrap(ctx context.Context, actor access.Actor) (rewrapped int, err error) {
	for after := ""; ; {
		found, err := s.config.Store.CredentialsAfter(ctx, after, rewrapBatch)
		if err != nil || len(found) == 0 {
			return rewrapped, err
		}
		for _, c := range found {
			again, err := s.rewrap(ctx, actor, c)
			if err != nil {
				return rewrapped, err
			}
			if again {
				rewrapped++
			}
		}
		after = found[len(found)-1].ID
	}
}

func (s *Service) rewrap(ctx context.Context, actor access.Actor, c Credential) (bool, error) {
	sealed, again, err := s.config.Sealer.Rewrap(c.Sealed)
	if err != nil || !again {
		return false, err
	}
	if err := s.check(ctx, actor, access.CredentialUpdate, c.Workspace, c.ID); err != nil {
		return false, err
	}
	return true, s.config.Store.ResealCredential(ctx, c.ID, c.Sealed, sealed)
}
