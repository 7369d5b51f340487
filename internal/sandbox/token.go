package sandbox

import (
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

type tokenStatus int

const (
	tokenValid tokenStatus = iota
	tokenExpired
	tokenInvalid
	tokenMissing
)

// tokenState verifies a caller's session token. Long-term keys have none.
func (x *exchange) tokenState(caller *directory.Caller, token string) tokenStatus {
	switch {
	case caller.Session == nil && token == "":
		return tokenValid
	case caller.Session == nil:
		return tokenInvalid
	case token == "":
		return tokenMissing
	case !caller.Session.HasToken(token):
		return tokenInvalid
	case caller.Expired || x.hit(fault.ExpiredSession) != nil:
		return tokenExpired
	}
	return tokenValid
}
