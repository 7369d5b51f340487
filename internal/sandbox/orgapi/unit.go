package orgapi

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// The limits of an organization. See
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.
const (
	maxUnits    = 2000
	maxDepth    = 5 // levels of units under the root
	maxUnitName = 128
)

func cut(s string) string { return clip.To(s, 200) }

// unit describes an organizational unit as the service does.
type unit struct {
	ID   string `json:"Id"`
	Arn  string
	Name string
}

type unitResult struct{ OrganizationalUnit unit }

func (c *call) showUnit(u *directory.Unit) unit { return unit{u.ID, c.org.ARN("ou", u.ID), u.Name} }

func (c *call) unit(id string) (*directory.Unit, error) {
	u := c.tx.Units.Get(c.org.ID, id)
	if u == nil {
		return nil, bad("OrganizationalUnitNotFoundException", "The organizational unit %q doesn't exist.", cut(id))
	}
	return u, nil
}

// checkParent checks that a parent exists: the root or a unit.
func (c *call) checkParent(id string) error {
	if id != c.org.Root && c.tx.Units.Get(c.org.ID, id) == nil {
		return bad("ParentNotFoundException", "The root or organizational unit %q doesn't exist.", cut(id))
	}
	return nil
}

// checkUnitName checks a name, which is unique under its parent.
func (c *call) checkUnitName(name, parent, self string) error {
	if strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > maxUnitName {
		return invalid("The name of an organizational unit has 1 to %d characters.", maxUnitName)
	}
	for u := range c.tx.Units.All(c.org.ID) {
		if u.Parent == parent && u.Name == name && u.ID != self {
			return bad("DuplicateOrganizationalUnitException",
				"The parent already has an organizational unit with the name %q.", cut(name))
		}
	}
	return nil
}

type createUnitInput struct {
	Name     string
	ParentID string `json:"ParentId"`
}

func (c *call) createUnit(in *createUnitInput) (any, error) {
	if err := c.checkParent(in.ParentID); err != nil {
		return nil, err
	}
	if err := c.checkUnitName(in.Name, in.ParentID, ""); err != nil {
		return nil, err
	}
	switch {
	case len(c.tx.Above(c.org, in.ParentID)) > maxDepth:
		return nil, tooMany("Organizational units nest at most %d levels deep.", maxDepth)
	case c.tx.Units.Count(c.org.ID) >= maxUnits:
		return nil, tooMany("An organization has at most %d organizational units.", maxUnits)
	}
	u := &directory.Unit{
		Organization: c.org.ID,
		ID: directory.NewOrganizationID(
			directory.UnitID+strings.TrimPrefix(c.org.Root, directory.RootID)+"-", 8),
		Name:   in.Name,
		Parent: in.ParentID,
	}
	c.tx.Units.Put(c.org.ID, u.ID, u)
	c.attachEnabled(u.ID)
	return unitResult{c.showUnit(u)}, nil
}

// attachEnabled attaches the policies that allow everything to a new target.
func (c *call) attachEnabled(target string) {
	for _, kind := range []iam.Kind{iam.ServiceControl, iam.ResourceControl} {
		if c.org.Enabled(kind) {
			c.attachFull(kind, target)
		}
	}
}

type unitInput struct {
	OrganizationalUnitID string `json:"OrganizationalUnitId"`
	Name                 string
}

func (c *call) updateUnit(in *unitInput) (any, error) {
	u, err := c.unit(in.OrganizationalUnitID)
	if err != nil {
		return nil, err
	}
	changed := *u
	if in.Name != "" {
		if err := c.checkUnitName(in.Name, u.Parent, u.ID); err != nil {
			return nil, err
		}
		changed.Name = in.Name
	}
	c.tx.Units.Put(c.org.ID, u.ID, &changed)
	return unitResult{c.showUnit(&changed)}, nil
}

func (c *call) deleteUnit(in *unitInput) (any, error) {
	u, err := c.unit(in.OrganizationalUnitID)
	if err != nil {
		return nil, err
	}
	nested := slices.ContainsFunc(slices.Collect(c.tx.Units.All(c.org.ID)), func(other *directory.Unit) bool {
		return other.Parent == u.ID
	})
	if nested || len(slices.Collect(c.members(u.ID))) > 0 {
		return nil, bad("OrganizationalUnitNotEmptyException",
			"The organizational unit has accounts or organizational units. Move or remove them first.")
	}
	c.detachAll(u.ID)
	c.tx.Units.Delete(c.org.ID, u.ID)
	return nil, nil //nolint:nilnil // the operation has no result
}

func (c *call) describeUnit(in *unitInput) (any, error) {
	u, err := c.unit(in.OrganizationalUnitID)
	if err != nil {
		return nil, err
	}
	return unitResult{c.showUnit(u)}, nil
}

type parentInput struct {
	ParentID string `json:"ParentId"`
	pageInput
}

func (c *call) listUnits(in *parentInput) (any, error) {
	if err := c.checkParent(in.ParentID); err != nil {
		return nil, err
	}
	var units []unit
	for u := range c.tx.Units.All(c.org.ID) {
		if u.Parent == in.ParentID {
			units = append(units, c.showUnit(u))
		}
	}
	units, next, err := paged(units, &in.pageInput, func(u unit) string { return u.ID })
	return struct {
		OrganizationalUnits []unit
		page
	}{units, next}, err
}
