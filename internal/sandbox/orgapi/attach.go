package orgapi

import (
	"slices"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

type attachInput struct {
	PolicyID string `json:"PolicyId"`
	TargetID string `json:"TargetId"`
	pageInput
}

// checkTarget checks that a target exists: the root, a unit or an account.
func (c *call) checkTarget(id string) error {
	if !slices.Contains(c.targets(), id) {
		return bad("TargetNotFoundException", "The root, organizational unit or account %q doesn't exist.", cut(id))
	}
	return nil
}

// attachment returns the policy that the parameters name. Their target must exist, too.
func (c *call) attachment(in *attachInput) (*directory.ControlPolicy, error) {
	p, err := c.control(in.PolicyID)
	if err != nil {
		return nil, err
	}
	return p, c.checkTarget(in.TargetID)
}

func (c *call) attachPolicy(in *attachInput) (any, error) {
	p, err := c.attachment(in)
	if err != nil {
		return nil, err
	}
	switch {
	case !c.org.Enabled(p.Kind):
		return nil, notEnabled()
	case p.Attached(in.TargetID):
		return nil, bad("DuplicatePolicyAttachmentException", "The policy is already attached to the target.")
	case c.attachedTo(p.Kind, in.TargetID) >= maxAttached:
		return nil, tooMany("At most %d policies of a type can be attached to a target.", maxAttached)
	}
	c.attach(p, in.TargetID)
	return nil, nil //nolint:nilnil // the operation has no result
}

func (c *call) detachPolicy(in *attachInput) (any, error) {
	p, err := c.attachment(in)
	if err != nil {
		return nil, err
	}
	switch {
	case !p.Attached(in.TargetID):
		return nil, bad("PolicyNotAttachedException", "The policy isn't attached to the target.")
	case p.ID == fullResources:
		return nil, tooMany("RCPFullAWSAccess can't be detached.")
	case p.Kind == iam.ServiceControl && c.attachedTo(p.Kind, in.TargetID) == 1:
		return nil, tooMany("A target has at least one service control policy: attach another one first.")
	}
	c.detach(p, in.TargetID)
	return nil, nil //nolint:nilnil // the operation has no result
}

// attachedTo returns the number of policies of a kind at a target.
func (c *call) attachedTo(kind iam.Kind, target string) int {
	n := 0
	for p := range c.tx.Controls.All(c.org.ID) {
		if p.Kind == kind && p.Attached(target) {
			n++
		}
	}
	return n
}

// attachFull attaches the policy that allows everything.
func (c *call) attachFull(kind iam.Kind, target string) {
	id := fullServiceAccess
	if kind == iam.ResourceControl {
		id = fullResources
	}
	if p := c.tx.Controls.Get(c.org.ID, id); p != nil && !p.Attached(target) {
		c.attach(p, target)
	}
}

func (c *call) attach(p *directory.ControlPolicy, target string) {
	changed := *p
	changed.Targets = append(slices.Clone(p.Targets), target)
	c.tx.Controls.Put(c.org.ID, p.ID, &changed)
}

func (c *call) detach(p *directory.ControlPolicy, target string) {
	changed := *p
	changed.Targets = slices.DeleteFunc(slices.Clone(p.Targets), func(t string) bool { return t == target })
	c.tx.Controls.Put(c.org.ID, p.ID, &changed)
}

// target describes what a policy is attached to, as the service does.
type target struct {
	TargetID string `json:"TargetId"`
	Arn      string
	Name     string
	Type     string
}

func (c *call) showTarget(id string) target {
	if id == c.org.Root {
		return target{id, c.org.ARN("root", id), "Root", "ROOT"}
	}
	if u := c.tx.Units.Get(c.org.ID, id); u != nil {
		return target{id, c.org.ARN("ou", id), u.Name, "ORGANIZATIONAL_UNIT"}
	}
	shown := target{id, c.org.ARN("account", id), "", "ACCOUNT"}
	if a := c.tx.Accounts.Get(id, ""); a != nil {
		shown.Name = a.Name
	}
	return shown
}

func (c *call) listTargetsForPolicy(in *attachInput) (any, error) {
	p, err := c.control(in.PolicyID)
	if err != nil {
		return nil, err
	}
	var found []target
	for _, id := range p.Targets {
		found = append(found, c.showTarget(id))
	}
	found, next, err := paged(found, &in.pageInput, func(t target) string { return t.TargetID })
	return struct {
		Targets []target
		page
	}{found, next}, err
}
