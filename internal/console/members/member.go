package members

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

// memberPage shows a member: their role, sessions and tokens, and what the
// reader may change.
type memberPage struct {
	page.Frame
	Member   memberView
	Roles    []roleView // that the reader may assign; empty: none
	Role     string     // chosen in the form
	Sessions []view.Browser
	Tokens   []view.Token
	Link     *linkView // new, shown once

	MaySeeSessions, MayEndSessions, MaySeeTokens, MayLink, MayUnlink, MayRemove bool
	// why there is nothing to change, and who can
	Who string
}

func (h *Handlers) member(w http.ResponseWriter, v *shell.Visit) error {
	return h.showMember(w, v, http.StatusOK, v.Draft.Get("role"), nil, nil)
}

// findMember returns the member that the path names.
func (h *Handlers) findMember(v *shell.Visit) (workspace.Member, error) {
	return h.Members.Find(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
}

func (h *Handlers) showMember(w http.ResponseWriter, v *shell.Visit, status int, role string, link *linkView,
	rejection error,
) error {
	found, err := h.findMember(v)
	if err != nil {
		return err
	}
	listed := workspace.Listed{Member: found}
	p := &memberPage{
		Frame: h.Frame(v, found.Email, "/members", page.Crumb{Name: "Members", Path: "/members"},
			page.Crumb{Name: found.Email}),
		Member: viewMember(v, &listed), Role: role, Link: link,
	}
	if p.Role == "" {
		p.Role = string(found.Role)
	}
	p.Problem = page.ProblemOf(rejection)
	p.offer(v, &found)
	if err := h.fillMember(v, p, &found); err != nil {
		return err
	}
	h.Show(w, v.Request, status, "members/member", p)
	return nil
}

// offer determines the actions that the page offers to the reader.
func (p *memberPage) offer(v *shell.Visit, found *workspace.Member) {
	of := func(action access.Action, role access.Role) bool {
		return shell.Offers(v, action, access.Resource{Kind: "member", ID: found.ID, Role: found.Role, NewRole: role})
	}
	for _, role := range access.Roles() {
		if of(access.MemberUpdate, role) {
			p.Roles = append(p.Roles, roleView{string(role), roleTexts[role]})
		}
	}
	if len(p.Roles) < 2 && found.Role == access.Viewer { // there is no other role to assign
		p.Roles = nil
	}
	p.MaySeeSessions, p.MayEndSessions = of(access.SessionList, ""), of(access.SessionEnd, "")
	p.MaySeeTokens = p.Member.TokensKnown
	p.MayLink = of(access.SignInCreate, "") && !p.Member.You
	p.MayUnlink = of(access.MemberUpdate, "") && p.Member.Identity != ""
	p.MayRemove = of(access.MemberRemove, "")
	if !p.MayRemove {
		p.Who = problem.From(access.Refusal(v.Actor, access.MemberUpdate)).Hint
	}
}

// fillMember reads the sessions and tokens that the reader may see.
func (h *Handlers) fillMember(v *shell.Visit, p *memberPage, found *workspace.Member) error {
	if p.MaySeeSessions {
		open, err := h.Members.Sessions(v.Context(), v.Actor, v.Workspace, found.ID)
		if err != nil {
			return err
		}
		p.Sessions = view.Browsers(open, h.SessionID(v))
		for _, s := range p.Sessions {
			if s.SeenAt.After(p.Member.SeenAt) {
				p.Member.SeenAt = s.SeenAt
			}
		}
	}
	if !p.MaySeeTokens || h.Tokens == nil {
		return nil
	}
	var err error
	p.Tokens, err = h.tokensOf(v, found.ID)
	return err
}

// tokensOf returns up to a hundred tokens that a member has created.
func (h *Handlers) tokensOf(v *shell.Visit, memberID string) ([]view.Token, error) {
	found, err := h.Tokens.ListOf(v.Context(), v.Actor, v.Workspace, memberID, paging.Request{})
	if err != nil {
		return nil, err
	}
	datasets, err := view.DatasetOptions(v, h.Datasets)
	if err != nil {
		return nil, err
	}
	views := make([]view.Token, len(found.Items))
	for i := range found.Items {
		views[i] = view.TokenOf(h.Shell, v, &found.Items[i], datasets)
	}
	return views, nil
}

// memberDone responds to a change: it shows the member again if the change
// was refused, asks a stale session to sign in, and redirects if the change
// was made.
func (h *Handlers) memberDone(w http.ResponseWriter, v *shell.Visit, done string, err error) error {
	back := "/members/" + url.PathEscape(v.PathValue("id"))
	switch {
	case access.IsStale(err):
		h.AskAgain(w, v, back, "role")
		return nil
	case shell.Rejected(err):
		return h.showMember(w, v, shell.RejectedStatus(w, err), v.PostFormValue("role"), nil, err)
	case err != nil:
		return err
	}
	h.Redirect(w, v.Request, back+"?done="+done)
	return nil
}

func (h *Handlers) memberRole(w http.ResponseWriter, v *shell.Visit) error {
	_, err := h.Members.SetRole(v.Context(), v.Actor, v.Workspace, v.PathValue("id"),
		access.Role(v.PostFormValue("role")))
	return h.memberDone(w, v, "role-changed", err)
}

func (h *Handlers) memberUnlink(w http.ResponseWriter, v *shell.Visit) error {
	return h.memberDone(w, v, "identity-removed", h.Members.RemoveIdentity(v.Context(), v.Actor, v.Workspace,
		v.PathValue("id")))
}

func (h *Handlers) memberSessionEnd(w http.ResponseWriter, v *shell.Visit) error {
	return h.memberDone(w, v, "session-ended", h.Members.EndSession(v.Context(), v.Actor, v.Workspace,
		v.PathValue("id"), v.PathValue("session")))
}

func (h *Handlers) memberSessionsEnd(w http.ResponseWriter, v *shell.Visit) error {
	return h.memberDone(w, v, "sessions-ended", h.Members.EndSessions(v.Context(), v.Actor, v.Workspace,
		v.PathValue("id")))
}

// memberLink creates a sign-in link and shows it once.
func (h *Handlers) memberLink(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.findMember(v)
	if err != nil {
		return err
	}
	token, err := h.Members.CreateLink(v.Context(), v.Actor, v.Workspace, found.ID)
	if err != nil {
		return h.memberDone(w, v, "", err)
	}
	return h.showMember(w, v, http.StatusOK, "", h.linkView(found.Email, token, workspace.LinkLifetime), nil)
}
