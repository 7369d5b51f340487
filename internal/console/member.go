package console

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

// memberPage is a member: their role, sessions and tokens, and what the reader
// may change of them.
type memberPage struct {
	shell
	Member   memberView
	Roles    []roleView // that the reader may give them; empty: none
	Role     string     // chosen in the form
	Sessions []browserView
	Tokens   []tokenView
	Link     *linkView // new, shown once

	MaySeeSessions, MayEndSessions, MaySeeTokens, MayLink, MayUnlink, MayRemove bool
	// why there is nothing to change, and who can
	Who string
}

func (c *Console) member(w http.ResponseWriter, v *visit) error {
	return c.showMember(w, v, http.StatusOK, v.draft.Get("role"), nil, nil)
}

// findMember returns the member that the path names.
func (c *Console) findMember(v *visit) (workspace.Member, error) {
	return c.config.Members.Find(v.Context(), v.actor, v.workspace, v.PathValue("id"))
}

func (c *Console) showMember(w http.ResponseWriter, v *visit, status int, role string, link *linkView,
	rejection error,
) error {
	found, err := c.findMember(v)
	if err != nil {
		return err
	}
	listed := workspace.Listed{Member: found}
	p := &memberPage{
		shell:  c.shell(v, found.Email, "/members", crumb{"Members", "/members"}, crumb{Name: found.Email}),
		Member: viewMember(v, &listed), Role: role, Link: link,
	}
	if p.Role == "" {
		p.Role = string(found.Role)
	}
	p.Problem = viewProblem(rejection)
	p.offer(v, &found)
	if err := c.fillMember(v, p, &found); err != nil {
		return err
	}
	c.show(w, v.Request, status, "member", p)
	return nil
}

// offer decides what the page offers the reader to do.
func (p *memberPage) offer(v *visit, found *workspace.Member) {
	of := func(action access.Action, role access.Role) bool {
		return offers(v, action, access.Resource{Kind: "member", ID: found.ID, Role: found.Role, NewRole: role})
	}
	for _, role := range access.Roles() {
		if of(access.MemberUpdate, role) {
			p.Roles = append(p.Roles, roleView{string(role), roleTexts[role]})
		}
	}
	if len(p.Roles) < 2 && found.Role == access.Viewer { // there is no other role to give
		p.Roles = nil
	}
	p.MaySeeSessions, p.MayEndSessions = of(access.SessionList, ""), of(access.SessionEnd, "")
	p.MaySeeTokens = p.Member.TokensKnown
	p.MayLink = of(access.SignInCreate, "") && !p.Member.You
	p.MayUnlink = of(access.MemberUpdate, "") && p.Member.Identity != ""
	p.MayRemove = of(access.MemberRemove, "")
	if !p.MayRemove {
		p.Who = problem.From(access.Refusal(v.actor, access.MemberUpdate)).Hint
	}
}

// fillMember reads the sessions and tokens that the reader may see.
func (c *Console) fillMember(v *visit, p *memberPage, found *workspace.Member) error {
	if p.MaySeeSessions {
		open, err := c.config.Members.Sessions(v.Context(), v.actor, v.workspace, found.ID)
		if err != nil {
			return err
		}
		p.Sessions = viewBrowsers(open, c.session(v))
		for _, s := range p.Sessions {
			if s.SeenAt.After(p.Member.SeenAt) {
				p.Member.SeenAt = s.SeenAt
			}
		}
	}
	if !p.MaySeeTokens || c.config.Tokens == nil {
		return nil
	}
	var err error
	p.Tokens, err = c.tokensOf(v, found.ID)
	return err
}

// tokensOf returns the tokens that a member made, the first hundred.
func (c *Console) tokensOf(v *visit, memberID string) ([]tokenView, error) {
	found, err := c.config.Tokens.ListOf(v.Context(), v.actor, v.workspace, memberID, paging.Request{})
	if err != nil {
		return nil, err
	}
	datasets, err := datasetOptions(v, c.config.Datasets)
	if err != nil {
		return nil, err
	}
	views := make([]tokenView, len(found.Items))
	for i := range found.Items {
		views[i] = viewToken(c, v, &found.Items[i], datasets)
	}
	return views, nil
}

// memberDone shows the member again when a change was refused, asks a stale
// session to sign in, and goes on when the change was made.
func (c *Console) memberDone(w http.ResponseWriter, v *visit, done string, err error) error {
	back := "/members/" + url.PathEscape(v.PathValue("id"))
	switch {
	case access.IsStale(err):
		c.askAgain(w, v, back, "role")
		return nil
	case rejected(err):
		return c.showMember(w, v, rejectedStatus(w, err), v.PostFormValue("role"), nil, err)
	case err != nil:
		return err
	}
	c.redirect(w, v.Request, back+"?done="+done)
	return nil
}

func (c *Console) memberRole(w http.ResponseWriter, v *visit) error {
	_, err := c.config.Members.SetRole(v.Context(), v.actor, v.workspace, v.PathValue("id"),
		access.Role(v.PostFormValue("role")))
	return c.memberDone(w, v, "role-changed", err)
}

func (c *Console) memberUnlink(w http.ResponseWriter, v *visit) error {
	return c.memberDone(w, v, "identity-removed", c.config.Members.RemoveIdentity(v.Context(), v.actor, v.workspace,
		v.PathValue("id")))
}

func (c *Console) memberSessionEnd(w http.ResponseWriter, v *visit) error {
	return c.memberDone(w, v, "session-ended", c.config.Members.EndSession(v.Context(), v.actor, v.workspace,
		v.PathValue("id"), v.PathValue("session")))
}

func (c *Console) memberSessionsEnd(w http.ResponseWriter, v *visit) error {
	return c.memberDone(w, v, "sessions-ended", c.config.Members.EndSessions(v.Context(), v.actor, v.workspace,
		v.PathValue("id")))
}

// memberLink makes a sign-in link and shows it, once.
func (c *Console) memberLink(w http.ResponseWriter, v *visit) error {
	found, err := c.findMember(v)
	if err != nil {
		return err
	}
	token, err := c.config.Members.CreateLink(v.Context(), v.actor, v.workspace, found.ID)
	if err != nil {
		return c.memberDone(w, v, "", err)
	}
	return c.showMember(w, v, http.StatusOK, "", c.linkView(found.Email, token, workspace.LinkLifetime), nil)
}
