package iamapi

import (
	"slices"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

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
