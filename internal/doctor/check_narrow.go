package doctor

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

// checkRequesterPays says who pays. That a bucket demands it shows in a
// refusal that a request which pays does not meet; the check list has tried.
func (r *run) checkRequesterPays(_ context.Context, c *Check) {
	switch {
	case r.payer:
		c.worsen(Fail, "The bucket serves only those who agree to pay for their requests.")
		r.blamePayer(c)
	case r.i.RequesterPays:
		c.Detail = "Requests agree to pay, as the integration says."
	case r.done[CodeList].Status == Fail:
		c.skip(CodeList, "It waits for the check list.")
	default:
		c.Detail = "The bucket serves requests that do not agree to pay."
	}
}

// checkSessionPolicy narrows a session to one prefix, as it is done for loads
// of one bucket and for vended credentials: it lists there and is refused
// elsewhere.
func (r *run) checkSessionPolicy(ctx context.Context, c *Check) {
	const wanted = 3
	if !r.afford(wanted) {
		c.skip("", fmt.Sprintf("A verification makes at most %d calls.", MaxCalls))
		return
	}
	location := r.i.Locations[r.first]
	narrow := object.Location{Bucket: location.Bucket, Prefix: location.Prefix + ".windlass/"}
	session, failure, err := r.narrowed(ctx, c, narrow)
	if err != nil {
		c.skip("", fmt.Sprintf("The prefix is too long for a narrower session policy: %v.", err))
		return
	}
	if failure != nil {
		c.worsen(Fail, "The role was not assumed with a session policy: "+told(failure))
		c.refused = failure.Denied()
		if !r.blameOurs(c, failure) {
			c.blame(CauseSessionPolicy, "AWS took the role without a session policy and not with one.", &Fix{Text: "Verify again; if it stays, look at the answer's code."})
		}
		return
	}
	r.tryNarrowed(ctx, c, session, narrow, location)
}

// narrowed asks for a session of one location. The error is of what cannot be
// written.
func (r *run) narrowed(ctx context.Context, c *Check, location object.Location) (assume.Session, *object.Failure, error) {
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

func (r *run) tryNarrowed(ctx context.Context, c *Check, session assume.Session, inside, outside object.Location) {
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
		c.worsen(Fail, fmt.Sprintf("The narrowed session cannot list %s: %s", inside, told(failure)))
		c.refused, c.unsure = failure.Denied(), !failure.Denied()
		c.blame(CauseSessionPolicy, "The role allows it without a session policy and not with one.",
			r.permissionFix("Give the role the printed permission policy, which the session policy narrows."))
		return
	}
	failure := list(outside)
	switch {
	case failure == nil:
		c.worsen(Fail, fmt.Sprintf("A session narrowed to %s can list %s.", inside, outside))
		c.blame(CauseSessionPolicy, "A policy of the bucket names the role's sessions themselves, which a session policy does not narrow.",
			&Fix{Text: "In the bucket policy, name the role and not its sessions.", Where: BucketPolicy})
	case !failure.Denied():
		c.unsure = true
		c.worsen(Fail, fmt.Sprintf("Whether a narrowed session is refused was not learned: %s", told(failure)))
		r.blameAny(c, failure)
	default:
		c.Detail = fmt.Sprintf("A session narrowed to %s lists there and is refused at %s.", inside, outside)
	}
}
