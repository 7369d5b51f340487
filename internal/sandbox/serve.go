package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// ServeHTTP serves S3 (path style, and virtual-host style for hosts such as
// bucket.localhost), the query APIs of IAM and STS, KMS, SQS and Organizations. The
// signature's scope selects the service. A request without one is for S3, from an anonymous
// caller.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, toolPrefix) && r.Header.Get("Authorization") == "" {
		s.serveTool(w, r)
		return
	}
	began := s.config.Now()
	x := &exchange{
		Sandbox: s,
		w:       &statusWriter{ResponseWriter: w, status: http.StatusOK},
		r:       r,
		id:      requestID(),
		now:     began,
	}
	ctx, outcome := authz.WithOutcome(r.Context())
	x.serve(ctx)
	x.finish(ctx, outcome)
	s.config.Logger.LogAttrs(
		r.Context(),
		slog.LevelDebug,
		"call",
		slog.String("request_id", x.id),
		slog.String("service", x.service),
		slog.String("operation", x.operation),
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.String(
			"access_key_id",
			x.keyID,
		),
		slog.Int("status", x.w.status),
		slog.Duration("took", s.config.Now().Sub(began)),
	)
}

// exchange is one request and its response.
type exchange struct {
	*Sandbox
	w         *statusWriter
	r         *http.Request
	id        string // request ID
	service   string // "s3", "iam", "sts", "kms", "sqs", "organizations"
	protocol  string // of the service, as a name of [Sandbox.services]
	operation string
	keyID     string
	account   string     // of the caller; empty for an anonymous one
	now       time.Time  // by the clock that the caller sees
	struck    fault.Call // the call as faults match it
	failed    error      // the error of the response, or nil
}

func (x *exchange) serve(ctx context.Context) {
	signature, broken := sigv4.Parse(x.r)
	x.w.Header().Set("X-Amz-Request-Id", x.id)
	x.w.Header().Set("Date", x.now.UTC().Format(http.TimeFormat))
	if signature != nil {
		x.keyID, x.struck.Region = signature.AccessKeyID, signature.Scope.Region
	}
	if !isQuery(x.r, signature) {
		x.service = "s3"
		x.serveS3(ctx, signature, broken)
		return
	}
	x.w.Header().Set("X-Amzn-Requestid", x.id)
	x.serveQuery(ctx, signature, broken)
}

// fail records the error of the response, and logs it when it is an internal
// one.
func (x *exchange) fail(ctx context.Context, err error) {
	x.failed = err
	if e := awserror.From(err); e.Status >= http.StatusInternalServerError && e.Code == "InternalError" {
		x.config.Logger.ErrorContext(
			ctx,
			"call failed",
			"request_id",
			x.id,
			"service",
			x.service,
			"operation",
			x.operation,
			"error",
			err,
		)
	}
}

// finish records how the request ended with its decisions.
func (x *exchange) finish(ctx context.Context, outcome *authz.Outcome) {
	code := ""
	if x.failed != nil {
		code = awserror.From(x.failed).Code
	}
	x.authorizer.Finish(outcome, x.w.status, code, func() authz.Refusal {
		refusal := x.refusal()
		x.config.Logger.InfoContext(
			ctx,
			"call refused",
			"request_id",
			x.id,
			"principal",
			refusal.Principal,
			"action",
			refusal.Action,
			"resource",
			refusal.Resource,
			"status",
			x.w.status,
			"code",
			code,
			"explanation",
			refusal.Message,
		)
		return refusal
	})
}

// refusal describes a request that was refused before any decision.
func (x *exchange) refusal() authz.Refusal {
	r := authz.Refusal{
		RequestID: x.id,
		Principal: x.keyID,
		Action:    x.service + ":" + x.operation,
		Resource:  "*",
		Message:   awserror.From(x.failed).Message,
	}
	if len(x.struck.Principals) > 0 {
		r.Principal = x.struck.Principals[0]
	}
	if x.struck.Bucket != "" {
		r.Resource = strings.TrimSuffix("arn:aws:s3:::"+x.struck.Bucket+"/"+x.struck.Key, "/")
	}
	return r
}

// statusWriter remembers the status of the response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader records the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// ReadFrom lets the system send a file without copying it, if it can.
func (w *statusWriter) ReadFrom(from io.Reader) (int64, error) {
	return io.Copy(w.ResponseWriter, from)
}

// Unwrap returns the writer below, for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func requestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

func hostID() string {
	var b [48]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.StdEncoding.EncodeToString(b[:])
}
