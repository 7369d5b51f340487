package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestAttackMembersByRole checks that the pages offer and the service does only
// what the matrix allows, and that a refusal names who can do it.
func TestAttackMembersByRole(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	admin, adminID := h.invite(t, "admin@example.com", "admin")
	editor, editorID := h.invite(t, "editor@example.com", "editor")
	ownerID := h.member(t, "owner@")
	if _, _, text := h.get(t, admin, "/members/invite"); strings.Contains(text, `value="owner"`) ||
		!strings.Contains(text, `value="admin"`) {
		t.Error("an admin isn't offered the roles up to admin")
	}
	if _, _, text := h.get(t, editor, "/members"); strings.Contains(text, "Invite member") {
		t.Error("an editor is offered to invite")
	}
	for name, act := range map[string]struct {
		who  *http.Client
		path string
		form url.Values
	}{
		"an admin invites an owner": {
			admin, "/members/invite",
			url.Values{"email": {"x@example.com"}, "role": {"owner"}},
		},
		"an admin makes an editor an owner": {
			admin, "/members/" + editorID + "/role",
			url.Values{"role": {"owner"}},
		},
		"an admin makes themself an owner": {admin, "/members/" + adminID + "/role", url.Values{"role": {"owner"}}},
		"an admin demotes an owner": {
			admin, "/members/" + ownerID + "/role",
			url.Values{"role": {"viewer"}},
		},
		"an admin makes an owner's link":    {admin, "/members/" + ownerID + "/link", nil},
		"an admin ends an owner's sessions": {admin, "/members/" + ownerID + "/sessions/end", nil},
		"an admin removes an owner": {
			admin, "/members/" + ownerID + "/remove",
			url.Values{"confirm": {"owner@example.com"}},
		},
		"an admin disconnects an owner": {admin, "/members/" + ownerID + "/identity/remove", nil},
		"an editor invites": {
			editor, "/members/invite",
			url.Values{"email": {"x@example.com"}, "role": {"viewer"}},
		},
		"an editor makes themself an admin": {
			editor, "/members/" + editorID + "/role",
			url.Values{"role": {"admin"}},
		},
		"an editor makes a link for the owner": {editor, "/members/" + ownerID + "/link", nil},
	} {
		_, status, text := h.post(t, act.who, act.path, act.form)
		if status != http.StatusForbidden || !strings.Contains(text, "Ask an owner") && !strings.Contains(text,
			"An admin may do this") || !strings.Contains(text, `class="rail"`) {
			t.Errorf("%s: %d\n%s", name, status, text)
		}
	}
	if _, status, text := h.get(t, editor, "/members/invite"); status != http.StatusForbidden || !strings.Contains(text,
		"Ask an owner") {
		t.Errorf("an editor opens the invitation: %d\n%s", status, text)
	}
	h.clock.advance(time.Second) // the session began earlier
	if path, status, _ := h.post(t, admin, "/members/"+editorID+"/role",
		url.Values{"role": {"viewer"}}); path != "/members/"+editorID || status != http.StatusOK {
		t.Errorf("an admin demotes an editor: %s %d", path, status)
	}
	if path, _, _ := h.get(t, editor, "/members"); path != "/sign-in" {
		t.Errorf("a demoted member's session goes on at %s", path)
	}
}

// TestAttackStaleOwner: a session of more than ten minutes ago makes no owner; it
// signs in again, and the form is back with its input.
func TestAttackStaleOwner(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	_, bob := h.invite(t, "bob@example.com", "editor")
	h.clock.advance(11 * time.Minute)
	forms := []struct {
		page, action string
		form         url.Values
		back         []string // texts of the page afterwards
	}{
		{
			"/members/" + bob, "/members/" + bob + "/role",
			url.Values{"role": {"owner"}},
			[]string{`value="owner" checked`},
		},
		{
			"/members/invite", "/members/invite",
			url.Values{"email": {"eve@example.com"}, "role": {"owner"}},
			[]string{`value="eve@example.com"`, `value="owner" checked`},
		},
		{"/tokens/new", "/tokens/new", url.Values{
			"name": {"ci"}, "kind": {"secret"}, "scope": {"manage"},
			"read": {"every"}, "expires": {"90"},
		}, []string{
			`value="ci"`, `value="manage" checked`,
			`value="every" selected`, `value="90" selected`,
		}},
		{"/account", "/account/tokens", url.Values{"name": {"laptop"}}, []string{`value="laptop"`}},
	}
	for i, f := range forms {
		path, status, text := h.post(t, h.owner, f.action, f.form)
		if path != "/sign-in" || status != http.StatusOK || !strings.Contains(text, "Sign in again") ||
			!strings.Contains(text, `name="next" value="`+f.page+`"`) {
			t.Fatalf("%s with a stale session ends at %s with %d:\n%s", f.action, path, status, text)
		}
		if i == 0 {
			if _, _, text := h.get(t, h.owner, "/members/"+bob); !strings.Contains(text, "> Editor. Last seen") {
				t.Fatalf("a stale session made an owner:\n%s", text)
			}
			h.post(t, h.owner, f.action, f.form) // the page took the input that waited
		}
		h.redeem(t, h.owner, h.newLink(t))
		if _, _, text = h.get(t, h.owner, f.page); !strings.Contains(text, "nothing has been saved yet") {
			t.Errorf("%s doesn't say that its input is back:\n%s", f.page, text)
		}
		for _, want := range f.back {
			if !strings.Contains(text, want) {
				t.Errorf("%s has lost %s:\n%s", f.page, want, text)
			}
		}
		if _, _, text = h.get(t, h.owner, f.page); strings.Contains(text, "nothing has been saved yet") {
			t.Errorf("%s has its input back twice", f.page)
		}
		h.clock.advance(11 * time.Minute)
	}
	h.redeem(t, h.owner, h.newLink(t))
	if path, status, text := h.post(t, h.owner, "/members/"+bob+"/role",
		url.Values{"role": {"owner"}}); path != "/members/"+bob || status != http.StatusOK || !strings.Contains(text,
		"Role changed") {
		t.Errorf("a fresh session makes an owner: %s %d\n%s", path, status, text)
	}
}

// newLink creates a sign-in link for the owner, as on the service's machine.
func (h *house) newLink(t *testing.T) string {
	t.Helper()
	link, err := h.server.SignInLink(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return link.Reveal()
}

// TestAttackDraftOfAnother checks that the input of one member is never shown
// to another who signs in in the same browser.
func TestAttackDraftOfAnother(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	_, _, text := h.post(t, h.owner, "/members/invite", url.Values{"email": {"bob@example.com"}, "role": {"admin"}})
	bobs := linkOnPage.FindString(strings.ReplaceAll(text, "<wbr>", ""))
	h.clock.advance(11 * time.Minute)
	if path, _, _ := h.post(t, h.owner, "/members/invite", url.Values{
		"email": {"secret-hire@example.com"},
		"role":  {"owner"},
	}); path != "/sign-in" {
		t.Fatalf("ends at %s", path)
	}
	h.redeem(t, h.owner, bobs)
	if _, _, text := h.get(t, h.owner, "/members/invite"); strings.Contains(text, "secret-hire") {
		t.Errorf("bob sees what the owner typed:\n%s", text)
	}
}

// TestMemberLeaves checks that removing a member lists their tokens with the
// last use, lets an owner adopt one first, and ends the others.
func TestMemberLeaves(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	admin, id := h.invite(t, "ann@example.com", "admin")
	kept := h.mint(t, admin, url.Values{"name": {"kept"}, "kind": {"secret"}, "read": {"every"}})
	lost := h.mint(t, admin, url.Values{"name": {"lost"}, "kind": {"secret"}, "read": {"every"}})
	mine := h.mint(t, admin, url.Values{"name": {"mine"}, "kind": {"personal"}})
	if status, _ := h.call(t, http.MethodGet, "/v1/whoami", kept, ""); status != http.StatusOK {
		t.Fatal(status)
	}
	_, status, text := h.get(t, h.owner, "/members/"+id+"/remove")
	adopt := regexp.MustCompile(`action="(/members/[^"]+/adopt)"><button[^>]*aria-label="Adopt kept"`).
		FindStringSubmatch(text)
	if status != http.StatusOK || adopt == nil || !strings.Contains(text, "3 tokens stop") || !strings.Contains(text,
		"Acts in their name") || !strings.Contains(text, "just now") {
		t.Fatalf("the page that asks: %d\n%s", status, text)
	}
	if path, status, text := h.post(t, h.owner, adopt[1], nil); path != "/members/"+id+"/remove" ||
		status != http.StatusOK || !strings.Contains(text, "2 tokens stop") {
		t.Fatalf("adopting ends at %s with %d:\n%s", path, status, text)
	}
	if _, status, text := h.post(t, h.owner, "/members/"+id+"/remove", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("without a confirmation: %d\n%s", status, text)
	}
	if path, status, text := h.post(t, h.owner, "/members/"+id+"/remove",
		url.Values{"confirm": {"ann@example.com"}}); path != "/members" || status != http.StatusOK ||
		!strings.Contains(text, "Member removed") {
		t.Fatalf("removing ends at %s with %d:\n%s", path, status, text)
	}
	for token, want := range map[string]int{
		kept: http.StatusOK, lost: http.StatusUnauthorized,
		mine: http.StatusUnauthorized,
	} {
		if status, text := h.call(t, http.MethodGet, "/v1/whoami", token, ""); status != want {
			t.Errorf("a token answers %d, want %d: %s", status, want, text)
		}
	}
	if path, _, _ := h.get(t, admin, "/members"); path != "/sign-in" {
		t.Errorf("a removed member's session goes on at %s", path)
	}
}

// mint creates a token in the console and returns its text.
func (h *house) mint(t *testing.T, browser *http.Client, form url.Values) string {
	t.Helper()
	_, status, text := h.post(t, browser, "/tokens/new", form)
	found := regexp.MustCompile(`id="new-token">([^<]+(?:<wbr>[^<]+)*)</code>`).FindStringSubmatch(text)
	if status != http.StatusOK || found == nil {
		t.Fatalf("creating %v: %d\n%s", form, status, text)
	}
	return strings.ReplaceAll(found[1], "<wbr>", "")
}
