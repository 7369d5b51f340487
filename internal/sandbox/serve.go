package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/iamapi"
	"github.com/windlass-io/windlass/internal/sandbox/kmsapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
	"github.com/windlass-io/windlass/internal/sandbox/stsapi"
)

// ServeHTTP answers S3 (path style, and virtual-host style for hosts such as
// bucket.localhost), the query APIs of IAM and STS, and KMS. Which of them is
// meant is told from the signature's scope; a request without one is for S3,
// from an anonymous caller.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, toolPrefix) && r.Header.Get("Authorization") == "" {
		s.serveTool(w, r)
		return
	}
	began := s.config.Now()
	x := &exchange{Sandbox: s, w: &statusWriter{ResponseWriter: w, status: http.StatusOK}, r: r, id: requestID(), now: began}
	x.serve(r.Context())
	s.config.Logger.LogAttrs(r.Context(), slog.LevelDebug, "call", slog.String("request_id", x.id), slog.String("service", x.service),
		slog.String("operation", x.operation), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.String("access_key_id", x.keyID), slog.Int("status", x.w.status), slog.Duration("took", s.config.Now().Sub(began)))
}

// exchange is one request and its answer.
type exchange struct {
	*Sandbox
	w         *statusWriter
	r         *http.Request
	id        string // request ID
	service   string // "s3", "iam", "sts", "kms"
	operation string
	keyID     string
	account   string     // of the caller; empty for an anonymous one
	now       time.Time  // by the clock that the caller meets
	struck    fault.Call // as faults are told of it
}

func (x *exchange) serve(ctx context.Context) {
	signature, broken := sigv4.Parse(x.r)
	x.w.Header().Set("X-Amz-Request-Id", x.id)
	x.w.Header().Set("Date", x.now.UTC().Format(http.TimeFormat))
	if signature != nil {
		x.keyID, x.struck.Region = signature.AccessKeyID, signature.Scope.Region
	}
	if action, ok := kmsapi.Action(x.r); ok {
		x.service, x.operation = "kms", action
		x.w.Header().Set("X-Amzn-Requestid", x.id)
		x.serveKMS(ctx, signature, broken)
		return
	}
	if !isQuery(x.r, signature) {
		x.service = "s3"
		x.serveS3(ctx, signature, broken)
		return
	}
	x.w.Header().Set("X-Amzn-Requestid", x.id)
	x.serveQuery(ctx, signature, broken)
}

// isQuery tells a request of the query APIs from one of S3: by the scope of
// its signature, and without one by what such requests look like.
func isQuery(r *http.Request, signature *sigv4.Signature) bool {
	if signature != nil && signature.Scope.Service != "" {
		return signature.Scope.Service != "s3" || looksLikeQuery(r)
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

func (x *exchange) serveS3(ctx context.Context, signature *sigv4.Signature, broken error) {
	hostID := hostID()
	x.w.Header().Set("X-Amz-Id-2", hostID)
	x.w.Header().Set("Server", "AmazonS3")
	err := x.answerS3(ctx, signature, broken)
	if err == nil {
		return
	}
	x.report(ctx, err)
	s3api.WriteError(x.w, x.r, x.id, hostID, err)
}

func (x *exchange) answerS3(ctx context.Context, signature *sigv4.Signature, broken error) error {
	call := s3api.Call{Signature: signature, Writer: x.w, Request: x.r, RequestID: x.id, Caller: &directory.Caller{}, Hit: x.hit}
	call.Bucket, call.Key = s3api.Target(x.r)
	x.operation = x.s3.Operation(call)
	x.struck.Service, x.struck.Action, x.struck.Bucket, x.struck.Key = x.service, x.operation, call.Bucket, call.Key
	if broken != nil {
		return s3api.SignatureError(broken, x.now)
	}
	if signature != nil {
		caller, key, err := x.verifyS3(signature)
		if err != nil {
			return err
		}
		call.Caller, call.SigningKey = caller, key
	}
	if err := x.breakDown(); err != nil {
		return err
	}
	_, err := x.s3.Serve(ctx, call)
	return err
}

// verifyS3 finds the caller and checks that it signed the request.
func (x *exchange) verifyS3(signature *sigv4.Signature) (*directory.Caller, []byte, error) {
	caller := x.directory.Caller(signature.AccessKeyID, x.now)
	if caller == nil {
		return nil, nil, s3api.InvalidKey(signature.AccessKeyID)
	}
	x.identify(caller)
	payload := x.r.Header.Get("X-Amz-Content-Sha256")
	if signature.Presigned {
		if payload == "" || !signature.Signs("x-amz-content-sha256") {
			payload = sigv4.UnsignedPayload
		}
	} else if payload == "" {
		return nil, nil, awserror.New(http.StatusBadRequest, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	}
	key := sigv4.SigningKey(caller.Secret, signature.Scope)
	if err := signature.Verify(x.r, key, payload, x.now); err != nil {
		return nil, nil, s3api.SignatureError(err, x.now)
	}
	switch x.tokenState(caller, signature.Token) {
	case tokenGood:
	case tokenExpired:
		return nil, nil, s3api.ExpiredToken()
	case tokenInvalid:
		return nil, nil, s3api.InvalidToken()
	case tokenMissing:
		return nil, nil, s3api.InvalidKey(signature.AccessKeyID)
	}
	return caller, key, nil
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
		x.report(ctx, err)
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
		if x.service == "iam" && region != "us-east-1" {
			return nil, query.WrongRegion()
		}
		var err error
		if caller, err = x.verifyQuery(signature, body); err != nil {
			return nil, err
		}
	} else if x.service != "sts" || !stsapi.Unsigned(x.operation) {
		return nil, query.MissingToken()
	}
	if err := x.breakDown(); err != nil {
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

type tokenVerdict int

const (
	tokenGood tokenVerdict = iota
	tokenExpired
	tokenInvalid
	tokenMissing
)

// tokenState holds a caller to its session token, which long-term keys have
// none of.
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

// report logs what is our own fault.
func (x *exchange) report(ctx context.Context, err error) {
	if awserror.From(err).Status >= http.StatusInternalServerError && awserror.From(err).Code == "InternalError" {
		x.config.Logger.ErrorContext(ctx, "call failed", "request_id", x.id, "service", x.service, "operation", x.operation, "error", err)
	}
}

// statusWriter remembers the status that was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap gives the writer below, for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func requestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

func hostID() string {
	var b [48]byte
	_, _ = rand.Read(b[:]) // as above
	return base64.StdEncoding.EncodeToString(b[:])
}
