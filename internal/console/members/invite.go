package members

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// memberInvitePage invites someone, and then shows their link once.
type memberInvitePage struct {
	page.Frame
	Email, Role string
	Roles       []roleView // that can be given
	Link        *linkView  // of the invited member; nil: show the form
}

// linkView is a link that signs a member in.
type linkView struct {
	Email, Address string
	Lasts          string // "72 hours"
	ExpiresAt      time.Time
}

func (h *Handlers) linkView(email string, token secret.String, lasts time.Duration) *linkView {
	text := "72 hours"
	if lasts == workspace.LinkLifetime {
		text = "15 minutes"
	}
	return &linkView{
		Email: email, Address: h.BaseURL() + "/sign-in/link/" + token.Reveal(), Lasts: text,
		ExpiresAt: h.Now().Add(lasts),
	}
}

func (h *Handlers) memberInvite(w http.ResponseWriter, v *shell.Visit) error {
	if len(givenRoles(v)) == 0 { // the error names who can
		return access.Refusal(v.Actor, access.MemberCreate)
	}
	return h.showInvite(w, v, http.StatusOK, &memberInvitePage{Email: v.Draft.Get("email"), Role: v.Draft.Get("role")},
		nil)
}

func (h *Handlers) showInvite(w http.ResponseWriter, v *shell.Visit, status int, p *memberInvitePage,
	rejection error,
) error {
	p.Frame = h.Frame(v, "Invite a member", "/members", page.Crumb{Name: "Members", Path: "/members"},
		page.Crumb{Name: "Invite a member"})
	p.Problem, p.Roles = page.ProblemOf(rejection), givenRoles(v)
	if p.Role == "" {
		p.Role = string(access.Viewer)
	}
	h.Show(w, v.Request, status, "members/invite", p)
	return nil
}

// memberInvited adds the member and shows the link. The link is in the response
// to the form, so that it is in no address.
func (h *Handlers) memberInvited(w http.ResponseWriter, v *shell.Visit) error {
	p := &memberInvitePage{Email: strings.TrimSpace(v.PostFormValue("email")), Role: v.PostFormValue("role")}
	draft := workspace.NewMember{Email: p.Email, Role: access.Role(p.Role)}
	made, invitation, err := h.Members.Invite(v.Context(), v.Actor, v.Workspace, draft)
	switch {
	case access.IsStale(err):
		h.AskAgain(w, v, "/members/invite", "email", "role")
		return nil
	case shell.Rejected(err):
		return h.showInvite(w, v, shell.RejectedStatus(w, err), p, err)
	case err != nil:
		return err
	}
	p.Link = h.linkView(made.Email, invitation.Token, workspace.InvitationLifetime)
	return h.showInvite(w, v, http.StatusOK, p, nil)
}
