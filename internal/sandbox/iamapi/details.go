package iamapi

import (
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

// detail is one item of getAccountAuthorizationDetails.
type detail struct {
	place string // sort key: users, groups, roles, policies
	add   func(*detailsResult)
}

// getAccountAuthorizationDetails returns all identities and policies, in pages.
func getAccountAuthorizationDetails(c *call, tx *directory.Tx) (any, error) {
	var result detailsResult
	details, tail, err := paged(c, slices.Values(allDetails(c, tx)), func(d detail) string { return d.place })
	if err != nil {
		return nil, err
	}
	for _, d := range details {
		d.add(&result)
	}
	result.page = tail
	return result, nil
}

// allDetails returns the details that the request's filter selects.
func allDetails(c *call, tx *directory.Tx) []detail {
	filter := c.Params.List("Filter")
	wanted := func(kind string) bool { return len(filter) == 0 || slices.Contains(filter, kind) }
	account := c.Caller.Account
	var all []detail
	if wanted("User") {
		for u := range tx.Users.All(account) {
			all = append(
				all,
				detail{
					"1" + u.Name,
					func(r *detailsResult) {
						r.UserDetailList.Members = append(r.UserDetailList.Members,
							userDetail(tx, u))
					},
				},
			)
		}
	}
	if wanted("Group") {
		for g := range tx.Groups.All(account) {
			all = append(all, detail{"2" + g.Name, func(r *detailsResult) {
				r.GroupDetailList.Members = append(
					r.GroupDetailList.Members,
					groupDetailXML{showGroup(g), inlines(&g.Identity), attachments(&g.Identity)},
				)
			}})
		}
	}
	if wanted("Role") {
		for role := range tx.Roles.All(account) {
			all = append(all, detail{"3" + role.Name, func(r *detailsResult) {
				r.RoleDetailList.Members = append(r.RoleDetailList.Members, roleDetail(tx, role))
			}})
		}
	}
	if wanted("LocalManagedPolicy") {
		for p := range tx.Policies.All(account) {
			all = append(all, detail{"4" + p.Name, func(r *detailsResult) {
				r.Policies.Members = append(r.Policies.Members, policyDetail(p, showPolicy(tx, p)))
			}})
		}
	}
	if wanted("AWSManagedPolicy") {
		for p := range tx.Policies.All("aws") {
			shown := showPolicy(tx, p)
			if shown.AttachmentCount == 0 && len(filter) == 0 {
				continue
			}
			all = append(
				all,
				detail{
					"5" + p.Name,
					func(r *detailsResult) { r.Policies.Members = append(r.Policies.Members, policyDetail(p, shown)) },
				},
			)
		}
	}
	return all
}

func userDetail(tx *directory.Tx, u *directory.User) userDetailXML {
	out := userDetailXML{
		userXML:                 showUser(u),
		UserPolicyList:          inlines(&u.Identity),
		AttachedManagedPolicies: attachments(&u.Identity),
	}
	for _, group := range tx.GroupsOf(u) {
		out.GroupList.Members = append(out.GroupList.Members, group.Name)
	}
	return out
}

func roleDetail(tx *directory.Tx, r *directory.Role) roleDetailXML {
	out := roleDetailXML{
		roleXML:                 showRole(tx, r),
		RolePolicyList:          inlines(&r.Identity),
		AttachedManagedPolicies: attachments(&r.Identity),
	}
	for profile := range tx.Profiles.All(r.Account) {
		if profile.Role == r.Name {
			out.InstanceProfileList.Members = append(out.InstanceProfileList.Members, showProfile(tx, profile))
		}
	}
	return out
}

func policyDetail(p *directory.Policy, shown policyXML) policyDetailXML {
	out := policyDetailXML{policyXML: shown}
	for i := range p.Versions {
		out.PolicyVersionList.Members = append(out.PolicyVersionList.Members, showVersion(p, &p.Versions[i], true))
	}
	return out
}
