package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/object"
)

// checkGet reads one byte of an object in each location, as far as the calls
// allow.
func (r *run) checkGet(ctx context.Context, c *Check) {
	read, empty, failed := 0, 0, 0
	for _, n := range r.locations() {
		l := r.listed[n]
		switch {
		case l.failure != nil:
			failed++
		case len(l.page.Objects) == 0:
			empty++
		case read > 0 && !r.afford(1+r.reserved()):
		default:
			read++
			r.get(ctx, c, r.i.Locations[n], readable(l.page.Objects))
		}
	}
	switch {
	case read > 0:
		c.worsen(Pass, counted(read, "object was read.", "objects were read, one in each location."))
	case failed > 0:
		c.skip(CodeList, "It waits for the check list.")
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
		_, err = io.CopyN(io.Discard, body, options.Length) // an answer may promise what does not come
		return "", errors.Join(err, body.Close())
	})
	if failure != nil && c.worsen(Fail, fmt.Sprintf("%s cannot be read: %s", resource, told(failure))) {
		r.blameGet(c, location, info, failure)
	}
}

// readable chooses the object to read: not a folder's placeholder, not one
// that must be restored first, when there is a choice.
func readable(objects []object.Info) object.Info {
	best, bestScore := objects[0], -1
	for _, o := range objects {
		score := 0
		if !archived(o.Class) {
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

// archived says whether objects of a storage class must be restored before
// they can be read.
func archived(class string) bool { return class == "GLACIER" || class == "DEEP_ARCHIVE" }

// checkGetOutside reads an object that lies outside the locations, which must
// be refused. No such object is known, so the name is a random one: who may
// read but not list is refused as well, for want of s3:ListBucket; AWS's text
// tells the two apart.
func (r *run) checkGetOutside(ctx context.Context, c *Check) {
	tried, named := 0, true
	for _, location := range r.buckets() {
		if r.open(location.Bucket) || tried > 0 && !r.afford(1+r.reserved()) {
			continue
		}
		tried++
		named = r.getOutside(ctx, c, location.Bucket, r.sibling(location.Prefix)+r.random()) && named
	}
	switch {
	case tried == 0:
		c.skip("", "Whole buckets are declared, so nothing lies outside.")
	case c.Status == Pass && named:
		c.Detail = "AWS refused to read outside the declared locations, for want of s3:GetObject."
	case c.Status == Pass:
		c.Detail = "AWS refused to read outside the declared locations."
	}
}

// getOutside says whether AWS named s3:GetObject as what is not allowed.
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
		r.tooMuchGet(c, fmt.Sprintf("%s could be asked for, and was not declared: AWS says that there is no such object instead of refusing.", resource))
	case !failure.Denied():
		c.unsure = true
		if c.worsen(Fail, fmt.Sprintf("Whether %s is refused was not learned: %s", resource, told(failure))) {
			r.blameAny(c, failure)
		}
	case readRefusal(failure).action == "s3:ListBucket":
		r.tooMuchGet(c, fmt.Sprintf("%s could be asked for, and was not declared: what AWS refused is only to say whether it is there.", resource))
	default:
		return readRefusal(failure).action == "s3:GetObject"
	}
	return false
}

func (r *run) tooMuchGet(c *Check, detail string) {
	if c.worsen(Fail, detail) {
		c.blame(CauseTooMuchGet, "The role's permission policy, or the bucket's, allows s3:GetObject on more than the declared prefixes.",
			r.permissionFix("Give the role the printed permission policy in place of the one that allows more."))
	}
}
