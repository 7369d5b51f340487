package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// sampled is how many objects of a location are looked at to find one that
// can be read.
const sampled = 20

// list lists a location once, and remembers what came of it.
func (r *run) list(ctx context.Context, c *Check, n int) listing {
	if l, ok := r.listed[n]; ok {
		return l
	}
	location := r.i.Locations[n]
	bucket := r.bucket(location.Bucket, false)
	var l listing
	l.failure = r.call(c, "s3:ListBucket", location.String(), func() (string, error) {
		var err error
		l.page, err = bucket.List(ctx, location.Prefix, "", sampled)
		return l.page.RequestID, err
	})
	if known, ok := bucket.(interface{ Region() string }); ok && l.answered() {
		r.regions[location.Bucket] = known.Region()
	}
	r.listed[n] = l
	return l
}

// answered says whether the bucket itself answered.
func (l listing) answered() bool {
	return l.failure == nil || l.failure.Status == 403 && l.failure.Region != ""
}

// checkRegion learns each bucket's region from an answer, which a refusal is
// too. A bucket that is not there, or not where it was said, fails here.
func (r *run) checkRegion(ctx context.Context, c *Check) {
	if len(r.i.Locations) == 0 {
		c.worsen(Fail, "No location is declared, so there is nothing to open.")
		c.blame(CauseNoLocation, "The integration was made with a role alone.",
			&Fix{Text: "Declare the bucket and prefix that it is for, and give the role the permission policy that is then printed.", Where: OurSetting})
		return
	}
	for _, location := range r.buckets() {
		r.regionOf(ctx, c, location)
	}
	r.warnOfLocationKey(c)
}

func (r *run) regionOf(ctx context.Context, c *Check, location object.Location) {
	n := r.indexOf(location)
	l := r.list(ctx, c, n)
	if l.failure != nil && (!l.failure.Denied() || oneOf(l.failure.Code, keyCodes)) { // a key that nobody knows is refused everywhere, which proves nothing
		c.worsen(Fail, fmt.Sprintf("The bucket %s did not answer as a bucket does: %s", location.Bucket, told(l.failure)))
		c.refused = false
		r.blameBucket(c, location, l.failure)
		return
	}
	region := r.regions[location.Bucket]
	switch {
	case region == "":
		c.worsen(Pass, fmt.Sprintf("The bucket %s answers, and does not tell its region.", location.Bucket))
	case r.i.Region != "" && r.i.Region != region:
		c.worsen(Fail, fmt.Sprintf("The bucket %s is in %s, and the integration says %s.", location.Bucket, region, r.i.Region))
		c.blame(CauseBucketRegion, "The region that was given is not the bucket's.",
			r.ourFix(fmt.Sprintf("Set the integration's region to %s, or leave it empty: Windlass learns it.", region), "region", region, "--region "+region))
	default:
		c.worsen(Pass, fmt.Sprintf("The bucket %s is in %s.", location.Bucket, region))
	}
}

// checkList lists each location at exactly its prefix.
func (r *run) checkList(ctx context.Context, c *Check) {
	var empty []string
	listed := 0
	for _, n := range r.locations() {
		location := r.i.Locations[n]
		l := r.list(ctx, c, n)
		switch {
		case l.failure != nil:
			if c.worsen(Fail, fmt.Sprintf("%s cannot be listed: %s", location, told(l.failure))) {
				r.blameList(ctx, c, location, l.failure)
			}
		case len(l.page.Objects) == 0:
			empty = append(empty, location.String())
		default:
			listed++
		}
	}
	c.worsen(Pass, counted(listed, "location was listed.", "locations were listed."))
	if len(empty) > 0 && c.worsen(Warn, fmt.Sprintf("%s can be listed and has no object.", strings.Join(empty, ", "))) {
		c.blame(CauseEmpty, "There is nothing there yet, or the prefix is not the one that was meant.",
			&Fix{Text: "Check the prefix, or go on: what comes later is found."})
	}
}

// checkListOutside lists each bucket's root and a sibling of its prefix, which
// must both be refused.
func (r *run) checkListOutside(ctx context.Context, c *Check) {
	tried := 0
	for _, location := range r.buckets() {
		if r.open(location.Bucket) {
			continue
		}
		for _, prefix := range []string{"", r.sibling(location.Prefix)} {
			if r.afford(1 + r.reserved()) {
				tried++
				r.listOutside(ctx, c, location.Bucket, prefix)
			}
		}
	}
	switch {
	case tried == 0 && r.wholeBuckets():
		c.skip("", "Whole buckets are declared, so nothing lies outside.")
	case tried == 0:
		c.skip("", fmt.Sprintf("A verification makes at most %d calls; the next one begins with another location.", MaxCalls))
	case c.Status == Pass:
		c.Detail = "AWS refused to list the bucket's root and a neighbour of the prefix."
	}
}

func (r *run) listOutside(ctx context.Context, c *Check, bucket, prefix string) {
	outside := object.Location{Bucket: bucket, Prefix: prefix}
	failure := r.call(c, "s3:ListBucket", outside.String(), func() (string, error) {
		page, err := r.bucket(bucket, true).List(ctx, prefix, "", 1)
		return page.RequestID, err
	})
	switch {
	case failure == nil:
		c.worsen(Warn, fmt.Sprintf("%s can be listed, and was not declared.", outside))
		c.blame(CauseTooMuchList, "The role's permission policy allows s3:ListBucket without a condition on s3:prefix, or with one that is wider than the declared prefix.",
			r.permissionFix("Give the role the printed permission policy in place of the one that allows more."))
	case !failure.Denied():
		c.unsure = true
		if c.worsen(Warn, fmt.Sprintf("Whether %s is refused was not learned: %s", outside, told(failure))) {
			r.blameAny(c, failure)
		}
	}
}

// open says whether a whole bucket is declared.
func (r *run) open(bucket string) bool {
	for _, l := range r.i.Locations {
		if l.Bucket == bucket && l.Prefix == "" {
			return true
		}
	}
	return false
}

func (r *run) wholeBuckets() bool {
	for _, l := range r.i.Locations {
		if l.Prefix != "" {
			return false
		}
	}
	return true
}

// sibling gives a prefix beside the declared one that begins with the same
// letters, as "pre-x/" does beside "pre/": a policy for "pre*" opens it.
func (r *run) sibling(prefix string) string {
	return strings.TrimSuffix(prefix, "/") + "-windlass-" + r.random() + "/"
}

func (r *run) indexOf(location object.Location) int {
	for n, l := range r.i.Locations {
		if l == location {
			return n
		}
	}
	return 0
}

// reserved is how many calls the checks to come must have.
func (r *run) reserved() int {
	n := 2 // get, get-outside
	if r.done[CodePut] == nil && r.done[CodePutRefused] == nil {
		n += 4
	}
	return n
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
