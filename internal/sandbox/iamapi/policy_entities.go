package iamapi

import (
	"slices"
	"strings"

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

// entity is an identity with a policy.
type entity struct {
	place string // sort key: groups, users, roles
	add   func(*entitiesResult)
}

func listEntitiesForPolicy(c *call, tx *directory.Tx) (any, error) {
	policy, err := c.policy(tx)
	if err != nil {
		return nil, err
	}
	entities, tail, err := paged(
		c,
		slices.Values(c.entities(tx, policy.ARN())),
		func(e entity) string { return e.place },
	)
	if err != nil {
		return nil, err
	}
	result := entitiesResult{page: tail}
	for _, e := range entities {
		e.add(&result)
	}
	return result, nil
}

// entities returns the identities with a policy that match the request.
func (c *call) entities(tx *directory.Tx, arn string) []entity {
	filter, prefix := c.Params.Get("EntityFilter"), c.Params.Get("PathPrefix")
	boundary := c.Params.Get("PolicyUsageFilter") == "PermissionsBoundary"
	holds := func(i *directory.Identity, kind string) bool {
		if filter != "" && filter != kind || !strings.HasPrefix(i.Path, prefix) {
			return false
		}
		if boundary {
			return i.Boundary == arn
		}
		return slices.Contains(i.Attached, arn)
	}
	var all []entity
	for g := range tx.Groups.All(c.Caller.Account) {
		if holds(&g.Identity, "Group") {
			all = append(all, entity{"1" + g.Name, func(r *entitiesResult) {
				r.PolicyGroups.Members = append(r.PolicyGroups.Members, holderXML{GroupName: g.Name, GroupID: g.ID})
			}})
		}
	}
	for u := range tx.Users.All(c.Caller.Account) {
		if holds(&u.Identity, "User") {
			all = append(all, entity{"2" + u.Name, func(r *entitiesResult) {
				r.PolicyUsers.Members = append(r.PolicyUsers.Members, holderXML{UserName: u.Name, UserID: u.ID})
			}})
		}
	}
	for role := range tx.Roles.All(c.Caller.Account) {
		if holds(&role.Identity, "Role") {
			all = append(all, entity{"3" + role.Name, func(r *entitiesResult) {
				r.PolicyRoles.Members = append(r.PolicyRoles.Members, holderXML{RoleName: role.Name, RoleID: role.ID})
			}})
		}
	}
	return all
}
