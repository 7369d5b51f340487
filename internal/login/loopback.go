package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/netip"
	"net/url"
	"regexp"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
)

// CodeLifetime is the maximum time between the approval and its arrival at the
// command.
const CodeLifetime = time.Minute

// Ask is a command's request to a person through their browser, with a redirect
// to the loopback interface (RFC 8252) and a proof key (RFC 7636).
type Ask struct {
	Name      string // the machine, according to the command
	Redirect  string // "http://127.0.0.1:PORT/callback"
	Challenge string // SHA-256 of the verifier, base64url without padding
	State     string // comes back unchanged
}

// Code is an approval on its way from the browser to the command.
type Code struct {
	Hash      string // SHA-256 of the code, hexadecimal
	Member    string // who approved it
	Name      string
	Challenge string
	Redirect  string
	CreatedAt time.Time
	ExpiresAt time.Time
}

var (
	challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	stateForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)
)

// Check returns an error if a page must not even offer to approve the request.
func (a *Ask) Check() error {
	switch {
	case a.Origin() == "":
		return badAsk("The command doesn't listen on this machine: redirect_uri isn't http://127.0.0.1:PORT/callback.")
	case !challengeForm.MatchString(a.Challenge):
		return badAsk("The command sent no proof key: code_challenge isn't 43 characters of base64url.")
	case !stateForm.MatchString(a.State):
		return badAsk("The command sent no state of 16 to 128 characters.")
	}
	return nil
}

func badAsk(message string) error {
	return problem.New(problem.Invalid, "%s", message).WithHint("Run windlass login again.")
}

// Origin returns the origin of the redirect, as in "http://127.0.0.1:4711"; empty
// when it isn't a loopback address of the form that commands use.
func (a *Ask) Origin() string {
	u, err := url.Parse(a.Redirect)
	if err != nil || u.Scheme != "http" || u.Path != "/callback" || u.User != nil || u.RawQuery != "" ||
		u.Fragment != "" {
		return ""
	}
	at, err := netip.ParseAddrPort(u.Host)
	if err != nil || at.Addr().String() != "127.0.0.1" || at.Port() < 1024 || a.Redirect != "http://"+at.String()+
		"/callback" {
		return ""
	}
	return "http://" + at.String()
}

// Machine returns the name of the machine, as a page shows it.
func (a *Ask) Machine() string { return clean(a.Name) }

// Authorize lets a command act as the acting person, who needs a fresh session. It
// returns the address that passes the approval to the command.
func (s *Service) Authorize(ctx context.Context, actor access.Actor, ask Ask) (string, error) {
	if err := s.person(actor); err != nil {
		return "", err
	}
	if err := ask.Check(); err != nil {
		return "", err
	}
	resource := access.Resource{Workspace: actor.Workspace, Kind: access.KindCommand, ID: actor.Member}
	if err := s.config.Checker.Check(ctx, actor, access.SignInUse, resource); err != nil {
		return "", err
	}
	now, code := s.config.Now(), "cod_"+rand.Text()
	made := Code{
		Hash: hash(code), Member: actor.Member, Name: clean(ask.Name), Challenge: ask.Challenge, Redirect: ask.Redirect,
		CreatedAt: now, ExpiresAt: now.Add(CodeLifetime),
	}
	back := ask.Redirect + "?" + url.Values{"code": {code}, "state": {ask.State}}.Encode()
	return back, s.config.Store.InsertLoginCode(ctx, made)
}

// Refuse returns the address that reports the person's refusal to the command.
func (a *Ask) Refuse() string {
	return a.Redirect + "?" + url.Values{"error": {"access_denied"}, "state": {a.State}}.Encode()
}

// Exchange exchanges an approval for a session, once. The verifier proves that
// the command is the one that asked. A wrong verifier invalidates the approval.
func (s *Service) Exchange(ctx context.Context, code, verifier secret.String,
	redirect string,
) (token.Token, secret.String, error) {
	ended := problem.New(problem.Unauthenticated, "This sign-in was used, has expired, or belongs to another command.").
		WithHint("Run windlass login again.")
	found, err := s.config.Store.TakeLoginCode(ctx, hash(code.Reveal()))
	if problem.Is(err, problem.NotFound) {
		return token.Token{}, secret.String{}, ended
	}
	if err != nil {
		return token.Token{}, secret.String{}, err
	}
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	proven := subtle.ConstantTimeCompare([]byte(challenge), []byte(found.Challenge)) == 1
	if !proven || redirect != found.Redirect || !s.config.Now().Before(found.ExpiresAt) {
		return token.Token{}, secret.String{}, ended
	}
	return s.config.Sessions.MintSession(ctx, found.Member, found.Name, found.CreatedAt)
}
