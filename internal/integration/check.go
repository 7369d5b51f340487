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

// Limits of pasted documents.
const (
	maxPasted      = 32 << 10 // bytes of a document; more than AWS allows
	MaxPermissions = 10       // permission policies, as many as AWS allows to attach
)

// Checked lists how the documents of an existing role differ from what the
// integration needs.
type Checked struct {
	pasted.Judgement
	TrustDiff  string // unified diff from the pasted to the printed trust policy; may be empty
	AccessDiff string // unified diff of the permission policy, if exactly one was pasted
}

// Check judges the documents of an existing role without calling AWS. It
// accepts the output of the AWS command line.
func (s *Service) Check(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given pasted.Documents,
) (Checked, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return Checked{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Checked{}, err
	}
	if err := found.validatePasted(given); err != nil {
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

// wanted returns what the pasted documents must allow.
func (i *Integration) wanted() pasted.Wanted {
	need := i.Need()
	return pasted.Wanted{
		Partition: string(need.Partition), PrincipalARN: i.PrincipalARN, ExternalIDs: i.ExternalIDs(),
		RoleARN: string(i.RoleARN), Locations: need.Locations, Access: need.Access, KMSKeyARNs: i.KMSKeyARNs,
		Vending: i.Vending,
	}
}

// unwrapped extracts each document from the output of the AWS command line.
func unwrapped(documents map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, text := range documents {
		out[name] = pasted.Unwrap(text)
	}
	return out
}

// validatePasted checks the number and the size of the documents, and that they
// belong to the integration.
func (i *Integration) validatePasted(given pasted.Documents) error {
	var f faults
	long := func(path string, text []byte) {
		if len(text) > maxPasted {
			f.add(path, "The document is longer than any policy that AWS accepts.")
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
			f.add(path, "The integration has no location in the bucket %s.", quoted(bucket))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given.Keys)) {
		path := "key_policies." + clip.To(key, 100)
		long(path, given.Keys[key])
		if !slices.Contains(i.KMSKeyARNs, key) {
			f.add(path, "The integration has no KMS key %s.", quoted(key))
		}
	}
	beside := len(given.Boundary) + len(given.Buckets) + len(given.Keys)
	switch {
	case len(given.Trust) == 0 && len(given.Permissions) == 0 && beside == 0:
		f.add("trust_policy", "Paste the role's trust policy, its permission policy, or both.")
	case len(given.Permissions) == 0 && beside > 0:
		f.add("permission_policies", "Also paste the role's permission policies. Boundaries, bucket policies and key policies "+
			"can only be checked together with them.")
	case len(given.Permissions) > MaxPermissions:
		f.add("permission_policies", "There are %d policies. A role has at most %d.", len(given.Permissions),
			MaxPermissions)
	case len(given.Permissions) > 0 && len(i.Locations) == 0:
		f.add("permission_policies", "The integration has no locations to check the policy for. Declare its buckets and prefixes.")
	}
	if len(f.findings) > 0 {
		return problem.New(problem.Invalid, "The documents can't be checked: %s", f.findings[0].Message).
			WithFindings(f.findings...)
	}
	return nil
}

// pretty indents a document as the printed ones are, for a diff. It returns
// invalid JSON unchanged.
func pretty(document []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return document
	}
	out.WriteByte('\n')
	return out.Bytes()
}
