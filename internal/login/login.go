// Package login signs people in to the command line, through the console.
//
// With a browser on the same machine (RFC 8252), see [Ask]:
//
//	Authorize  a person approves; the browser sends a code to the command
//	Exchange   the command exchanges the code and its verifier for a session
//
// With a browser on any machine, using the device authorization grant (RFC
// 8628):
//
//	Start    the command creates a request and gets a secret and a code
//	Find     the console shows what the code would allow
//	Approve  a person approves the request; Deny denies it
//	Redeem   the command exchanges the secret for a session
package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
)

// The limits of a request.
const (
	Lifetime   = 10 * time.Minute
	Interval   = 2 * time.Second // how often the command may ask
	maxOpen    = 10_000          // pending requests
	maxFrom    = 20              // of them, from one client address
	maxTries   = 5               // wrong codes of a member in Lifetime
	maxName    = 100             // bytes of a machine's name
	codeLength = 8
)

// letters has the letters of codes: no vowels, so that codes spell no words,
// and no letters that look alike (RFC 8628, section 6.1).
const letters = "BCDFGHJKLMNPQRSTVWXZ"

// Request is a pending sign-in of a command line, which a person must approve.
type Request struct {
	DeviceHash string // SHA-256 of the secret that the command holds, hexadecimal
	CodeHash   string // SHA-256 of the code, hexadecimal
	Name       string // the machine's name, as the command sent it
	Address    string // client address of the command
	Member     string // who approved it; empty: nobody yet
	Denied     bool
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

// Store stores requests. If one is missing, the error has the code not_found.
type Store interface {
	// InsertLogin stores a request and deletes ended ones.
	InsertLogin(ctx context.Context, made Request) error
	// CountLogins returns the number of pending requests, and of those from an
	// address.
	CountLogins(ctx context.Context, address string, now time.Time) (all, from int, err error)
	LoginByCode(ctx context.Context, codeHash string) (Request, error)
	LoginByDevice(ctx context.Context, deviceHash string) (Request, error)
	// AnswerLogin stores who approved or denied a pending request.
	AnswerLogin(ctx context.Context, codeHash, member string, denied bool) error
	// TakeLogin deletes a request; only the first caller gets nil.
	TakeLogin(ctx context.Context, deviceHash string) error

	// InsertLoginCode stores an approval and deletes ended ones.
	InsertLoginCode(ctx context.Context, made Code) error
	// TakeLoginCode deletes an approval and returns it, so that it can be used
	// only once.
	TakeLoginCode(ctx context.Context, hash string) (Code, error)
}

// Sessions creates sessions; *token.Service implements it.
type Sessions interface {
	MintSession(ctx context.Context, memberID, name string, since time.Time) (token.Token, secret.String, error)
}

// Config configures a [Service]. Every field is required.
type Config struct {
	Checker  access.Checker
	Store    Store
	Sessions Sessions
	Counter  *attempt.Counter // counts wrong codes, on all nodes together
	Now      func() time.Time
}

// Service signs people in to the command line. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service { return &Service{config: config} }

// byMember is the bucket of a member's wrong codes.
func byMember(member string) attempt.Bucket {
	return attempt.Bucket{Name: attempt.Name("login", member), Size: maxTries, Every: Lifetime / maxTries}
}

// Started is a new request, as the command gets it.
type Started struct {
	Device    secret.String // redeems the request
	Code      string        // "BCDF-GHJK", for the person
	ExpiresAt time.Time
}

// Start creates a request for a machine of this name.
func (s *Service) Start(ctx context.Context, name, address string) (Started, error) {
	now := s.config.Now()
	all, from, err := s.config.Store.CountLogins(ctx, address, now)
	if err != nil {
		return Started{}, err
	}
	if all >= maxOpen || from >= maxFrom {
		return Started{}, problem.New(problem.RateLimited, "Too many commands are waiting for sign-in.").
			WithHint("Try again in a few minutes.")
	}
	code := newCode()
	device := secret.New("dev_" + rand.Text())
	made := Request{
		DeviceHash: hash(device.Reveal()), CodeHash: hash(code), Name: clean(name), Address: address,
		CreatedAt: now, ExpiresAt: now.Add(Lifetime),
	}
	return Started{Device: device, Code: code[:4] + "-" + code[4:], ExpiresAt: made.ExpiresAt},
		s.config.Store.InsertLogin(ctx, made)
}

// Find returns the request with a code that the acting person has entered.
// After five wrong codes, the person must wait.
func (s *Service) Find(ctx context.Context, actor access.Actor, code string) (Request, error) {
	if err := s.person(actor); err != nil {
		return Request{}, err
	}
	bucket := byMember(actor.Member)
	if err := s.config.Counter.Take(ctx, bucket); err != nil {
		return Request{}, err
	}
	found, err := s.config.Store.LoginByCode(ctx, hash(normalize(code)))
	if err != nil && !problem.Is(err, problem.NotFound) {
		return Request{}, err
	}
	if err != nil || !s.config.Now().Before(found.ExpiresAt) || found.Member != "" || found.Denied {
		return Request{}, problem.New(problem.Invalid, "This code is wrong, used or expired.").
			WithFindings(problem.Finding{Path: "code", Message: "is wrong, used or expired"}).
			WithHint("Run windlass login again for a new one.")
	}
	return found, s.config.Counter.Return(ctx, bucket)
}

// Approve lets the command of a code act as the acting person, who needs a fresh
// session.
func (s *Service) Approve(ctx context.Context, actor access.Actor, code string) error {
	return s.answer(ctx, actor, code, false)
}

// Deny ends the request of a code.
func (s *Service) Deny(ctx context.Context, actor access.Actor, code string) error {
	return s.answer(ctx, actor, code, true)
}

func (s *Service) answer(ctx context.Context, actor access.Actor, code string, denied bool) error {
	found, err := s.Find(ctx, actor, code)
	if err != nil {
		return err
	}
	if !denied {
		resource := access.Resource{Workspace: actor.Workspace, Kind: access.KindCommand, ID: actor.Member}
		if err := s.config.Checker.Check(ctx, actor, access.SignInUse, resource); err != nil {
			return err
		}
	}
	return s.config.Store.AnswerLogin(ctx, found.CodeHash, actor.Member, denied)
}

// ErrPending reports that nobody has approved a request yet.
var ErrPending = problem.New(problem.Conflict, "Nobody has approved this command yet.").
	WithHint("Approve its code in the console.")

// Redeem exchanges the secret of an approved request for a session, once.
// Until someone approves the request, the error is [ErrPending].
func (s *Service) Redeem(ctx context.Context, device secret.String) (token.Token, secret.String, error) {
	none := secret.String{}
	ended := problem.New(problem.Unauthenticated, "This sign-in was denied, used or has expired.").
		WithHint("Run windlass login again.")
	found, err := s.config.Store.LoginByDevice(ctx, hash(device.Reveal()))
	switch {
	case problem.Is(err, problem.NotFound) || err == nil && (found.Denied || !s.config.Now().Before(found.ExpiresAt)):
		return token.Token{}, none, ended
	case err != nil:
		return token.Token{}, none, err
	case found.Member == "":
		return token.Token{}, none, ErrPending
	}
	if err := s.config.Store.TakeLogin(ctx, found.DeviceHash); problem.Is(err, problem.NotFound) {
		return token.Token{}, none, ended
	} else if err != nil {
		return token.Token{}, none, err
	}
	return s.config.Sessions.MintSession(ctx, found.Member, found.Name, found.CreatedAt)
}

// person returns an error unless a person in a session of the console acts,
// because a command line must not approve another one.
func (s *Service) person(actor access.Actor) error {
	if actor.Kind == access.Member && actor.Token == "" && actor.Member != "" {
		return nil
	}
	return problem.New(problem.Forbidden, "Only a person who is signed in to the console can approve a command.").
		WithHint("Sign in to the console.")
}

// newCode returns a random code.
func newCode() string {
	code := make([]byte, 0, codeLength)
	for len(code) < codeLength {
		var b [1]byte
		_, _ = rand.Read(b[:])                // crypto/rand.Read never returns an error
		if int(b[0]) < 256-256%len(letters) { // each letter as likely as another
			code = append(code, letters[int(b[0])%len(letters)])
		}
	}
	return string(code)
}

// normalize removes characters that people add to a code.
func normalize(code string) string {
	return strings.Map(func(r rune) rune {
		if r = unicode.ToUpper(r); strings.ContainsRune(letters, r) {
			return r
		}
		return -1
	}, clip.To(code, 64))
}

// clean limits the name that a command sends.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(name))
	for len(name) > maxName {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	if name == "" {
		return "an unnamed machine"
	}
	return name
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
