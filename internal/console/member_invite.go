package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// memberInvitePage invites somebody, and then shows their link, once.
type memberInvitePage struct {
	shell
	Email, Role string
	Roles       []roleView // that can be given
	Link        *linkView  // of the member who was invited; nil: the form
}

// linkView is a link that signs a member in.
type linkView struct {
	Email, Address string
	Lasts          string // "72 hours"
	ExpiresAt      time.Time
}

func (c *Console) linkView(email string, token secret.String, lasts time.Duration) *linkView {
	text := "72 hours"
	if lasts == workspace.LinkLifetime {
		text = "15 minutes"
	}
	return &linkView{
		Email: email, Address: c.config.BaseURL + "/sign-in/link/" + token.Reveal(), Lasts: text,
		ExpiresAt: c.config.Now().Add(lasts),
	}
}

func (c *Console) memberInvite(w http.ResponseWriter, v *visit) error {
	if len(givenRoles(v)) == 0 { // the refusal names who can
		return access.Refusal(v.actor, access.MemberCreate)
	}
	return c.showInvite(w, v, http.StatusOK, &memberInvitePage{Email: v.draft.Get("email"), Role: v.draft.Get("role")},
		nil)
}

func (c *Console) showInvite(w http.ResponseWriter, v *visit, status int, p *memberInvitePage, rejection error) error {
	p.shell = c.shell(v, "Invite a member", "/members", crumb{"Members", "/members"}, crumb{Name: "Invite a member"})
	p.Problem, p.Roles = viewProblem(rejection), givenRoles(v)
	if p.Role == "" {
		p.Role = string(access.Viewer)
	}
	c.show(w, v.Request, status, "member_invite", p)
	return nil
}

// memberInvited adds the member and shows the link: the answer to the form itself
// has it, so that no address does.
func (c *Console) memberInvited(w http.ResponseWriter, v *visit) error {
	p := &memberInvitePage{Email: strings.TrimSpace(v.PostFormValue("email")), Role: v.PostFormValue("role")}
	said := workspace.NewMember{Email: p.Email, Role: access.Role(p.Role)}
	made, invitation, err := c.config.Members.Invite(v.Context(), v.actor, v.workspace, said)
	switch {
	case access.IsStale(err):
		c.askAgain(w, v, "/members/invite", "email", "role")
		return nil
	case rejected(err):
		return c.showInvite(w, v, rejectedStatus(w, err), p, err)
	case err != nil:
		return err
	}
	p.Link = c.linkView(made.Email, invitation.Token, workspace.InvitationLifetime)
	return c.showInvite(w, v, http.StatusOK, p, nil)
}
