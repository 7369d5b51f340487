package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var grantRules = []rule{
	{of(iam.Identity), (*checker).everything},
	{of(iam.Identity), (*checker).everyResource},
	{granting, (*checker).notAction},
	{granting, (*checker).notResource},
	{of(iam.Identity), (*checker).escalation},
}

// resourceKeys are condition keys that restrict "*" to an owner's or a tag's
// resources.
var resourceKeys = []string{
	"aws:ResourceAccount",
	"aws:ResourceOrgID",
	"aws:ResourceOrgPaths",
	"aws:ResourceTag/",
	"s3:ResourceAccount",
	"s3:DataAccessPointArn",
	"s3:DataAccessPointAccount",
	"s3:AccessPointNetworkOrigin",
	"iam:ResourceTag/",
	"kms:ResourceAliases",
	"kms:RequestAlias",
	"s3:ExistingObjectTag/",
}

// whole reports whether a resource pattern matches all resources of a service.
func whole(pattern string) bool {
	if strings.Trim(pattern, "*") == "" {
		return pattern != ""
	}
	a, ok := parseARN(pattern)
	return ok && strings.Trim(a.resource, "*/") == "" && strings.Trim(a.account, "*") == ""
}

// everything reports Allow statements with all actions, or all of a service,
// on all resources.
func (c *checker) everything(s *statement) {
	if !s.allow {
		return
	}
	anywhere := slices.IndexFunc(s.resources, func(r entry) bool { return whole(r.Value) }) >= 0
	for _, a := range s.actions {
		prefix, name, _ := strings.Cut(a.Value, ":")
		all := strings.Trim(a.Value, "*:") == "" && a.Value != ""
		service := strings.Trim(name, "*") == "" && name != "" && prefix != ""
		switch {
		case all && anywhere:
			c.report(
				"overly-broad",
				a.place,
				nil,
				"This allows every action on every resource, which makes the principal an administrator. Name the "+
					"required actions and resources.",
			)
		case all:
			c.report("overly-broad", a.place, nil,
				"This allows every action, including those that AWS adds later. Name the required actions.")
		case service && anywhere && !s.bound(resourceKeys...):
			c.report("overly-broad", a.place, nil,
				"This allows every action of %s on every resource. Name the required actions and resources.", prefix)
		}
	}
}

// everyResource reports actions on "*" that support specific resources.
func (c *checker) everyResource(s *statement) {
	if !s.allow || s.bound(resourceKeys...) {
		return
	}
	for _, r := range s.resources {
		if !whole(r.Value) {
			continue
		}
		for _, a := range s.actions {
			if bindable := firstBindable(a, r.Value); bindable != "" {
				c.report("resource-star", r.place, nil,
					"%s is allowed on every resource (%q). Name the resources: %s works on %s.", shorten(a.Value),
					shorten(r.Value), bindable, worksOnWhat([]*reference.Action{reference.FindAction(bindable)}))
				return
			}
		}
		return // one finding per statement is enough
	}
}

// holdsData lists services whose Read actions return stored data. Those of
// other services return configuration.
var holdsData = []string{
	"athena",
	"codecommit",
	"dynamodb",
	"ecr",
	"firehose",
	"iam",
	"kinesis",
	"kms",
	"lambda",
	"rds-data",
	"redshift-data",
	"s3",
	"s3-object-lambda",
	"s3express",
	"secretsmanager",
	"sns",
	"sqs",
	"ssm",
	"sts",
}

// firstBindable returns the first action of a pattern that supports specific
// resources and either changes them or reads data. It ignores actions that list
// resources and s3:GetBucketLocation, which people need to find resources.
func firstBindable(pattern entry, resource string) string {
	if strings.Trim(pattern.Value, "*:") == "" {
		return "" // reported as overly-broad
	}
	for _, a := range pattern.covers {
		if len(a.ResourceTypes) > 0 && matters(a) && worksOn(a, starred(resource)) {
			return a.String()
		}
	}
	return ""
}

func matters(a *reference.Action) bool {
	if a.String() == "s3:GetBucketLocation" || a.String() == "cloudwatch:PutMetricData" {
		return false // metrics have no ARN, but data sets have one
	}
	switch a.Level {
	case reference.List:
		return a.String() == "s3:ListBucket" || a.String() == "s3:ListBucketVersions"
	case reference.Read:
		return slices.Contains(holdsData, a.Service.Prefix)
	default:
		return true
	}
}

func (c *checker) notAction(s *statement) {
	if s.allow && s.NotAction != nil {
		c.report(
			"notaction-allow",
			place{s.NotAction.Position, s.place.path + ".NotAction"},
			nil,
			"Allow with NotAction allows every other action of every service, including future ones. Name the "+
				"required actions in Action.",
		)
	}
}

func (c *checker) notResource(s *statement) {
	if s.allow && s.NotResource != nil {
		c.report(
			"notresource-allow",
			place{s.NotResource.Position, s.place.path + ".NotResource"},
			nil,
			"Allow with NotResource allows every other resource, in every account that grants access. Name the "+
				"required resources in Resource.",
		)
	}
}

// power is an action with which a principal can gain more permissions.
type power struct {
	action string
	by     string   // how the principal gains them
	wide   bool     // only if the resource has a wildcard
	unless []string // condition keys that prevent it
}

// powers lists the actions of IAM, S3, KMS, STS and Lambda with which a
// principal can gain more permissions.
var powers = []power{
	{action: "s3:PutBucketPolicy", by: "rewrite the bucket's policy and let anyone in"},
	{action: "s3:DeleteBucketPolicy", by: "delete the bucket policy that keeps others out"},
	{action: "s3:PutBucketAcl", by: "open the bucket with its ACL", unless: []string{"s3:x-amz-acl"}},
	{action: "s3:PutAccessPointPolicy", by: "rewrite an access point's policy and let anyone in"},
	{action: "s3:PutBucketPublicAccessBlock", by: "remove the bucket's block on public access"},
	{action: "s3:PutAccountPublicAccessBlock", by: "remove the account's block on public access"},
	{action: "s3:PutBucketOwnershipControls", by: "enable ACLs and open the bucket with them"},
	{action: "iam:CreatePolicyVersion", by: "rewrite a policy that is attached to itself"},
	{action: "iam:SetDefaultPolicyVersion", by: "restore an older, wider version of a policy"},
	{
		action: "iam:AttachUserPolicy", by: "attach any policy to itself",
		unless: []string{"iam:PolicyARN", "iam:PermissionsBoundary"},
	},
	{
		action: "iam:AttachRolePolicy", by: "attach any policy to a role that it can assume",
		unless: []string{"iam:PolicyARN", "iam:PermissionsBoundary"},
	},
	{
		action: "iam:AttachGroupPolicy", by: "attach any policy to a group that it is in",
		unless: []string{"iam:PolicyARN"},
	},
	{action: "iam:PutUserPolicy", by: "write itself a policy", unless: []string{"iam:PermissionsBoundary"}},
	{
		action: "iam:PutRolePolicy", by: "write a policy for a role that it can assume",
		unless: []string{"iam:PermissionsBoundary"},
	},
	{action: "iam:PutGroupPolicy", by: "write a policy for a group that it is in"},
	{action: "iam:AddUserToGroup", by: "join a group with more permissions"},
	{action: "iam:UpdateAssumeRolePolicy", by: "make a role assumable by itself"},
	{action: "iam:DeleteUserPermissionsBoundary", by: "remove its own permissions boundary"},
	{action: "iam:DeleteRolePermissionsBoundary", by: "remove a role's permissions boundary"},
	{
		action: "iam:PutUserPermissionsBoundary", by: "widen its own permissions boundary",
		unless: []string{"iam:PermissionsBoundary"},
	},
	{
		action: "iam:PutRolePermissionsBoundary", by: "widen a role's permissions boundary",
		unless: []string{"iam:PermissionsBoundary"},
	},
	{action: "iam:CreateAccessKey", by: "create access keys for another user", wide: true},
	{action: "iam:CreateLoginProfile", by: "set another user's password", wide: true},
	{action: "iam:UpdateLoginProfile", by: "set another user's password", wide: true},
	{
		action: "iam:PassRole", by: "give any role to a service that it controls", wide: true,
		unless: []string{"iam:PassedToService", "iam:AssociatedResourceArn"},
	},
	{action: "iam:CreateServiceSpecificCredential", by: "create credentials for another user", wide: true},
	{
		action: "sts:AssumeRole", by: "become every role that trusts its account", wide: true,
		unless: []string{"aws:ResourceTag/", "aws:ResourceAccount", "aws:ResourceOrgID", "iam:ResourceTag/"},
	},
	{action: "kms:PutKeyPolicy", by: "rewrite the key's policy and let anyone in"},
	{
		action: "kms:CreateGrant", by: "let others use the key", wide: true,
		unless: []string{"kms:GrantIsForAWSResource", "kms:ViaService", "kms:GranteePrincipal"},
	},
	{action: "lambda:UpdateFunctionCode", by: "run its own code in any function's role", wide: true},
}

// escalation reports actions that can be used to gain more permissions. It
// skips statements that allow a whole service, which another rule reports.
func (c *checker) escalation(s *statement) {
	if !s.allow || s.Action == nil {
		return
	}
	for _, a := range s.actions {
		prefix, name, _ := strings.Cut(strings.ToLower(a.Value), ":")
		if strings.Trim(name, "*") == "" && prefix != "iam" {
			continue
		}
		for _, p := range powers {
			if reference.Match(strings.ToLower(a.Value), strings.ToLower(p.action)) && c.spend(50*len(s.resources)) &&
				c.has(s, p) {
				c.report(
					"escalation",
					a.place,
					nil,
					"With %s the principal can %s, and so gain more permissions than this policy grants. Remove it, "+
						"or grant it only to administrators.",
					p.action,
					p.by,
				)
				break
			}
		}
	}
}

// has reports whether a statement grants a power: the action works on one of
// the resources other than the principal itself, and no condition prevents it.
func (c *checker) has(s *statement, p power) bool {
	action := reference.FindAction(p.action)
	if action == nil || s.bound(p.unless...) {
		return false
	}
	if !s.readable {
		return s.Resource == nil // NotResource
	}
	for i, r := range s.Resource.Values {
		own := strings.Contains(r.Value, "${aws:username}") &&
			!wildcards(plain(r.Value[strings.LastIndex(r.Value, ":")+1:]))
		if worksOn(action, s.patterns[i]) && !own && (!p.wide || wide(r.Value)) {
			return true
		}
	}
	return false
}

// wide reports whether a resource pattern is "*" or all resources of a type.
func wide(pattern string) bool {
	if whole(pattern) {
		return true
	}
	a, ok := parseARN(pattern)
	_, name, _ := strings.Cut(a.resource, "/")
	return ok && name != "" && strings.Trim(name, "*") == ""
}
