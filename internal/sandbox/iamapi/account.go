package iamapi

import (
	"encoding/xml"
	"regexp"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

type summaryEntry struct {
	Key   string `xml:"key"`
	Value int    `xml:"value"`
}

func getAccountSummary(c *call, tx *directory.Tx) (any, error) {
	account := c.Caller.Account
	entries := []summaryEntry{
		{"Users", tx.Users.Count(account)},
		{"UsersQuota", maxUsers},
		{"Groups", tx.Groups.Count(account)},
		{"GroupsQuota", maxGroups},
		{"Roles", tx.Roles.Count(account)},
		{"RolesQuota", maxRoles},
		{"Policies", tx.Policies.Count(account)},
		{"PoliciesQuota", maxPolicies},
		{"InstanceProfiles", tx.Profiles.Count(account)},
		{"InstanceProfilesQuota", maxProfiles},
		{"Providers", tx.Providers.Count(account)},
		{"AccessKeysPerUserQuota", maxKeysPerUser},
		{"GroupsPerUserQuota", maxGroupsPerUser},
		{"VersionsPerPolicyQuota", maxVersions},
		{"AttachedPoliciesPerUserQuota", maxAttached},
		{"AttachedPoliciesPerRoleQuota", maxAttached},
		{"AttachedPoliciesPerGroupQuota", maxAttached},
		{"PolicySizeQuota", maxManagedCharacters},
		{"UserPolicySizeQuota", maxUserCharacters},
		{"GroupPolicySizeQuota", maxGroupCharacters},
		{"AssumeRolePolicySizeQuota", maxTrustCharacters},
		{"AccountAccessKeysPresent", 1},
		{"AccountMFAEnabled", 0},
	}
	return struct {
		SummaryMap struct {
			Entries []summaryEntry `xml:"entry"`
		}
	}{struct {
		Entries []summaryEntry `xml:"entry"`
	}{entries}}, nil
}

var aliasPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9]|-[a-z0-9]){1,62}$`)

func createAccountAlias(c *call, tx *directory.Tx) (any, error) {
	alias := c.Params.Get("AccountAlias")
	if len(alias) < 3 || len(alias) > 63 || !aliasPattern.MatchString(alias) {
		return nil, invalid(
			"1 validation error detected: Value '%s' at 'accountAlias' failed to satisfy constraint: Member must "+
				"satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
			cut(alias),
		)
	}
	for account := range tx.Accounts.Every() {
		if account.Alias == alias {
			return nil, alreadyExists("The account alias %s already exists.", alias)
		}
	}
	changed := *tx.Accounts.Get(c.Caller.Account, "")
	changed.Alias = alias
	tx.Accounts.Put(changed.ID, "", &changed)
	return nil, nil
}

func deleteAccountAlias(c *call, tx *directory.Tx) (any, error) {
	changed := *tx.Accounts.Get(c.Caller.Account, "")
	if alias := c.Params.Get("AccountAlias"); changed.Alias == "" || changed.Alias != alias {
		return nil, noSuchEntity("The account alias %s does not exist.", cut(alias))
	}
	changed.Alias = ""
	tx.Accounts.Put(changed.ID, "", &changed)
	return nil, nil
}

func listAccountAliases(c *call, tx *directory.Tx) (any, error) {
	var result struct {
		AccountAliases stringsXML
		page
	}
	if alias := tx.Accounts.Get(c.Caller.Account, "").Alias; alias != "" {
		result.AccountAliases.Members = []string{alias}
	}
	return result, nil
}

// listNone returns an operation that returns an empty list, for resources that
// the sandbox doesn't have. Terraform lists them before it deletes a user or a
// role.
func listNone(names ...string) func(*call, *directory.Tx) (any, error) {
	return func(*call, *directory.Tx) (any, error) {
		result := emptyLists{}
		for _, name := range names {
			result.Lists = append(result.Lists, emptyList{xml.Name{Local: name}})
		}
		return result, nil
	}
}

type emptyLists struct {
	Lists []emptyList
	page
}

type emptyList struct{ XMLName xml.Name }

// loginProfile returns the error for a user without a password.
func loginProfile(c *call, tx *directory.Tx) (any, error) {
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	return nil, noSuchEntity("Login Profile for User %s cannot be found.", user.Name)
}

// passwordPolicy returns the error for an account without a password policy.
func passwordPolicy(c *call, _ *directory.Tx) (any, error) {
	return nil, noSuchEntity("The Password Policy with domain name %s cannot be found.", c.Caller.Account)
}
