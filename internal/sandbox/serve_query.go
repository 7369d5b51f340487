package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/iamapi"
	"github.com/windlass-io/windlass/internal/sandbox/kmsapi"
	"github.com/windlass-io/windlass/internal/sandbox/orgapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
	"github.com/windlass-io/windlass/internal/sandbox/sqsapi"
	"github.com/windlass-io/windlass/internal/sandbox/stsapi"
)

// queryServices are the services whose signatures identify a form. A request
// signed for any other service goes to S3, which reports the wrong scope.
var queryServices = []string{"iam", "sts", "sqs"}

// jsonServices are the services whose requests name an action in a header.
var jsonServices = []struct {
	name   string
	action func(*http.Request) (string, bool)
}{{"kms", kmsapi.Action}, {"sqs", sqsapi.Action}, {"organizations", orgapi.Action}}

// jsonAction returns the service and the action that a request names in a header.
func jsonAction(r *http.Request) (service, action string, ok bool) {
	for _, s := range jsonServices {
		if action, ok := s.action(r); ok {
			return s.name, action, true
		}
	}
	return "", "", false
}

// isQuery reports whether a request is for another service than S3: it names an
// action in a header, is signed for IAM, STS or SQS, or looks like one of their forms.
func isQuery(r *http.Request, signature *sigv4.Signature) bool {
	if _, _, ok := jsonAction(r); ok {
		return true
	}
	if signature != nil && slices.Contains(queryServices, signature.Scope.Service) {
		return true
	}
	return looksLikeQuery(r)
}

func looksLikeQuery(r *http.Request) bool {
	form := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	return r.URL.Path == "/" &&
		(r.Method == http.MethodPost && form || r.Method == http.MethodGet && r.URL.Query().Has("Action"))
}

// formService returns the service that a form is for: by the API's version,
// and without one by the scope of the signature.
func formService(params query.Params, signature *sigv4.Signature) string {
	switch params.Get("Version") {
	case iamapi.Version:
		return "iam"
	case stsapi.Version:
		return "sts"
	case sqsapi.Version:
		return sqsForm
	}
	if signature != nil && signature.Scope.Service == "iam" {
		return "iam"
	}
	if signature != nil && signature.Scope.Service == "sqs" {
		return sqsForm
	}
	return "sts"
}

// sqsForm is SQS in its query protocol, as a name of [Sandbox.services].
const (
	formSuffix = " form"
	sqsForm    = "sqs" + formSuffix
)

// readQuery parses a request to a service other than S3, and records its service and
// action. malformed is the error of a form that can't be parsed; it is
// reported after errors of the signature.
func (x *exchange) readQuery(signature *sigv4.Signature) (call *query.Call, malformed, err error) {
	service, action, isJSON := jsonAction(x.r)
	limit := int64(query.MaxBody)
	if service == "sqs" || signature != nil && signature.Scope.Service == "sqs" {
		limit = sqsapi.MaxRequest
	}
	body, err := query.ReadBody(x.r, limit)
	call = &query.Call{Body: body, Request: x.r, RequestID: x.id, Region: x.config.Region, Hit: x.hit}
	if signature != nil {
		call.Region = signature.Scope.Region
	}
	if isJSON {
		x.service, x.protocol, call.Action = service, service, action
	} else {
		call.Params, malformed = query.Read(x.r, body)
		x.protocol, call.Action = formService(call.Params, signature), call.Params.Get("Action")
		x.service = strings.TrimSuffix(x.protocol, formSuffix)
	}
	x.operation = call.Action
	x.struck.Service, x.struck.Action = x.service, x.operation
	return call, malformed, err
}

// serveQuery serves a request to a service other than S3.
func (x *exchange) serveQuery(ctx context.Context, signature *sigv4.Signature, broken error) {
	call, malformed, err := x.readQuery(signature)
	service := x.services[x.protocol]
	var result any
	if err == nil {
		err = x.checkQuery(service, call, signature, broken, malformed)
	}
	if err == nil {
		result, err = x.answerQuery(ctx, service, call, signature)
	}
	if err == nil {
		err = service.Write(x.w, x.id, x.operation, result)
	}
	if err != nil {
		x.fail(ctx, err)
		x.failed = service.Error(err)
		service.WriteError(x.w, x.id, x.failed)
	}
}

// checkQuery rejects unknown actions and signatures for another service.
func (x *exchange) checkQuery(
	service query.Service, call *query.Call, signature *sigv4.Signature, broken, malformed error,
) error {
	unnamed := call.Action == "" && call.Params.Values != nil // reported once the caller is known
	switch {
	case !unnamed && !service.Has(call.Action):
		return service.UnknownAction(call.Action, call.Params.Get("Version"))
	case signature != nil && signature.Scope.Service != "" && signature.Scope.Service != x.service:
		return query.WrongScope(x.service)
	case broken != nil:
		return query.SignatureError(x.r, broken, x.now)
	case malformed != nil:
		return malformed
	case signature == nil && !service.AllowsUnsigned(call.Action):
		return query.MissingToken()
	case signature != nil:
		return service.CheckRegion(call.Region, x.config.Region)
	}
	return nil
}

func (x *exchange) answerQuery(
	ctx context.Context, service query.Service, call *query.Call, signature *sigv4.Signature,
) (any, error) {
	call.Caller = &directory.Caller{}
	if signature != nil {
		var err error
		if call.Caller, err = x.verifyQuery(signature, call.Body); err != nil {
			return nil, err
		}
	}
	if err := x.breakDown(ctx); err != nil {
		return nil, err
	}
	return service.Serve(ctx, call)
}

// verifyQuery finds the caller and checks that it signed the request.
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
	case tokenValid:
	case tokenExpired:
		return nil, query.ExpiredToken()
	case tokenInvalid, tokenMissing:
		return nil, query.InvalidToken()
	}
	return caller, nil
}
