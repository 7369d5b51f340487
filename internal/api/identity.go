package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/principal"
)

// Identity describes the service's own AWS principal.
type Identity struct {
	ARN         string            `json:"arn,omitempty" doc:"As AWS reports it; absent if AWS didn't respond."`
	Principal   string            `json:"principal_arn,omitempty" doc:"The ARN that trust policies name."`
	Account     string            `json:"account,omitempty"`
	Partition   string            `json:"partition,omitempty"`
	Region      string            `json:"region" doc:"Region of the STS endpoint for role sessions."`
	Source      identitySource    `json:"source" doc:"Source of the credentials."`
	LongTerm    bool              `json:"long_term" doc:"Whether it is a long-term access key."`
	Root        bool              `json:"root" doc:"Whether it is the account's root user."`
	ExpiresAt   time.Time         `json:"expires_at,omitzero" doc:"When the credentials expire."`
	SkewSeconds int               `json:"skew_seconds" doc:"AWS's clock minus the service's."`
	Rights      []identityRight   `json:"rights" doc:"What it may do, as far as Windlass can see."`
	Warnings    []identityWarning `json:"warnings" doc:"Problems, the most severe first."`
	FoundAt     time.Time         `json:"found_at"`
	RequestID   string            `json:"aws_request_id,omitempty"`
}

type identitySource struct {
	Kind   principal.Kind `json:"kind" enum:"environment,shared-config,web-identity,assumed-role,sso,process,container,instance,given,other,none"`
	Detail string         `json:"detail"`
}

type identityRight struct {
	Action string           `json:"action"`
	Answer principal.Answer `json:"answer" enum:"allowed,refused,unknown"`
	By     string           `json:"by" enum:"tried,simulated"`
	Wanted bool             `json:"wanted" doc:"Whether Windlass needs it."`
}

type identityWarning struct {
	Code    string `json:"code" enum:"none,no-answer,root,too-much,long-term-key,person,clock-skew"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

func (a *API) identityRoutes() {
	route(a, operation("get-identity", "GET /v1/identity", "Identity",
		"Get Windlass's own AWS principal and its permissions"), a.identity)
}

func (a *API) identity(ctx context.Context, call Call, _ *struct{}) (*body[Identity], error) {
	found, err := a.config.Services.Identity.Show(ctx, call.Actor)
	if err != nil {
		return nil, err
	}
	out := Identity{
		ARN: found.CallerARN, Principal: found.ARN, Account: found.Account, Partition: found.Partition,
		Region: found.Region,
		Source: identitySource{Kind: found.Source.Kind, Detail: found.Source.Detail}, LongTerm: found.LongTerm,
		Root:      found.Root,
		ExpiresAt: found.ExpiresAt, SkewSeconds: int(found.Skew / time.Second), Rights: []identityRight{},
		Warnings: []identityWarning{},
		FoundAt:  found.FoundAt, RequestID: found.RequestID,
	}
	for _, r := range found.Rights {
		out.Rights = append(out.Rights, identityRight(r))
	}
	for _, w := range found.Warnings {
		out.Warnings = append(out.Warnings, identityWarning(w))
	}
	return &body[Identity]{out}, nil
}
