package pasted

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

// readOwned parses the policies of buckets and keys. It returns false if one is
// invalid.
func (p *permissions) readOwned(documents Documents) bool {
	for _, bucket := range slices.Sorted(maps.Keys(documents.Buckets)) {
		arn := "arn:" + p.wanted.Partition + ":s3:::" + bucket
		if p.owned[arn] = p.read(iam.Resource, BucketPolicy, documents.Buckets[bucket],
			lint.Options{}); p.owned[arn] == nil {
			return false
		}
	}
	for _, key := range slices.Sorted(maps.Keys(documents.Keys)) {
		if p.owned[key] = p.read(iam.Resource, KeyPolicy, documents.Keys[key], lint.Options{}); p.owned[key] == nil {
			return false
		}
	}
	return true
}

// with returns the policies for a request: the role's, and that of the bucket or
// key.
func (p *permissions) with(request *iam.Request) *iam.Policies {
	all := *p.policies
	if all.Resource = p.owner(request.Resource); all.Resource == nil && iam.IsKey(request.Resource) {
		all.Resource = Compile(iam.Resource, iam.DefaultKeyPolicy(p.wanted.Partition, request.ResourceAccount))
	}
	return &all
}

// owner returns the policy of a resource's bucket or key, or nil if it wasn't
// pasted.
func (p *permissions) owner(resource string) *iam.Compiled {
	if strings.Contains(resource, ":s3:::") {
		resource, _, _ = strings.Cut(resource, "/")
	}
	return p.owned[resource]
}

// askOfOthers adds advice for bucket policies that don't allow the role. They
// must allow it if the bucket belongs to another account, which no document
// shows.
func (p *permissions) askOfOthers() {
	for _, l := range p.wanted.Locations {
		request := p.s3("s3:GetObject", l.Bucket, l.Prefix+"2026/prices.csv")
		if p.owner(request.Resource) == nil || !p.allows(&request) {
			continue
		}
		request.ResourceAccount = otherAccount
		request.Context = iam.Context{}
		if p.allows(&request) {
			continue
		}
		p.find(Finding{
			Code: "bucket-of-another-account", Severity: Advice, Document: BucketPolicy,
			Message: fmt.Sprintf("The policy of the bucket %s doesn't allow the role by itself.", l.Bucket),
			Why: "That is fine if the bucket belongs to the role's account. A bucket in another account must " +
				"also allow the role.",
		})
	}
}

// otherAccount is an account without roles here.
const otherAccount = "000000000002"

// ofKind returns the document that decided a call.
func ofKind(kind, resource string, asked Document) Document {
	switch {
	case kind == iam.Boundary.String():
		return BoundaryPolicy
	case kind == iam.Resource.String() && strings.Contains(resource, ":kms:"):
		return KeyPolicy
	case kind == iam.Resource.String():
		return BucketPolicy
	}
	return asked
}
