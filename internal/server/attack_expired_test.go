package server_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// formsThatWait returns forms of the console, and the texts that their pages
// have afterwards.
func formsThatWait() []waiting {
	return []waiting{
		{"/members/invite", "/members/invite", url.Values{"email": {"eve@example.com"}, "role": {"owner"}}, []string{
			`value="eve@example.com"`, `value="owner" checked`,
		}},
		{"/tokens/new", "/tokens/new", url.Values{"name": {"ci"}, "kind": {"secret"}, "scope": {"manage"}}, []string{
			`value="ci"`, `value="manage" checked`,
		}},
		{"/account", "/account/tokens", url.Values{"name": {"laptop"}}, []string{`value="laptop"`}},
		{"/sources/data/new", "/sources/data/new", url.Values{"name": {"prices"}, "pattern": {"a/*.csv"}}, []string{
			`value="prices"`, `value="a/*.csv"`,
		}},
		{"/sources/integrations/new", "/sources/integrations/new", url.Values{
			"name": {"acme"}, "bucket": {"acme-data", "acme-more"}, "prefix": {"a/", "b/"},
		}, []string{`value="acme"`, `value="acme-more"`, `value="b/"`}},
		{"/sources/credentials/new", "/sources/credentials/new", url.Values{
			"name": {"key"}, "access_key_id": {"AKIAIOSFODNN7EXAMPLE"}, "secret_access_key": {"wJalrXUtnFEMI"},
		}, []string{`value="key"`, `value="AKIAIOSFODNN7EXAMPLE"`}},
		{"/ci/access", "/ci/access", url.Values{"name": {"builds"}, "issuer": {"https://ci.example.com"}}, []string{
			`value="builds"`, `value="https://ci.example.com"`,
		}},
		{"/ci/grants/new", "/ci/grants/new", url.Values{"name": {"deploy"}, "prefixes": {"out/"}}, []string{
			`value="deploy"`, `>out/</textarea>`,
		}},
	}
}

// waiting is a form, its page, and the part of the input that the page shows.
type waiting struct {
	page, action string
	form         url.Values
	back         []string
}

// TestExpiredSessionKeepsForm: whoever sends a form after their session ended
// signs in, and the form is back with its input, without its secrets. Nothing is
// saved before.
func TestExpiredSessionKeepsForm(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, f := range formsThatWait() {
		h.forget(t, h.owner, "windlass_session") // as a browser does when the session's cookie expires
		path, status, text := h.post(t, h.owner, f.action, f.form)
		if path != "/sign-in" || status != http.StatusOK || !strings.Contains(text, "Your session ended.") ||
			!strings.Contains(text, `name="next" value="`+f.page+`"`) {
			t.Fatalf("%s without a session ends at %s with %d:\n%s", f.action, path, status, text)
		}
		h.redeem(t, h.owner, h.newLink(t))
		_, _, text = h.get(t, h.owner, f.page)
		for _, want := range append(f.back, "nothing has been saved yet") {
			if !strings.Contains(text, want) {
				t.Errorf("%s has no %s afterwards:\n%s", f.page, want, text)
			}
		}
		if strings.Contains(text, "wJalrXUtnFEMI") {
			t.Errorf("%s has the secret", f.page)
		}
		if _, _, text = h.get(t, h.owner, f.page); strings.Contains(text, "nothing has been saved yet") {
			t.Errorf("%s has the input twice", f.page)
		}
	}
}

// TestAttackExpiredDraft checks that the input of one member is never shown to
// another, and that nothing is stored for a browser in which nobody signed in.
func TestAttackExpiredDraft(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	_, _, text := h.post(t, h.owner, "/members/invite", url.Values{"email": {"bob@example.com"}, "role": {"admin"}})
	bobs := linkOnPage.FindString(strings.ReplaceAll(text, "<wbr>", ""))
	secretHire := url.Values{"email": {"secret-hire@example.com"}, "role": {"owner"}}
	h.forget(t, h.owner, "windlass_session")
	h.post(t, h.owner, "/members/invite", secretHire)
	h.redeem(t, h.owner, bobs)
	if _, _, text := h.get(t, h.owner, "/members/invite"); strings.Contains(text, "secret-hire") {
		t.Errorf("bob sees what the owner typed:\n%s", text)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stranger := &http.Client{Jar: jar, Timeout: time.Minute}
	for _, device := range []string{"", "mem_1.x.zzzzzz.00", h.member(t, "bob@example.com") + ".x.zzzzzz.00"} {
		h.plant(t, stranger, &http.Cookie{Name: "windlass_device", Value: device})
		if path, _, text := h.post(t, stranger, "/members/invite", secretHire); path != "/sign-in" ||
			strings.Contains(text, "Your session ended.") {
			t.Errorf("a browser with the device %q keeps a form: %s\n%s", device, path, text)
		}
	}
}

// forget removes a browser's cookie.
func (h *house) forget(t *testing.T, browser *http.Client, name string) {
	t.Helper()
	h.plant(t, browser, &http.Cookie{Name: name, MaxAge: -1})
}

// plant sets a cookie in a browser.
func (h *house) plant(t *testing.T, browser *http.Client, cookie *http.Cookie) {
	t.Helper()
	address, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	cookie.Path = "/"
	browser.Jar.SetCookies(address, []*http.Cookie{cookie})
}
