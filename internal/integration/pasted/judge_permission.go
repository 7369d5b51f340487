package pasted

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

// otherBucket is a bucket that can't exist, because AWS reserves the prefix.
const otherBucket = "xn--windlass-not-declared"

// permissions evaluates a role's permission policies.
type permissions struct {
	*judge
	policies *iam.Policies
	owned    map[string]*iam.Compiled // the policies of buckets and keys, by ARN
	role     iam.Principal
	account  string
}

// judgePermissions evaluates the permission policies.
func (j *judge) judgePermissions(documents Documents) {
	p := &permissions{judge: j, policies: &iam.Policies{}, owned: map[string]*iam.Compiled{}, account: someAccount}
	for _, text := range documents.Permissions {
		compiled := j.read(iam.Identity, PermissionPolicy, text, lint.Options{PrincipalKind: "role"})
		if compiled == nil {
			return
		}
		p.policies.Identity = append(p.policies.Identity, compiled)
	}
	if len(documents.Boundary) > 0 {
		if p.policies.Boundary = j.read(iam.Boundary, BoundaryPolicy, documents.Boundary,
			lint.Options{}); p.policies.Boundary == nil {
			return
		}
	}
	if !p.readOwned(documents) {
		return
	}
	role := j.wanted.RoleARN
	if role == "" {
		role = "arn:" + j.wanted.Partition + ":iam::" + someAccount + ":role/windlass"
	}
	p.account = strings.SplitN(role, ":", 6)[4]
	p.role = Caller(role)
	p.role.ARN = strings.TrimSuffix(p.role.ARN, "somebody") + "windlass-load"
	for _, l := range j.wanted.Locations {
		p.askInside(l)
	}
	for _, key := range j.wanted.KMSKeyARNs {
		p.askKey(key)
	}
	p.askOfOthers()
	for _, l := range j.wanted.Locations {
		p.askBeside(l)
	}
	p.askElsewhere()
}

// s3 returns the request for an action on a bucket, a prefix or an object.
func (p *permissions) s3(action, bucket, rest string) iam.Request {
	r := iam.Request{
		Principal: p.role, Action: action, Resource: "arn:" + p.wanted.Partition + ":s3:::" + bucket,
		ResourceAccount: p.account,
	}
	switch action {
	case "s3:ListBucket":
		r.Context.Set("s3:prefix", rest)
	case "s3:ListAllMyBuckets":
		r.Resource = "*"
	case "s3:PutBucketPolicy", "s3:DeleteBucket":
	default:
		r.Resource += "/" + rest
	}
	return r
}

func (p *permissions) need(code, call, message, why string, request iam.Request) {
	p.put(p.with(&request), ask{
		code: code, document: PermissionPolicy, wanted: true, severity: Missing, call: call,
		message: message, why: why, request: request,
	})
}

func (p *permissions) forbid(code, call, message, why string, request iam.Request) bool {
	return p.put(p.with(&request), ask{
		code: code, document: PermissionPolicy, severity: Excess, call: call,
		message: message, why: why, request: request,
	})
}

// askInside evaluates what the integration does in a location.
func (p *permissions) askInside(l generate.Location) {
	p.need("list", "list "+l.String(), fmt.Sprintf("The role may not list %s.", l), p.whyNotList(l),
		p.s3("s3:ListBucket", l.Bucket, l.Prefix))
	p.need("list-below", "list below "+l.String(), fmt.Sprintf("The role may not list the folders of %s.", l),
		"A source whose pattern begins with a folder lists only that folder.",
		p.s3("s3:ListBucket", l.Bucket, l.Prefix+"2026/"))
	p.need("get", "read objects of "+l.String(), fmt.Sprintf("The role may not read the objects of %s.", l),
		p.whyNotGet(l), p.s3("s3:GetObject", l.Bucket, l.Prefix+"2026/prices.csv"))
	for _, a := range []struct{ action, verb, why string }{
		{"s3:PutObject", "write", "The integration's access is readwrite."},
		{"s3:DeleteObject", "delete", "Writers also delete what they replace, and the doctor deletes its test object."},
		{
			"s3:AbortMultipartUpload", "abort uploads of",
			"AWS charges for an unfinished upload until it is aborted.",
		},
	} {
		request := p.s3(a.action, l.Bucket, l.Prefix+"2026/prices.csv")
		if p.wanted.Access == generate.ReadWrite {
			p.need(strings.ToLower(a.action[3:]), a.verb+" objects of "+l.String(),
				fmt.Sprintf("The role may not %s objects of %s.", a.verb, l), a.why, request)
		} else if p.forbid(strings.ToLower(a.action[3:]), a.verb+" objects of "+l.String(),
			fmt.Sprintf("The role may %s objects of %s, but only reading was declared.", a.verb, l),
			"Windlass never writes where only reading was declared. An unused permission can only be misused.",
			request) {
			break // writing includes aborting uploads
		}
	}
}

// whyNotList looks for common mistakes.
func (p *permissions) whyNotList(l generate.Location) string {
	bare := strings.TrimSuffix(l.Prefix, "/")
	lists := func(bucket, prefix string) bool {
		r := p.s3("s3:ListBucket", bucket, prefix)
		return p.allows(&r)
	}
	switch {
	case lists(l.Bucket+"/*", l.Prefix) || lists(l.Bucket+"/x", l.Prefix):
		return "s3:ListBucket is an action on the bucket itself, but the resource is the ARN of its objects (…/*)."
	case bare != "" && lists(l.Bucket, "/"+l.Prefix):
		return "The condition on s3:prefix begins with a slash. Keys in S3 don't."
	case bare != "" && (lists(l.Bucket, bare) || lists(l.Bucket, l.Prefix+"x")):
		return fmt.Sprintf("The condition on s3:prefix doesn't match %q, which Windlass sends. Use %q.",
			l.Prefix, l.Prefix+"*")
	}
	return "Windlass finds new objects by listing the declared prefix."
}

// whyNotGet looks for common mistakes.
func (p *permissions) whyNotGet(l generate.Location) string {
	gets := func(rest string) bool {
		r := p.s3("s3:GetObject", l.Bucket, rest)
		return p.allows(&r)
	}
	bucket := p.s3("s3:GetObject", l.Bucket, "")
	bucket.Resource = strings.TrimSuffix(bucket.Resource, "/")
	switch {
	case p.allows(&bucket) || gets(strings.TrimSuffix(l.Prefix, "/")) || l.Prefix != "" && gets(l.Prefix):
		return fmt.Sprintf("s3:GetObject is an action on objects, so its resource must end in a star: arn:%s:s3:::%s/%s*.", p.wanted.Partition, l.Bucket, l.Prefix)
	case gets("/" + l.Prefix + "2026/prices.csv"):
		return "The resource has an extra slash. Keys in S3 don't begin with one."
	case gets(l.Prefix + "prices.csv"):
		return "The policy allows some objects, but not all below the prefix."
	}
	return "Windlass reads the objects that it lists."
}

func (p *permissions) allows(request *iam.Request) bool {
	request.AddGlobalKeys()
	return iam.Evaluate(p.with(request), request).Allowed()
}

// askKey evaluates the use of a KMS key through S3.
func (p *permissions) askKey(arn string) {
	const why = "Objects that are encrypted with the key can't be read without it. S3 returns AccessDenied for " +
		"them, whatever else is allowed."
	p.need("kms-decrypt", "decrypt with "+arn, fmt.Sprintf("The role may not use the key %s through S3.", arn), why,
		p.kms("kms:Decrypt", arn))
	if p.wanted.Access == generate.ReadWrite {
		p.need("kms-generate", "encrypt with "+arn, fmt.Sprintf("The role may not encrypt with the key %s through S3.",
			arn),
			"Objects written there are encrypted with the key.", p.kms("kms:GenerateDataKey", arn))
	}
	parts := strings.SplitN(arn, ":", 6)
	parts[5] = "key/00000000-0000-0000-0000-000000000000"
	p.forbid("kms-other", "decrypt with another key", "The role may use every key of the account.",
		"Other keys encrypt other data. The role needs only the declared one.",
		p.kms("kms:Decrypt", strings.Join(parts, ":")))
}

func (p *permissions) kms(action, arn string) iam.Request {
	parts := strings.SplitN(arn, ":", 6)
	suffix := "amazonaws.com"
	if p.wanted.Partition == string(generate.China) {
		suffix = "amazonaws.com.cn"
	}
	r := iam.Request{Principal: p.role, Action: action, Resource: arn, ResourceAccount: parts[4]}
	r.Context.Set("kms:ViaService", "s3."+parts[3]+"."+suffix)
	r.Context.Set("kms:CallerAccount", p.account)
	return r
}

// askBeside evaluates access to the rest of the bucket.
func (p *permissions) askBeside(l generate.Location) {
	if l.Prefix == "" {
		return
	}
	const why = "Nobody can use Windlass to reach what its role can't."
	beside := strings.TrimSuffix(l.Prefix, "/") + "-not-declared/"
	list := p.forbid("list-root", "list all of s3://"+l.Bucket,
		fmt.Sprintf("The role may list the whole bucket %s, but only %s was declared.", l.Bucket, l), why,
		p.s3("s3:ListBucket", l.Bucket, ""))
	if !list {
		p.forbid("list-beside", "list s3://"+l.Bucket+"/"+beside,
			fmt.Sprintf("The role may also list %s: the condition on s3:prefix lacks its final slash.",
				"s3://"+l.Bucket+"/"+beside), why, p.s3("s3:ListBucket", l.Bucket, beside))
	}
	get := p.forbid("get-outside", "read objects elsewhere in s3://"+l.Bucket,
		fmt.Sprintf("The role may read every object of the bucket %s, but only %s was declared.", l.Bucket, l), why,
		p.s3("s3:GetObject", l.Bucket, "windlass-not-declared/x"))
	if !get {
		p.forbid("get-beside", "read s3://"+l.Bucket+"/"+beside+"x",
			fmt.Sprintf("The role may also read objects of %s: the resource lacks the slash before its star.",
				"s3://"+l.Bucket+"/"+beside), why, p.s3("s3:GetObject", l.Bucket, beside+"x"))
	}
}

// askElsewhere evaluates access to anything else.
func (p *permissions) askElsewhere() {
	const why = "The least policy is also the quickest to review."
	everything := iam.Request{Principal: p.role, Action: "iam:CreateUser", Resource: "arn:" + p.wanted.Partition +
		":iam::" + p.account + ":user/x", ResourceAccount: p.account}
	if p.forbid("administer", "make IAM users", "The role may administer the account.",
		"Anyone who gets a session of this role controls the account.", everything) {
		return // this includes everything below
	}
	p.forbid("get-other-bucket", "read objects of other buckets", "The role may read buckets that weren't declared.",
		why, p.s3("s3:GetObject", otherBucket, "x"))
	p.forbid("list-other-bucket", "list other buckets", "The role may list buckets that weren't declared.", why,
		p.s3("s3:ListBucket", otherBucket, ""))
	p.forbid("list-buckets", "list the names of all buckets",
		"The role may list the names of all buckets of the account.",
		"Windlass knows its buckets and doesn't search for others.", p.s3("s3:ListAllMyBuckets", "", ""))
	for _, l := range p.wanted.Locations {
		if p.forbid("bucket-policy", "change the policy of the bucket "+l.Bucket,
			fmt.Sprintf("The role may change the policy of the bucket %s.", l.Bucket),
			"Anyone who may change a bucket's policy can let in everyone.", p.s3("s3:PutBucketPolicy", l.Bucket, "")) {
			break
		}
	}
}
