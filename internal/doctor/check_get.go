package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/object"
)

// checkGet reads one byte of an object in each location, within the limit on
// calls.
func (r *run) checkGet(ctx context.Context, c *Check) {
	read, empty, failed := 0, 0, 0
	for _, n := range r.locations() {
		l := r.listed[n]
		switch {
		case l.failure != nil:
			failed++
		case len(l.page.Objects) == 0:
			empty++
		case read > 0 && !r.canCall(1+r.reserved()):
		default:
			read++
			r.get(ctx, c, r.i.Locations[n], readable(l.page.Objects))
		}
	}
	switch {
	case read > 0:
		c.worsen(Pass, counted(read, "object was read.", "objects were read, one in each location."))
	case failed > 0:
		c.skip(CodeList, waitsFor(CodeList))
	default:
		c.skip("", "There is no object to read yet.")
	}
}

func (r *run) get(ctx context.Context, c *Check, location object.Location, info object.Info) {
	resource := "s3://" + location.Bucket + "/" + info.Key
	failure := r.call(c, "s3:GetObject", resource, func() (string, error) {
		options := object.ReadOptions{Length: 1}
		if info.Size == 0 {
			options.Length = 0 // an empty object has no first byte
		}
		body, _, err := r.bucket(location.Bucket, false).Read(ctx, info.Key, options)
		if err != nil {
			return "", err
		}
		_, err = io.CopyN(io.Discard, body, options.Length) // the body may be shorter than announced
		return "", errors.Join(err, body.Close())
	})
	if failure != nil && c.worsen(Fail, fmt.Sprintf("%s can't be read: %s", resource, describe(failure))) {
		r.blameGet(c, location, info, failure)
	}
}

// readable selects an object to read. It prefers objects that aren't archived
// or empty.
func readable(objects []object.Info) object.Info {
	best, bestScore := objects[0], -1
	for _, o := range objects {
		score := 0
		if !isArchived(o.Class) {
			score += 2
		}
		if o.Size > 0 {
			score++
		}
		if score > bestScore {
			best, bestScore = o, score
		}
	}
	return best
}

// isArchived reports whether objects of a storage class must be restored before
// they can be read.
func isArchived(class string) bool { return class == "GLACIER" || class == "DEEP_ARCHIVE" }

// checkGetOutside reads an object outside the locations, which AWS must deny.
// The name is random, because no such object is known. AWS also denies this
// when s3:GetObject is allowed but s3:ListBucket isn't; its message says which.
func (r *run) checkGetOutside(ctx context.Context, c *Check) {
	tried, named := 0, true
	for _, location := range r.buckets() {
		if r.isWhole(location.Bucket) || tried > 0 && !r.canCall(1+r.reserved()) {
			continue
		}
		tried++
		named = r.getOutside(ctx, c, location.Bucket, r.sibling(location.Prefix)+r.random()) && named
	}
	switch {
	case tried == 0:
		c.skip("", nothingOutside)
	case c.Status == Pass && named:
		c.Detail = "AWS denied s3:GetObject outside the declared locations."
	case c.Status == Pass:
		c.Detail = "AWS denied reading outside the declared locations."
	}
}

// nothingOutside is the detail of a skipped check.
const nothingOutside = "Whole buckets are declared, so nothing is outside."

// getOutside reports whether AWS's message says that s3:GetObject isn't
// allowed.
func (r *run) getOutside(ctx context.Context, c *Check, bucket, key string) bool {
	resource := "s3://" + bucket + "/" + key
	failure := r.call(c, "s3:GetObject", resource, func() (string, error) {
		body, _, err := r.bucket(bucket, true).Read(ctx, key, object.ReadOptions{Length: 1})
		if err == nil {
			err = body.Close()
		}
		return "", err
	})
	switch {
	case failure == nil || failure.Missing():
		r.tooMuchGet(c, fmt.Sprintf(
			"%s isn't in a declared location, but reading it is allowed: AWS only said that there is no such object.",
			resource))
	case !failure.Denied():
		c.unsure = true
		if c.worsen(Fail, fmt.Sprintf("Windlass couldn't find out whether %s is closed: %s", resource,
			describe(failure))) {
			r.blameAny(c, failure)
		}
	case readRefusal(failure).action == "s3:ListBucket":
		r.tooMuchGet(c, fmt.Sprintf(
			"%s isn't in a declared location, but reading it is allowed: AWS only denied s3:ListBucket.", resource))
	default:
		return readRefusal(failure).action == "s3:GetObject"
	}
	return false
}

func (r *run) tooMuchGet(c *Check, detail string) {
	if c.worsen(Fail, detail) {
		w := r.words()
		c.blame(CauseTooMuchGet,
			capitalized(w.policy)+", or the bucket policy, allows s3:GetObject on more than the declared prefixes.",
			r.permissionFix(w.attach+", instead of the one that allows more."))
	}
}
