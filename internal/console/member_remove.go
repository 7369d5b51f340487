package console

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// memberRemovePage asks before a member is removed: their tokens end, unless
// somebody adopts them first.
type memberRemovePage struct {
	shell
	Member  memberView
	Summary string
	Stops   []stopView // the tokens, where the reader can't see them one by one
	Tokens  []tokenView
	Confirm string
}

func (c *Console) memberRemove(w http.ResponseWriter, v *visit) error {
	return c.showMemberRemove(w, v, http.StatusOK, nil)
}

func (c *Console) showMemberRemove(w http.ResponseWriter, v *visit, status int, rejection error) error {
	id := v.PathValue("id")
	measured, err := c.config.Members.MemberImpact(v.Context(), v.actor, v.workspace, id)
	if err != nil {
		return err
	}
	found, err := c.findMember(v)
	if err != nil {
		return err
	}
	path := "/members/" + url.PathEscape(found.ID)
	p := &memberRemovePage{
		shell: c.shell(v, "Remove "+found.Email, "/members", crumb{"Members", "/members"}, crumb{found.Email, path},
			crumb{Name: "Remove"}),
		Summary: measured.Summary(), Confirm: measured.Confirm,
		Member: memberView{ID: found.ID, Email: found.Email, Role: string(found.Role), You: found.ID == v.actor.ID},
	}
	p.Problem = viewProblem(rejection)
	all, err := c.tokensOf(v, found.ID)
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
			p.Stops = append(p.Stops, viewStops([]impact.Stop{s})...)
		}
	}
	c.show(w, v.Request, status, "member_remove", p)
	return nil
}

func (c *Console) memberRemoved(w http.ResponseWriter, v *visit) error {
	err := c.config.Members.RemoveMember(v.Context(), v.actor, v.workspace, v.PathValue("id"),
		impact.Confirmed(v.PostFormValue("confirm")))
	switch {
	case rejected(err):
		return c.showMemberRemove(w, v, rejectedStatus(w, err), err)
	case err != nil:
		return err
	case v.PathValue("id") == v.actor.ID:
		c.redirect(w, v.Request, "/sign-in")
		return nil
	}
	c.redirect(w, v.Request, "/members?done=member-removed")
	return nil
}

// memberTokenAdopt makes the reader a token's maker, so that it stays when the
// member is removed.
func (c *Console) memberTokenAdopt(w http.ResponseWriter, v *visit) error {
	back := "/members/" + url.PathEscape(v.PathValue("id")) + "/remove"
	_, err := c.config.Tokens.Adopt(v.Context(), v.actor, v.workspace, v.PathValue("token"))
	switch {
	case access.IsStale(err):
		c.askAgain(w, v, back)
		return nil
	case rejected(err):
		return c.showMemberRemove(w, v, rejectedStatus(w, err), err)
	case err != nil:
		return err
	}
	c.redirect(w, v.Request, back+"?done=token-adopted")
	return nil
}
