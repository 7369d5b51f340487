package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
	"github.com/windlass-io/windlass/internal/openid/openidtest"
)

// twice has a window for the mouse and one for the keyboard.
var twice = []window{{mouse, browsertest.Desktop, "light"}, {keyboard, browsertest.Phone, "dark"}}

// TestPeopleInTheBrowser invites a member, changes their role and removes them,
// and creates, edits and revokes a token.
func TestPeopleInTheBrowser(t *testing.T) {
	t.Parallel()
	atEach(t, twice, func(_ *testing.T, r *rig, s *sitting) {
		s.signIn(r)
		s.invite(r)
		s.tokenLife(r)
	})
}

// tick selects a radio button.
func (s *sitting) tick(selector string) {
	s.t.Helper()
	browsertest.Evaluate[bool](s.Page, `document.querySelector(`+quote(selector)+`).click() || true`)
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func (s *sitting) invite(r *rig) {
	s.t.Helper()
	s.Open(r.URL + "/members")
	s.See("ada@example.com")
	s.look("members")
	s.press(`main a[href="/members/invite"]`)
	s.enter("#email", "bob@example.com")
	s.tick(`input[name=role][value=editor]`)
	s.look("member-invite")
	s.press("form[action='/members/invite'] button.btn")
	s.See("Link for bob@example.com")
	s.look("member-invited")
	s.press(`a.btn[href="/members"]`)
	bob := `tbody a.row-link:not([href=""])[href^="/members/"]`
	s.See("bob@example.com")
	page := browsertest.Evaluate[string](s.Page,
		`[...document.querySelectorAll(`+quote(bob)+`)].find(a => a.textContent.includes("bob")).getAttribute("href")`)
	s.press(`a[href="` + page + `"]`)
	s.look("member")
	s.tick(`input[name=role][value=admin]`)
	s.press(`form[action="` + page + `/role"] button.btn`)
	s.See("Role changed")
	s.press(`a[href="` + page + `/remove"]`)
	s.See("bob@example.com loses access at once.")
	s.See("They have no tokens that would stop.")
	s.look("member-remove")
	s.press(`form[action="` + page + `/remove"] button.btn`)
	s.See("Member removed")
}

func (s *sitting) tokenLife(r *rig) {
	s.t.Helper()
	s.Open(r.URL + "/tokens")
	s.look("tokens")
	s.press(`main a[href="/tokens/new"]`)
	s.enter("#name", "dashboard")
	s.look("token-new")
	s.press("form.token-form .actions button.btn")
	s.See("Token “dashboard” created")
	s.look("token-created")
	text := s.Text("#new-token")
	if got := status(s.t, r.URL+"/v1/whoami", text); got != http.StatusOK {
		s.t.Errorf("the new token: %d", got)
	}
	s.press(`a.btn[href="/tokens"]`)
	page := browsertest.Evaluate[string](s.Page, `[...document.querySelectorAll('a[href^="/tokens/tok_"]')]`+
		`.find(a => a.textContent.includes("dashboard")).getAttribute("href")`)
	s.press(`a[href="` + page + `"]`)
	s.enter("#name", "screens")
	s.press("form.token-form .actions button.btn")
	s.See("Token saved")
	s.look("token")
	s.press(`a[href="` + page + `/revoke"]`)
	s.See("Revoke the token “screens”?")
	s.See("screens")
	s.See("Apps that use it get 401 at once.")
	s.look("token-revoke")
	if got := status(s.t, r.URL+"/v1/whoami", text); got != http.StatusOK {
		s.t.Errorf("the token before it is confirmed: %d", got)
	}
	s.press(`form[action="` + page + `/revoke"] button.btn`)
	s.See("Token revoked")
	if got := status(s.t, r.URL+"/v1/whoami", text); got != http.StatusUnauthorized {
		s.t.Errorf("the revoked token: %d", got)
	}
}

// status returns the status of a GET with a token.
func status(t *testing.T, address, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// post sends a JSON document and decodes the response.
func post(t *testing.T, address, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 || json.Unmarshal(text, into) != nil {
		t.Fatalf("%s: %d %s %v", address, response.StatusCode, text, err)
	}
}

// TestCommandsInTheBrowser approves a command on another machine by its code, and
// one on this machine, to which the browser returns.
func TestCommandsInTheBrowser(t *testing.T) {
	t.Parallel()
	atEach(t, twice, func(_ *testing.T, r *rig, s *sitting) {
		s.signIn(r)
		s.approveDevice(r)
		s.approveCommand(r)
	})
}

func (s *sitting) approveDevice(r *rig) {
	s.t.Helper()
	var started struct{ Device, Code string }
	post(s.t, r.URL+"/v1/login", `{"name":"laptop"}`, &started)
	s.Open(r.URL + "/login")
	s.look("login-code")
	s.enter("#code", started.Code)
	s.press("form[action='/login'] button")
	s.See("Let this command act as you?")
	s.look("login")
	s.press("button[value=approve]")
	s.See("Go back to your terminal.")
	var session struct{ Token string }
	post(s.t, r.URL+"/v1/login/session", `{"device":"`+started.Device+`"}`, &session)
	if got := status(s.t, r.URL+"/v1/whoami", session.Token); got != http.StatusOK {
		s.t.Errorf("the command's session: %d", got)
	}
}

func (s *sitting) approveCommand(r *rig) {
	s.t.Helper()
	codes := make(chan string, 1)
	command := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/callback" {
			codes <- q.URL.Query().Get("code")
		}
		_, _ = io.WriteString(w, "<!doctype html><title>Signed in</title><p>The command has your answer.</p>")
	}))
	s.t.Cleanup(command.Close)
	verifier := rand.Text() + rand.Text()
	challenge := sha256.Sum256([]byte(verifier))
	ask := url.Values{
		"name": {"laptop"}, "redirect_uri": {command.URL + "/callback"}, "state": {rand.Text()},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	s.Open(r.URL + "/login/command?" + ask.Encode())
	s.See("Let this command act as you?")
	s.look("login-command")
	s.press("button[value=approve]")
	s.See("The command has your answer.")
	exchange, err := json.Marshal(map[string]string{
		"code": <-codes, "code_verifier": verifier, "redirect_uri": command.URL + "/callback",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var session struct{ Token string }
	post(s.t, r.URL+"/v1/login/code", string(exchange), &session)
	if got := status(s.t, r.URL+"/v1/whoami", session.Token); got != http.StatusOK {
		s.t.Errorf("the command's session: %d", got)
	}
}

// TestIssuerInTheBrowser connects an identity of an OIDC issuer, and signs in with
// it: the browser lets the form lead to the issuer and back.
func TestIssuerInTheBrowser(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	issuer := openidtest.Start(t)
	r := newRig(t, func(r *rig) {
		r.flags = map[string]string{
			"oidc_issuer": issuer.URL, "oidc_client": issuer.ClientID, "oidc_secret": issuer.ClientSecret,
			"oidc_name": "Example ID",
		}
	})
	s := &sitting{Page: chromium.Page(t, browsertest.Desktop, "light"), t: t}
	s.signIn(r)
	issuer.SignIn("7f3a")
	s.Open(r.URL + "/account")
	s.press("form[action='/account/identity'] button")
	s.See("7f3a")
	s.look("identity-connect")
	s.press("form[action='/account/identity/connect'] button")
	s.See("Identity connected")
	issuer.SignIn("7f3a")
	s = &sitting{Page: chromium.Page(t, browsertest.Phone, "dark"), t: t} // another browser
	s.Open(r.URL + "/sign-in?workspace=harbour")
	s.press(`a[href^="/sign-in/openid"]`)
	s.See("Get your data flowing")
}
