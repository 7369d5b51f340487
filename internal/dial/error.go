package dial

import (
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/problem"
)

// RefusedError is the reason why Windlass itself refused to connect. It is
// for the log. It is the cause of the error that a caller gets, but never
// part of its text.
type RefusedError struct {
	Host    string
	Address string // IP address and port; empty if the name itself was refused
	Reason  string // the address's name in the IANA registries, "cloud metadata", or the fault of the URL
}

// Error names the address, or the host, and the reason.
func (e *RefusedError) Error() string {
	if e.Address == "" {
		return fmt.Sprintf("%s: refused (%s)", e.Host, e.Reason)
	}
	return fmt.Sprintf("%s: address %s refused (%s)", e.Host, e.Address, e.Reason)
}

// connectError is the cause of [cannotConnect], by which [Unreached] finds it.
type connectError struct{ cause error }

func (e *connectError) Error() string { return e.cause.Error() }
func (e *connectError) Unwrap() error { return e.cause }

// Unreached returns the error of a request without a response, in the form
// that its caller may see, or nil if err is something else.
func Unreached(err error) *problem.Error {
	var found *problem.Error
	var cause *connectError
	if errors.As(err, &found) && errors.As(found.Cause, &cause) {
		return found
	}
	return nil
}

// cannotConnect is the one error for a refused address, an unknown name, a
// refused connection, a timeout and a failed handshake. The person who chose
// the host must not learn which, because that would reveal the network that
// Windlass is in.
func cannotConnect(host string, cause error) *problem.Error {
	return problem.Wrap(&connectError{cause}, problem.Refused, "Windlass can't connect to %s.", host).
		WithHint("The host must be public and have a valid certificate. Your operator finds the cause in the log under this request ID.")
}
