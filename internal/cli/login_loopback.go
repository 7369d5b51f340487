package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/problem"
)

// loopback is a command that waits for a browser on this machine to send a
// person's approval (RFC 8252), bound to the command by a proof key (RFC
// 7636).
type loopback struct {
	listener        net.Listener
	state, verifier string
	answers         chan url.Values
}

func openLoopback(ctx context.Context) (*loopback, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the browser: %w", err)
	}
	return &loopback{
		listener: listener, state: rand.Text(), verifier: rand.Text() + rand.Text(),
		answers: make(chan url.Values, 1),
	}, nil
}

func (l *loopback) redirect() string { return "http://" + l.listener.Addr().String() + "/callback" }

// address returns the page that asks the person.
func (l *loopback) address(server, host string) string {
	sum := sha256.Sum256([]byte(l.verifier))
	return strings.TrimSuffix(server, "/") + "/login/command?" + url.Values{
		"name": {host}, "redirect_uri": {l.redirect()}, "state": {l.state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode()
}

// ServeHTTP receives the browser that returns from the sign-in. It refuses
// requests without this command's state.
func (l *loopback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Cache-Control", "no-store")
	given := r.URL.Query()
	if r.Method != http.MethodGet || r.URL.Path != "/callback" || subtle.ConstantTimeCompare([]byte(given.Get("state")),
		[]byte(l.state)) != 1 {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, "<!doctype html><title>Windlass</title><p>The waiting command didn't start this "+
			"sign-in.</p>")
		return
	}
	_, _ = fmt.Fprint(w, "<!doctype html><title>Windlass</title><h1>You can close this window</h1><p>Go back to your terminal.</p>")
	select {
	case l.answers <- given:
	default: // only the first request counts
	}
}

// wait waits for the code that the browser sends, and returns it.
func (l *loopback) wait(ctx context.Context) (string, error) {
	server := &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l.listener) }()
	defer func() { _ = server.Shutdown(context.WithoutCancel(ctx)) }()
	select {
	case <-ctx.Done():
		return "", problem.Wrap(ctx.Err(), problem.Unauthenticated, "Nobody approved this sign-in.").
			WithHint("Run windlass login again.")
	case answer := <-l.answers:
		if answer.Get("code") == "" {
			return "", problem.New(problem.Unauthenticated, "You denied this sign-in in the browser.").
				WithHint("Run windlass login again to sign in.")
		}
		return answer.Get("code"), nil
	}
}

// logInByBrowser signs in through a browser on this machine.
func logInByBrowser(ctx context.Context, streams Streams, api *client.Client, address,
	host string,
) (client.LoginSession, error) {
	l, err := openLoopback(ctx)
	if err != nil {
		return client.LoginSession{}, err
	}
	page := l.address(address, host)
	_, err = fmt.Fprintf(streams.Err, "Approve this sign-in in your browser:\n\n  %s\n\nNo browser on this machine? Run windlass login --device.\nWaiting …\n", page)
	if err != nil {
		return client.LoginSession{}, err
	}
	if streams.Browse != nil {
		streams.Browse(page)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	code, err := l.wait(ctx)
	if err != nil {
		return client.LoginSession{}, err
	}
	return api.ExchangeLogin(ctx, code, l.verifier, l.redirect())
}

// Browse opens an address in the person's browser, if there is one.
func Browse(address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
	}
	if command := exec.Command(name, args...); command.Start() == nil { //nolint:gosec,noctx // our own address; it outlives the command
		_ = command.Process.Release()
	}
}
