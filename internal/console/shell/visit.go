package shell

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/problem"
)

// Visit is a request of a signed-in member.
type Visit struct {
	*http.Request
	Actor         access.Actor
	Workspace     string // its ID
	WorkspaceName string
	Draft         url.Values // input of this page's form from before the person signed in again

	roles map[string]access.Role // that RoleOf found, by member ID
}

// Handler serves a signed-in member. An error that it returns becomes an
// error page.
type Handler func(w http.ResponseWriter, v *Visit) error

// signedIn calls handle for members and redirects others to the sign-in page,
// which leads them back.
func (s *Shell) signedIn(handle Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.Visit(r)
		if err == nil {
			err = LimitsOf(r).Workspace(v.Workspace)
			if err == nil {
				err = readForm(r)
			}
		} else if busy := LimitsOf(r).Anonymous(); busy != nil {
			err = busy
		}
		switch {
		case problem.Is(err, problem.Unauthenticated):
			s.sendToSignIn(w, r)
		case err != nil:
			s.Fail(w, r, err)
		default:
			s.takeDraft(v) //nolint:contextcheck // the visit carries the context
			if err := handle(w, v); err != nil {
				s.failVisit(w, v, err) //nolint:contextcheck // the visit carries the context
			}
		}
	}
}

// sendToSignIn redirects a request without a session to the sign-in page.
func (s *Shell) sendToSignIn(w http.ResponseWriter, r *http.Request) {
	address, err := s.comeBack(r)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	s.Redirect(w, r, address)
}

// Visit returns a request with its member, or an error if nobody is signed in.
func (s *Shell) Visit(r *http.Request) (*Visit, error) {
	member := s.sessions.GetString(r.Context(), sessionMember)
	if member == "" {
		return nil, problem.New(problem.Unauthenticated, "Nobody is signed in.")
	}
	found, err := s.config.Members.SignedIn(r.Context(), member)
	if err != nil {
		return nil, err
	}
	if !found.SecuredAt.IsZero() && s.sessions.GetInt64(r.Context(), sessionSince) < found.SecuredAt.UnixMicro() {
		return nil, problem.New(problem.Unauthenticated, "Your password or identity was changed since you signed in.")
	}
	if err := s.config.Members.UseSession(r.Context(), member,
		s.sessions.GetString(r.Context(), sessionID)); err != nil {
		return nil, err
	}
	actor := actorOf(r, found)
	v := &Visit{
		Request: r, Actor: actor, Workspace: actor.Workspace,
		WorkspaceName: s.sessions.GetString(r.Context(), sessionWorkspace),
	}
	v.Actor.Fresh = s.Fresh(v) //nolint:contextcheck // the visit carries the context
	return v, nil
}

// returnTo returns a query with the requested page.
func returnTo(r *http.Request) string {
	if r.Method != http.MethodGet || r.URL.Path == "/" {
		return ""
	}
	return "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
}

// LocalPath returns a path of this console unchanged, and "/" for anything
// else, so that a link to the sign-in page can't redirect people elsewhere.
func LocalPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// Frame returns the frame of a page. section is the path of the link to mark
// in the navigation.
func (s *Shell) Frame(v *Visit, title, section string, crumbs ...page.Crumb) page.Frame {
	f := page.Frame{
		Title: title, Crumbs: crumbs, Theme: ThemeOf(v.Request),
		Nav:     page.Navigation(section, page.Offer{Sandbox: s.config.Sandbox, Operator: v.Actor.Operator}),
		Account: page.Account{Email: v.Actor.Name, Workspace: v.WorkspaceName}, News: News(v),
		Flash: page.FlashOf(v.URL.Query().Get("done")),
	}
	if v.Draft != nil {
		f.Flash = &page.Flash{
			Tone: "calm", Icon: "info", Title: "You signed in again",
			Text: "Your input is here; nothing has been saved yet.",
		}
	}
	return f
}

// RoleOf returns the role of a thing's maker, if it affects what the reader
// may do with the thing. A maker who has left counts as a viewer.
func (s *Shell) RoleOf(v *Visit, memberID string) access.Role {
	if memberID == v.Actor.Member {
		return v.Actor.Role
	}
	if role, known := v.roles[memberID]; known {
		return role
	}
	role := access.Viewer
	if maker, err := s.config.Members.SignedIn(v.Context(), memberID); err == nil {
		role = maker.Role
	}
	if v.roles == nil {
		v.roles = map[string]access.Role{}
	}
	v.roles[memberID] = role
	return role
}
