package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/object"
)

// blameBucket sets the cause when a bucket's response isn't one of a bucket.
func (r *run) blameBucket(c *Check, location object.Location, f *object.Failure) {
	switch {
	case f.Code == "NoSuchBucket":
		c.blame(CauseBucketMissing, fmt.Sprintf("There is no bucket named %s%s.", location.Bucket, r.at()),
			&Fix{
				Text:  "Correct the bucket's name in the integration's locations, or create the bucket.",
				Where: OurSetting,
			})
	case f.Status == 301 || slices.Contains(regionCodes, f.Code):
		c.blame(CauseBucketRegion, "The bucket is in another region, and the response doesn't say in which one.",
			&Fix{Text: "Set the integration's region to the bucket's region.", Where: OurSetting})
	default:
		r.blameAny(c, f)
	}
}

// regionCodes are the errors of a bucket in another region.
var regionCodes = []string{"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}

func (r *run) at() string {
	if r.i.Endpoint == "" {
		return ""
	}
	return " at " + r.i.Endpoint
}

// blameList sets the cause when a location can't be listed. When AWS says that
// the role's policies don't allow it, blameList tries similar prefixes to find
// out what they allow.
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
		r.blameOtherAccount(c, location)
	case r.reasonPermission(c, "s3:ListBucket", location):
	default:
		r.blameListPolicy(ctx, c, location)
	}
}

// blameOtherAccount sets the cause when AWS doesn't say which kind of policy
// denied the call. In the same account, it would.
func (r *run) blameOtherAccount(c *Check, location object.Location) {
	w := r.words()
	if r.i.Endpoint != "" {
		c.blame(CauseRefused, fmt.Sprintf("%s denies the request and doesn't say which policy does.", r.i.Endpoint),
			r.permissionFix("Compare the permissions there with "+w.printed+"."))
		return
	}
	c.blame(CauseBucketAccount,
		fmt.Sprintf("AWS doesn't say which policy denies the request, which means that the bucket belongs to another account. "+
			"Its bucket policy must allow %s, too.", w.holder),
		r.otherAccountFix(location))
}

// otherAccountFix returns a fix with the bucket policy that allows access from
// the role's account.
func (r *run) otherAccountFix(location object.Location) *Fix {
	if r.key != nil {
		return &Fix{Text: "Use a key of the bucket's account. Or allow in the bucket policy what this policy allows to " +
			"the key's user, and keep the policy of the key's user."}
	}
	fix := &Fix{
		Text: "Create the role in the bucket's account. Or add these statements to the bucket policy, and keep the role's " +
			"permission policy.",
		Where: BucketPolicy,
	}
	need := r.i.Need()
	need.KMSKeyARNs, need.Locations = nil, nil // a KMS key has its own policy
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
	fix.Command = "aws s3api put-bucket-policy --bucket " + shell(location.Bucket) + " --policy " +
		shell(compact(document))
	return fix
}

func (r *run) blameListPolicy(ctx context.Context, c *Check, location object.Location) {
	bare, w := strings.TrimSuffix(location.Prefix, "/"), r.words()
	switch {
	case bare != "" && r.canList(ctx, c, location.Bucket, bare):
		r.blameNoSlash(c, location)
	case bare != "" && r.canList(ctx, c, location.Bucket, "/"+location.Prefix):
		r.blameSlash(c, location)
	case r.canGet(ctx, c, location):
		c.blame(CauseBucketARN,
			fmt.Sprintf("The objects are allowed, but s3:ListBucket isn't. The resource of its statement must be the bucket "+
				"itself, %s without /*, with no condition except s3:prefix with %q.", r.arn(location.Bucket),
				location.Prefix+"*"),
			r.permissionFix(w.attach+". It has one statement for the bucket and one for its objects."))
	default:
		c.blame(CauseNoPermission,
			fmt.Sprintf("No policy of %s allows anything at %s: none is attached, or it names another bucket or prefix.",
				w.holder, location), r.permissionFix(w.attach+"."))
	}
}

func (r *run) blameNoSlash(c *Check, location object.Location) {
	c.blame(CausePrefixNoSlash,
		fmt.Sprintf("The policy's condition on s3:prefix allows %q, not %q: the final slash and the * after it are missing.",
			strings.TrimSuffix(location.Prefix, "/"), location.Prefix),
		r.permissionFix(fmt.Sprintf("Use the condition StringLike with %q, as in %s.", location.Prefix+"*",
			r.words().printed)))
}

func (r *run) blameSlash(c *Check, location object.Location) {
	c.blame(CausePrefixSlash,
		fmt.Sprintf("The policy's condition on s3:prefix starts with a slash (%q). Keys in S3 don't.",
			"/"+location.Prefix),
		r.permissionFix("Remove the leading slash from the condition and from the object ARN, as in "+r.words().printed+
			"."))
}

// canList reports whether another prefix can be listed.
func (r *run) canList(ctx context.Context, c *Check, bucket, prefix string) bool {
	if !r.canCall(1) {
		return false
	}
	failure := r.call(c, "s3:ListBucket", "s3://"+bucket+"/"+prefix, func() (string, error) {
		_, err := r.bucket(bucket, true).List(ctx, prefix, "", 1)
		return "", err
	})
	return failure == nil
}

// canGet reports whether the objects of a location can be read. It requests an
// object that doesn't exist: if AWS allows s3:GetObject, it denies
// s3:ListBucket instead.
func (r *run) canGet(ctx context.Context, c *Check, location object.Location) bool {
	if !r.canCall(1) {
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

// paysToList reports whether a location can be listed as a requester who pays.
func (r *run) paysToList(ctx context.Context, c *Check, location object.Location) bool {
	if r.i.RequesterPays || !r.canCall(1) {
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
		c.blame(CauseRequesterPays, "The requester pays for this bucket, which Windlass doesn't support with an access key.",
			&Fix{
				Text:    "Create an integration for the bucket with requester pays.",
				Command: r.integrationCommand() + " --requester-pays",
			})
		return
	}
	c.blame(CauseRequesterPays, "The requester pays for this bucket, and requester pays is off in the integration.",
		r.ourFix("Turn on requester pays for the integration. AWS then bills requests to the role's account.",
			"requester_pays", true, "--requester-pays"))
}

// blameGet sets the cause when an object can't be read.
func (r *run) blameGet(c *Check, location object.Location, info object.Info, f *object.Failure) {
	if r.blameOurs(c, f) {
		return
	}
	c.refused = f.Denied() && f.Code != "InvalidObjectState"
	why := readRefusal(f)
	switch {
	case f.Code == "InvalidObjectState":
		c.blame(CauseArchived,
			fmt.Sprintf("The object is archived (%s) and must be restored before it can be read.", classOf(info)),
			&Fix{
				Text: "Restore the objects to load, or exclude archived objects from the source's pattern.",
				Command: "aws s3api restore-object --bucket " + location.Bucket + " --key " + shell(info.Key) +
					" --restore-request Days=7",
			})
	case r.blameKey(c, f, why):
	case r.blamePolicy(c, location, why):
	case !f.Denied():
		r.blameAny(c, f)
	case r.reasonPermission(c, "s3:GetObject", location):
	default:
		c.blame(CauseObjectARN,
			fmt.Sprintf("The location can be listed, but s3:GetObject on its objects isn't allowed. The resource of its statement "+
				"must be %s/%s*, with the final /*.", r.arn(location.Bucket), location.Prefix),
			r.permissionFix(r.words().attach+". It has one statement for the bucket and one for its objects."))
	}
}

func classOf(info object.Info) string {
	if info.Class == "" {
		return "Glacier"
	}
	return info.Class
}

// blamePut sets the cause when an object can't be written or deleted.
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
		w := r.words()
		c.blame(CauseNoPermission,
			fmt.Sprintf("No policy of %s allows to write and delete at %s, which the access readwrite needs.", w.holder,
				location),
			r.permissionFix(w.attach+", or change the access to read."))
	}
}

func (r *run) arn(bucket string) string {
	return "arn:" + r.partition() + ":s3:::" + bucket
}
