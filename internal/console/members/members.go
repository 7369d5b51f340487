package members

import (
	"net/http"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/workspace"
)

// membersPage lists the people of the workspace.
type membersPage struct {
	page.Frame
	Members []memberView
	Filter  memberFilter
	Roles   []roleView
	Invites bool // the member may invite others
	Next    string
}

// memberView is a member as pages show them.
type memberView struct {
	ID, Email, Role string
	State           string // "active" or "invited"
	You             bool
	SignsIn         string // "password, https://id.example.com"
	Identity        string // "subject at issuer"; empty: none
	JoinedAt        time.Time
	SeenAt          time.Time // zero: never
	Tokens          int
	TokensKnown     bool // the reader may see the member's tokens
}

// Chip describes the state.
func (m memberView) Chip() page.Chip {
	if m.State == string(workspace.Invited) {
		return page.Chip{Tone: "calm", Icon: "user-round", Label: "Invited"}
	}
	return page.Chip{Tone: "good", Icon: "circle-check", Label: "Active"}
}

// memberFilter narrows the list; it is the query.
type memberFilter struct{ Query, Role, State string }

// Any reports whether the filter leaves anybody out.
func (f memberFilter) Any() bool { return f != memberFilter{} }

// roleView explains a role.
type roleView struct{ Name, Text string }

var roleTexts = map[access.Role]string{
	access.Viewer: "Reads rows, settings and states. Can’t see the audit log, secrets or other people’s tokens.",
	access.Editor: "Also loads data and changes rows, sources, datasets, schedules and views.",
	access.Admin: "Also connects buckets and CI, reads the audit log, invites people, and manages viewers and " +
		"editors.",
	access.Owner: "Also manages everybody and can delete the workspace. A workspace keeps at least one owner.",
}

func roleViews() []roleView {
	var views []roleView
	for _, role := range access.Roles() {
		views = append(views, roleView{string(role), roleTexts[role]})
	}
	return views
}

// members lists the members that pass the filter.
func (h *Handlers) members(w http.ResponseWriter, v *shell.Visit) error {
	q := v.URL.Query()
	f := memberFilter{Query: q.Get("q"), Role: q.Get("role"), State: q.Get("state")}
	if !access.Role(f.Role).Valid() {
		f.Role = ""
	}
	if state := workspace.State(f.State); state != workspace.Active && state != workspace.Invited {
		f.State = ""
	}
	filter := workspace.Filter{Query: f.Query, Role: access.Role(f.Role), State: workspace.State(f.State)}
	found, err := h.Members.List(v.Context(), v.Actor, v.Workspace, filter,
		paging.Request{Cursor: q.Get("cursor"), Limit: 50})
	if err != nil {
		return err
	}
	p := &membersPage{
		Frame: h.Frame(v, "Members", "/members"), Filter: f, Roles: roleViews(),
		Invites: len(givenRoles(v)) > 0,
	}
	for i := range found.Items {
		p.Members = append(p.Members, viewMember(v, &found.Items[i]))
	}
	if found.Next != "" {
		p.Next = "/members?" + url.Values{
			"q": {f.Query}, "role": {f.Role}, "state": {f.State},
			"cursor": {found.Next},
		}.Encode()
	}
	h.Show(w, v.Request, http.StatusOK, "members/members", p)
	return nil
}

func viewMember(v *shell.Visit, m *workspace.Listed) memberView {
	view := memberView{
		ID: m.ID, Email: m.Email, Role: string(m.Role), State: string(m.State()), You: m.ID == v.Actor.ID,
		SignsIn: "link", JoinedAt: m.CreatedAt, SeenAt: m.SeenAt, Tokens: m.Tokens,
	}
	if view.SeenAt.IsZero() {
		view.SeenAt = m.SignedInAt
	}
	if m.PasswordHash != "" {
		view.SignsIn = "password"
	}
	if m.Identity != (workspace.Identity{}) {
		view.Identity = m.Identity.Subject + " at " + m.Identity.Issuer
		view.SignsIn += ", " + issuerName(m.Identity.Issuer)
	}
	view.TokensKnown = shell.Offers(v, access.TokenList, access.Resource{Kind: "token", Maker: m.ID, Role: m.Role})
	return view
}

// issuerName is the host of an issuer.
func issuerName(issuer string) string {
	if u, err := url.Parse(issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return issuer
}

// givenRoles returns the roles that the member may assign to someone new.
func givenRoles(v *shell.Visit) []roleView {
	var given []roleView
	for _, role := range access.Roles() {
		if shell.Offers(v, access.MemberCreate, access.Resource{Kind: "member", Role: role}) {
			given = append(given, roleView{string(role), roleTexts[role]})
		}
	}
	return given
}
