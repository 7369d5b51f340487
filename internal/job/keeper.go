package job

import (
	"context"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/secret"
)

// Credentials are short-lived AWS credentials.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey secret.String
	SessionToken    secret.String
	Expiration      time.Time
}

const (
	// renewAhead is how long before their expiry credentials are renewed, or
	// a third of their lifetime if that is less.
	renewAhead = 5 * time.Minute
	// retryAfter is the pause after a failed renewal while the old
	// credentials are valid.
	retryAfter = 15 * time.Second
)

// Keeper keeps credentials and renews them before they end. It is safe for
// concurrent use.
type Keeper struct {
	Vend func(context.Context) (Credentials, error) // gets new ones
	Now  func() time.Time

	mu    sync.Mutex
	kept  Credentials
	renew time.Time // when to renew kept; zero: there is none
}

// Credentials returns credentials that stay valid for a while. Concurrent callers
// wait for one renewal. If it fails, they get the kept credentials until these
// expire.
func (k *Keeper) Credentials(ctx context.Context) (Credentials, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.Now()
	if !k.renew.IsZero() && now.Before(k.renew) && now.Before(k.kept.Expiration) {
		return k.kept, nil
	}
	made, err := k.Vend(ctx)
	switch {
	case err == nil:
		k.kept, k.renew = made, due(now, made.Expiration)
	case !k.renew.IsZero() && now.Before(k.kept.Expiration):
		k.renew = now.Add(retryAfter)
	default:
		return Credentials{}, err
	}
	return k.kept, nil
}

func due(now, end time.Time) time.Time {
	return end.Add(-min(renewAhead, max(0, end.Sub(now)/3)))
}
