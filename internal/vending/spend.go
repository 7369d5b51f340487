package vending

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// ErrSpent means that a token can't be exchanged again.
var ErrSpent = errors.New("the token has been exchanged as often as its grant allows")

// Spent is one exchange of a token.
type Spent struct {
	Workspace   string
	Fingerprint string    // identifies the token
	Most        int       // exchanges of one token that the grant allows
	Until       time.Time // when every clock agrees that the token has expired
	Now         time.Time
}

// spend counts the exchange before credentials exist. So neither two nodes nor
// a crash can exceed the number of exchanges that the grant allows.
func (s *Service) spend(ctx context.Context, x exchange, e evaluation) error {
	err := s.config.Store.SpendToken(ctx, Spent{
		Workspace: e.trusted.workspace, Fingerprint: fingerprint(e.token), Most: e.choice.grant.Exchanges,
		Until: e.token.ExpiresAt.Add(2 * idtoken.Leeway), Now: x.now,
	})
	if errors.Is(err, ErrSpent) {
		return refuseSpent(e.choice.grant.Exchanges)
	}
	return err
}

// checkSpent refuses a token that can't be exchanged again. It counts nothing.
func (s *Service) checkSpent(ctx context.Context, e evaluation) error {
	n, err := s.config.Store.TokenSpent(ctx, e.trusted.workspace, fingerprint(e.token))
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err == nil && n >= e.choice.grant.Exchanges {
		return refuseSpent(n)
	}
	return err
}

func refuseSpent(n int) error {
	times := "once"
	if n != 1 {
		times = strconv.Itoa(n) + " times"
	}
	return refuse("spend", "Request a new token for each exchange, or allow more exchanges in the grant.",
		"The token has already been exchanged %s.", times)
}

// fingerprint identifies a token among those of its issuer: by its ID, or by
// what was signed if it has none.
func fingerprint(t *idtoken.Token) string {
	if t.ID == "" {
		return t.Fingerprint()
	}
	sum := sha256.Sum256([]byte("jti\x00" + t.Issuer + "\x00" + t.ID))
	return hex.EncodeToString(sum[:])
}
