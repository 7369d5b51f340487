package shell

import (
	"net/http"
	"net/url"
	"strings"
)

// keptForm is a form whose input is kept if the session has ended when it is
// sent.
type keptForm struct {
	page   string // path of the page with the form; empty: the form's own
	fields []string
}

// pageOf returns the page of a form that a request sends.
func (f *keptForm) pageOf(r *http.Request) string {
	switch {
	case f.page == "":
		return r.URL.Path
	case strings.HasSuffix(f.page, "/"):
		return f.page + url.PathEscape(r.PathValue("id"))
	default:
		return f.page
	}
}

// comeBack returns the address of the sign-in page for a request without a
// session. The sign-in page leads back to the requested page. comeBack keeps
// the input of a form for the member who last used this browser.
func (s *Shell) comeBack(r *http.Request) (string, error) {
	form, ok := s.kept[r.Pattern]
	if r.Method == http.MethodGet || !ok {
		return "/sign-in" + returnTo(r), nil
	}
	page := form.pageOf(r)
	if err := s.keepForm(r, page, form.fields); err != nil {
		return "", err
	}
	return "/sign-in?" + url.Values{"next": {page}}.Encode(), nil
}

func (s *Shell) keepForm(r *http.Request, page string, fields []string) error {
	member, err := s.lastMember(r)
	if err != nil || member == "" {
		return err
	}
	if err := readForm(r); err != nil {
		return err
	}
	s.putDraft(r, member, page, fields)
	return nil
}

// lastMember returns the last member who signed in with the browser, or "" if
// the browser isn't known. So unknown browsers can't fill the store with
// drafts.
func (s *Shell) lastMember(r *http.Request) (string, error) {
	text := DeviceOf(r)
	id, _, _ := strings.Cut(text, ".")
	if id == "" {
		return "", nil
	}
	member, err := s.config.Members.SignedIn(r.Context(), id)
	if err != nil {
		return "", nil //nolint:nilerr // a removed member has no input to return to
	}
	known, err := s.config.Members.KnowsDevice(r.Context(), member, text)
	if err != nil || !known {
		return "", err
	}
	return id, nil
}

// Typed returns the visit as if the draft of the page were the form that it
// sends.
func (v *Visit) Typed() *Visit {
	request, typed := *v.Request, *v
	request.Form, request.PostForm = v.Draft, v.Draft
	typed.Request = &request
	return &typed
}
