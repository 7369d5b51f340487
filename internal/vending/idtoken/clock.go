package idtoken

import "time"

// Leeway is the tolerated difference between an issuer's clock and ours.
const Leeway = 30 * time.Second

// Check validates the token's times: it hasn't expired, isn't from the future,
// and was issued at most maxAge ago, whatever its expiry. Errors are
// [*FaultError].
func (t *Token) Check(now time.Time, maxAge time.Duration) error {
	switch {
	case !t.ExpiresAt.After(t.IssuedAt):
		return fault("time", "The token expires (exp) before it is issued (iat).")
	case !t.NotBefore.IsZero() && !t.ExpiresAt.After(t.NotBefore):
		return fault("time", "The token expires (exp) before it becomes valid (nbf).")
	case !now.Before(t.ExpiresAt.Add(Leeway)):
		return fault("time", "The token expired at %s.", format(t.ExpiresAt))
	case t.IssuedAt.After(now.Add(Leeway)):
		return fault("time", "The token was issued in the future, at %s.", format(t.IssuedAt))
	case t.NotBefore.After(now.Add(Leeway)):
		return fault("time", "The token isn't valid before %s.", format(t.NotBefore))
	case now.Sub(t.IssuedAt) > maxAge+Leeway:
		return fault("time", "The token was issued at %s. The provider accepts tokens for %s.", format(t.IssuedAt),
			maxAge)
	}
	return nil
}

func format(t time.Time) string { return t.UTC().Format(time.RFC3339) }
