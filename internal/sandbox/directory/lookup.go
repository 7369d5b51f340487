package directory

import (
	"maps"
	"slices"
	"strings"
)

// Has reports whether a user is a member of the group.
func (g *Group) Has(user string) bool {
	return slices.ContainsFunc(g.Members, func(m string) bool { return strings.EqualFold(m, user) })
}

// PolicyByARN returns a managed policy, or nil. AWS's own managed policies are
// in every account.
func (tx *Tx) PolicyByARN(arn string) *Policy {
	account, kind, name := SplitARN(arn)
	if kind != "policy" {
		return nil
	}
	if policy := tx.Policies.Get(account, name); policy != nil && policy.ARN() == arn {
		return policy
	}
	return nil
}

// RoleByARN returns a role, or nil.
func (tx *Tx) RoleByARN(arn string) *Role {
	account, kind, name := SplitARN(arn)
	if kind != "role" {
		return nil
	}
	if role := tx.Roles.Get(account, name); role != nil && role.ARN() == arn {
		return role
	}
	return nil
}

// UserByARN returns a user, or nil.
func (tx *Tx) UserByARN(arn string) *User {
	account, kind, name := SplitARN(arn)
	if kind != "user" {
		return nil
	}
	if user := tx.Users.Get(account, name); user != nil && user.ARN() == arn {
		return user
	}
	return nil
}

// ProviderByARN returns an OpenID Connect provider, or nil.
func (tx *Tx) ProviderByARN(arn string) *Provider {
	account, kind, _ := SplitARN(arn)
	if kind != "oidc-provider" {
		return nil
	}
	_, url, _ := strings.Cut(arn, ":oidc-provider/")
	if provider := tx.Providers.Get(account, url); provider != nil && provider.ARN() == arn {
		return provider
	}
	return nil
}

// ProfileByARN returns an instance profile, or nil.
func (tx *Tx) ProfileByARN(arn string) *InstanceProfile {
	account, kind, name := SplitARN(arn)
	if kind != "instance-profile" {
		return nil
	}
	if profile := tx.Profiles.Get(account, name); profile != nil && profile.ARN() == arn {
		return profile
	}
	return nil
}

// SplitARN returns the account, kind and last name of an IAM ARN such as
// arn:aws:iam::111122223333:role/path/name. All are empty for any other text.
func SplitARN(arn string) (account, kind, name string) {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	if !ok {
		return "", "", ""
	}
	account, rest, ok = strings.Cut(rest, ":")
	if !ok {
		return "", "", ""
	}
	kind, name, _ = strings.Cut(rest, "/")
	return account, kind, name[strings.LastIndex(name, "/")+1:]
}

// SortedNames returns the names of a map in order.
func SortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
