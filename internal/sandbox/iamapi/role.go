package iamapi

import (
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

func (c *call) role(tx *directory.Tx) (*directory.Role, error) {
	name := c.Params.Get("RoleName")
	role := tx.Roles.Get(c.Caller.Account, name)
	if role == nil || role.Name != name {
		return nil, noSuchEntity("The role with name %s cannot be found.", cut(name))
	}
	return role, nil
}

func (c *call) roleARN(tx *directory.Tx) string {
	name := c.Params.Get("RoleName")
	if role := tx.Roles.Get(c.Caller.Account, name); role != nil {
		return role.ARN()
	}
	return "arn:aws:iam::" + c.Caller.Account + ":role" + pathOf(c.Params.Get("Path")) + name
}

type roleResult struct{ Role roleXML }

func createRole(c *call, tx *directory.Tx) (any, error) {
	name := c.Params.Get("RoleName")
	identity, err := c.newIdentity(tx, name, directory.RoleID)
	if err != nil {
		return nil, err
	}
	role := &directory.Role{Identity: identity, Description: c.Params.Get("Description")}
	if err := checkDescription(role.Description); err != nil {
		return nil, err
	}
	if role.MaxSession, err = c.maxSession(time.Hour); err != nil {
		return nil, err
	}
	if err := c.setTrust(tx, role, c.Params.Get("AssumeRolePolicyDocument")); err != nil {
		return nil, err
	}
	if tx.Roles.Get(c.Caller.Account, name) != nil {
		return nil, alreadyExists("Role with name %s already exists.", name)
	}
	if tx.Roles.Count(c.Caller.Account) >= maxRoles {
		return nil, quota("RolesPerAccount", maxRoles)
	}
	tx.Roles.Put(c.Caller.Account, name, role)
	return roleResult{showRole(tx, role)}, nil
}

func checkDescription(text string) error {
	if utf8.RuneCountInString(text) > maxDescription {
		return tooLong("description", maxDescription)
	}
	if !descriptionPattern.MatchString(text) {
		return invalid(
			`1 validation error detected: Value at 'description' failed to satisfy constraint: Member must satisfy ` +
				`regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`,
		)
	}
	return nil
}

func (c *call) maxSession(fallback time.Duration) (time.Duration, error) {
	seconds, err := c.Params.Int("MaxSessionDuration", int(fallback/time.Second))
	if err != nil {
		return 0, err
	}
	if seconds < 3600 {
		return 0, invalid(
			"1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must " +
				"have value greater than or equal to 3600",
		)
	}
	if seconds > 43200 {
		return 0, invalid(
			"1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must " +
				"have value less than or equal to 43200",
		)
	}
	return time.Duration(seconds) * time.Second, nil
}

// setTrust sets a role's trust policy and records the IDs of its principals.
func (c *call) setTrust(tx *directory.Tx, role *directory.Role, text string) error {
	document, err := ReadDocument(iam.Trust, text)
	if err != nil {
		return err
	}
	if characters(text) > maxTrustCharacters {
		return quota("ACLSizePerRole", maxTrustCharacters)
	}
	document, principals, unknown := tx.Named(document)
	if unknown != "" {
		return malformedPolicy(`Invalid principal in policy: "AWS":"%s"`, unknown)
	}
	role.Trust, role.Principals = document, principals
	return nil
}

func getRole(c *call, tx *directory.Tx) (any, error) {
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	return roleResult{showRole(tx, role)}, nil
}

func updateRole(c *call, tx *directory.Tx) (any, error) {
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	changed := *role
	if c.Params.Has("Description") {
		changed.Description = c.Params.Get("Description")
	}
	if err := checkDescription(changed.Description); err != nil {
		return nil, err
	}
	if changed.MaxSession, err = c.maxSession(role.MaxSession); err != nil {
		return nil, err
	}
	tx.Roles.Put(role.Account, role.Name, &changed)
	return struct{}{}, nil
}

func updateRoleDescription(c *call, tx *directory.Tx) (any, error) {
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	changed := *role
	changed.Description = c.Params.Get("Description")
	if err := checkDescription(changed.Description); err != nil {
		return nil, err
	}
	tx.Roles.Put(role.Account, role.Name, &changed)
	return roleResult{showRole(tx, &changed)}, nil
}

func updateAssumeRolePolicy(c *call, tx *directory.Tx) (any, error) {
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	changed := *role
	if err := c.setTrust(tx, &changed, c.Params.Get("PolicyDocument")); err != nil {
		return nil, err
	}
	tx.Roles.Put(role.Account, role.Name, &changed)
	return nil, nil
}

func deleteRole(c *call, tx *directory.Tx) (any, error) {
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(role.Attached) > 0:
		return nil, deleteConflict("Cannot delete entity, must detach all policies first.")
	case len(role.Inline) > 0:
		return nil, deleteConflict("Cannot delete entity, must delete policies first.")
	}
	for profile := range tx.Profiles.All(role.Account) {
		if profile.Role == role.Name {
			return nil, deleteConflict("Cannot delete entity, must remove roles from instance profile first.")
		}
	}
	tx.Roles.Delete(role.Account, role.Name)
	return nil, nil
}

type rolesResult struct {
	Roles struct {
		Members []roleXML `xml:"member"`
	}
	page
}

func listRoles(c *call, tx *directory.Tx) (any, error) {
	all := under(c, tx.Roles.All(c.Caller.Account), func(r *directory.Role) string { return r.Path })
	roles, tail, err := paged(c, all, func(r *directory.Role) string { return r.Name })
	result := rolesResult{page: tail}
	result.Roles.Members = mapped(roles, func(r *directory.Role) roleXML { return listedRole(tx, r) })
	return result, err
}

// unmodifiable returns the error for changing a resource that AWS owns.
func unmodifiable(arn string) error {
	return awserror.New(
		http.StatusForbidden,
		"AccessDenied",
		"The policy %s is owned by AWS and cannot be changed.",
		arn,
	)
}
