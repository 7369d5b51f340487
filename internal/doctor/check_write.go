package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/object"
)

// markerBody is the content of the object that the write checks put.
const markerBody = "Windlass wrote this object to verify an integration, and deletes it immediately.\n"

// marker returns the object that the write checks put.
func (r *run) marker() (location object.Location, key string) {
	location = r.i.Locations[r.first]
	if r.markerKey == "" {
		r.markerKey = location.Prefix + ".windlass/" + r.random()
	}
	return location, r.markerKey
}

// checkPut writes a marker and reads it back.
func (r *run) checkPut(ctx context.Context, c *Check) {
	location, key := r.marker()
	resource := "s3://" + location.Bucket + "/" + key
	bucket := r.bucket(location.Bucket, false)
	failure := r.call(c, "s3:PutObject", resource, func() (string, error) {
		return "", bucket.Put(ctx, key, []byte(markerBody))
	})
	if failure != nil {
		c.worsen(Fail, fmt.Sprintf("%s can't be written: %s", resource, describe(failure)))
		r.blamePut(c, location, failure)
		if !failure.Denied() {
			_ = r.remove(ctx, c, location.Bucket, key) // the object may exist although no response arrived
		}
		return
	}
	failure = r.call(c, "s3:GetObject", resource, func() (string, error) { return "", r.readBack(ctx, bucket, key) })
	if failure != nil {
		c.worsen(Fail, fmt.Sprintf("%s was written, but can't be read: %s", resource, describe(failure)))
		r.blameGet(c, location, object.Info{Key: key}, failure)
		_ = r.remove(ctx, c, location.Bucket, key) // the failure is in the evidence
		return
	}
	c.Detail = fmt.Sprintf("%s was written and read.", resource)
}

func (r *run) readBack(ctx context.Context, bucket object.Bucket, key string) error {
	body, info, err := bucket.Read(ctx, key, object.ReadOptions{})
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(body, int64(len(markerBody))+1))
	if err = errors.Join(err, body.Close()); err != nil {
		return err
	}
	r.versioned = info.VersionID != ""
	if string(text) != markerBody {
		return &object.Failure{
			Operation: "GetObject", Resource: "s3://" + key, Status: 200, Code: "AnotherObject",
			Message: "the object has other content than Windlass wrote",
		}
	}
	return nil
}

// checkDelete deletes the marker and verifies that it no longer exists.
func (r *run) checkDelete(ctx context.Context, c *Check) {
	location, key := r.marker()
	resource := "s3://" + location.Bucket + "/" + key
	if failure := r.remove(ctx, c, location.Bucket, key); failure != nil {
		c.worsen(Fail, fmt.Sprintf("%s was written, but can't be deleted: %s", resource, describe(failure)))
		r.blamePut(c, location, failure)
		return
	}
	ctx, cancel := cleanupContext(ctx)
	defer cancel()
	failure := r.call(c, "s3:GetObject", resource, func() (string, error) {
		body, _, err := r.bucket(location.Bucket, false).Read(ctx, key, object.ReadOptions{})
		if err == nil {
			err = body.Close()
		}
		return "", err
	})
	switch {
	case failure == nil:
		c.worsen(Fail, fmt.Sprintf("%s was deleted, but still exists.", resource))
		c.blame(CauseLeftBehind, "Something restored the object, or prevents its deletion.",
			r.deleteFix(location.Bucket, key))
	case r.versioned:
		c.Detail = fmt.Sprintf("%s was deleted. The bucket is versioned, so its version and a delete marker remain.",
			resource)
	default:
		c.Detail = fmt.Sprintf("%s was deleted.", resource)
	}
}

// checkPutRefused tries to write an object, which AWS must deny.
func (r *run) checkPutRefused(ctx context.Context, c *Check) {
	location, key := r.marker()
	resource := "s3://" + location.Bucket + "/" + key
	failure := r.call(c, "s3:PutObject", resource, func() (string, error) {
		return "", r.bucket(location.Bucket, false).Put(ctx, key, nil)
	})
	switch {
	case failure != nil && failure.Denied():
		c.Detail = "AWS denied writing."
	case failure != nil:
		c.unsure = true
		c.worsen(Warn, "Windlass couldn't find out whether writing is denied: "+describe(failure))
		r.blameAny(c, failure)
		_ = r.remove(ctx, c, location.Bucket, key) // the failure is in the evidence
	default:
		w := r.words()
		c.worsen(Warn, fmt.Sprintf("%s was written, although the access is read. Windlass deleted it.", resource))
		c.blame(CauseTooMuchPut, capitalized(w.policy)+", or the bucket policy, allows s3:PutObject.",
			r.permissionFix(w.attach+", instead of the one that allows more. Or change the access to readwrite."))
		if failure := r.remove(ctx, c, location.Bucket, key); failure != nil {
			c.worsen(Fail, fmt.Sprintf("%s was written, although the access is read, and can't be deleted: %s",
				resource, describe(failure)))
			c.blame(CauseLeftBehind, capitalized(w.holder)+" may write, but not delete.",
				r.deleteFix(location.Bucket, key))
		}
	}
}

// remove deletes an object that a check wrote, even if the run was stopped.
func (r *run) remove(ctx context.Context, c *Check, bucket, key string) *object.Failure {
	ctx, cancel := cleanupContext(ctx)
	defer cancel()
	return r.call(c, "s3:DeleteObject", "s3://"+bucket+"/"+key, func() (string, error) {
		return "", r.bucket(bucket, false).Delete(ctx, key)
	})
}

func (r *run) deleteFix(bucket, key string) *Fix {
	return &Fix{
		Text:    "Delete the object that Windlass wrote for this check.",
		Command: "aws s3 rm " + shell("s3://"+bucket+"/"+key),
	}
}
