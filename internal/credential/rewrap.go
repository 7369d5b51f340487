package credential

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
)

// rewrapPage is how many credentials are read at a time.
const rewrapPage = 100

// Rewrap puts every credential's key under the current master key, and says how
// many were not. It may run while the service is at work, and may be broken off:
// the next call goes on.
func (s *Service) Rewrap(ctx context.Context, actor access.Actor) (rewrapped int, err error) {
	for after := ""; ; {
		found, err := s.config.Store.CredentialsAfter(ctx, after, rewrapPage)
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
