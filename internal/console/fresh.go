package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// sessionDraft is where a session keeps the input of a form while the person
// signs in again.
const sessionDraft = "draft"

// The bounds of a draft.
const (
	draftLifetime = time.Hour
	maxDraft      = 64 << 10 // bytes
)

// draft is the input of a form, without secrets, until its page is shown again.
type draft struct {
	Path   string // of the page with the form
	Member string // who typed it; nobody else gets it
	At     time.Time
	Values url.Values
}

// fresh reports whether the session signed in within the last ten minutes.
func (c *Console) fresh(v *visit) bool {
	return access.Fresh(time.UnixMicro(c.sessions.GetInt64(v.Context(), sessionSignedIn)), c.config.Now())
}

// askAgain sends a stale session to sign in again and back to a page. The
// session keeps the named fields of the form for that page; secrets are never
// named.
func (c *Console) askAgain(w http.ResponseWriter, v *visit, back string, fields ...string) {
	if len(fields) > 0 {
		c.putDraft(v.Request, v.actor.ID, back, fields)
	}
	c.redirect(w, v.Request, "/sign-in?"+url.Values{"again": {"1"}, "next": {back}}.Encode())
}

// putDraft keeps the named fields of a form for a page and a member.
func (c *Console) putDraft(r *http.Request, memberID, page string, fields []string) {
	kept := draft{Path: page, Member: memberID, At: c.config.Now(), Values: url.Values{}}
	for _, name := range fields {
		if values, ok := r.PostForm[name]; ok {
			kept.Values[name] = values
		}
	}
	if text, err := json.Marshal(kept); err == nil && len(text) <= maxDraft {
		c.sessions.Put(r.Context(), sessionDraft, text)
	}
}

// keepDraft carries a draft over to the session of a member who signs in again.
func (c *Console) keepDraft(r *http.Request, text []byte, memberID string) {
	var kept draft
	if text != nil && json.Unmarshal(text, &kept) == nil && kept.Member == memberID {
		c.sessions.Put(r.Context(), sessionDraft, text)
	}
}

// takeDraft moves the draft of the page from the session to the visit.
func (c *Console) takeDraft(v *visit) {
	if v.Method != http.MethodGet {
		return
	}
	var kept draft
	text := c.sessions.GetBytes(v.Context(), sessionDraft)
	if text == nil || json.Unmarshal(text, &kept) != nil || kept.Path != v.URL.Path {
		return
	}
	c.sessions.Remove(v.Context(), sessionDraft)
	if kept.Member == v.actor.ID && c.config.Now().Before(kept.At.Add(draftLifetime)) {
		v.draft = kept.Values
	}
}

// offers reports whether a page offers an act to the member. A stale session is
// offered what it can do after signing in again.
func offers(v *visit, action access.Action, resource access.Resource) bool {
	actor := v.actor
	actor.Fresh = true
	resource.Workspace = v.workspace
	return access.Allowed(actor, action, resource)
}

// now returns the time.
func (c *Console) now() time.Time { return c.config.Now() }

// hasDraft reports whether the session keeps the input of a form.
func (c *Console) hasDraft(r *http.Request) bool { return c.sessions.Exists(r.Context(), sessionDraft) }
