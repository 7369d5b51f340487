package doctor

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

// checkRequesterPays compares the bucket's setting with the integration's. The
// check list has tried to pay if AWS denied access.
func (r *run) checkRequesterPays(_ context.Context, c *Check) {
	switch {
	case r.payer:
		c.worsen(Fail, "The bucket requires that the requester pays.")
		r.blamePayer(c)
	case r.i.RequesterPays:
		c.Detail = "Requester pays is on in the integration."
	case r.done[CodeList].Status == Fail:
		c.skip(CodeList, waitsFor(CodeList))
	default:
		c.Detail = "The bucket doesn't require that the requester pays."
	}
}

// checkSessionPolicy narrows a session to one prefix, as loads and vended
// credentials do. The session must list that prefix and nothing else.
func (r *run) checkSessionPolicy(ctx context.Context, c *Check) {
	const calls = 3
	if !r.canCall(calls) {
		c.skip("", fmt.Sprintf("A verification makes at most %d calls.", MaxCalls))
		return
	}
	location := r.i.Locations[r.first]
	narrow := object.Location{Bucket: location.Bucket, Prefix: location.Prefix + ".windlass/"}
	session, failure, err := r.assumeNarrow(ctx, c, narrow)
	if err != nil {
		c.skip("", fmt.Sprintf("The prefix is too long for a narrower session policy: %v.", err))
		return
	}
	if failure != nil {
		c.worsen(Fail, "Windlass can't assume the role with a session policy: "+describe(failure))
		c.refused = failure.Denied()
		if !r.blameOurs(c, failure) {
			c.blame(CauseSessionPolicy, "AWS allows assuming the role without a session policy, but not with one.",
				unexpectedFix())
		}
		return
	}
	r.tryNarrow(ctx, c, session, narrow, location)
}

// assumeNarrow assumes the role for one location. The error means that the
// session policy can't be generated.
func (r *run) assumeNarrow(
	ctx context.Context, c *Check, location object.Location,
) (assume.Session, *object.Failure, error) {
	need := r.i.Need()
	need.Access, need.Locations = generate.Read, []generate.Location{{Bucket: location.Bucket, Prefix: location.Prefix}}
	policy, err := generate.SessionPolicy(need)
	if err != nil {
		return assume.Session{}, nil, err
	}
	request := r.request()
	request.Policy, request.Duration = policy, assume.MinDuration
	var session assume.Session
	failure := r.call(c, "sts:AssumeRole", string(r.i.RoleARN), func() (string, error) {
		var err error
		session, err = r.config.Roles.Assume(ctx, request)
		return session.RequestID, err
	})
	return session, failure, nil
}

func (r *run) tryNarrow(ctx context.Context, c *Check, session assume.Session, inside, outside object.Location) {
	access := r.reach(inside.Bucket, true)
	access.Keys = func(context.Context) (object.Keys, error) { return session.Keys, nil }
	bucket := r.config.Open(access)
	list := func(l object.Location) *object.Failure {
		return r.call(c, "s3:ListBucket", l.String(), func() (string, error) {
			page, err := bucket.List(ctx, l.Prefix, "", 1)
			return page.RequestID, err
		})
	}
	if failure := list(inside); failure != nil {
		c.worsen(Fail, fmt.Sprintf("The narrowed session can't list %s: %s", inside, describe(failure)))
		c.refused, c.unsure = failure.Denied(), !failure.Denied()
		c.blame(CauseSessionPolicy, "The role allows listing without a session policy, but not with one.",
			r.permissionFix(r.words().attach+", which the session policy narrows."))
		return
	}
	failure := list(outside)
	switch {
	case failure == nil:
		c.worsen(Fail, fmt.Sprintf("A session narrowed to %s can list %s.", inside, outside))
		c.blame(CauseSessionPolicy, "The bucket policy names the role's sessions, which a session policy can't narrow.",
			&Fix{Text: "Name the role instead of its sessions in the bucket policy.", Where: BucketPolicy})
	case !failure.Denied():
		c.unsure = true
		c.worsen(Fail, "Windlass couldn't find out whether a narrowed session is closed: "+describe(failure))
		r.blameAny(c, failure)
	default:
		c.Detail = fmt.Sprintf("A session narrowed to %s can list it, and can't list %s.", inside, outside)
	}
}
