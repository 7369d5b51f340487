// Package orgapi serves the part of AWS Organizations that rehearsals need:
// accounts in organizational units, and the service control policies and resource
// control policies that limit them. See
// https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html.
package orgapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// Action returns the action in a request, and whether the request is for AWS
// Organizations.
func Action(r *http.Request) (action string, ok bool) {
	return strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AWSOrganizationsV20161128.")
}

// API returns the calls of AWS Organizations. It is safe for concurrent use.
type API struct {
	query.JSON
	config     query.Config
	operations map[string]operation
}

// New returns the API.
func New(config query.Config) *API {
	protocol := query.JSON{Version: "1.1", Failure: "ServiceException", Unavailable: "ServiceException"}
	return &API{protocol, config, operations()}
}

// call is one request within a transaction.
type call struct {
	*query.Call
	api *API
	ctx context.Context //nolint:containedctx // a call lives as long as its request
	now time.Time
	tx  *directory.Tx
	org *directory.Organization // of the caller's account; nil without one
}

// who is the accounts that may call an operation.
type who uint8

const (
	anyone     who = iota // any account
	member                // accounts of an organization
	management            // the organization's management account
)

// operation is one of the service's actions. A nil result has no document.
type operation struct {
	who   who
	write bool
	run   func(c *call) (result any, _ error)
}

// does returns the run of an operation with parameters.
func does[T any](run func(c *call, in *T) (any, error)) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		in := new(T)
		if err := query.Unmarshal(c.Call, in); err != nil {
			return nil, err
		}
		return run(c, in)
	}
}

func reads[T any](who who, run func(c *call, in *T) (any, error)) operation {
	return operation{who, false, does(run)}
}

func writes[T any](who who, run func(c *call, in *T) (any, error)) operation {
	return operation{who, true, does(run)}
}

func operations() map[string]operation {
	return map[string]operation{
		"CreateOrganization":   writes(anyone, (*call).createOrganization),
		"DescribeOrganization": reads(member, (*call).describeOrganization),
		"DeleteOrganization":   writes(management, (*call).deleteOrganization),
		"ListRoots":            reads(management, (*call).listRoots),
		"EnablePolicyType":     writes(management, (*call).enablePolicyType),
		"DisablePolicyType":    writes(management, (*call).disablePolicyType),

		"CreateOrganizationalUnit":         writes(management, (*call).createUnit),
		"UpdateOrganizationalUnit":         writes(management, (*call).updateUnit),
		"DeleteOrganizationalUnit":         writes(management, (*call).deleteUnit),
		"DescribeOrganizationalUnit":       reads(management, (*call).describeUnit),
		"ListOrganizationalUnitsForParent": reads(management, (*call).listUnits),

		"InviteAccountToOrganization":   writes(management, (*call).inviteAccount),
		"AcceptHandshake":               writes(anyone, (*call).acceptHandshake),
		"DeclineHandshake":              writes(anyone, (*call).declineHandshake),
		"CancelHandshake":               writes(management, (*call).cancelHandshake),
		"DescribeHandshake":             reads(anyone, (*call).describeHandshake),
		"ListHandshakesForAccount":      reads(anyone, (*call).listHandshakesForAccount),
		"ListHandshakesForOrganization": reads(management, (*call).listHandshakesForOrganization),

		"ListAccounts":                  reads(management, (*call).listAccounts),
		"ListAccountsForParent":         reads(management, (*call).listAccountsForParent),
		"DescribeAccount":               reads(management, (*call).describeAccount),
		"ListParents":                   reads(management, (*call).listParents),
		"ListChildren":                  reads(management, (*call).listChildren),
		"MoveAccount":                   writes(management, (*call).moveAccount),
		"RemoveAccountFromOrganization": writes(management, (*call).removeAccount),
		"LeaveOrganization":             writes(member, (*call).leaveOrganization),

		"CreatePolicy":          writes(management, (*call).createPolicy),
		"UpdatePolicy":          writes(management, (*call).updatePolicy),
		"DeletePolicy":          writes(management, (*call).deletePolicy),
		"DescribePolicy":        reads(management, (*call).describePolicy),
		"ListPolicies":          reads(management, (*call).listPolicies),
		"AttachPolicy":          writes(management, (*call).attachPolicy),
		"DetachPolicy":          writes(management, (*call).detachPolicy),
		"ListPoliciesForTarget": reads(management, (*call).listPoliciesForTarget),
		"ListTargetsForPolicy":  reads(management, (*call).listTargetsForPolicy),
	}
}

// AllowsUnsigned reports whether an action can be called without a signature.
// None can.
func (a *API) AllowsUnsigned(string) bool { return false }

// CheckRegion accepts every region, because the service is global.
func (a *API) CheckRegion(string, string) error { return nil }

// Has reports whether the service has an action.
func (a *API) Has(action string) bool {
	_, known := a.operations[action]
	return known
}

// Serve decides a call and executes it.
func (a *API) Serve(ctx context.Context, in *query.Call) (result any, err error) {
	c := &call{Call: in, api: a, ctx: ctx, now: a.config.Now().UTC()}
	operation, known := a.operations[c.Action]
	if !known {
		return nil, a.UnknownAction(c.Action, "")
	}
	if err := c.allow(); err != nil {
		return nil, err
	}
	run := func(tx *directory.Tx) error {
		c.tx, c.org = tx, tx.OrganizationOf(c.Caller.Account)
		if err := c.belongs(operation.who); err != nil {
			return err
		}
		result, err = operation.run(c)
		return err
	}
	if operation.write {
		return result, a.config.Directory.Update(run)
	}
	return result, a.config.Directory.View(run)
}

// allow decides the action by the caller's policies. The policies may name any
// resource of the service: the sandbox decides on "*".
func (c *call) allow() error {
	call := c.Authz("organizations:"+c.Action, "*", c.Caller.Account, nil)
	d := c.api.config.Authorizer.Decide(c.ctx, call)
	if !d.Allowed() {
		return bad("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	return nil
}

// belongs checks that the caller's account may call an operation.
func (c *call) belongs(who who) error {
	switch {
	case who == anyone:
		return nil
	case c.org == nil:
		return bad("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	case who == management && c.org.Management != c.Caller.Account:
		return bad("AccessDeniedException", "You don't have permissions to access this resource.")
	default:
		return nil
	}
}

// bad returns an error. Nearly all errors of the service have status 400.
func bad(code, format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, code, format, args...)
}

// invalid returns the error for a wrong parameter.
func invalid(format string, args ...any) error { return bad("InvalidInputException", format, args...) }

// tooMany returns the error for more of something than there can be.
func tooMany(format string, args ...any) error {
	return bad("ConstraintViolationException", format, args...)
}

// epoch returns a time as the protocol has it: in seconds.
func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
