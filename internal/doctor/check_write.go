package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/object"
)

// markerBody is what a probe writes.
const markerBody = "Windlass wrote this to verify an integration, and deletes it at once.\n"

// marker is the object that the write checks put, and where it is.
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
		c.worsen(Fail, fmt.Sprintf("%s cannot be written: %s", resource, told(failure)))
		r.blamePut(c, location, failure)
		if !failure.Denied() {
			_ = r.remove(ctx, c, location.Bucket, key) // no answer does not mean that nothing was written
		}
		return
	}
	failure = r.call(c, "s3:GetObject", resource, func() (string, error) { return "", r.readBack(ctx, bucket, key) })
	if failure != nil {
		c.worsen(Fail, fmt.Sprintf("%s was written and cannot be read back: %s", resource, told(failure)))
		r.blameGet(c, location, object.Info{Key: key}, failure)
		_ = r.remove(ctx, c, location.Bucket, key) // the failure is in the evidence
		return
	}
	c.Detail = fmt.Sprintf("%s was written and read back.", resource)
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
		return &object.Failure{Operation: "GetObject", Resource: "s3://" + key, Status: 200, Code: "AnotherObject", Message: "what was read back is not what was written"}
	}
	return nil
}

// checkDelete deletes the marker and makes sure that it is gone.
func (r *run) checkDelete(ctx context.Context, c *Check) {
	location, key := r.marker()
	resource := "s3://" + location.Bucket + "/" + key
	if failure := r.remove(ctx, c, location.Bucket, key); failure != nil {
		c.worsen(Fail, fmt.Sprintf("%s was written and cannot be deleted: %s", resource, told(failure)))
		r.blamePut(c, location, failure)
		return
	}
	ctx, cancel := cleaning(ctx)
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
		c.worsen(Fail, fmt.Sprintf("%s was deleted and is still there.", resource))
		c.blame(CauseLeftBehind, "Something put it back, or keeps it.", r.deleteFix(location.Bucket, key))
	case r.versioned:
		c.Detail = fmt.Sprintf("%s was deleted; the bucket keeps versions, so the old one and a delete marker stay.", resource)
	default:
		c.Detail = fmt.Sprintf("%s was deleted, and is gone.", resource)
	}
}

// checkPutRefused tries to write under the prefix, which must be refused.
func (r *run) checkPutRefused(ctx context.Context, c *Check) {
	location, key := r.marker()
	resource := "s3://" + location.Bucket + "/" + key
	failure := r.call(c, "s3:PutObject", resource, func() (string, error) {
		return "", r.bucket(location.Bucket, false).Put(ctx, key, nil)
	})
	switch {
	case failure != nil && failure.Denied():
		c.Detail = "AWS refused to write."
	case failure != nil:
		c.unsure = true
		c.worsen(Warn, fmt.Sprintf("Whether writing is refused was not learned: %s", told(failure)))
		r.blameAny(c, failure)
		_ = r.remove(ctx, c, location.Bucket, key) // the failure is in the evidence
	default:
		c.worsen(Warn, fmt.Sprintf("%s was written, though only reading was declared; it was deleted at once.", resource))
		c.blame(CauseTooMuchPut, "The role's permission policy, or the bucket's, allows s3:PutObject.",
			r.permissionFix("Give the role the printed permission policy in place of the one that allows more; or declare the access readwrite."))
		if failure := r.remove(ctx, c, location.Bucket, key); failure != nil {
			c.worsen(Fail, fmt.Sprintf("%s was written, though only reading was declared, and could not be deleted: %s", resource, told(failure)))
			c.blame(CauseLeftBehind, "The role may write and not delete.", r.deleteFix(location.Bucket, key))
		}
	}
}

// remove deletes what a probe wrote, though somebody gave up meanwhile.
func (r *run) remove(ctx context.Context, c *Check, bucket, key string) *object.Failure {
	ctx, cancel := cleaning(ctx)
	defer cancel()
	return r.call(c, "s3:DeleteObject", "s3://"+bucket+"/"+key, func() (string, error) {
		return "", r.bucket(bucket, false).Delete(ctx, key)
	})
}

func (r *run) deleteFix(bucket, key string) *Fix {
	return &Fix{
		Text:    "Delete the object that the probe left: it says that Windlass wrote it.",
		Command: "aws s3 rm " + shell("s3://"+bucket+"/"+key),
	}
}
