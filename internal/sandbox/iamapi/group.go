package iamapi

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

func (c *call) group(tx *directory.Tx) (*directory.Group, error) {
	name := c.Params.Get("GroupName")
	group := tx.Groups.Get(c.Caller.Account, name)
	if group == nil || group.Name != name {
		return nil, noSuchEntity("The group with name %s cannot be found.", cut(name))
	}
	return group, nil
}

func (c *call) groupARN(tx *directory.Tx) string {
	if group := tx.Groups.Get(c.Caller.Account, c.Params.Get("GroupName")); group != nil {
		return group.ARN()
	}
	return "arn:aws:iam::" + c.Caller.Account + ":group" + pathOf(c.Params.Get("Path")) + c.Params.Get("GroupName")
}

type groupXML struct {
	Path       string
	GroupName  string
	GroupID    string `xml:"GroupId"`
	Arn        string
	CreateDate string
}

func showGroup(g *directory.Group) groupXML {
	return groupXML{g.Path, g.Name, g.ID, g.ARN(), query.Time(g.Created)}
}

type groupResult struct{ Group groupXML }

func createGroup(c *call, tx *directory.Tx) (any, error) {
	name := c.Params.Get("GroupName")
	identity, err := c.newIdentity(tx, name, directory.GroupID)
	if err != nil {
		return nil, err
	}
	if tx.Groups.Get(c.Caller.Account, name) != nil {
		return nil, alreadyExists("Group with name %s already exists.", name)
	}
	if tx.Groups.Count(c.Caller.Account) >= maxGroups {
		return nil, quota("GroupsPerAccount", maxGroups)
	}
	group := &directory.Group{Identity: identity}
	tx.Groups.Put(c.Caller.Account, name, group)
	return groupResult{showGroup(group)}, nil
}

type groupUsersResult struct {
	Group groupXML
	Users struct {
		Members []userXML `xml:"member"`
	}
	page
}

func getGroup(c *call, tx *directory.Tx) (any, error) {
	group, err := c.group(tx)
	if err != nil {
		return nil, err
	}
	names, tail, err := paged(
		c,
		slices.Values(slices.Sorted(slices.Values(group.Members))),
		func(s string) string { return s },
	)
	if err != nil {
		return nil, err
	}
	result := groupUsersResult{Group: showGroup(group), page: tail}
	for _, name := range names {
		if user := tx.Users.Get(group.Account, name); user != nil {
			result.Users.Members = append(result.Users.Members, listedUser(user))
		}
	}
	return result, nil
}

func deleteGroup(c *call, tx *directory.Tx) (any, error) {
	group, err := c.group(tx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(group.Attached) > 0:
		return nil, deleteConflict("Cannot delete entity, must detach all policies first.")
	case len(group.Inline) > 0:
		return nil, deleteConflict("Cannot delete entity, must delete policies first.")
	case len(group.Members) > 0:
		return nil, deleteConflict("Cannot delete entity, must remove users from group first.")
	}
	tx.Groups.Delete(group.Account, group.Name)
	return nil, nil
}

func updateGroup(c *call, tx *directory.Tx) (any, error) {
	group, err := c.group(tx)
	if err != nil {
		return nil, err
	}
	changed := *group
	if path := c.Params.Get("NewPath"); path != "" {
		changed.Path = path
	}
	if name := c.Params.Get("NewGroupName"); name != "" {
		if tx.Groups.Get(group.Account, name) != nil && !strings.EqualFold(name, group.Name) {
			return nil, alreadyExists("Group with name %s already exists.", name)
		}
		changed.Name = name
		tx.Groups.Delete(group.Account, group.Name)
	}
	tx.Groups.Put(group.Account, changed.Name, &changed)
	return nil, nil
}

func addUserToGroup(c *call, tx *directory.Tx) (any, error) {
	group, err := c.group(tx)
	if err != nil {
		return nil, err
	}
	user, err := c.user(tx)
	if err != nil || group.Has(user.Name) {
		return nil, err
	}
	if len(tx.GroupsOf(user)) >= maxGroupsPerUser {
		return nil, quota("GroupsPerUser", maxGroupsPerUser)
	}
	changed := *group
	changed.Members = append(slices.Clone(group.Members), user.Name)
	tx.Groups.Put(group.Account, group.Name, &changed)
	return nil, nil
}

func removeUserFromGroup(c *call, tx *directory.Tx) (any, error) {
	group, err := c.group(tx)
	if err != nil {
		return nil, err
	}
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	if !group.Has(user.Name) {
		return nil, noSuchEntity("User %s not in group %s", user.Name, group.Name)
	}
	changed := *group
	changed.Members = without(group.Members, user.Name)
	tx.Groups.Put(group.Account, group.Name, &changed)
	return nil, nil
}

type groupsResult struct {
	Groups struct {
		Members []groupXML `xml:"member"`
	}
	page
}

func listGroups(c *call, tx *directory.Tx) (any, error) {
	all := under(c, tx.Groups.All(c.Caller.Account), func(g *directory.Group) string { return g.Path })
	groups, tail, err := paged(c, all, func(g *directory.Group) string { return g.Name })
	result := groupsResult{page: tail}
	result.Groups.Members = mapped(groups, showGroup)
	return result, err
}

func listGroupsForUser(c *call, tx *directory.Tx) (any, error) {
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	groups, tail, err := paged(c, slices.Values(tx.GroupsOf(user)), func(g *directory.Group) string { return g.Name })
	result := groupsResult{page: tail}
	result.Groups.Members = mapped(groups, showGroup)
	return result, err
}
