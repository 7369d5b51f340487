package console_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/windlass-io/windlass/internal/console/consoletest"
)

// TestPagesAreCompressed checks that pages are compressed, except those that may
// show a new secret: responses to forms, and the sign-in pages.
func TestPagesAreCompressed(t *testing.T) {
	t.Parallel()
	p := consoletest.Open(t)
	member, stranger := consoletest.Browser(t), consoletest.Browser(t)
	p.SignIn(t, member)
	for _, c := range []struct {
		by     *http.Client
		path   string
		form   url.Values
		packed bool
	}{
		{by: member, path: "/account", packed: true},
		{by: member, path: "/no/such/page", packed: true},
		{by: member, path: "/account/password", form: url.Values{"password": {"x"}}},
		{by: stranger, path: "/sign-in"},
	} {
		request := p.Form(t, c.path, c.form)
		if c.form == nil {
			request.Method, request.Body, request.ContentLength = http.MethodGet, http.NoBody, 0
		}
		request.Header.Set("Accept-Encoding", "gzip")
		seen := consoletest.Send(t, c.by, request)
		if packed := seen.Header.Get("Content-Encoding") == "gzip"; packed != c.packed || seen.Text == "" {
			t.Errorf("%s: compressed %t, want %t", c.path, packed, c.packed)
		}
	}
}
