package sandbox

import (
	"cmp"
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

func (x *exchange) serveS3(ctx context.Context, signature *sigv4.Signature, broken error) {
	hostID := hostID()
	x.w.Header().Set("X-Amz-Id-2", hostID)
	x.w.Header().Set("Server", "AmazonS3")
	err := x.answerS3(ctx, signature, broken)
	if err == nil {
		return
	}
	x.fail(ctx, err)
	s3error.WriteError(x.w, x.r, x.id, hostID, err)
}

func (x *exchange) answerS3(ctx context.Context, signature *sigv4.Signature, broken error) error {
	old, brokenV2 := sigv2.Parse(x.r)
	if x.r.Method == http.MethodOptions {
		// A browser's preflight for a presigned request has that request's
		// query, but no signature of its own. S3 responds to it for everyone.
		signature, broken, old, brokenV2 = nil, nil, nil, nil
	}
	if old != nil {
		x.keyID = old.AccessKeyID
	}
	call := front.Incoming{Writer: x.w, Request: x.r, RequestID: x.id, Hit: x.hitAt}
	if signature != nil && signature.Presigned || old != nil && old.Presigned {
		call.Request = s3api.Hoisted(x.r)
	}
	call.BucketName, call.Key = s3api.Target(x.r)
	routed := x.s3.Route(call)
	x.operation = routed.Operation()
	x.struck.Service, x.struck.Action, x.struck.Bucket, x.struck.Key = x.service, x.operation, call.BucketName, call.Key
	signer := front.Signer{Caller: &directory.Caller{}, Signature: signature, SignatureV2: old}
	var err error
	switch {
	case brokenV2 != nil:
		err = s3error.SignatureV2Error(brokenV2, x.now)
	case old != nil && (signature != nil || !old.Presigned && x.r.URL.Query().Has("Signature")):
		err = s3error.TwoMechanisms(x.r)
	case old != nil:
		signer.Caller, err = x.verifyV2(old)
	case broken != nil:
		if signature != nil && signature.Scope.Service != "" {
			broken = cmp.Or(s3error.CheckScope(signature), broken)
		}
		err = s3error.SignatureError(broken, x.now)
	case signature != nil:
		signer.Caller, signer.SigningKey, err = x.verifyS3(signature)
	}
	if err != nil {
		return err
	}
	if err := x.breakDown(ctx); err != nil {
		return err
	}
	return routed.Serve(ctx, signer)
}

// verifyV2 finds the caller of a request that is signed with Version 2, and
// verifies the signature.
func (x *exchange) verifyV2(signature *sigv2.Signature) (*directory.Caller, error) {
	caller := x.directory.Caller(signature.AccessKeyID, x.now)
	if caller == nil {
		return nil, s3error.InvalidKey(signature.AccessKeyID)
	}
	x.identify(caller)
	if caller.Session == nil && signature.Token != "" {
		return nil, s3error.InvalidToken()
	}
	if err := x.s3.VerifyV2(signature, x.r, caller.Secret, x.now); err != nil {
		return nil, s3error.SignatureV2Error(err, x.now)
	}
	return caller, x.checkToken(caller, signature.Token)
}

// verifyS3 finds the caller and verifies the signature.
func (x *exchange) verifyS3(signature *sigv4.Signature) (*directory.Caller, []byte, error) {
	caller := x.directory.Caller(signature.AccessKeyID, x.now)
	if caller == nil {
		return nil, nil, s3error.InvalidKey(signature.AccessKeyID)
	}
	x.identify(caller)
	payload := x.r.Header.Get("X-Amz-Content-Sha256")
	if err := cmp.Or(s3error.CheckScope(signature), s3error.CheckPayload(x.r, payload, x.now)); err != nil {
		return nil, nil, err
	}
	if caller.Session == nil && signature.Token != "" {
		return nil, nil, s3error.InvalidToken()
	}
	if signature.Presigned {
		if payload == "" || !signature.Signs("x-amz-content-sha256") {
			payload = sigv4.UnsignedPayload
		}
	} else if payload == "" {
		return nil, nil, awserror.New(
			http.StatusBadRequest,
			"InvalidRequest",
			"Missing required header for this request: x-amz-content-sha256",
		)
	}
	key := sigv4.SigningKey(caller.Secret, signature.Scope)
	if err := signature.Verify(x.r, key, payload, x.now); err != nil {
		return nil, nil, s3error.SignatureError(err, x.now)
	}
	return caller, key, x.checkToken(caller, signature.Token)
}

// checkToken verifies a caller's session token.
func (x *exchange) checkToken(caller *directory.Caller, token string) error {
	switch x.tokenState(caller, token) {
	case tokenExpired:
		return s3error.ExpiredToken()
	case tokenInvalid:
		return s3error.InvalidToken()
	case tokenMissing:
		return s3error.InvalidKey(caller.KeyID)
	default:
		return nil
	}
}
