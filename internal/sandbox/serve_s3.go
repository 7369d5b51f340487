package sandbox

import (
	"cmp"
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
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
	s3api.WriteError(x.w, x.r, x.id, hostID, err)
}

func (x *exchange) answerS3(ctx context.Context, signature *sigv4.Signature, broken error) error {
	call := s3api.Call{Signature: signature, Writer: x.w, Request: x.r, RequestID: x.id, Caller: &directory.Caller{}, Hit: x.hit}
	call.Bucket, call.Key = s3api.Target(x.r)
	x.operation = x.s3.Operation(call)
	x.struck.Service, x.struck.Action, x.struck.Bucket, x.struck.Key = x.service, x.operation, call.Bucket, call.Key
	if broken != nil {
		if signature != nil && signature.Scope.Service != "" {
			broken = cmp.Or(s3api.CheckScope(signature), broken)
		}
		return s3api.SignatureError(broken, x.now)
	}
	if signature != nil {
		caller, key, err := x.verifyS3(signature)
		if err != nil {
			return err
		}
		call.Caller, call.SigningKey = caller, key
	} else if err := s3api.SignedV2(x.r); err != nil {
		return err
	}
	if err := x.breakDown(ctx); err != nil {
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
	if err := cmp.Or(s3api.CheckScope(signature), s3api.CheckPayload(x.r, payload, x.now)); err != nil {
		return nil, nil, err
	}
	if caller.Session == nil && signature.Token != "" {
		return nil, nil, s3api.InvalidToken()
	}
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
