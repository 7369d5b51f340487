package orgapi

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// The limits of policies. See
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.
const (
	maxPolicies       = 1000
	maxContent        = 5120 // characters
	maxPolicyName     = 128
	maxDescription    = 512
	maxAttached       = 5 // of a type, at one target
	fullServiceAccess = "p-FullAWSAccess"
	fullResources     = "p-RCPFullAWSAccess"
)

// fullAccess returns AWS's policy of a kind, which allows everything.
func fullAccess(o *directory.Organization, kind iam.Kind) (*directory.ControlPolicy, error) {
	policy := &directory.ControlPolicy{
		Organization: o.ID, ID: fullServiceAccess, Name: "FullAWSAccess",
		Description: "Allows access to every operation", Managed: true, Kind: kind,
	}
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	if kind == iam.ResourceControl {
		policy.ID, policy.Name, policy.Description = fullResources, "RCPFullAWSAccess", "Allows all access"
		text = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	}
	var err error
	policy.Document, err = directory.NewDocument(kind, text)
	return policy, err
}

// policySummary describes a policy as the service does.
type policySummary struct {
	ID          string `json:"Id"`
	Arn         string
	Name        string
	Description string
	Type        policyType
	AwsManaged  bool
}

type policy struct {
	PolicySummary policySummary
	Content       string
}

type policyResult struct{ Policy policy }

func (c *call) summary(p *directory.ControlPolicy) policySummary {
	shown := policySummary{
		ID: p.ID, Name: p.Name, Description: p.Description, Type: typeOf(p.Kind), AwsManaged: p.Managed,
	}
	kind := "policy/" + c.org.ID + "/" + strings.ToLower(string(shown.Type)) + "/" + p.ID
	shown.Arn = "arn:aws:organizations::" + c.org.Management + ":" + kind
	if p.Managed {
		shown.Arn = "arn:aws:organizations::aws:policy/" + strings.ToLower(string(shown.Type)) + "/" + p.ID
	}
	return shown
}

func (c *call) showPolicy(p *directory.ControlPolicy) policyResult {
	return policyResult{policy{c.summary(p), p.Document.Text}}
}

// readContent parses a policy. Its errors name every problem, with lines.
func readContent(kind iam.Kind, text string) (*directory.Document, error) {
	if utf8.RuneCountInString(text) > maxContent {
		return nil, tooMany("The policy has %d characters, and at most %d are possible.",
			utf8.RuneCountInString(text), maxContent)
	}
	document, err := directory.NewDocument(kind, text)
	if err != nil {
		return nil, malformed(err.Error())
	}
	for _, finding := range lint.Lint(kind, []byte(text), lint.Options{}) {
		if finding.Severity == lint.Error {
			return nil, malformed(finding.Message)
		}
	}
	return document, nil
}

func malformed(message string) error {
	return bad("MalformedPolicyDocumentException", "The provided policy document does not meet the requirements of the "+
		"specified policy type: %s", message)
}

type policyInput struct {
	PolicyID    string `json:"PolicyId"`
	Name        *string
	Description *string
	Content     *string
	Type        policyType
}

// control returns a policy by its ID.
func (c *call) control(id string) (*directory.ControlPolicy, error) {
	if p := c.tx.Controls.Get(c.org.ID, id); p != nil {
		return p, nil
	}
	return nil, bad("PolicyNotFoundException", "The policy %q doesn't exist.", cut(id))
}

func (c *call) createPolicy(in *policyInput) (any, error) {
	kind, err := in.Type.kind()
	if err != nil {
		return nil, err
	}
	if in.Name == nil || in.Content == nil {
		return nil, invalid("Name and Content are required.")
	}
	if c.tx.Controls.Count(c.org.ID) >= maxPolicies {
		return nil, tooMany("An organization has at most %d policies.", maxPolicies)
	}
	made := &directory.ControlPolicy{
		Organization: c.org.ID, ID: directory.NewOrganizationID(directory.ControlID, 8), Kind: kind,
	}
	return c.put(made, in)
}

// put sets what the parameters have, and stores the policy.
func (c *call) put(p *directory.ControlPolicy, in *policyInput) (any, error) {
	if in.Name != nil {
		p.Name = *in.Name
	}
	if in.Description != nil {
		p.Description = *in.Description
	}
	if strings.TrimSpace(p.Name) == "" || utf8.RuneCountInString(p.Name) > maxPolicyName {
		return nil, invalid("The name of a policy has 1 to %d characters.", maxPolicyName)
	}
	if utf8.RuneCountInString(p.Description) > maxDescription {
		return nil, invalid("The description of a policy has at most %d characters.", maxDescription)
	}
	for other := range c.tx.Controls.All(c.org.ID) {
		if other.ID != p.ID && other.Kind == p.Kind && other.Name == p.Name {
			return nil, bad("DuplicatePolicyException", "A policy with the name %q already exists.", cut(p.Name))
		}
	}
	if in.Content != nil {
		var err error
		if p.Document, err = readContent(p.Kind, *in.Content); err != nil {
			return nil, err
		}
	}
	c.tx.Controls.Put(c.org.ID, p.ID, p)
	return c.showPolicy(p), nil
}

// changeable returns a copy of a policy that can be changed.
func (c *call) changeable(id string) (*directory.ControlPolicy, error) {
	p, err := c.control(id)
	if err != nil {
		return nil, err
	}
	if p.Managed {
		return nil, bad("PolicyChangesInProgressException", "AWS manages the policy %s, so it can't be changed.", p.Name)
	}
	changed := *p
	return &changed, nil
}

func (c *call) updatePolicy(in *policyInput) (any, error) {
	p, err := c.changeable(in.PolicyID)
	if err != nil {
		return nil, err
	}
	return c.put(p, in)
}

func (c *call) deletePolicy(in *policyInput) (any, error) {
	p, err := c.changeable(in.PolicyID)
	if err != nil {
		return nil, err
	}
	if len(p.Targets) > 0 {
		return nil, bad("PolicyInUseException", "The policy is attached to %s. Detach it first.", p.Targets[0])
	}
	c.tx.Controls.Delete(c.org.ID, p.ID)
	return nil, nil //nolint:nilnil // the operation has no result
}

func (c *call) describePolicy(in *policyInput) (any, error) {
	p, err := c.control(in.PolicyID)
	if err != nil {
		return nil, err
	}
	return c.showPolicy(p), nil
}

type listPoliciesInput struct {
	Filter   policyType
	TargetID string `json:"TargetId"`
	pageInput
}

func (c *call) listPolicies(in *listPoliciesInput) (any, error) {
	return c.policies(in, func(*directory.ControlPolicy) bool { return true })
}

func (c *call) listPoliciesForTarget(in *listPoliciesInput) (any, error) {
	if err := c.checkTarget(in.TargetID); err != nil {
		return nil, err
	}
	return c.policies(in, func(p *directory.ControlPolicy) bool { return p.Attached(in.TargetID) })
}

func (c *call) policies(in *listPoliciesInput, wanted func(*directory.ControlPolicy) bool) (any, error) {
	kind, err := in.Filter.kind()
	if err != nil {
		return nil, err
	}
	var found []policySummary
	for p := range c.tx.Controls.All(c.org.ID) {
		if p.Kind == kind && wanted(p) {
			found = append(found, c.summary(p))
		}
	}
	found, next, err := paged(found, &in.pageInput, func(p policySummary) string { return p.ID })
	return struct {
		Policies []policySummary
		page
	}{found, next}, err
}

// detachAll detaches every policy from a target.
func (c *call) detachAll(target string) {
	for _, p := range slices.Collect(c.tx.Controls.All(c.org.ID)) {
		if p.Attached(target) {
			c.detach(p, target)
		}
	}
}
