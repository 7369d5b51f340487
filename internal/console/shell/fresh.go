package shell

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// sessionDraft is the session's key for the input of a form while the person
// signs in again.
const sessionDraft = "draft"

// The limits of a draft.
const (
	draftLifetime = time.Hour
	maxDraft      = 64 << 10 // bytes
)

// draft is the input of a form, without secrets, until its page is shown again.
type draft struct {
	Path   string // of the page with the form
	Member string // the member who entered it; nobody else gets it
	At     time.Time
	Values url.Values
}

// Fresh reports whether the session signed in within the last ten minutes.
func (s *Shell) Fresh(v *Visit) bool {
	return access.Fresh(time.UnixMicro(s.sessions.GetInt64(v.Context(), sessionSignedIn)), s.config.Now())
}

// AskAgain sends a stale session to sign in again and back to a page. The
// session keeps the named fields of the form for that page. Never name
// secrets.
func (s *Shell) AskAgain(w http.ResponseWriter, v *Visit, back string, fields ...string) {
	if len(fields) > 0 {
		s.putDraft(v.Request, v.Actor.ID, back, fields)
	}
	s.Redirect(w, v.Request, "/sign-in?"+url.Values{"again": {"1"}, "next": {back}}.Encode())
}

// putDraft stores the named fields of a form for a page and a member.
func (s *Shell) putDraft(r *http.Request, memberID, page string, fields []string) {
	kept := draft{Path: page, Member: memberID, At: s.config.Now(), Values: url.Values{}}
	for _, name := range fields {
		if values, ok := r.PostForm[name]; ok {
			kept.Values[name] = values
		}
	}
	if text, err := json.Marshal(kept); err == nil && len(text) <= maxDraft {
		s.sessions.Put(r.Context(), sessionDraft, text)
	}
}

// keepDraft copies a draft to the session of a member who signs in again.
func (s *Shell) keepDraft(r *http.Request, text []byte, memberID string) {
	var kept draft
	if text != nil && json.Unmarshal(text, &kept) == nil && kept.Member == memberID {
		s.sessions.Put(r.Context(), sessionDraft, text)
	}
}

// takeDraft moves the draft of the page from the session to the visit.
func (s *Shell) takeDraft(v *Visit) {
	if v.Method != http.MethodGet {
		return
	}
	var kept draft
	text := s.sessions.GetBytes(v.Context(), sessionDraft)
	if text == nil || json.Unmarshal(text, &kept) != nil || kept.Path != v.URL.Path {
		return
	}
	s.sessions.Remove(v.Context(), sessionDraft)
	if kept.Member == v.Actor.ID && s.config.Now().Before(kept.At.Add(draftLifetime)) {
		v.Draft = kept.Values
	}
}

// Offers reports whether a page offers an action to the member. It also offers
// actions that a stale session can perform after signing in again.
func Offers(v *Visit, action access.Action, resource access.Resource) bool {
	actor := v.Actor
	actor.Fresh = true
	resource.Workspace = v.Workspace
	return access.Allowed(actor, action, resource)
}

// HasDraft reports whether the session keeps the input of a form.
func (s *Shell) HasDraft(r *http.Request) bool { return s.sessions.Exists(r.Context(), sessionDraft) }
