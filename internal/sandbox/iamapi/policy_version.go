package iamapi

import (
	"slices"
	"strconv"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

type versionResult struct{ PolicyVersion versionXML }

func showVersion(policy *directory.Policy, v *directory.PolicyVersion, document bool) versionXML {
	out := versionXML{VersionID: v.ID, IsDefaultVersion: v.ID == policy.Default, CreateDate: query.Time(v.Created)}
	if document {
		out.Document = escape(v.Document.Text)
	}
	return out
}

func createPolicyVersion(c *call, tx *directory.Tx) (any, error) {
	policy, err := c.ownPolicy(tx)
	if err != nil {
		return nil, err
	}
	document, err := readManaged(c.Params.Get("PolicyDocument"))
	if err != nil {
		return nil, err
	}
	if len(policy.Versions) >= maxVersions {
		return nil, limitExceeded(
			"A managed policy can have up to %d versions. Before you create a new version, you must delete an "+
				"existing version.",
			maxVersions,
		)
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

// version returns the version in a call, for a policy from [call.policy] or
// [call.ownPolicy].
func (c *call) version(policy *directory.Policy, err error) (*directory.Policy, *directory.PolicyVersion, error) {
	if err != nil {
		return nil, nil, err
	}
	id := c.Params.Get("VersionId")
	if v := policy.Version(id); v != nil {
		return policy, v, nil
	}
	return nil, nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", policy.ARN(), cut(id))
}

func getPolicyVersion(c *call, tx *directory.Tx) (any, error) {
	policy, version, err := c.version(c.policy(tx))
	if err != nil {
		return nil, err
	}
	return versionResult{showVersion(policy, version, true)}, nil
}

func setDefaultPolicyVersion(c *call, tx *directory.Tx) (any, error) {
	policy, version, err := c.version(c.ownPolicy(tx))
	if err != nil {
		return nil, err
	}
	changed := *policy
	changed.Default, changed.Updated = version.ID, c.now
	tx.Policies.Put(policy.Account, policy.Name, &changed)
	return nil, nil
}

func deletePolicyVersion(c *call, tx *directory.Tx) (any, error) {
	policy, version, err := c.version(c.ownPolicy(tx))
	if err != nil {
		return nil, err
	}
	if version.ID == policy.Default {
		return nil, deleteConflict("Cannot delete the default version of a policy.")
	}
	changed := *policy
	changed.Versions = slices.DeleteFunc(
		slices.Clone(policy.Versions),
		func(v directory.PolicyVersion) bool { return v.ID == version.ID },
	)
	tx.Policies.Put(policy.Account, policy.Name, &changed)
	return nil, nil
}

type versionsResult struct {
	Versions struct {
		Members []versionXML `xml:"member"`
	}
	page
}

func listPolicyVersions(c *call, tx *directory.Tx) (any, error) {
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
