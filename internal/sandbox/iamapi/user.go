package iamapi

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// userName returns the user name in a call, or the caller's if the name is
// optional and missing.
func (c *call) userName() string {
	if name := c.Params.Get("UserName"); name != "" {
		return name
	}
	if c.Caller.Type == iam.User {
		return c.Caller.UserName
	}
	return ""
}

// user returns the user in a call.
func (c *call) user(tx *directory.Tx) (*directory.User, error) {
	name := c.userName()
	if name == "" {
		return nil, invalid("Must specify userName when calling with non-User credentials")
	}
	user := tx.Users.Get(c.Caller.Account, name)
	if user == nil || user.Name != name {
		return nil, noSuchEntity("The user with name %s cannot be found.", cut(name))
	}
	return user, nil
}

func (c *call) userARN(tx *directory.Tx) string {
	if name := c.userName(); name != "" {
		if user := tx.Users.Get(c.Caller.Account, name); user != nil {
			return user.ARN()
		}
	}
	return "arn:aws:iam::" + c.Caller.Account + ":user" + pathOf(c.Params.Get("Path")) + c.userName()
}

// requestTags returns the condition keys of the tags in a request.
func (c *call) requestTags(*directory.Tx) []authz.Key { return tagKeys(c.Params.Tags("Tags")) }

func tagKeys(tags []directory.Tag) []authz.Key {
	if len(tags) == 0 {
		return nil
	}
	names := make([]string, len(tags))
	keys := make([]authz.Key, 0, len(tags)+1)
	for i, tag := range tags {
		names[i] = tag.Key
		keys = append(keys, authz.K("aws:RequestTag/"+tag.Key, tag.Value))
	}
	return append(keys, authz.K("aws:TagKeys", names...))
}

// creationKeys returns the condition keys of calls that create a user or a
// role.
func (c *call) creationKeys(tx *directory.Tx) []authz.Key {
	keys := c.requestTags(tx)
	if boundary := c.Params.Get("PermissionsBoundary"); boundary != "" {
		keys = append(keys, authz.K("iam:PermissionsBoundary", boundary))
	}
	return keys
}

// newIdentity parses the parameters shared by the calls that create users,
// roles and groups.
func (c *call) newIdentity(tx *directory.Tx, name, id string) (directory.Identity, error) {
	identity := directory.Identity{
		Account: c.Caller.Account,
		Name:    name,
		ID:      directory.NewID(id),
		Created: c.now,
		Tags:    c.Params.Tags("Tags"),
	}
	if boundary := c.Params.Get("PermissionsBoundary"); boundary != "" {
		if err := c.checkBoundary(tx, boundary); err != nil {
			return identity, err
		}
		identity.Boundary = boundary
	}
	identity.Path = pathOf(c.Params.Get("Path"))
	return identity, nil
}

type userResult struct{ User userXML }

func createUser(c *call, tx *directory.Tx) (any, error) {
	name := c.Params.Get("UserName")
	identity, err := c.newIdentity(tx, name, directory.UserID)
	if err != nil {
		return nil, err
	}
	if tx.Users.Get(c.Caller.Account, name) != nil {
		return nil, alreadyExists("User with name %s already exists.", name)
	}
	if tx.Users.Count(c.Caller.Account) >= maxUsers {
		return nil, quota("UsersPerAccount", maxUsers)
	}
	user := &directory.User{Identity: identity}
	tx.Users.Put(c.Caller.Account, name, user)
	return userResult{showUser(user)}, nil
}

func getUser(c *call, tx *directory.Tx) (any, error) {
	if c.Params.Get("UserName") == "" && c.Caller.Type == iam.Root {
		account := tx.Accounts.Get(c.Caller.Account, "")
		return userResult{
			userXML{
				UserName:   account.Name,
				UserID:     account.ID,
				Arn:        c.Caller.ARN,
				CreateDate: account.Created.Format("2006-01-02T15:04:05Z"),
			},
		}, nil
	}
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	return userResult{showUser(user)}, nil
}

func updateUser(c *call, tx *directory.Tx) (any, error) {
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	changed := *user
	if path := c.Params.Get("NewPath"); path != "" {
		changed.Path = path
	}
	name := c.Params.Get("NewUserName")
	if name == "" {
		tx.Users.Put(user.Account, user.Name, &changed)
		return nil, nil
	}
	if tx.Users.Get(user.Account, name) != nil && !strings.EqualFold(name, user.Name) {
		return nil, alreadyExists("User with name %s already exists.", name)
	}
	changed.Name = name
	tx.Users.Delete(user.Account, user.Name)
	tx.Users.Put(user.Account, name, &changed)
	renameUser(tx, user, name)
	return nil, nil
}

// renameUser updates a user's name in its keys and groups.
func renameUser(tx *directory.Tx, user *directory.User, name string) {
	for _, key := range userKeys(tx, user.Account, user.Name) {
		moved := *key
		moved.User = name
		tx.Keys.Put("", key.ID, &moved)
	}
	for _, group := range tx.GroupsOf(user) {
		moved := *group
		moved.Members = append(without(group.Members, user.Name), name)
		tx.Groups.Put(user.Account, group.Name, &moved)
	}
}

func deleteUser(c *call, tx *directory.Tx) (any, error) {
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(user.Attached) > 0:
		return nil, deleteConflict("Cannot delete entity, must detach all policies first.")
	case len(user.Inline) > 0:
		return nil, deleteConflict("Cannot delete entity, must delete policies first.")
	case len(userKeys(tx, user.Account, user.Name)) > 0:
		return nil, deleteConflict("Cannot delete entity, must delete access keys first.")
	case len(tx.GroupsOf(user)) > 0:
		return nil, deleteConflict("Cannot delete entity, must remove users from group first.")
	}
	tx.Users.Delete(user.Account, user.Name)
	return nil, nil
}

type usersResult struct {
	Users struct {
		Members []userXML `xml:"member"`
	}
	page
}

func listUsers(c *call, tx *directory.Tx) (any, error) {
	all := under(c, tx.Users.All(c.Caller.Account), func(u *directory.User) string { return u.Path })
	users, tail, err := paged(c, all, func(u *directory.User) string { return u.Name })
	result := usersResult{page: tail}
	result.Users.Members = mapped(users, listedUser)
	return result, err
}

func without(list []string, name string) []string {
	out := make([]string, 0, len(list))
	for _, item := range list {
		if !strings.EqualFold(item, name) {
			out = append(out, item)
		}
	}
	return out
}
