package query

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Config configures a service. Every field is required.
type Config struct {
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Now        func() time.Time
}

// Call is one request. Its signature has been verified, unless its caller is
// anonymous.
type Call struct {
	Caller    *directory.Caller
	Action    string // "AssumeRole"
	Params    Params // of a form
	Body      []byte // of a JSON request
	Request   *http.Request
	RequestID string
	Region    string                        // the region of the signature, or else the sandbox's
	Hit       func(fault.Kind) *fault.Fault // returns the fault that strikes the call, or nil
}

// Authz returns the call to authorize an action, such as "sts:AssumeRole", on
// a resource of an account.
func (c *Call) Authz(action, resource, account string, keys []authz.Key) *authz.Call {
	return &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.Region,
		Action: action, Resource: resource, ResourceAccount: account, Keys: keys,
	}
}

// Service is an API whose requests name an action: IAM, STS or KMS.
type Service interface {
	Protocol

	// Has reports whether the service has an action.
	Has(action string) bool

	// AllowsUnsigned reports whether an action can be called without a
	// signature.
	AllowsUnsigned(action string) bool

	// CheckRegion returns the error for a signature for a Region where the
	// service can't be called. home is the sandbox's own Region.
	CheckRegion(region, home string) error

	// Serve decides a call and executes it. The result is nil for actions that
	// return nothing.
	Serve(ctx context.Context, c *Call) (result any, err error)
}

// Protocol writes the responses of a service.
type Protocol interface {
	// Write writes the result of a call; a nil result has no document.
	Write(w http.ResponseWriter, requestID, action string, result any) error

	// WriteError writes an error.
	WriteError(w http.ResponseWriter, requestID string, err error)

	// UnknownAction returns the error for an action that the version of the
	// service doesn't have.
	UnknownAction(action, version string) error

	// Error returns an error with the name that the service uses.
	Error(err error) error
}
