package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// visit is a request of somebody who is signed in.
type visit struct {
	*http.Request
	actor     access.Actor
	workspace string // its ID
	name      string // its name

	roles map[string]access.Role // that roleOf found, by member ID
	draft url.Values             // what the form of this page had before the person signed in again
}

// handler serves somebody who is signed in. An error it returns becomes
// an error page.
type handler func(w http.ResponseWriter, v *visit) error

// signedIn lets members pass and sends all others to the sign-in page, which
// brings them back.
func (c *Console) signedIn(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := c.visit(r)
		if err == nil {
			err = limitsOf(r).Workspace(v.workspace)
			if err == nil {
				err = readForm(r)
			}
		} else if busy := limitsOf(r).Anonymous(); busy != nil {
			err = busy
		}
		switch {
		case problem.Is(err, problem.Unauthenticated):
			c.sendToSignIn(w, r)
		case err != nil:
			c.fail(w, r, err)
		default:
			c.takeDraft(v) //nolint:contextcheck // the visit carries the context
			if err := handle(w, v); err != nil {
				c.failVisit(w, v, err) //nolint:contextcheck // the visit carries the context
			}
		}
	}
}

// sendToSignIn sends somebody without a session to the sign-in page.
func (c *Console) sendToSignIn(w http.ResponseWriter, r *http.Request) {
	address, err := c.comeBack(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.redirect(w, r, address)
}

// visit is a request with its sender.
func (c *Console) visit(r *http.Request) (*visit, error) {
	member := c.sessions.GetString(r.Context(), sessionMember)
	if member == "" {
		return nil, problem.New(problem.Unauthenticated, "Nobody is signed in.")
	}
	found, err := c.config.Members.SignedIn(r.Context(), member)
	if err != nil {
		return nil, err
	}
	if !found.SecuredAt.IsZero() && c.sessions.GetInt64(r.Context(), sessionSince) < found.SecuredAt.UnixMicro() {
		return nil, problem.New(problem.Unauthenticated, "Your password or identity was changed since you signed in.")
	}
	if err := c.config.Members.UseSession(r.Context(), member,
		c.sessions.GetString(r.Context(), sessionID)); err != nil {
		return nil, err
	}
	actor := actorOf(r, found)
	v := &visit{
		Request: r, actor: actor, workspace: actor.Workspace,
		name: c.sessions.GetString(r.Context(), sessionWorkspace),
	}
	v.actor.Fresh = c.fresh(v) //nolint:contextcheck // the visit carries the context
	return v, nil
}

// returnTo remembers the page that was asked for, as a query.
func returnTo(r *http.Request) string {
	if r.Method != http.MethodGet || r.URL.Path == "/" {
		return ""
	}
	return "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
}

// localPath lets a path of this console pass, and makes "/" of anything else,
// so that a link to the sign-in page cannot send people elsewhere.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// shell is what the page has around it. section is the path of the link in the
// navigation that is marked.
func (c *Console) shell(v *visit, title, section string, crumbs ...crumb) shell {
	s := shell{
		Title: title, Crumbs: crumbs, Theme: themeOf(v.Request), Nav: navigation(section, c.config.Sandbox != nil),
		Account: account{Email: v.actor.Name, Workspace: v.name},
		Flash:   flashOf(v.URL.Query().Get("done")),
	}
	if v.draft != nil {
		s.Flash = &flash{"calm", "info", "You signed in again", "Your input is here; nothing has been saved yet."}
	}
	return s
}

// roleOf returns the role of a member who made something, as far as it decides
// what the reader may do with it. Who left counts as a viewer.
func (c *Console) roleOf(v *visit, memberID string) access.Role {
	if memberID == v.actor.Member {
		return v.actor.Role
	}
	if role, known := v.roles[memberID]; known {
		return role
	}
	role := access.Viewer
	if maker, err := c.config.Members.SignedIn(v.Context(), memberID); err == nil {
		role = maker.Role
	}
	if v.roles == nil {
		v.roles = map[string]access.Role{}
	}
	v.roles[memberID] = role
	return role
}
