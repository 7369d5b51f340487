package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Bounds of what is pasted.
const (
	maxPasted      = 32 << 10 // bytes of a document: more than AWS takes
	MaxPermissions = 10       // permission policies of a role, as AWS bounds those attached
)

// Checked is how documents that a role has already differ from what the
// integration needs.
type Checked struct {
	pasted.Judgement
	TrustDiff  string // unified diff from what was pasted to what is printed; empty when it is the same, or was not pasted
	AccessDiff string // the same of the permission policy, when one was pasted
}

// Check judges documents that a role has already, with no call to AWS. They
// may be wrapped in what the AWS command line prints around them.
func (s *Service) Check(ctx context.Context, actor access.Actor, workspace, idOrName string, given pasted.Documents) (Checked, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return Checked{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Checked{}, err
	}
	if err := found.checkable(given); err != nil {
		return Checked{}, err
	}
	given.Trust, given.Boundary = pasted.Unwrap(given.Trust), pasted.Unwrap(given.Boundary)
	permissions := make([][]byte, len(given.Permissions))
	for n, text := range given.Permissions {
		permissions[n] = pasted.Unwrap(text)
	}
	given.Permissions = permissions
	given.Buckets, given.Keys = unwrapped(given.Buckets), unwrapped(given.Keys)
	printed, err := found.Documents()
	if err != nil {
		return Checked{}, err
	}
	checked := Checked{Judgement: pasted.Judge(found.wanted(), given)}
	if len(given.Trust) > 0 {
		checked.TrustDiff = aws.Diff("trust-policy.json", pretty(given.Trust), printed.Trust)
	}
	if len(given.Permissions) == 1 {
		checked.AccessDiff = aws.Diff("permission-policy.json", pretty(given.Permissions[0]), printed.Permission)
	}
	return checked, nil
}

// wanted is what pasted documents are judged against.
func (i *Integration) wanted() pasted.Wanted {
	need := i.Need()
	return pasted.Wanted{
		Partition: string(need.Partition), PrincipalARN: i.PrincipalARN, ExternalIDs: i.ExternalIDs(), RoleARN: string(i.RoleARN),
		Locations: need.Locations, Access: need.Access, KMSKeyARNs: i.KMSKeyARNs, Vending: i.Vending,
	}
}

// unwrapped takes what the AWS command line prints off each document.
func unwrapped(documents map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, text := range documents {
		out[name] = pasted.Unwrap(text)
	}
	return out
}

// checkable bounds what was pasted.
func (i *Integration) checkable(given pasted.Documents) error {
	var f faults
	long := func(path string, text []byte) {
		if len(text) > maxPasted {
			f.add(path, "The document is longer than any policy that AWS takes.")
		}
	}
	long("trust_policy", given.Trust)
	long("permissions_boundary", given.Boundary)
	for n, text := range given.Permissions[:min(len(given.Permissions), MaxPermissions)] {
		long(fmt.Sprintf("permission_policies[%d]", n), text)
	}
	for _, bucket := range slices.Sorted(maps.Keys(given.Buckets)) {
		path := "bucket_policies." + clip.To(bucket, 100)
		long(path, given.Buckets[bucket])
		if len(i.in(bucket)) == 0 {
			f.add(path, "The integration declares no location in the bucket %s.", quoted(bucket))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given.Keys)) {
		path := "key_policies." + clip.To(key, 100)
		long(path, given.Keys[key])
		if !slices.Contains(i.KMSKeyARNs, key) {
			f.add(path, "The integration declares no KMS key %s.", quoted(key))
		}
	}
	beside := len(given.Boundary) + len(given.Buckets) + len(given.Keys)
	switch {
	case len(given.Trust) == 0 && len(given.Permissions) == 0 && beside == 0:
		f.add("trust_policy", "No document is given: paste the role's trust policy, its permission policy, or both.")
	case len(given.Permissions) == 0 && beside > 0:
		f.add("permission_policies", "A boundary, and the policy of a bucket or a key, are judged with the role's permission policies: paste those too.")
	case len(given.Permissions) > MaxPermissions:
		f.add("permission_policies", "%d policies are given; a role has at most %d.", len(given.Permissions), MaxPermissions)
	case len(given.Permissions) > 0 && len(i.Locations) == 0:
		f.add("permission_policies", "The integration has no location yet, so nothing says what the policy must open. Declare the buckets and prefixes that it is for.")
	}
	if len(f.findings) > 0 {
		return problem.New(problem.Invalid, "The documents cannot be judged: %s", f.findings[0].Message).WithFindings(f.findings...)
	}
	return nil
}

// pretty writes a document as the printed ones are, for a diff; what is not
// JSON stays as it is.
func pretty(document []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return document
	}
	out.WriteByte('\n')
	return out.Bytes()
}
