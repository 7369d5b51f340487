package server_test

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/server"
)

// house is a whole service, accessed only through its public listener, with a
// clock that the test moves.
type house struct {
	*httptest.Server

	server *server.Server
	clock  *houseClock
	owner  *http.Client // a browser in which the first owner just signed in
}

type houseClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *houseClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *houseClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func openHouse(t *testing.T) *house {
	t.Helper()
	clock := &houseClock{at: time.Now()}
	web := httptest.NewUnstartedServer(nil)
	s := openWith(t, t.TempDir(), map[string]string{"public_url": "http://" + web.Listener.Addr().String()},
		server.Config{Now: clock.now})
	t.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = s.Handler()
	web.Start()
	t.Cleanup(web.Close)
	h := &house{Server: web, server: s, clock: clock}
	h.owner = h.enter(t, start.SignIn.Reveal())
	return h
}

// enter opens a browser and signs it in with a link.
func (h *house) enter(t *testing.T, link string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	h.redeem(t, browser, link)
	return browser
}

// redeem signs a browser in, again or for the first time.
func (h *house) redeem(t *testing.T, browser *http.Client, link string) {
	t.Helper()
	token := link[strings.LastIndex(link, "/")+1:]
	path, status, text := h.post(t, browser, "/sign-in/link", url.Values{"token": {token}})
	if path != "/" || status != http.StatusOK {
		t.Fatalf("a sign-in link ends at %s with %d:\n%s", path, status, text)
	}
}

var linkOnPage = regexp.MustCompile(`/sign-in/link/sil_[A-Z0-9]+`)

// invite adds a member and returns a browser in which they signed in, and their
// ID.
func (h *house) invite(t *testing.T, email, role string) (browser *http.Client, id string) {
	t.Helper()
	_, status, text := h.post(t, h.owner, "/members/invite", url.Values{"email": {email}, "role": {role}})
	link := linkOnPage.FindString(strings.ReplaceAll(text, "<wbr>", ""))
	if status != http.StatusOK || link == "" {
		t.Fatalf("inviting %s: %d\n%s", email, status, text)
	}
	return h.enter(t, link), h.member(t, email)
}

// member returns a member's ID by the link that the list of members has.
func (h *house) member(t *testing.T, email string) string {
	t.Helper()
	_, _, text := h.get(t, h.owner, "/members?q="+url.QueryEscape(email))
	found := regexp.MustCompile(`href="/members/(mem_[a-z0-9]+)"[^>]*>` + regexp.QuoteMeta(email)).
		FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the list doesn't have %s:\n%s", email, text)
	}
	return found[1]
}

func (h *house) get(t *testing.T, browser *http.Client, path string) (ended string, status int, text string) {
	t.Helper()
	response, err := browser.Get(h.URL + path)
	return arrive(t, response, err)
}

func (h *house) post(t *testing.T, browser *http.Client, path string,
	form url.Values,
) (ended string, status int, text string) {
	t.Helper()
	response, err := browser.PostForm(h.URL+path, form)
	return arrive(t, response, err)
}

// arrive returns the final path of a browser, and its text with entities and
// white space replaced.
func arrive(t *testing.T, response *http.Response, err error) (path string, status int, text string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	text = strings.Join(strings.Fields(html.UnescapeString(string(page))), " ")
	return response.Request.URL.Path, response.StatusCode, text
}

// call calls the API with a token.
func (h *house) call(t *testing.T, method, path, token, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// command signs a command in as the person of a browser, and returns its token.
func (h *house) command(t *testing.T, browser *http.Client) string {
	t.Helper()
	var started struct{ Device, Code string }
	status, text := h.call(t, http.MethodPost, "/v1/login", "", `{"name":"laptop"}`)
	if err := json.Unmarshal([]byte(text), &started); err != nil || status >= 300 {
		t.Fatalf("starting to sign in: %d %s %v", status, text, err)
	}
	if _, status, page := h.post(t, browser, "/login",
		url.Values{"code": {started.Code}, "answer": {"approve"}}); status != http.StatusOK {
		t.Fatalf("approving: %d\n%s", status, page)
	}
	var session struct{ Token string }
	status, text = h.call(t, http.MethodPost, "/v1/login/session", "", `{"device":"`+started.Device+`"}`)
	if err := json.Unmarshal([]byte(text), &session); err != nil || session.Token == "" {
		t.Fatalf("redeeming: %d %s %v", status, text, err)
	}
	return session.Token
}
