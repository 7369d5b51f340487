package shell

import (
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
)

// news has the things that can be created, each with the action that it requires.
var news = []struct {
	page.New
	action access.Action
	kind   string
}{
	{
		page.New{Name: "Data source", Act: "Add a data source", Path: "/sources/data/new", Icon: "folder-open"},
		access.SourceCreate, "source",
	},
	{page.New{
		Name: "AWS integration", Act: "Create AWS integration", Path: "/sources/integrations/new",
		Icon: "shield-check",
	}, access.IntegrationCreate, "integration"},
	{
		page.New{Name: "Access key", Act: "Add an access key", Path: "/sources/credentials/new", Icon: "key-round"},
		access.CredentialCreate, "credential",
	},
	{
		page.New{Name: "Schedule", Act: "Add a schedule", Path: "/schedules/new", Icon: "clock"},
		access.ScheduleCreate, "schedule",
	},
	{
		page.New{Name: "Token", Act: "Create a token", Path: "/tokens/new", Icon: "fingerprint"},
		access.TokenCreate, "token",
	},
	{
		page.New{Name: "Grant", Act: "Add a grant", Path: "/ci/grants/new", Icon: "workflow"},
		access.GrantCreate, "grant",
	},
	{
		page.New{Name: "Member", Act: "Invite a member", Path: "/members/invite", Icon: "user-round"},
		access.MemberCreate, "member",
	},
}

// News returns what a member can create.
func News(v *Visit) []page.New {
	var list []page.New
	for _, n := range news {
		resource := access.Resource{Kind: n.kind}
		if n.action == access.TokenCreate {
			resource.Maker, resource.Role = v.Actor.Member, v.Actor.Role
		}
		if n.action == access.MemberCreate {
			resource.Role = access.Viewer
		}
		if Offers(v, n.action, resource) {
			list = append(list, n.New)
		}
	}
	return list
}
