package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/problem"
)

// objectFault returns the reason why one object can't be read. It returns an
// error if the whole load must end.
func objectFault(ctx context.Context, err error) (*unreadable, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var f *object.Failure
	var rejected *tooManyRejectedError
	switch {
	case errors.As(err, &rejected):
		return rejected.unreadable(), nil
	case errors.Is(err, fetch.ErrChanged):
		return unreadableBecause(problem.New(problem.Invalid, "The object changed during each of %d "+
			"reads.", maxChanges+1).
			WithReason(CodeChanging)), nil
	case errors.As(err, &f):
		reason, err := refusal(f)
		if err != nil {
			return nil, err
		}
		return unreadableBecause(reason), nil
	case problem.Is(err, problem.Invalid), problem.Is(err, problem.TooLarge), problem.Is(err, problem.Forbidden):
		return unreadableBecause(problem.From(err)), nil
	}
	return nil, fmt.Errorf("reading an object: %w", err)
}

// refusal returns the reason why S3 refused one object. It returns an error if
// S3 refused the whole bucket or didn't respond.
func refusal(f *object.Failure) (*problem.Error, error) {
	switch {
	case f.Operation != "GetObject" || f.Status == 0 || f.Status >= 500 || f.Code == "NoSuchBucket" ||
		f.Code == "RequestTimeTooSkewed":
		return nil, bucketRefusal(f)
	case f.Code == "ExpiredToken", f.Code == "InvalidToken", f.Code == "TokenRefreshRequired":
		return nil, problem.Wrap(f, problem.Unavailable, "The session of the role expired (%s).", f.Code).
			WithHint("The load is retried with a new session.")
	case f.Code == "InvalidObjectState":
		return problem.Wrap(f, problem.Refused, "The object is archived and must be restored before it can be read.").
			WithHint("Restore it, or exclude it from the source.").WithReason(CodeArchived), nil
	case f.Missing():
		return problem.Wrap(f, problem.Refused, "The object was deleted after it was listed.").WithReason(CodeGone), nil
	case f.KMSDenied():
		return problem.Wrap(f, problem.Refused, "AWS denied decrypting the object (%s).", f.Code).
			WithHint("Allow kms:Decrypt in the role's policy and in the key's policy.").WithReason(CodeKMSDenied), nil
	case f.Denied():
		return problem.Wrap(f, problem.Refused, "AWS denied reading the object (%s).", f.Code).
			WithHint("Verify the integration to see which statement is missing.").WithReason(CodeDenied), nil
	}
	return problem.Wrap(f, problem.Refused, "The object couldn't be read: %d %s: %s.", f.Status, f.Code, f.Message), nil
}
