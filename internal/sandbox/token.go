package sandbox

import (
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

type tokenVerdict int

const (
	tokenGood tokenVerdict = iota
	tokenExpired
	tokenInvalid
	tokenMissing
)

// tokenState verifies a caller's session token. Long-term keys have none.
func (x *exchange) tokenState(caller *directory.Caller, token string) tokenVerdict {
	switch {
	case caller.Session == nil && token == "":
		return tokenGood
	case caller.Session == nil:
		return tokenInvalid
	case token == "":
		return tokenMissing
	case !caller.Session.HasToken(token):
		return tokenInvalid
	case caller.Expired || x.hit(fault.ExpiredSession) != nil:
		return tokenExpired
	}
	return tokenGood
}
