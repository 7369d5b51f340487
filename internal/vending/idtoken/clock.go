package idtoken

import "time"

// Leeway is how far an issuer's clock may be from ours.
const Leeway = 30 * time.Second

// Check holds the token's times to the clock: it is not over, not of the
// future, and not older than maxAge, whatever its issuer says. Its errors are
// [*FaultError].
func (t *Token) Check(now time.Time, maxAge time.Duration) error {
	switch {
	case !t.ExpiresAt.After(t.IssuedAt):
		return fault("time", "The token ends (exp) before it begins (iat).")
	case !t.NotBefore.IsZero() && !t.ExpiresAt.After(t.NotBefore):
		return fault("time", "The token ends (exp) before it may be used (nbf).")
	case !now.Before(t.ExpiresAt.Add(Leeway)):
		return fault("time", "The token ended at %s.", show(t.ExpiresAt))
	case t.IssuedAt.After(now.Add(Leeway)):
		return fault("time", "The token was issued in the future, at %s.", show(t.IssuedAt))
	case t.NotBefore.After(now.Add(Leeway)):
		return fault("time", "The token may not be used before %s.", show(t.NotBefore))
	case now.Sub(t.IssuedAt) > maxAge+Leeway:
		return fault("time", "The token was issued at %s; its provider's tokens are taken for %s.", show(t.IssuedAt), maxAge)
	}
	return nil
}

func show(t time.Time) string { return t.UTC().Format(time.RFC3339) }
