package members

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/impact"
)

// memberRemovePage asks before a member is removed. Their tokens are revoked,
// unless someone adopts them first.
type memberRemovePage struct {
	page.Frame
	Member  memberView
	Summary string
	Stops   []page.Stop // the tokens, where the reader can't see them one by one
	Tokens  []view.Token
	Confirm string
}

func (h *Handlers) memberRemove(w http.ResponseWriter, v *shell.Visit) error {
	return h.showMemberRemove(w, v, http.StatusOK, nil)
}

func (h *Handlers) showMemberRemove(w http.ResponseWriter, v *shell.Visit, status int, rejection error) error {
	id := v.PathValue("id")
	measured, err := h.Members.MemberImpact(v.Context(), v.Actor, v.Workspace, id)
	if err != nil {
		return err
	}
	found, err := h.findMember(v)
	if err != nil {
		return err
	}
	path := "/members/" + url.PathEscape(found.ID)
	p := &memberRemovePage{
		Frame: h.Frame(v, "Remove "+found.Email, "/members", page.Crumb{Name: "Members", Path: "/members"},
			page.Crumb{Name: found.Email, Path: path},
			page.Crumb{Name: "Remove"}),
		Summary: measured.Summary(), Confirm: measured.Confirm,
		Member: memberView{ID: found.ID, Email: found.Email, Role: string(found.Role), You: found.ID == v.Actor.ID},
	}
	p.Problem = page.ProblemOf(rejection)
	all, err := h.tokensOf(v, found.ID)
	if err != nil {
		return err
	}
	stops := map[string]bool{}
	for _, s := range measured.Stops {
		stops[s.ID] = true
	}
	for _, t := range all {
		if stops[t.ID] {
			p.Tokens = append(p.Tokens, t)
			delete(stops, t.ID)
		}
	}
	for _, s := range measured.Stops {
		if stops[s.ID] {
			p.Stops = append(p.Stops, page.StopsOf([]impact.Stop{s})...)
		}
	}
	h.Show(w, v.Request, status, "members/remove", p)
	return nil
}

func (h *Handlers) memberRemoved(w http.ResponseWriter, v *shell.Visit) error {
	err := h.Members.RemoveMember(v.Context(), v.Actor, v.Workspace, v.PathValue("id"),
		impact.Confirmed(v.PostFormValue("confirm")))
	switch {
	case shell.Rejected(err):
		return h.showMemberRemove(w, v, shell.RejectedStatus(w, err), err)
	case err != nil:
		return err
	case v.PathValue("id") == v.Actor.ID:
		h.Redirect(w, v.Request, "/sign-in")
		return nil
	}
	h.Redirect(w, v.Request, "/members?done=member-removed")
	return nil
}

// memberTokenAdopt makes the reader a token's maker, so that removing the
// member doesn't revoke it.
func (h *Handlers) memberTokenAdopt(w http.ResponseWriter, v *shell.Visit) error {
	back := "/members/" + url.PathEscape(v.PathValue("id")) + "/remove"
	_, err := h.Tokens.Adopt(v.Context(), v.Actor, v.Workspace, v.PathValue("token"))
	switch {
	case access.IsStale(err):
		h.AskAgain(w, v, back)
		return nil
	case shell.Rejected(err):
		return h.showMemberRemove(w, v, shell.RejectedStatus(w, err), err)
	case err != nil:
		return err
	}
	h.Redirect(w, v.Request, back+"?done=token-adopted")
	return nil
}
