package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/iamapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
	"github.com/windlass-io/windlass/internal/sandbox/stsapi"
)

// queryServices are the services with a query API. What is signed for none of
// them is for S3, which says so.
var queryServices = []string{"iam", "sts"}

// isQuery tells a request of the query APIs from one of S3: by the scope of
// its signature, and without one by what such requests look like.
func isQuery(r *http.Request, signature *sigv4.Signature) bool {
	if signature != nil && slices.Contains(queryServices, signature.Scope.Service) {
		return true
	}
	return looksLikeQuery(r)
}

func looksLikeQuery(r *http.Request) bool {
	form := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	return r.URL.Path == "/" && (r.Method == http.MethodPost && form || r.Method == http.MethodGet && r.URL.Query().Has("Action"))
}

// queryService tells which query API is meant: by the API's version, and
// without one by the scope of the signature.
func queryService(params query.Params, signature *sigv4.Signature) string {
	switch params.Get("Version") {
	case iamapi.Version:
		return "iam"
	case stsapi.Version:
		return "sts"
	}
	if signature != nil && signature.Scope.Service == "iam" {
		return "iam"
	}
	return "sts"
}

func (x *exchange) serveQuery(ctx context.Context, signature *sigv4.Signature, broken error) {
	body, err := query.ReadBody(x.r)
	params, readErr := query.Read(x.r, body)
	x.service = queryService(params, signature)
	x.operation = params.Get("Action")
	x.struck.Service, x.struck.Action = x.service, x.operation
	wire := iamapi.Wire()
	if x.service == "sts" {
		wire = stsapi.Wire()
	}
	var result any
	switch {
	case err != nil:
	case x.operation != "" && !x.known(params):
		err = query.InvalidAction(x.operation, params.Get("Version"))
	case signature != nil && signature.Scope.Service != "" && signature.Scope.Service != x.service:
		err = query.WrongScope(x.service)
	case broken != nil:
		err = query.SignatureError(x.r, broken, x.now)
	case readErr != nil:
		err = readErr
	default:
		result, err = x.answerQuery(ctx, signature, params, body)
	}
	if err == nil {
		err = wire.Write(x.w, x.id, x.operation, result)
	}
	if err != nil {
		x.fail(ctx, err)
		wire.WriteError(x.w, x.id, err)
	}
}

// known says whether the API that is meant has the operation.
func (x *exchange) known(params query.Params) bool {
	if x.service == "iam" {
		return x.iam.Known(params.Get("Action"))
	}
	return x.sts.Known(params.Get("Action"))
}

func (x *exchange) answerQuery(ctx context.Context, signature *sigv4.Signature, params query.Params, body []byte) (any, error) {
	caller := &directory.Caller{}
	region := x.config.Region
	if signature != nil {
		region = signature.Scope.Region
		// An SDK that is told an endpoint signs for its own region, where it
		// would sign for us-east-1 by itself.
		if x.service == "iam" && region != "us-east-1" && region != x.config.Region {
			return nil, query.WrongRegion()
		}
		var err error
		if caller, err = x.verifyQuery(signature, body); err != nil {
			return nil, err
		}
	} else if x.service != "sts" || !stsapi.Unsigned(x.operation) {
		return nil, query.MissingToken()
	}
	if err := x.breakDown(ctx); err != nil {
		return nil, err
	}
	if x.service == "iam" {
		return x.iam.Answer(ctx, &iamapi.Call{Caller: caller, Params: params, Request: x.r, RequestID: x.id})
	}
	return x.sts.Answer(ctx, &stsapi.Call{Caller: caller, Params: params, Request: x.r, RequestID: x.id, Region: region})
}

func (x *exchange) verifyQuery(signature *sigv4.Signature, body []byte) (*directory.Caller, error) {
	caller := x.directory.Caller(signature.AccessKeyID, x.now)
	if caller == nil {
		return nil, query.InvalidToken()
	}
	x.identify(caller)
	if caller.Session == nil && signature.Token != "" {
		return nil, query.InvalidToken()
	}
	key := sigv4.SigningKey(caller.Secret, signature.Scope)
	if err := signature.Verify(x.r, key, sigv4.Hash(body), x.now); err != nil {
		return nil, query.SignatureError(x.r, err, x.now)
	}
	switch x.tokenState(caller, signature.Token) {
	case tokenGood:
	case tokenExpired:
		return nil, query.ExpiredToken()
	case tokenInvalid, tokenMissing:
		return nil, query.InvalidToken()
	}
	return caller, nil
}
