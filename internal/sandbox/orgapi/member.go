package orgapi

import (
	"iter"
	"slices"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// email returns the address of an account's root user.
func email(account string) string { return account + "@example.com" }

// members returns the organization's accounts: those directly under a parent, or all
// of them if parent is empty.
func (c *call) members(parent string) iter.Seq[*directory.Member] {
	return membersOf(c.tx, c.org, parent)
}

func membersOf(tx *directory.Tx, o *directory.Organization, parent string) iter.Seq[*directory.Member] {
	return func(yield func(*directory.Member) bool) {
		for m := range tx.Members.All("") {
			if m.Organization == o.ID && (parent == "" || m.Parent == parent) && !yield(m) {
				return
			}
		}
	}
}

// join adds an account to an organization, under its root.
func (c *call) join(o *directory.Organization, account string) {
	c.org = o
	c.tx.Members.Put("", account, &directory.Member{
		Organization: o.ID, Account: account, Parent: o.Root, Joined: c.now,
	})
	c.attachEnabled(account)
}

// account describes an account as the service does.
type account struct {
	ID              string `json:"Id"`
	Arn             string
	Email           string
	Name            string
	Status          string
	State           string
	JoinedMethod    string
	JoinedTimestamp float64
}

func (c *call) showAccount(m *directory.Member) account {
	shown := account{
		ID: m.Account, Arn: c.org.ARN("account", m.Account), Email: email(m.Account), Status: "ACTIVE",
		State: "ACTIVE", JoinedMethod: "INVITED", JoinedTimestamp: epoch(m.Joined),
	}
	if a := c.tx.Accounts.Get(m.Account, ""); a != nil {
		shown.Name = a.Name
	}
	return shown
}

// member returns an account of the organization.
func (c *call) member(id string) (*directory.Member, error) {
	m := c.tx.Members.Get("", id)
	if m == nil || m.Organization != c.org.ID {
		return nil, bad("AccountNotFoundException", "The account %q isn't a member of the organization.", cut(id))
	}
	return m, nil
}

func (c *call) listAccounts(in *pageInput) (any, error) { return c.accounts("", in) }

func (c *call) listAccountsForParent(in *parentInput) (any, error) {
	if err := c.checkParent(in.ParentID); err != nil {
		return nil, err
	}
	return c.accounts(in.ParentID, &in.pageInput)
}

func (c *call) accounts(parent string, in *pageInput) (any, error) {
	var found []account
	for m := range c.members(parent) {
		found = append(found, c.showAccount(m))
	}
	found, next, err := paged(found, in, func(a account) string { return a.ID })
	return struct {
		Accounts []account
		page
	}{found, next}, err
}

type accountInput struct {
	AccountID string `json:"AccountId"`
}

func (c *call) describeAccount(in *accountInput) (any, error) {
	m, err := c.member(in.AccountID)
	if err != nil {
		return nil, err
	}
	return struct{ Account account }{c.showAccount(m)}, nil
}

type childInput struct {
	ChildID string `json:"ChildId"`
}

// node is a root, unit or account by its ID.
type node struct {
	ID   string `json:"Id"`
	Type string
}

func (c *call) listParents(in *childInput) (any, error) {
	var parent string
	if u := c.tx.Units.Get(c.org.ID, in.ChildID); u != nil {
		parent = u.Parent
	} else if m, err := c.member(in.ChildID); err == nil {
		parent = m.Parent
	} else {
		return nil, bad("ChildNotFoundException", "The account or organizational unit %q doesn't exist.", cut(in.ChildID))
	}
	kind := "ORGANIZATIONAL_UNIT"
	if parent == c.org.Root {
		kind = "ROOT"
	}
	return struct{ Parents []node }{[]node{{parent, kind}}}, nil
}

type childrenInput struct {
	ParentID  string `json:"ParentId"`
	ChildType string
	pageInput
}

func (c *call) listChildren(in *childrenInput) (any, error) {
	if err := c.checkParent(in.ParentID); err != nil {
		return nil, err
	}
	var found []node
	switch in.ChildType {
	case "ACCOUNT":
		for m := range c.members(in.ParentID) {
			found = append(found, node{m.Account, in.ChildType})
		}
	case "ORGANIZATIONAL_UNIT":
		for u := range c.tx.Units.All(c.org.ID) {
			if u.Parent == in.ParentID {
				found = append(found, node{u.ID, in.ChildType})
			}
		}
	default:
		return nil, invalid("ChildType is ACCOUNT or ORGANIZATIONAL_UNIT, not %q.", cut(in.ChildType))
	}
	found, next, err := paged(found, &in.pageInput, func(n node) string { return n.ID })
	return struct {
		Children []node
		page
	}{found, next}, err
}

type moveInput struct {
	AccountID           string `json:"AccountId"`
	SourceParentID      string `json:"SourceParentId"`
	DestinationParentID string `json:"DestinationParentId"`
}

func (c *call) moveAccount(in *moveInput) (any, error) {
	m, err := c.member(in.AccountID)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Parent != in.SourceParentID:
		return nil, bad("SourceParentNotFoundException", "The account isn't under %q.", cut(in.SourceParentID))
	case c.checkParent(in.DestinationParentID) != nil:
		return nil, bad("DestinationParentNotFoundException",
			"The root or organizational unit %q doesn't exist.", cut(in.DestinationParentID))
	case in.DestinationParentID == m.Parent:
		return nil, bad("DuplicateAccountException", "The account is already there.")
	}
	moved := *m
	moved.Parent = in.DestinationParentID
	c.tx.Members.Put("", m.Account, &moved)
	return nil, nil //nolint:nilnil // the operation has no result
}

func (c *call) removeAccount(in *accountInput) (any, error) {
	m, err := c.member(in.AccountID)
	if err != nil {
		return nil, err
	}
	return nil, c.leave(m)
}

func (c *call) leaveOrganization(*none) (any, error) {
	m, err := c.member(c.Caller.Account)
	if err != nil {
		return nil, err
	}
	return nil, c.leave(m)
}

func (c *call) leave(m *directory.Member) error {
	if m.Account == c.org.Management {
		return bad("MasterCannotLeaveOrganizationException",
			"The management account can't leave. Delete the organization instead.")
	}
	c.detachAll(m.Account)
	c.tx.Members.Delete("", m.Account)
	return nil
}

// count returns the number of an organization's accounts.
func (c *call) count(o *directory.Organization) int {
	return len(slices.Collect(membersOf(c.tx, o, "")))
}
