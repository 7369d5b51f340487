package iamapi

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// policy returns the managed policy in a call.
func (c *call) policy(tx *directory.Tx) (*directory.Policy, error) {
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

// policyToUse returns the policy to attach.
func (c *call) policyToUse(tx *directory.Tx) (*directory.Policy, error) {
	policy, err := c.policy(tx)
	if err != nil && c.Params.Get("PolicyArn") != "" && strings.HasPrefix(c.Params.Get("PolicyArn"), "arn:") {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", cut(c.Params.Get("PolicyArn")))
	}
	return policy, err
}

// ownPolicy returns a policy that can be changed.
func (c *call) ownPolicy(tx *directory.Tx) (*directory.Policy, error) {
	policy, err := c.policy(tx)
	if err == nil && policy.Account == "aws" {
		return nil, unmodifiable(policy.ARN())
	}
	return policy, err
}

func policyARN(c *call, _ *directory.Tx) string { return c.Params.Get("PolicyArn") }

func newPolicyARN(c *call, _ *directory.Tx) string {
	return "arn:aws:iam::" + c.Caller.Account + ":policy" + pathOf(c.Params.Get("Path")) + c.Params.Get("PolicyName")
}

// readManaged parses a managed policy's document. Its Version must be
// 2012-10-17, unlike that of an inline policy.
func readManaged(text string) (*directory.Document, error) {
	document, err := ReadDocument(iam.Identity, text)
	if err == nil && document.Policy().Version.Value != iam.Version2012 {
		return nil, malformedPolicy("Policy document must be version 2012-10-17 or greater.")
	}
	if err == nil && characters(text) > maxManagedCharacters {
		return nil, quota("PolicySize", maxManagedCharacters)
	}
	return document, err
}

type policyResult struct{ Policy policyXML }

func createPolicy(c *call, tx *directory.Tx) (any, error) {
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
		Account:     c.Caller.Account,
		Path:        path,
		Name:        name,
		ID:          directory.NewID(directory.PolicyID),
		Description: description,
		Created:     c.now,
		Updated:     c.now,
		Tags:        tags,
		Default:     "v1",
		Last:        1,
		Versions:    []directory.PolicyVersion{{ID: "v1", Document: document, Created: c.now}},
	}
	tx.Policies.Put(c.Caller.Account, name, policy)
	return policyResult{showPolicy(tx, policy)}, nil
}

func getPolicy(c *call, tx *directory.Tx) (any, error) {
	policy, err := c.policy(tx)
	if err != nil {
		return nil, err
	}
	return policyResult{showPolicy(tx, policy)}, nil
}

func deletePolicy(c *call, tx *directory.Tx) (any, error) {
	policy, err := c.ownPolicy(tx)
	if err != nil {
		return nil, err
	}
	attached, boundaries := usage(tx, policy)
	switch {
	case attached+boundaries > 0:
		return nil, deleteConflict("Cannot delete a policy attached to entities.")
	case len(policy.Versions) > 1:
		return nil, deleteConflict(
			"This policy has more than one version. Before you delete a policy, you must delete the policy's " +
				"versions. The default version is deleted with the policy.",
		)
	}
	tx.Policies.Delete(policy.Account, policy.Name)
	return nil, nil
}

// wantsUsed reports whether a policy's use matches the filter of a list of
// policies.
func (c *call) wantsUsed(tx *directory.Tx, policy *directory.Policy) bool {
	attached, boundaries := usage(tx, policy)
	switch c.Params.Get("PolicyUsageFilter") {
	case "PermissionsPolicy":
		return attached > 0
	case "PermissionsBoundary":
		return boundaries > 0
	default:
		return attached > 0 || c.Params.Get("OnlyAttached") != "true"
	}
}

type policiesResult struct {
	Policies struct {
		Members []policyXML `xml:"member"`
	}
	page
}

func listPolicies(c *call, tx *directory.Tx) (any, error) {
	scope := c.Params.Get("Scope")
	all := func(yield func(*directory.Policy) bool) {
		for _, account := range []string{c.Caller.Account, "aws"} {
			if scope == "Local" && account == "aws" || scope == "AWS" && account != "aws" {
				continue
			}
			for policy := range tx.Policies.All(account) {
				if c.wantsUsed(tx, policy) && !yield(policy) {
					return
				}
			}
		}
	}
	sorted := slices.SortedFunc(
		under(c, all, func(p *directory.Policy) string { return p.Path }),
		func(a, b *directory.Policy) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		},
	)
	policies, tail, err := paged(c, slices.Values(sorted), func(p *directory.Policy) string { return p.Name })
	result := policiesResult{page: tail}
	result.Policies.Members = mapped(policies, func(p *directory.Policy) policyXML {
		shown := showPolicy(tx, p)
		shown.Tags, shown.Description = nil, ""
		return shown
	})
	return result, err
}
