package sandbox

import (
	"context"

	"github.com/windlass-io/windlass/internal/sandbox/kmsapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// serveKMS answers a request in AWS's JSON protocol.
func (x *exchange) serveKMS(ctx context.Context, signature *sigv4.Signature, broken error) {
	x.struck.Service, x.struck.Action = x.service, x.operation
	result, err := x.answerKMS(ctx, signature, broken)
	if err == nil {
		err = kmsapi.Write(x.w, result)
	}
	if err != nil {
		x.fail(ctx, err)
		x.failed = kmsapi.Error(err)
		kmsapi.WriteError(x.w, x.failed)
	}
}

func (x *exchange) answerKMS(ctx context.Context, signature *sigv4.Signature, broken error) (any, error) {
	body, err := query.ReadBody(x.r)
	switch {
	case err != nil:
		return nil, err
	case !x.kms.Known(x.operation):
		return nil, kmsapi.UnknownAction(x.operation)
	case broken != nil:
		return nil, query.SignatureError(x.r, broken, x.now)
	case signature == nil:
		return nil, query.MissingToken()
	case signature.Scope.Service != "kms":
		return nil, query.WrongScope("kms")
	}
	caller, err := x.verifyQuery(signature, body)
	if err != nil {
		return nil, err
	}
	if err := x.breakDown(ctx); err != nil {
		return nil, err
	}
	return x.kms.Answer(ctx, &kmsapi.Call{
		Caller: caller, Action: x.operation, Body: body, Request: x.r, RequestID: x.id, Region: signature.Scope.Region, Hit: x.hit,
	})
}
