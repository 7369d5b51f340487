package iamapi

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// fromPrincipal loads the policies of the named user, group or role.
func (s *simulation) fromPrincipal(c *call, tx *directory.Tx) error {
	arn := c.Params.Get("PolicySourceArn")
	account, kind, name := directory.SplitARN(arn)
	missing := noSuchEntity("Invalid Entity Arn: %s does not exist.", cut(arn))
	if account != c.Caller.Account {
		return missing
	}
	switch kind {
	case "user":
		user := tx.UserByARN(arn)
		if user == nil {
			return missing
		}
		s.principal = iam.Principal{Type: iam.User, ARN: arn, Account: account, UserID: user.ID, UserName: user.Name}
		s.addIdentity(tx, &user.Identity, "user")
		for _, group := range tx.GroupsOf(user) {
			s.addIdentity(tx, &group.Identity, "group")
		}
		s.addBoundary(tx, user.Boundary)
	case "role":
		role := tx.RoleByARN(arn)
		if role == nil {
			return missing
		}
		s.principal = directory.RolePrincipal(role, "simulated")
		s.addIdentity(tx, &role.Identity, "role")
		s.addBoundary(tx, role.Boundary)
	case "group":
		group := tx.Groups.Get(account, name)
		if group == nil || group.ARN() != arn {
			return missing
		}
		s.principal = iam.Principal{
			Type:    iam.User,
			ARN:     "arn:aws:iam::" + account + ":user/simulated",
			Account: account,
		}
		s.addIdentity(tx, &group.Identity, "group")
	default:
		return missing
	}
	return nil
}

func (s *simulation) addIdentity(tx *directory.Tx, i *directory.Identity, kind string) {
	for _, name := range directory.SortedNames(i.Inline) {
		s.identity = append(s.identity, source{kind + "_" + i.Name + "_" + name, kind, i.Inline[name]})
	}
	for _, arn := range i.Attached {
		if policy := tx.PolicyByARN(arn); policy != nil {
			owner := "user-managed"
			if policy.Account == "aws" {
				owner = "aws-managed"
			}
			s.identity = append(s.identity, source{policy.Name, owner, policy.Document()})
		}
	}
}

func (s *simulation) addBoundary(tx *directory.Tx, arn string) {
	if policy := tx.PolicyByARN(arn); policy != nil {
		s.boundary = append(s.boundary, source{policy.Name, "none", policy.Document()})
	}
}

// fromInput parses the policies and keys in the request itself.
func (s *simulation) fromInput(c *call) error {
	add := func(to *[]source, parameter string) error {
		for i, text := range c.Params.List(parameter) {
			document, err := ReadDocument(iam.Identity, text)
			if err != nil {
				return invalidInput("Invalid Input Policy: %s", err)
			}
			*to = append(*to, source{parameter + "." + itoa(i+1), "none", document})
		}
		return nil
	}
	if err := add(&s.identity, "PolicyInputList"); err != nil {
		return err
	}
	if input := c.Params.List("PermissionsBoundaryPolicyInputList"); len(input) > 0 {
		s.boundary = nil // it replaces the identity's own
		if err := add(&s.boundary, "PermissionsBoundaryPolicyInputList"); err != nil {
			return err
		}
	}
	if text := c.Params.Get("ResourcePolicy"); text != "" {
		document, err := ReadDocument(iam.Resource, text)
		if err != nil {
			return invalidInput("Invalid Resource Policy: %s", err)
		}
		s.resource = document
	}
	if err := s.callBy(c.Params.Get("CallerArn")); err != nil {
		return err
	}
	s.owner = c.Caller.Account
	if owner, ok := strings.CutPrefix(c.Params.Get("ResourceOwner"), "arn:aws:iam::"); ok {
		s.owner, _, _ = strings.Cut(owner, ":")
	}
	for _, record := range c.Params.Records("ContextEntries", "ContextKeyName") {
		s.entries = append(s.entries, contextEntry{record.Get("ContextKeyName"), record.List("ContextKeyValues")})
	}
	if len(s.entries) > maxKeys {
		return invalidInput("At most %d context entries are allowed.", maxKeys)
	}
	return nil
}

// callBy sets the caller of the simulated call, if it differs from the
// identity whose policies are simulated. It must be a user.
func (s *simulation) callBy(arn string) error {
	if arn == "" {
		return nil
	}
	account, kind, name := directory.SplitARN(arn)
	if kind != "user" || name == "" {
		return invalidInput("Invalid Caller Arn: %s", cut(arn))
	}
	s.principal = iam.Principal{Type: iam.User, ARN: arn, Account: account, UserName: name}
	return nil
}
