package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAttackForgedForms sends every form of the console from another site, with
// the session of the owner.
func TestAttackForgedForms(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	owner := o.signIn(t, o.link)
	forms := formsOf(t)
	for _, form := range forms {
		path := parameters.ReplaceAllString(form, "nothing")
		for _, header := range []string{
			"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example",
		} {
			if got := o.form(t, owner, path, url.Values{"next": {"/"}}, header); got.status != http.StatusForbidden {
				t.Errorf("%s with %s: %d %.200s", path, header, got.status, got.text)
			}
		}
	}
	if len(forms) < 40 {
		t.Errorf("only %d forms", len(forms))
	}
}

// formsOf returns the paths of the console's forms, as its tables of routes have
// them.
func formsOf(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../console/*/handlers.go")
	if err != nil {
		t.Fatal(err)
	}
	var forms []string
	for _, file := range append(files, "../console/shell/shell.go") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range regexp.MustCompile(`t\.(?:Page|Open)\("POST (/[^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			forms = append(forms, form[1])
		}
	}
	return forms
}

// TestAttackOpenRedirect signs in with a return address elsewhere.
func TestAttackOpenRedirect(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	owner := o.signIn(t, o.link)
	base, err := url.Parse(o.url + "/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range []string{
		"https://evil.example", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`,
		"/\t/evil.example", "/\n/evil.example", "https:evil.example", "javascript:alert(1)", "data:text/html,x",
		"/..//evil.example", "/.//evil.example", "/%2f/evil.example", "/%5cevil.example", "//evil.example@127.0.0.1",
		"http://127.0.0.1:1@evil.example", "/x\r\nSet-Cookie: a=b", "?next=//evil.example", "",
	} {
		got := o.ask(t, owner, http.MethodGet, "/sign-in?"+url.Values{"next": {next}}.Encode(), "", nil)
		to, err := base.Parse(got.header.Get("Location"))
		if err != nil || got.status != http.StatusSeeOther || to.Host != base.Host || to.Scheme != "http" ||
			strings.ContainsAny(got.header.Get("Location"), "\\\r\n\t") || strings.HasPrefix(to.EscapedPath(), "//") ||
			len(got.header.Values("Set-Cookie")) > 0 && strings.Contains(got.header.Get("Set-Cookie"), "a=b") {
			t.Errorf("%q leads to %q with %d, %v", next, got.header.Get("Location"), got.status, err)
		}
	}
}

// TestAttackSessionFixation signs in with a session that another person chose
// or had before.
func TestAttackSessionFixation(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	address, err := url.Parse(o.url)
	if err != nil {
		t.Fatal(err)
	}
	client := browser(t)
	client.Jar.SetCookies(address, []*http.Cookie{{Name: "windlass_session", Value: "chosen", Path: "/"}})
	if got := o.form(t, client, "/sign-in/link", url.Values{"token": {o.link}}); got.status != http.StatusSeeOther {
		t.Fatalf("signing in: %d %s", got.status, got.text)
	}
	had := cookieOf(client, address)
	if had == "chosen" || had == "" {
		t.Fatalf("the session is %q", had)
	}
	link, err := o.server.SignInLink(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(link.Reveal(), "/sign-in/link/")
	if got := o.form(t, client, "/sign-in/link", url.Values{"token": {text}}); got.status != http.StatusSeeOther {
		t.Fatalf("signing in again: %d %s", got.status, got.text)
	}
	for _, old := range []string{"chosen", had} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		thief := browser(t)
		thief.Jar = jar
		jar.SetCookies(address, []*http.Cookie{{Name: "windlass_session", Value: old, Path: "/"}})
		if got := o.ask(t, thief, http.MethodGet, "/account", "", nil); got.status != http.StatusSeeOther ||
			!strings.HasPrefix(got.header.Get("Location"), "/sign-in") {
			t.Errorf("the session %q from before the sign-in works: %d", old, got.status)
		}
	}
}

func cookieOf(client *http.Client, address *url.URL) string {
	for _, cookie := range client.Jar.Cookies(address) {
		if cookie.Name == "windlass_session" {
			return cookie.Value
		}
	}
	return ""
}

// TestAttackHost sends another Host header, and checks that no address in a
// response has it.
func TestAttackHost(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n",
		"GET http://evil.example/members HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"GET //evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"POST /v1/login HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
		"GET /v1/openapi.yaml HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
	} {
		text := o.raw(t, request)
		for line := range strings.Lines(text) {
			to, isLocation := strings.CutPrefix(strings.TrimSpace(line), "Location: ")
			if isLocation && (strings.HasPrefix(to, "//") || strings.Contains(to, "://evil")) {
				t.Errorf("%q leads to %q", request, to)
			}
		}
		if strings.Contains(text, "://evil.example") {
			t.Errorf("%q gets an address of the attacker: %s", request, text)
		}
	}
}

// raw sends bytes and returns the received bytes when the connection is closed.
func (o *outside) raw(t *testing.T, request string) string {
	t.Helper()
	conn := o.dial(t)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil && len(text) == 0 {
		t.Fatalf("%q: %v", request, err)
	}
	return string(text)
}

// TestAttackSmuggling sends requests whose end is ambiguous, and checks that
// each is refused and the following bytes aren't read as a request.
func TestAttackSmuggling(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	const inner = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, head := range map[string]string{
		"two lengths":            "Content-Length: 0\r\nContent-Length: 5",
		"a list of lengths":      "Content-Length: 0, 5",
		"a length with a sign":   "Content-Length: +0",
		"a length in hex":        "Content-Length: 0x0",
		"a negative length":      "Content-Length: -1",
		"a space before a colon": "Content-Length : 0",
		"an unknown coding":      "Transfer-Encoding: identity, chunked",
		"two codings":            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
		"a coding with a tab":    "Transfer-Encoding: \x0bchunked",
		"a folded header":        "X: a\r\n b: c\r\nTransfer-Encoding:\r\n chunked, x",
		"a bare return":          "X: a\rContent-Length: 5",
		"a zero":                 "X: a\x00b",
	} {
		text := o.raw(t, "POST /v1/login HTTP/1.1\r\nHost: x\r\n"+head+"\r\n\r\n"+inner)
		if !strings.HasPrefix(text, "HTTP/1.1 4") && !strings.HasPrefix(text, "HTTP/1.1 501") {
			t.Errorf("%s: %.200q", name, text)
		}
		if strings.Contains(text, "HTTP/1.1 200") {
			t.Errorf("%s: what follows is a request: %.500q", name, text)
		}
	}
}

// TestAttackHeaderInjection puts line breaks into names that are returned in
// headers, and requests files outside the folder of static files.
func TestAttackHeaderInjection(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	owner := o.signIn(t, o.link)
	for _, path := range []string{
		"/static/..%2f..%2fetc%2fpasswd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..", "/static/.%00.css",
		"/static/", "/docs/..%2f..%2fgo.mod", "/loads/a%0d%0aX-Evil:%20b/rejects.csv", "/datasets/a%0d%0aX-Evil:%20b",
		"/sign-in/link/a%0d%0aX-Evil:%20b", "/v1/workspaces/main/datasets/a%0d%0aX-Evil:%20b",
		"/sources/integrations/x/setup/..%2f..%2f", "/v1/data/main/a%0d%0aX-Evil:%20b?format=csv",
	} {
		got := o.ask(t, owner, http.MethodGet, path, "", nil)
		if got.status >= 500 || got.header.Get("X-Evil") != "" || strings.Contains(got.text, "root:") ||
			strings.Contains(got.text, "module github.com") {
			t.Errorf("%s: %d %v %.200s", path, got.status, got.header, got.text)
		}
	}
}

// TestAttackParameters sends many and unusual parameters.
func TestAttackParameters(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, datasets, o.token, prices)
	for _, query := range []string{
		strings.Repeat("&a", 30_000), strings.Repeat("a=1&", 15_000), "fields=" + strings.Repeat("k,", 30_000),
		"filter=" + strings.Repeat("(", 60_000), "filter=" + strings.Repeat("not%20", 10_000),
		"sort=" + strings.Repeat("k,", 30_000), "limit=9223372036854775808", "limit=-1", "offset=9223372036854775807",
		"last=1e9", "from=' OR 1=1 --", "key=%27%3B%20DROP%20TABLE%20token%3B--", "cursor=" + strings.Repeat("A", 500),
		"range=" + strings.Repeat("9", 60_000) + "y", "on=%00", "subattribute=" + strings.Repeat("a.", 30_000),
		"cursor=%00%ff", "interval=" + strings.Repeat("1d", 30_000), "%zz=1", "a;b=c", "format=%2e%2e%2f",
	} {
		for _, path := range []string{"/v1/data/main/prices", "/v1/workspaces/main/audit", datasets} {
			got := o.ask(t, nil, http.MethodGet, path+"?"+strings.ReplaceAll(query, " ", "%20"), o.token, nil)
			if got.status >= 500 {
				t.Errorf("%s?%.60s: %d %.300s", path, query, got.status, got.text)
			}
		}
	}
}

// TestAttackDepth nests documents and rows far deeper than anybody does.
func TestAttackDepth(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, datasets, o.token, prices)
	deep := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	wide := strings.Repeat("[", 400_000)
	for _, body := range []string{deep, wide, `{"name":` + deep + `}`, `{"columns":` + wide} {
		for _, path := range []string{
			datasets, tokens, "/v1/data/main/prices", "/v1/workspaces/main/sources", "/v1/login",
		} {
			if got := o.call(t, http.MethodPost, path, o.token, body); got.status >= 500 {
				t.Errorf("%s with %.20s…: %d %.300s", path, body, got.status, got.text)
			}
		}
	}
	if got := o.call(t, http.MethodGet, "/v1/whoami", o.token, ""); got.status != http.StatusOK {
		t.Errorf("afterwards: %d", got.status)
	}
}

// TestAttackRevokedInUse uses a token from many connections while it is revoked:
// once the revocation has been answered, no request is.
func TestAttackRevokedInUse(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	for range 10 {
		var made struct{ ID, Token string }
		o.must(t, &made, http.MethodPost, tokens, o.token,
			`{"kind":"secret","name":"t","scopes":[{"action":"data.read","dataset":"*"}]}`)
		begun, ended := make(chan struct{}), make(chan error, 4)
		for range cap(ended) {
			go func() { ended <- o.use(made.Token, begun) }()
		}
		close(begun)
		got := o.call(t, http.MethodDelete, tokens+"/"+made.ID+"?confirm=t", o.token, "")
		if got.status != http.StatusNoContent {
			t.Fatalf("revoking: %d %s", got.status, got.text)
		}
		if got := o.call(t, http.MethodGet, "/v1/whoami", made.Token, ""); got.status != http.StatusUnauthorized {
			t.Errorf("after it was revoked: %d", got.status)
		}
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
}

// use sends requests with a token until one is refused.
func (o *outside) use(token string, begin <-chan struct{}) error {
	<-begin
	for range 100_000 {
		request, err := http.NewRequest(http.MethodGet, o.url+"/v1/whoami", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, bufio.NewReader(response.Body))
		_ = response.Body.Close()
		if response.StatusCode == http.StatusUnauthorized {
			return nil
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the token in use: %d", response.StatusCode)
		}
	}
	return errors.New("the token still works")
}
