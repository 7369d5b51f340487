package iamapi

import (
	"encoding/xml"
	"regexp"
	"slices"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

type inlineXML struct {
	PolicyName     string
	PolicyDocument string
}

type inlinesXML struct {
	Members []inlineXML `xml:"member"`
}

type attachmentsXML struct {
	Members []attachedXML `xml:"member"`
}

type userDetailXML struct {
	userXML
	UserPolicyList          inlinesXML
	GroupList               stringsXML
	AttachedManagedPolicies attachmentsXML
}

type roleDetailXML struct {
	roleXML
	RolePolicyList          inlinesXML
	AttachedManagedPolicies attachmentsXML
	InstanceProfileList     struct {
		Members []profileXML `xml:"member"`
	}
}

type groupDetailXML struct {
	groupXML
	GroupPolicyList         inlinesXML
	AttachedManagedPolicies attachmentsXML
}

type policyDetailXML struct {
	policyXML
	PolicyVersionList struct {
		Members []versionXML `xml:"member"`
	}
}

type detailsResult struct {
	UserDetailList struct {
		Members []userDetailXML `xml:"member"`
	}
	GroupDetailList struct {
		Members []groupDetailXML `xml:"member"`
	}
	RoleDetailList struct {
		Members []roleDetailXML `xml:"member"`
	}
	Policies struct {
		Members []policyDetailXML `xml:"member"`
	}
	page
}

func inlines(i *directory.Identity) inlinesXML {
	var out inlinesXML
	for _, name := range directory.SortedNames(i.Inline) {
		out.Members = append(out.Members, inlineXML{name, escape(i.Inline[name].Text)})
	}
	return out
}

func attachments(i *directory.Identity) attachmentsXML {
	var out attachmentsXML
	for _, arn := range i.Attached {
		_, _, name := directory.SplitARN(arn)
		out.Members = append(out.Members, attachedXML{name, arn})
	}
	return out
}

// getAccountAuthorizationDetails tells everything at once; its pages are not
// cut.
func getAccountAuthorizationDetails(c *Call, tx *directory.Tx) (any, error) {
	filter := c.Params.List("Filter")
	wanted := func(kind string) bool { return len(filter) == 0 || slices.Contains(filter, kind) }
	var result detailsResult
	account := c.Caller.Account
	if wanted("User") {
		for u := range tx.Users.All(account) {
			detail := userDetailXML{userXML: showUser(u), UserPolicyList: inlines(&u.Identity), AttachedManagedPolicies: attachments(&u.Identity)}
			for _, group := range userGroups(tx, u) {
				detail.GroupList.Members = append(detail.GroupList.Members, group.Name)
			}
			result.UserDetailList.Members = append(result.UserDetailList.Members, detail)
		}
	}
	if wanted("Group") {
		for g := range tx.Groups.All(account) {
			result.GroupDetailList.Members = append(result.GroupDetailList.Members, groupDetailXML{showGroup(g), inlines(&g.Identity), attachments(&g.Identity)})
		}
	}
	if wanted("Role") {
		for r := range tx.Roles.All(account) {
			detail := roleDetailXML{roleXML: showRole(tx, r), RolePolicyList: inlines(&r.Identity), AttachedManagedPolicies: attachments(&r.Identity)}
			for profile := range tx.Profiles.All(account) {
				if profile.Role == r.Name {
					detail.InstanceProfileList.Members = append(detail.InstanceProfileList.Members, showProfile(tx, profile))
				}
			}
			result.RoleDetailList.Members = append(result.RoleDetailList.Members, detail)
		}
	}
	for _, owner := range []string{account, "aws"} {
		if owner == "aws" && !wanted("AWSManagedPolicy") || owner != "aws" && !wanted("LocalManagedPolicy") {
			continue
		}
		for p := range tx.Policies.All(owner) {
			shown := showPolicy(tx, p)
			if owner == "aws" && shown.AttachmentCount == 0 && len(filter) == 0 {
				continue
			}
			detail := policyDetailXML{policyXML: shown}
			for i := range p.Versions {
				detail.PolicyVersionList.Members = append(detail.PolicyVersionList.Members, showVersion(p, &p.Versions[i], true))
			}
			result.Policies.Members = append(result.Policies.Members, detail)
		}
	}
	return result, nil
}

type summaryEntry struct {
	Key   string `xml:"key"`
	Value int    `xml:"value"`
}

func getAccountSummary(c *Call, tx *directory.Tx) (any, error) {
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

func createAccountAlias(c *Call, tx *directory.Tx) (any, error) {
	alias := c.Params.Get("AccountAlias")
	if len(alias) < 3 || len(alias) > 63 || !aliasPattern.MatchString(alias) {
		return nil, invalid("1 validation error detected: Value '%s' at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", cut(alias))
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

func deleteAccountAlias(c *Call, tx *directory.Tx) (any, error) {
	changed := *tx.Accounts.Get(c.Caller.Account, "")
	if alias := c.Params.Get("AccountAlias"); changed.Alias == "" || changed.Alias != alias {
		return nil, noSuchEntity("The account alias %s does not exist.", cut(alias))
	}
	changed.Alias = ""
	tx.Accounts.Put(changed.ID, "", &changed)
	return nil, nil
}

func listAccountAliases(c *Call, tx *directory.Tx) (any, error) {
	var result struct {
		AccountAliases stringsXML
		page
	}
	if alias := tx.Accounts.Get(c.Caller.Account, "").Alias; alias != "" {
		result.AccountAliases.Members = []string{alias}
	}
	return result, nil
}

// nothing answers a list of what the sandbox has none of. Terraform asks for
// such lists before it deletes a user or a role.
func nothing(names ...string) func(*Call, *directory.Tx) (any, error) {
	return func(*Call, *directory.Tx) (any, error) {
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

// loginProfile answers that a user has no password.
func loginProfile(c *Call, tx *directory.Tx) (any, error) {
	user, err := c.user(tx)
	if err != nil {
		return nil, err
	}
	return nil, noSuchEntity("Login Profile for User %s cannot be found.", user.Name)
}
