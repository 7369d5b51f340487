// Package grants turns access control lists into policy statements and reports
// whether a bucket policy is public.
package grants

import (
	"encoding/json"
	"slices"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// OwnerEnforced is the ownership setting that disables access control lists.
const OwnerEnforced = "BucketOwnerEnforced"

// permittedActions returns the actions of a permission, on a bucket and on an
// object. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions.
func permittedActions(permission string, object bool) []string {
	if object {
		return map[string][]string{
			"READ": {
				"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes",
				"s3:GetObjectVersionAttributes",
			},
			"READ_ACP":  {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
			"WRITE_ACP": {"s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
			"FULL_CONTROL": {
				"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes",
				"s3:GetObjectAcl", "s3:GetObjectVersionAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl",
			},
		}[permission]
	}
	read := []string{"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"}
	write := []string{"s3:PutObject", "s3:DeleteObject"}
	return map[string][]string{
		"READ": read, "WRITE": write, "READ_ACP": {"s3:GetBucketAcl"}, "WRITE_ACP": {"s3:PutBucketAcl"},
		"FULL_CONTROL": slices.Concat(read, write, []string{"s3:GetBucketAcl", "s3:PutBucketAcl"}),
	}[permission]
}

// isObjectAction reports whether an object's own access control list decides
// an action.
func isObjectAction(action string) bool {
	return slices.Contains(permittedActions("FULL_CONTROL", true), action)
}

// WithACL adds the grants of the access control list to the policy that
// decides an action, and returns the account that owns the resource. If lists
// are disabled or grant nothing, it returns the policy unchanged.
func WithACL(
	action string,
	bucket *s3store.Bucket,
	version *s3store.Version,
	policy *iam.Compiled,
) (*iam.Compiled, string) {
	settings := bucket.Settings()
	if settings.Ownership == OwnerEnforced {
		return policy, bucket.Account
	}
	acl, owner, object := settings.ACL, bucket.Account, isObjectAction(action)
	if object && version != nil {
		acl = version.ACL
		if version.Owner != "" && version.Owner != bucket.Account {
			owner, policy = version.Owner, onlyDenials(policy) // the bucket owner can't grant access to others' objects
		}
	} else if object {
		acl = nil
	}
	ignore := settings.PublicBlock != nil && settings.PublicBlock.IgnorePublicAcls
	var statements []map[string]any
	if acl != nil {
		for _, grant := range acl.Grants {
			if grant.Account != owner && grant.Group != "LogDelivery" && (!ignore || !grant.Public()) {
				statements = append(statements, grantStatement(grant, object)...)
			}
		}
	}
	return addStatements(policy, statements), owner
}

// grantStatement returns a grant as a policy statement. Accounts delegate to
// their own policies, and groups are everyone.
func grantStatement(grant s3store.Grant, object bool) []map[string]any {
	actions := permittedActions(grant.Permission, object)
	if len(actions) == 0 {
		return nil
	}
	statement := map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*", "Principal": "*"}
	if grant.Account != "" {
		statement["Principal"] = map[string]string{"AWS": "arn:aws:iam::" + grant.Account + ":root"}
	}
	if grant.Group == "AuthenticatedUsers" {
		statement["Condition"] = map[string]any{"StringNotEquals": map[string]string{"aws:PrincipalType": "Anonymous"}}
	}
	return []map[string]any{statement}
}

// addStatements adds statements to a policy.
func addStatements(policy *iam.Compiled, statements []map[string]any) *iam.Compiled {
	if len(statements) == 0 {
		return policy
	}
	text, err := json.Marshal(map[string]any{"Version": iam.Version2012, "Statement": statements})
	if err != nil { // can't fail: they are plain maps
		return policy
	}
	granted, err := iam.Parse(iam.Resource, text)
	if err != nil {
		return policy
	}
	if policy != nil {
		all := *policy.Policy()
		all.Statements = append(slices.Clone(all.Statements), granted.Statements...)
		granted = &all
	}
	compiled, err := iam.Compile(granted)
	if err != nil {
		return policy
	}
	return compiled
}

// onlyDenials returns a policy's Deny statements.
func onlyDenials(policy *iam.Compiled) *iam.Compiled {
	if policy == nil {
		return nil
	}
	kept := *policy.Policy()
	kept.Statements = slices.DeleteFunc(
		slices.Clone(kept.Statements),
		func(s iam.Statement) bool { return s.Effect.Value != "Deny" },
	)
	if len(kept.Statements) == 0 {
		return nil
	}
	compiled, err := iam.Compile(&kept)
	if err != nil { // can't fail: the whole policy was compiled
		return policy
	}
	return compiled
}
