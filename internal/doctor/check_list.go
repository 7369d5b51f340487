package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// sampled is the number of objects to list in a location, to find one that can
// be read.
const sampled = 20

// list lists a location once, and stores the result.
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
	if known, ok := bucket.(interface{ Region() string }); ok && l.isFromBucket() {
		r.regions[location.Bucket] = known.Region()
	}
	r.listed[n] = l
	return l
}

// isFromBucket reports whether the response is from the bucket itself.
func (l listing) isFromBucket() bool {
	return l.failure == nil || l.failure.Status == 403 && l.failure.Region != ""
}

// checkRegion finds each bucket's region from a response, which may be a
// denial. It fails for a bucket that doesn't exist or is in another region.
func (r *run) checkRegion(ctx context.Context, c *Check) {
	if len(r.i.Locations) == 0 {
		c.worsen(Fail, "The integration has no locations.")
		c.blame(CauseNoLocation, "The integration was created with a role only.", &Fix{
			Text:  "Declare its bucket and prefix, and attach the permission policy that Windlass then prints to the role.",
			Where: OurSetting,
		})
		return
	}
	for _, location := range r.buckets() {
		r.findRegion(ctx, c, location)
	}
	r.warnOfLocationKey(c)
}

func (r *run) findRegion(ctx context.Context, c *Check, location object.Location) {
	n := r.indexOf(location)
	l := r.list(ctx, c, n)
	// an unknown key is rejected everywhere, which proves nothing
	if l.failure != nil && (!l.failure.Denied() || slices.Contains(keyCodes, l.failure.Code)) {
		c.worsen(Fail, fmt.Sprintf("The bucket %s isn't available: %s", location.Bucket, describe(l.failure)))
		c.refused = false
		r.blameBucket(c, location, l.failure)
		return
	}
	region := r.regions[location.Bucket]
	switch {
	case region == "":
		c.worsen(Pass, fmt.Sprintf("The bucket %s is available. Its region is unknown.", location.Bucket))
	case r.i.Region != "" && r.i.Region != region:
		c.worsen(Fail, fmt.Sprintf("The bucket %s is in %s, but the integration has %s.", location.Bucket, region,
			r.i.Region))
		c.blame(CauseBucketRegion, "The integration's region is not the bucket's.",
			r.ourFix(fmt.Sprintf("Set the integration's region to %s, or clear it so that Windlass finds the region.",
				region),
				"region", region, "--region "+region))
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
			if c.worsen(Fail, fmt.Sprintf("%s can't be listed: %s", location, describe(l.failure))) {
				r.blameList(ctx, c, location, l.failure)
			}
		case len(l.page.Objects) == 0:
			empty = append(empty, location.String())
		default:
			listed++
		}
	}
	c.worsen(Pass, counted(listed, "location was listed.", "locations were listed."))
	if len(empty) > 0 && c.worsen(Warn, fmt.Sprintf("%s can be listed, but has no objects.",
		strings.Join(empty, ", "))) {
		c.blame(CauseEmpty, "There are no objects yet, or the prefix is wrong.",
			&Fix{Text: "Check the prefix. If it is right, you can continue: Windlass finds objects that are added later."})
	}
}

// checkListOutside lists each bucket's root and a sibling of its prefix, which
// AWS must deny.
func (r *run) checkListOutside(ctx context.Context, c *Check) {
	tried := 0
	for _, location := range r.buckets() {
		if r.isWhole(location.Bucket) {
			continue
		}
		for _, prefix := range []string{"", r.sibling(location.Prefix)} {
			if r.canCall(1 + r.reserved()) {
				tried++
				r.listOutside(ctx, c, location.Bucket, prefix)
			}
		}
	}
	switch {
	case tried == 0 && r.wholeBuckets():
		c.skip("", nothingOutside)
	case tried == 0:
		c.skip("", fmt.Sprintf("A verification makes at most %d calls. The next one starts with another location.",
			MaxCalls))
	case c.Status == Pass:
		c.Detail = "AWS denied listing the bucket's root and a prefix next to the declared one."
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
		w := r.words()
		c.worsen(Warn, fmt.Sprintf("%s can be listed, but isn't in a declared location.", outside))
		c.blame(CauseTooMuchList,
			capitalized(w.policy)+" allows s3:ListBucket without a condition on s3:prefix, or with a condition that is wider "+
				"than the declared prefix.",
			r.permissionFix(w.attach+", instead of the one that allows more."))
	case !failure.Denied():
		c.unsure = true
		if c.worsen(Warn, fmt.Sprintf("Windlass couldn't find out whether %s is closed: %s", outside,
			describe(failure))) {
			r.blameAny(c, failure)
		}
	}
}

// isWhole reports whether the whole bucket is declared.
func (r *run) isWhole(bucket string) bool {
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

// sibling returns a prefix that starts like the declared one, as "pre-x/" does
// for "pre/". A policy for "pre*" allows both.
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

// reserved returns the number of calls to keep for later checks.
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
