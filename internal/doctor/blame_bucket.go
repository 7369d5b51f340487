package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/object"
)

// blameBucket tells why a bucket did not answer as buckets do.
func (r *run) blameBucket(c *Check, location object.Location, f *object.Failure) {
	switch {
	case f.Code == "NoSuchBucket":
		c.blame(CauseBucketMissing, fmt.Sprintf("There is no bucket named %s%s.", location.Bucket, r.at()),
			&Fix{Text: "Correct the bucket's name in the integration's locations, or make the bucket.", Where: OurSetting})
	case f.Status == 301 || f.Code == "PermanentRedirect" || f.Code == "AuthorizationHeaderMalformed" || f.Code == "IllegalLocationConstraintException":
		c.blame(CauseBucketRegion, "The bucket is in another region than the one that was asked, and the answer does not say in which.",
			&Fix{Text: "Set the integration's region to the bucket's.", Where: OurSetting})
	default:
		r.blameAny(c, f)
	}
}

func (r *run) at() string {
	if r.i.Endpoint == "" {
		return ""
	}
	return " at " + r.i.Endpoint
}

// blameList tells why a location cannot be listed. Where AWS says that the
// role's policies do not allow it, other prefixes are tried to see which they
// do.
func (r *run) blameList(ctx context.Context, c *Check, location object.Location, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied()
	why := readRefusal(f)
	switch {
	case r.blamePolicy(c, location, why):
	case !f.Denied():
		r.blameAny(c, f)
	case why.policy == unknownPolicy && r.paysToList(ctx, c, location):
		r.payer = true
		r.blamePayer(c)
	case why.policy == unknownPolicy:
		r.blameUnsaid(c, location)
	case r.reasonPermission(c, "s3:ListBucket", location):
	default:
		r.blameListPolicy(ctx, c, location)
	}
}

// blameUnsaid judges by what AWS leaves unsaid: in one account it names the
// kind of policy that refused.
func (r *run) blameUnsaid(c *Check, location object.Location) {
	if r.i.Endpoint != "" {
		c.blame(CauseRefused, fmt.Sprintf("%s refuses, and does not say by which policy.", r.i.Endpoint),
			r.permissionFix("Compare the permissions there with the printed permission policy."))
		return
	}
	c.blame(CauseBucketAccount, "AWS does not name the policy that refused, as it does when bucket and role are in one account: the bucket belongs to another account, whose bucket policy must let the role in too.",
		r.otherAccountFix(location))
}

// otherAccountFix is the bucket policy that lets the role in.
func (r *run) otherAccountFix(location object.Location) *Fix {
	if r.key != nil {
		return &Fix{Text: "Make the role in the bucket's own account; or let the bucket policy allow the same to the key's user as this policy, and keep the role's permission policy."}
	}
	fix := &Fix{Text: "Make the role in the bucket's own account; or add these statements to the bucket policy, and keep the role's permission policy.", Where: BucketPolicy}
	need := r.i.Need()
	need.KMSKeyARNs, need.Locations = nil, nil // a key is let in by its own policy
	for _, l := range r.i.Locations {
		if l.Bucket == location.Bucket {
			need.Locations = append(need.Locations, generate.Location{Bucket: l.Bucket, Prefix: l.Prefix})
		}
	}
	document, err := generate.BucketPolicy(location.Bucket, string(r.i.RoleARN), need)
	if err != nil {
		return fix
	}
	if merged, ok := merge(r.pasted.Bucket, document); ok {
		document = merged
	}
	fix.Document, fix.Diff = document, r.pasted.diff("bucket-policy.json", r.pasted.Bucket, document)
	fix.Command = "aws s3api put-bucket-policy --bucket " + shell(location.Bucket) + " --policy " + shell(compact(document))
	return fix
}

func (r *run) blameListPolicy(ctx context.Context, c *Check, location object.Location) {
	bucket := r.arn(location.Bucket)
	bare := strings.TrimSuffix(location.Prefix, "/")
	switch {
	case bare != "" && r.lists(ctx, c, location.Bucket, bare):
		c.blame(CausePrefixNoSlash, fmt.Sprintf("The policy's condition on s3:prefix allows %q and not %q: the final slash, and the * behind it, are missing.", bare, location.Prefix),
			r.permissionFix(fmt.Sprintf("Make the condition StringLike with %q, as in the printed permission policy.", location.Prefix+"*")))
	case bare != "" && r.lists(ctx, c, location.Bucket, "/"+location.Prefix):
		c.blame(CausePrefixSlash, fmt.Sprintf("The policy's condition on s3:prefix begins with a slash (%q); keys in S3 do not.", "/"+location.Prefix),
			r.permissionFix("Leave the leading slash out, in the condition and in the object ARN, as in the printed permission policy."))
	case r.mayGet(ctx, c, location):
		c.blame(CauseBucketARN, fmt.Sprintf("Objects are granted, and s3:ListBucket is not: its statement must name the bucket itself, %s without /*, and have no other condition than s3:prefix with %q.", bucket, location.Prefix+"*"),
			r.permissionFix("Give the role the printed permission policy, which has a statement for the bucket and one for its objects."))
	default:
		c.blame(CauseNoPermission, fmt.Sprintf("No policy of the role allows anything at %s: none is attached, or it names another bucket or prefix.", location),
			r.permissionFix("Give the role the printed permission policy."))
	}
}

// lists says whether another prefix can be listed.
func (r *run) lists(ctx context.Context, c *Check, bucket, prefix string) bool {
	if !r.afford(1) {
		return false
	}
	failure := r.call(c, "s3:ListBucket", "s3://"+bucket+"/"+prefix, func() (string, error) {
		_, err := r.bucket(bucket, true).List(ctx, prefix, "", 1)
		return "", err
	})
	return failure == nil
}

// mayGet says whether objects of a location are granted, by asking for one
// that is not there: then AWS refuses for want of s3:ListBucket, not of
// s3:GetObject.
func (r *run) mayGet(ctx context.Context, c *Check, location object.Location) bool {
	if !r.afford(1) {
		return false
	}
	key := location.Prefix + ".windlass/" + r.random()
	failure := r.call(c, "s3:GetObject", "s3://"+location.Bucket+"/"+key, func() (string, error) {
		body, _, err := r.bucket(location.Bucket, false).Read(ctx, key, object.ReadOptions{Length: 1})
		if err == nil {
			err = body.Close()
		}
		return "", err
	})
	return failure == nil || failure.Missing() || readRefusal(failure).action == "s3:ListBucket"
}

// paysToList says whether a listing that was refused is not when the requester
// agrees to pay.
func (r *run) paysToList(ctx context.Context, c *Check, location object.Location) bool {
	if r.i.RequesterPays || !r.afford(1) {
		return false
	}
	access := r.reach(location.Bucket, false)
	access.RequesterPays = true
	failure := r.call(c, "s3:ListBucket", location.String(), func() (string, error) {
		_, err := r.config.Open(access).List(ctx, location.Prefix, "", 1)
		return "", err
	})
	return failure == nil
}

func (r *run) blamePayer(c *Check) {
	if r.key != nil {
		c.blame(CauseRequesterPays, "The bucket demands that who asks pays, and with an access key Windlass does not agree to.",
			&Fix{Text: "Make an integration for the bucket, with requester pays.", Command: r.integrationCommand() + " --requester-pays"})
		return
	}
	c.blame(CauseRequesterPays, "The bucket demands that who asks pays, and the integration does not agree to.",
		r.ourFix("Turn requester pays on for the integration; AWS then bills the role's account for its requests.", "requester_pays", true, "--requester-pays"))
}

// blameGet tells why an object cannot be read.
func (r *run) blameGet(c *Check, location object.Location, info object.Info, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied() && f.Code != "InvalidObjectState"
	why := readRefusal(f)
	switch {
	case f.Code == "InvalidObjectState":
		c.blame(CauseArchived, fmt.Sprintf("The object is archived (%s): it must be restored before anyone can read it.", classOf(info)), &Fix{
			Text:    "Restore the objects that are to be loaded, or leave archived ones out of the source's pattern.",
			Command: "aws s3api restore-object --bucket " + location.Bucket + " --key " + shell(info.Key) + " --restore-request Days=7",
		})
	case r.blameKey(c, f, why):
	case r.blamePolicy(c, location, why):
	case !f.Denied():
		r.blameAny(c, f)
	case r.reasonPermission(c, "s3:GetObject", location):
	default:
		object := r.arn(location.Bucket) + "/" + location.Prefix + "*"
		c.blame(CauseObjectARN, fmt.Sprintf("The location may be listed, and s3:GetObject on its objects is not granted: the resource of its statement must be %s, with the final /*.", object),
			r.permissionFix("Give the role the printed permission policy, which has a statement for the bucket and one for its objects."))
	}
}

func classOf(info object.Info) string {
	if info.Class == "" {
		return "Glacier"
	}
	return info.Class
}

// blamePut tells why an object cannot be written or deleted.
func (r *run) blamePut(c *Check, location object.Location, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied()
	why := readRefusal(f)
	switch {
	case r.blameKey(c, f, why):
	case r.blamePolicy(c, location, why):
	case !f.Denied():
		r.blameAny(c, f)
	default:
		c.blame(CauseNoPermission, fmt.Sprintf("No policy of the role allows to write and delete at %s, which the access readwrite needs.", location),
			r.permissionFix("Give the role the printed permission policy; or declare the access read."))
	}
}

func (r *run) arn(bucket string) string {
	return "arn:" + r.partition() + ":s3:::" + bucket
}
