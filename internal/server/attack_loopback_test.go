package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
)

const (
	loopbackState    = "0123456789abcdef0123"
	loopbackVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	loopbackRedirect = "http://127.0.0.1:40123/callback"
)

// loopbackAsk returns the parameters that windlass login sends to the console.
func loopbackAsk() url.Values {
	sum := sha256.Sum256([]byte(loopbackVerifier))
	return url.Values{
		"name": {"laptop"}, "redirect_uri": {loopbackRedirect}, "state": {loopbackState},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
}

// approve submits the page and returns the address that the browser is sent to.
func (h *house) approve(t *testing.T, browser *http.Client, ask url.Values,
	answer string,
) (status int, location *url.URL) {
	t.Helper()
	form := url.Values{"answer": {answer}}
	for name, values := range ask {
		form[name] = values
	}
	stay := *browser
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := stay.PostForm(h.URL+"/login/command", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	location, err = response.Location()
	if err != nil {
		location = &url.URL{}
	}
	return response.StatusCode, location
}

// exchange trades a code for a session's token.
func (h *house) exchange(t *testing.T, code, verifier, redirect string) (status int, token string) {
	t.Helper()
	in, err := json.Marshal(map[string]string{"code": code, "code_verifier": verifier, "redirect_uri": redirect})
	if err != nil {
		t.Fatal(err)
	}
	var session struct{ Token string }
	status, text := h.call(t, http.MethodPost, "/v1/login/code", "", string(in))
	if err := json.Unmarshal([]byte(text), &session); err != nil {
		t.Fatal(err)
	}
	return status, session.Token
}

// TestAttackLoopbackLogin checks that a code is useless without its verifier,
// for another redirect, a second time, or after its expiry, that it is sent
// only to the loopback interface, and that only a fresh session can approve it.
func TestAttackLoopbackLogin(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	code := func() string {
		t.Helper()
		status, location := h.approve(t, h.owner, loopbackAsk(), "approve")
		if status != http.StatusSeeOther || location.Host != "127.0.0.1:40123" || location.Query().
			Get("state") != loopbackState {
			t.Fatalf("approving: %d, to %s", status, location)
		}
		return location.Query().Get("code")
	}
	burnt := code()
	for name, c := range map[string][3]string{
		"another verifier": {burnt, strings.Repeat("a", 43), loopbackRedirect},
		"after that":       {burnt, loopbackVerifier, loopbackRedirect},
		"another redirect": {code(), loopbackVerifier, "http://127.0.0.1:40124/callback"},
		"no verifier":      {code(), "", loopbackRedirect},
		"an unknown code":  {"cod_ABCDEFGHIJKLMNOPQRSTUVWXYZ", loopbackVerifier, loopbackRedirect},
	} {
		if name == "after that" {
			continue // below: it depends on the order
		}
		if status, token := h.exchange(t, c[0], c[1], c[2]); status != http.StatusUnauthorized || token != "" {
			t.Errorf("%s: %d %q", name, status, token)
		}
	}
	if status, _ := h.exchange(t, burnt, loopbackVerifier, loopbackRedirect); status != http.StatusUnauthorized {
		t.Errorf("a code after a wrong verifier: %d", status)
	}
	late := code()
	h.clock.advance(61 * time.Second)
	if status, _ := h.exchange(t, late, loopbackVerifier, loopbackRedirect); status != http.StatusUnauthorized {
		t.Errorf("a code after a minute: %d", status)
	}
	good := code()
	status, token := h.exchange(t, good, loopbackVerifier, loopbackRedirect)
	if status != http.StatusOK || !strings.HasPrefix(token, "cs_") {
		t.Fatalf("the command that asked: %d %q", status, token)
	}
	if status, _ := h.exchange(t, good, loopbackVerifier, loopbackRedirect); status != http.StatusUnauthorized {
		t.Errorf("a code twice: %d", status)
	}
	if status, location := h.approve(t, h.owner, loopbackAsk(), "deny"); status != http.StatusSeeOther ||
		location.Query().Has("code") || location.Query().Get("error") != "access_denied" {
		t.Errorf("denied: %d, to %s", status, location)
	}
	h.clock.advance(11 * time.Minute)
	if status, location := h.approve(t, h.owner, loopbackAsk(), "approve"); status != http.StatusSeeOther ||
		location.Path != "/sign-in" {
		t.Errorf("a stale session: %d, to %s", status, location)
	}
}

// TestAttackLoopbackAsk checks that the page refuses requests that would send the
// code to another machine or that no command can prove, and that it shows what it
// grants.
func TestAttackLoopbackAsk(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	_, status, text := h.get(t, h.owner, "/login/command?"+loopbackAsk().Encode())
	for _, want := range []string{"laptop", "http://127.0.0.1:40123", "for 7 days", "Approve"} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Fatalf("the page lacks %q: %d\n%s", want, status, text)
		}
	}
	for name, change := range map[string]url.Values{
		"another host":     {"redirect_uri": {"http://evil.example:40123/callback"}},
		"a name":           {"redirect_uri": {"http://localhost:40123/callback"}},
		"user information": {"redirect_uri": {"http://127.0.0.1:40123@evil.example/callback"}},
		"a suffix":         {"redirect_uri": {"http://127.0.0.1:40123.evil.example/callback"}},
		"another path":     {"redirect_uri": {"http://127.0.0.1:40123/other"}},
		"a query":          {"redirect_uri": {"http://127.0.0.1:40123/callback?x=1"}},
		"https":            {"redirect_uri": {"https://127.0.0.1:40123/callback"}},
		"a low port":       {"redirect_uri": {"http://127.0.0.1:80/callback"}},
		"no challenge":     {"code_challenge": {""}},
		"a plain one":      {"code_challenge_method": {"plain"}},
		"no state":         {"state": {""}},
		"a short state":    {"state": {"abc"}},
	} {
		ask := loopbackAsk()
		for key, values := range change {
			ask[key] = values
		}
		if _, status, text := h.get(t, h.owner, "/login/command?"+
			ask.Encode()); status != http.StatusUnprocessableEntity || strings.Contains(text, "Approve</button>") {
			t.Errorf("%s is offered: %d", name, status)
		}
		if status, location := h.approve(t, h.owner, ask, "approve"); status != http.StatusUnprocessableEntity ||
			location.String() != "" {
			t.Errorf("%s is approved: %d, to %s", name, status, location)
		}
	}
}

// TestLoopbackLoginCommand runs windlass login against a browser: one that brings
// another state is turned away, the right one signs the command in.
func TestLoopbackLoginCommand(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	home := t.TempDir()
	var out, errs bytes.Buffer
	streams := cli.Streams{
		In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now,
		Getenv: func(name string) string { return map[string]string{"HOME": home, "WINDLASS_URL": h.URL}[name] },
		Browse: func(address string) { h.browse(t, address) },
	}
	if status := cli.Run(t.Context(), "test", []string{"login"}, streams); status != 0 ||
		!strings.Contains(out.String(), "Signed in as owner@") {
		t.Fatalf("windlass login ends with %d: %s%s", status, out.String(), errs.String())
	}
	out.Reset()
	if status := cli.Run(t.Context(), "test", []string{"member", "list"}, streams); status != 0 ||
		!strings.Contains(out.String(), "owner@") {
		t.Errorf("windlass member list ends with %d: %s%s", status, out.String(), errs.String())
	}
	out.Reset()
	if status := cli.Run(t.Context(), "test", []string{"security", "verify"}, streams); status != 0 ||
		!strings.Contains(out.String(), "The chain is valid") {
		t.Errorf("windlass security verify ends with %d: %s%s", status, out.String(), errs.String())
	}
}

// browse acts as the person's browser: it opens the page, sends a forged
// response, and then approves.
func (h *house) browse(t *testing.T, address string) {
	t.Helper()
	response, err := h.owner.Get(address)
	if _, status, text := arrive(t, response, err); status != http.StatusOK || !strings.Contains(text,
		"Let this command act as you?") {
		t.Errorf("the page: %d\n%s", status, text)
	}
	ask, err := url.Parse(address)
	if err != nil {
		t.Error(err)
		return
	}
	go func() { // the command waits for it
		forged := ask.Query().Get("redirect_uri") + "?code=cod_FORGED&state=" + loopbackState
		response, err := http.Get(forged)
		if err != nil {
			t.Error(err)
			return
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusBadRequest || !regexp.MustCompile("didn't start this "+
			"sign-in").Match(text) {
			t.Errorf("a forged answer: %d %s", response.StatusCode, text)
		}
		form := ask.Query()
		form.Set("answer", "approve")
		response, err = h.owner.PostForm(h.URL+"/login/command", form)
		if err != nil {
			t.Error(err)
			return
		}
		_ = response.Body.Close()
	}()
}
