package orgapi

import (
	"slices"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// policyType is a kind of policy as the service names it.
type policyType string

const (
	servicePolicies  policyType = "SERVICE_CONTROL_POLICY"
	resourcePolicies policyType = "RESOURCE_CONTROL_POLICY"
)

// kind returns the kind of a type.
func (t policyType) kind() (iam.Kind, error) {
	switch t {
	case servicePolicies:
		return iam.ServiceControl, nil
	case resourcePolicies:
		return iam.ResourceControl, nil
	default:
		return 0, invalid("The sandbox has SERVICE_CONTROL_POLICY and RESOURCE_CONTROL_POLICY, not %q.", cut(string(t)))
	}
}

// typeOf returns the type of a kind.
func typeOf(kind iam.Kind) policyType {
	if kind == iam.ServiceControl {
		return servicePolicies
	}
	return resourcePolicies
}

// enabled is a policy type of a root with its state.
type enabled struct {
	Type   policyType
	Status string
}

func enabledTypes(o *directory.Organization) []enabled {
	types := []enabled{}
	for _, kind := range o.Types {
		types = append(types, enabled{typeOf(kind), "ENABLED"})
	}
	return types
}

// organization describes an organization as the service does.
type organization struct {
	ID                   string `json:"Id"`
	Arn                  string
	FeatureSet           string
	MasterAccountArn     string
	MasterAccountID      string `json:"MasterAccountId"`
	MasterAccountEmail   string
	AvailablePolicyTypes []enabled
}

type organizationResult struct{ Organization organization }

func showOrganization(o *directory.Organization) organizationResult {
	return organizationResult{organization{
		ID:                   o.ID,
		Arn:                  "arn:aws:organizations::" + o.Management + ":organization/" + o.ID,
		FeatureSet:           "ALL",
		MasterAccountArn:     o.ARN("account", o.Management),
		MasterAccountID:      o.Management,
		MasterAccountEmail:   email(o.Management),
		AvailablePolicyTypes: []enabled{{servicePolicies, "ENABLED"}, {resourcePolicies, "ENABLED"}},
	}}
}

// none is the parameters of operations without any.
type none struct{}

func (c *call) createOrganization(in *struct{ FeatureSet string }) (any, error) {
	switch {
	case c.org != nil:
		return nil, bad("AlreadyInOrganizationException", "The account is already a member of an organization.")
	case in.FeatureSet != "" && in.FeatureSet != "ALL":
		return nil, invalid("The sandbox's organizations have all features: use the feature set ALL.")
	}
	o := &directory.Organization{
		ID:         directory.NewOrganizationID(directory.OrganizationID, 10),
		Root:       directory.NewOrganizationID(directory.RootID, 4),
		Management: c.Caller.Account,
		Created:    c.now,
	}
	c.tx.Organizations.Put("", o.ID, o)
	for _, kind := range []iam.Kind{iam.ServiceControl, iam.ResourceControl} {
		policy, err := fullAccess(o, kind)
		if err != nil {
			return nil, err
		}
		c.tx.Controls.Put(o.ID, policy.ID, policy)
	}
	c.join(o, c.Caller.Account)
	return showOrganization(o), nil
}

func (c *call) describeOrganization(*none) (any, error) { return showOrganization(c.org), nil }

func (c *call) deleteOrganization(*none) (any, error) {
	if c.count(c.org) > 1 {
		return nil, bad("OrganizationNotEmptyException", "To delete the organization, first remove all of its accounts.")
	}
	for unit := range c.tx.Units.All(c.org.ID) {
		return nil, bad("OrganizationNotEmptyException",
			"To delete the organization, first delete its organizational units, such as %s.", unit.ID)
	}
	for _, policy := range slices.Collect(c.tx.Controls.All(c.org.ID)) {
		c.tx.Controls.Delete(c.org.ID, policy.ID)
	}
	c.tx.Members.Delete("", c.org.Management)
	c.tx.Organizations.Delete("", c.org.ID)
	return nil, nil //nolint:nilnil // the operation has no result
}

// root describes a root as the service does.
type root struct {
	ID          string `json:"Id"`
	Arn         string
	Name        string
	PolicyTypes []enabled
}

func showRoot(o *directory.Organization) root {
	return root{o.Root, o.ARN("root", o.Root), "Root", enabledTypes(o)}
}

func (c *call) listRoots(*none) (any, error) {
	return struct{ Roots []root }{[]root{showRoot(c.org)}}, nil
}

type policyTypeInput struct {
	RootID     string `json:"RootId"`
	PolicyType policyType
}

type rootResult struct{ Root root }

// typeInput returns the kind that the parameters name.
func (c *call) typeInput(in *policyTypeInput) (iam.Kind, error) {
	if in.RootID != c.org.Root {
		return 0, bad("RootNotFoundException", "The root %q doesn't exist.", cut(in.RootID))
	}
	return in.PolicyType.kind()
}

// enablePolicyType enables a type, and attaches the policy that allows everything
// to everything.
func (c *call) enablePolicyType(in *policyTypeInput) (any, error) {
	kind, err := c.typeInput(in)
	if err != nil {
		return nil, err
	}
	if c.org.Enabled(kind) {
		return nil, bad("PolicyTypeAlreadyEnabledException", "The policy type is already enabled.")
	}
	changed := *c.org
	changed.Types = append(slices.Clone(c.org.Types), kind)
	c.tx.Organizations.Put("", changed.ID, &changed)
	c.org = &changed
	for _, target := range c.targets() {
		c.attachFull(kind, target)
	}
	return rootResult{showRoot(&changed)}, nil
}

// disablePolicyType disables a type, and detaches its policies from everything.
func (c *call) disablePolicyType(in *policyTypeInput) (any, error) {
	kind, err := c.typeInput(in)
	if err != nil {
		return nil, err
	}
	if !c.org.Enabled(kind) {
		return nil, notEnabled()
	}
	changed := *c.org
	changed.Types = slices.DeleteFunc(slices.Clone(c.org.Types), func(k iam.Kind) bool { return k == kind })
	c.tx.Organizations.Put("", changed.ID, &changed)
	for _, policy := range slices.Collect(c.tx.Controls.All(c.org.ID)) {
		if policy.Kind == kind && len(policy.Targets) > 0 {
			detached := *policy
			detached.Targets = nil
			c.tx.Controls.Put(c.org.ID, policy.ID, &detached)
		}
	}
	return rootResult{showRoot(&changed)}, nil
}

func notEnabled() error {
	return bad("PolicyTypeNotEnabledException", "The policy type isn't enabled. Call EnablePolicyType first.")
}

// targets returns everything that policies can be attached to.
func (c *call) targets() []string {
	targets := []string{c.org.Root}
	for unit := range c.tx.Units.All(c.org.ID) {
		targets = append(targets, unit.ID)
	}
	for m := range c.members("") {
		targets = append(targets, m.Account)
	}
	return targets
}
