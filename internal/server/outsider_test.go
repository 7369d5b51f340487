package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/sandboxtest"
)

// outside is a service that listens, seen from outside: its address, the
// owner's first token, and a link that signs the owner in.
type outside struct {
	server *server.Server
	url    string
	host   string
	token  string
	link   string
}

// listen runs a service on a free port.
func listen(t *testing.T, flags map[string]string) *outside {
	t.Helper()
	return listenWith(t, flags, server.Config{})
}

// listenTo runs a service whose AWS is a sandbox.
func listenTo(t *testing.T, aws *sandboxtest.Server, flags map[string]string) *outside {
	t.Helper()
	flags["aws_endpoint"] = aws.URL
	keys := aws.Service.Keys
	return listenWith(t, flags, server.Config{
		AWS: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
	})
}

func listenWith(t *testing.T, flags map[string]string, config server.Config) *outside {
	t.Helper()
	if flags == nil {
		flags = map[string]string{}
	}
	s := openWith(t, t.TempDir(), flags, config)
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	address := run(t, s)
	_, link, _ := strings.Cut(start.SignIn.Reveal(), "/sign-in/link/")
	return &outside{
		server: s, url: "http://" + address, host: address, token: strings.TrimSpace(string(text)),
		link: link,
	}
}

// answer is a response.
type answer struct {
	status int
	header http.Header
	text   string
}

// ask sends a request with a token; header lines are "Name: value".
func (o *outside) ask(t *testing.T, client *http.Client, method, path, token string, body io.Reader,
	header ...string,
) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, o.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// call sends a JSON document.
func (o *outside) call(t *testing.T, method, path, token, body string) answer {
	t.Helper()
	return o.ask(t, nil, method, path, token, strings.NewReader(body), "Content-Type: application/json")
}

// must is call for a request that must succeed, and decodes the response.
func (o *outside) must(t *testing.T, into any, method, path, token, body string) {
	t.Helper()
	got := o.call(t, method, path, token, body)
	if got.status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, got.status, got.text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(got.text), into); err != nil {
		t.Fatal(err)
	}
}

// browser is a client with cookies that follows no redirect.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// form posts a form.
func (o *outside) form(t *testing.T, client *http.Client, path string, values url.Values, header ...string) answer {
	t.Helper()
	return o.ask(t, client, http.MethodPost, path, "", strings.NewReader(values.Encode()),
		append(header, "Content-Type: application/x-www-form-urlencoded")...)
}

// signIn redeems a link in a new browser.
func (o *outside) signIn(t *testing.T, link string) *http.Client {
	t.Helper()
	client := browser(t)
	if got := o.form(t, client, "/sign-in/link", url.Values{"token": {link}}); got.status != http.StatusSeeOther {
		t.Fatalf("signing in: %d %.300s", got.status, got.text)
	}
	return client
}

// session signs a command in through a browser that is signed in.
func (o *outside) session(t *testing.T, client *http.Client) (token string) {
	t.Helper()
	var started struct{ Device, Code string }
	o.must(t, &started, http.MethodPost, "/v1/login", "", `{"name":"test"}`)
	if got := o.form(t, client, "/login", url.Values{
		"code":   {started.Code},
		"answer": {"approve"},
	}); got.status != http.StatusOK {
		t.Fatalf("approving: %d", got.status)
	}
	var redeemed struct{ Token string }
	o.must(t, &redeemed, http.MethodPost, "/v1/login/session", "", fmt.Sprintf(`{"device":%q}`, started.Device))
	return redeemed.Token
}

// crew is a member of a role with everything they can act with, by name.
type crew struct {
	role    access.Role
	id      string
	browser *http.Client
	tokens  map[string]string
}

// scopesOf has the scopes of the tokens that a crew member creates.
var scopesOf = map[string]string{
	"read":    `{"action":"data.read","dataset":"*"}`,
	"write":   `{"action":"data.write","dataset":"*"}`,
	"delete":  `{"action":"data.delete","dataset":"*"}`,
	"query":   `{"action":"data.query"}`,
	"load":    `{"action":"load"}`,
	"manage":  `{"action":"manage"}`,
	"audit":   `{"action":"audit"}`,
	"metrics": `{"action":"metrics"}`,
}

// enlist adds a member and creates all tokens that their role allows.
func (o *outside) enlist(t *testing.T, owner string, role access.Role) *crew {
	t.Helper()
	var added struct {
		ID         string
		Invitation struct{ Path string }
	}
	o.must(t, &added, http.MethodPost, "/v1/workspaces/main/members", owner,
		fmt.Sprintf(`{"email":"%s@example.com","role":%q}`, role, role))
	c := &crew{role: role, id: added.ID, tokens: map[string]string{}}
	c.browser = o.signIn(t, strings.TrimPrefix(added.Invitation.Path, "/sign-in/link/"))
	c.tokens["session"] = o.session(t, c.browser)
	for name, draft := range drafts() {
		got := o.call(t, http.MethodPost, "/v1/workspaces/main/tokens", c.tokens["session"], draft)
		var made struct{ Token string }
		if got.status == http.StatusCreated && json.Unmarshal([]byte(got.text), &made) == nil {
			c.tokens[name] = made.Token
		} else if got.status != http.StatusForbidden && got.status != http.StatusUnprocessableEntity {
			t.Fatalf("%s makes a token %s: %d %s", role, name, got.status, got.text)
		}
	}
	return c
}

// drafts returns the tokens that every member tries to create, by name.
func drafts() map[string]string {
	all := map[string]string{
		"personal":    `{"kind":"personal","name":"personal"}`,
		"publishable": `{"kind":"publishable","name":"publishable","scopes":[` + scopesOf["read"] + `]}`,
		"writable":    `{"kind":"publishable","name":"writable","scopes":[{"action":"data.write","dataset":"prices"}]}`,
	}
	for name, scope := range scopesOf {
		all["secret "+name] = fmt.Sprintf(`{"kind":"secret","name":"secret %s","scopes":[%s]}`, name, scope)
		all["personal "+name] = fmt.Sprintf(`{"kind":"personal","name":"personal %s","scopes":[%s]}`, name, scope)
	}
	return all
}
