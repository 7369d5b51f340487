package iamapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// policy gives the managed policy that a call names.
func (c *Call) policy(tx *directory.Tx) (*directory.Policy, error) {
	arn := c.Params.Get("PolicyArn")
	if !strings.HasPrefix(arn, "arn:") || len(arn) < 20 {
		return nil, invalidInput("ARN %s is not valid.", cut(arn))
	}
	policy := tx.PolicyByARN(arn)
	if policy == nil || policy.Account != c.Caller.Account && policy.Account != "aws" {
		return nil, noSuchEntity("Policy %s was not found.", cut(arn))
	}
	return policy, nil
}

// policyToUse gives the policy that is to be attached.
func (c *Call) policyToUse(tx *directory.Tx) (*directory.Policy, error) {
	policy, err := c.policy(tx)
	if err != nil && c.Params.Get("PolicyArn") != "" && strings.HasPrefix(c.Params.Get("PolicyArn"), "arn:") {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", cut(c.Params.Get("PolicyArn")))
	}
	return policy, err
}

// ownPolicy gives a policy that may be changed.
func (c *Call) ownPolicy(tx *directory.Tx) (*directory.Policy, error) {
	policy, err := c.policy(tx)
	if err == nil && policy.Account == "aws" {
		return nil, unmodifiable(policy.ARN())
	}
	return policy, err
}

func policyARN(c *Call, _ *directory.Tx) string { return c.Params.Get("PolicyArn") }

func newPolicyARN(c *Call, _ *directory.Tx) string {
	return "arn:aws:iam::" + c.Caller.Account + ":policy" + pathOf(c.Params.Get("Path")) + c.Params.Get("PolicyName")
}

func readManaged(text string) (*directory.Document, error) {
	document, err := ReadDocument(iam.Identity, text)
	if err == nil && characters(text) > maxManagedCharacters {
		return nil, quota("PolicySize", maxManagedCharacters)
	}
	return document, err
}

type policyResult struct{ Policy policyXML }

func createPolicy(c *Call, tx *directory.Tx) (any, error) {
	name := c.Params.Get("PolicyName")
	path := pathOf(c.Params.Get("Path"))
	document, err := readManaged(c.Params.Get("PolicyDocument"))
	if err != nil {
		return nil, err
	}
	tags := c.Params.Tags("Tags")
	description := c.Params.Get("Description")
	if err := checkDescription(description); err != nil {
		return nil, err
	}
	switch {
	case tx.Policies.Get(c.Caller.Account, name) != nil:
		return nil, alreadyExists("A policy called %s already exists. Duplicate names are not allowed.", name)
	case tx.Policies.Count(c.Caller.Account) >= maxPolicies:
		return nil, quota("PoliciesPerAccount", maxPolicies)
	}
	policy := &directory.Policy{
		Account: c.Caller.Account, Path: path, Name: name, ID: directory.NewID(directory.PolicyID), Description: description,
		Created: c.now, Updated: c.now, Tags: tags, Default: "v1", Last: 1,
		Versions: []directory.PolicyVersion{{ID: "v1", Document: document, Created: c.now}},
	}
	tx.Policies.Put(c.Caller.Account, name, policy)
	return policyResult{showPolicy(tx, policy)}, nil
}

func getPolicy(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.policy(tx)
	if err != nil {
		return nil, err
	}
	return policyResult{showPolicy(tx, policy)}, nil
}

func deletePolicy(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.ownPolicy(tx)
	if err != nil {
		return nil, err
	}
	attached, boundaries := usage(tx, policy)
	switch {
	case attached+boundaries > 0:
		return nil, deleteConflict("Cannot delete a policy attached to entities.")
	case len(policy.Versions) > 1:
		return nil, deleteConflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	tx.Policies.Delete(policy.Account, policy.Name)
	return nil, nil
}

type policiesResult struct {
	Policies struct {
		Members []policyXML `xml:"member"`
	}
	page
}

func listPolicies(c *Call, tx *directory.Tx) (any, error) {
	scope, onlyAttached := c.Params.Get("Scope"), c.Params.Get("OnlyAttached") == "true"
	all := func(yield func(*directory.Policy) bool) {
		for _, account := range []string{c.Caller.Account, "aws"} {
			if scope == "Local" && account == "aws" || scope == "AWS" && account != "aws" {
				continue
			}
			for policy := range tx.Policies.All(account) {
				if attached, _ := usage(tx, policy); onlyAttached && attached == 0 {
					continue
				}
				if !yield(policy) {
					return
				}
			}
		}
	}
	sorted := slices.SortedFunc(under(c, all, func(p *directory.Policy) string { return p.Path }), func(a, b *directory.Policy) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	policies, tail, err := paged(c, slices.Values(sorted), func(p *directory.Policy) string { return p.Name })
	result := policiesResult{page: tail}
	result.Policies.Members = mapped(policies, func(p *directory.Policy) policyXML {
		shown := showPolicy(tx, p)
		shown.Tags, shown.Description = nil, ""
		return shown
	})
	return result, err
}

type versionResult struct{ PolicyVersion versionXML }

func showVersion(policy *directory.Policy, v *directory.PolicyVersion, document bool) versionXML {
	out := versionXML{VersionID: v.ID, IsDefaultVersion: v.ID == policy.Default, CreateDate: query.Time(v.Created)}
	if document {
		out.Document = escape(v.Document.Text)
	}
	return out
}

func createPolicyVersion(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.ownPolicy(tx)
	if err != nil {
		return nil, err
	}
	document, err := readManaged(c.Params.Get("PolicyDocument"))
	if err != nil {
		return nil, err
	}
	if len(policy.Versions) >= maxVersions {
		return nil, limitExceeded("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
	}
	changed := *policy
	changed.Last++
	version := directory.PolicyVersion{ID: "v" + strconv.Itoa(changed.Last), Document: document, Created: c.now}
	changed.Versions = append(slices.Clone(policy.Versions), version)
	changed.Updated = c.now
	if c.Params.Get("SetAsDefault") == "true" {
		changed.Default = version.ID
	}
	tx.Policies.Put(policy.Account, policy.Name, &changed)
	return versionResult{showVersion(&changed, &version, false)}, nil
}

// version gives the version that a call names.
func (c *Call) version(policy *directory.Policy) (*directory.PolicyVersion, error) {
	id := c.Params.Get("VersionId")
	if v := policy.Version(id); v != nil {
		return v, nil
	}
	return nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", policy.ARN(), cut(id))
}

func getPolicyVersion(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.policy(tx)
	if err != nil {
		return nil, err
	}
	version, err := c.version(policy)
	if err != nil {
		return nil, err
	}
	return versionResult{showVersion(policy, version, true)}, nil
}

func setDefaultPolicyVersion(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.ownPolicy(tx)
	if err != nil {
		return nil, err
	}
	version, err := c.version(policy)
	if err != nil {
		return nil, err
	}
	changed := *policy
	changed.Default, changed.Updated = version.ID, c.now
	tx.Policies.Put(policy.Account, policy.Name, &changed)
	return nil, nil
}

func deletePolicyVersion(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.ownPolicy(tx)
	if err != nil {
		return nil, err
	}
	version, err := c.version(policy)
	if err != nil {
		return nil, err
	}
	if version.ID == policy.Default {
		return nil, deleteConflict("Cannot delete the default version of a policy.")
	}
	changed := *policy
	changed.Versions = slices.DeleteFunc(slices.Clone(policy.Versions), func(v directory.PolicyVersion) bool { return v.ID == version.ID })
	tx.Policies.Put(policy.Account, policy.Name, &changed)
	return nil, nil
}

type versionsResult struct {
	Versions struct {
		Members []versionXML `xml:"member"`
	}
	page
}

func listPolicyVersions(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.policy(tx)
	if err != nil {
		return nil, err
	}
	var result versionsResult
	for i := len(policy.Versions) - 1; i >= 0; i-- {
		result.Versions.Members = append(result.Versions.Members, showVersion(policy, &policy.Versions[i], false))
	}
	return result, nil
}

type holderXML struct {
	UserName  string `xml:",omitempty"`
	UserID    string `xml:"UserId,omitempty"`
	RoleName  string `xml:",omitempty"`
	RoleID    string `xml:"RoleId,omitempty"`
	GroupName string `xml:",omitempty"`
	GroupID   string `xml:"GroupId,omitempty"`
}

type entitiesResult struct {
	PolicyGroups struct {
		Members []holderXML `xml:"member"`
	}
	PolicyUsers struct {
		Members []holderXML `xml:"member"`
	}
	PolicyRoles struct {
		Members []holderXML `xml:"member"`
	}
	page
}

func listEntitiesForPolicy(c *Call, tx *directory.Tx) (any, error) {
	policy, err := c.policy(tx)
	if err != nil {
		return nil, err
	}
	arn, filter := policy.ARN(), c.Params.Get("EntityFilter")
	boundary := c.Params.Get("PolicyUsageFilter") == "PermissionsBoundary"
	holds := func(i *directory.Identity, kind string) bool {
		if filter != "" && filter != kind {
			return false
		}
		if boundary {
			return i.Boundary == arn
		}
		return slices.Contains(i.Attached, arn)
	}
	var result entitiesResult
	for u := range tx.Users.All(c.Caller.Account) {
		if holds(&u.Identity, "User") {
			result.PolicyUsers.Members = append(result.PolicyUsers.Members, holderXML{UserName: u.Name, UserID: u.ID})
		}
	}
	for r := range tx.Roles.All(c.Caller.Account) {
		if holds(&r.Identity, "Role") {
			result.PolicyRoles.Members = append(result.PolicyRoles.Members, holderXML{RoleName: r.Name, RoleID: r.ID})
		}
	}
	for g := range tx.Groups.All(c.Caller.Account) {
		if holds(&g.Identity, "Group") {
			result.PolicyGroups.Members = append(result.PolicyGroups.Members, holderXML{GroupName: g.Name, GroupID: g.ID})
		}
	}
	return result, nil
}
