package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/security"
)

// SecurityEntry is an event of the security log, or several that were folded into
// one.
type SecurityEntry security.Entry

// SecurityReport is the result of verifying the security log's chain.
type SecurityReport security.Report

// SecurityFilter is embedded in the input of both lists.
type SecurityFilter struct {
	Kind    string    `query:"kind" maxLength:"64" doc:"A kind, such as signin.failed."`
	Address string    `query:"address" maxLength:"64" doc:"An IPv4 address, or an IPv6 address, which stands for its /64."`
	From    time.Time `query:"from" doc:"Entries with an event at this time or later."`
	To      time.Time `query:"to" doc:"Entries with an event before this time."`
}

func (f *SecurityFilter) domain() security.Filter {
	return security.Filter{Kind: security.Kind(f.Kind), Address: f.Address, From: f.From, To: f.To}
}

type listSecurityInput struct {
	InWorkspace
	InPage
	SecurityFilter
}

type listInstanceSecurityInput struct {
	InPage
	SecurityFilter
}

func (a *API) securityRoutes() {
	const tag = "Security"
	route(a, operation("list-instance-security", "GET /v1/security", tag,
		"List the security log of the instance, newest first (operators only)"), a.listInstanceSecurity)
	route(a, operation("list-security", "GET /v1/workspaces/{ws}/security", tag,
		"List the security log entries of a workspace, newest first"), a.listSecurity)
	route(a, operation("verify-security", "GET /v1/security/verification", tag,
		"Verify the security log and find the first changed entry"), a.verifySecurity)
}

func (a *API) listInstanceSecurity(ctx context.Context, call Call,
	in *listInstanceSecurityInput,
) (*body[paging.List[SecurityEntry]], error) {
	found, err := a.config.Services.Security.List(ctx, call.Actor, "", in.domain(),
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[SecurityEntry]]{mapPage(found, toSecurityEntry)}, err
}

func (a *API) listSecurity(ctx context.Context, call Call,
	in *listSecurityInput,
) (*body[paging.List[SecurityEntry]], error) {
	found, err := a.config.Services.Security.List(ctx, call.Actor, call.Workspace, in.domain(),
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[SecurityEntry]]{mapPage(found, toSecurityEntry)}, err
}

func (a *API) verifySecurity(ctx context.Context, call Call, _ *struct{}) (*body[SecurityReport], error) {
	report, err := a.config.Services.Security.Verify(ctx, call.Actor)
	return &body[SecurityReport]{SecurityReport(report)}, err
}

func toSecurityEntry(e security.Entry) SecurityEntry { return SecurityEntry(e) }
