package login_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

type discard struct{}

func (discard) Record(context.Context, access.Decision) error { return nil }

// desk is a service with a member, ann.
type desk struct {
	*login.Service
	tokens *token.Service
	people *workspace.Service
	now    time.Time
	ann    access.Actor
}

func open(t *testing.T, s *store.Store) *desk {
	t.Helper()
	d := &desk{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	clock := func() time.Time { return d.now }
	checker := access.NewChecker(discard{}, clock)
	d.people = workspace.New(workspace.Config{
		Store: s, Checker: checker, Now: clock,
		Changed: func() { d.tokens.Forget() },
	})
	d.tokens = token.New(token.Config{Checker: checker, Store: s, Members: d.people, Now: clock})
	d.Service = login.New(login.Config{
		Checker: checker, Store: s, Sessions: d.tokens, Counter: attempt.New(s, clock),
		Now: clock,
	})
	d.ann = d.join(t, storetest.Workspace(t, s, "demo"), "ann@example.com", access.Owner)
	return d
}

func (d *desk) join(t *testing.T, workspaceID, email string, role access.Role) access.Actor {
	t.Helper()
	setup := access.Actor{Kind: access.System, ID: access.Setup}
	m, err := d.people.AddMember(t.Context(), setup, workspaceID, workspace.NewMember{Email: email, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return accesstest.Fresh(m.Actor())
}

func (d *desk) start(t *testing.T) login.Started {
	t.Helper()
	started, err := d.Start(t.Context(), "laptop", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return started
}

func TestLogin(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		started := d.start(t)
		if _, _, err := d.Redeem(t.Context(), started.Device); !problem.Is(err, problem.Conflict) {
			t.Errorf("redeemed before it was approved: %v", err)
		}
		found, err := d.Find(t.Context(), d.ann, strings.ToLower(started.Code))
		if err != nil || found.Name != "laptop" || found.Address != "192.0.2.1" {
			t.Fatalf("found %+v: %v", found, err)
		}
		if err := d.Approve(t.Context(), d.ann, started.Code); err != nil {
			t.Fatal(err)
		}
		made, text, err := d.Redeem(t.Context(), started.Device)
		if err != nil || made.Maker != d.ann.ID || !strings.HasPrefix(text.Reveal(), "cs_") {
			t.Fatalf("redeemed %+v: %v", made, err)
		}
		actor, err := d.tokens.Authenticate(t.Context(), text.Reveal())
		if err != nil || actor.Kind != access.Member || actor.Member != d.ann.ID || actor.Token != made.ID {
			t.Errorf("the session acts as %+v: %v", actor, err)
		}
		if _, _, err := d.Redeem(t.Context(), started.Device); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("redeemed twice: %v", err)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *desk, token.Token){
		"when it isn't used for a day": func(_ *testing.T, d *desk,
			_ token.Token,
		) {
			d.now = d.now.Add(25 * time.Hour)
		},
		"after seven days": func(_ *testing.T, d *desk,
			_ token.Token,
		) {
			d.now = d.now.Add(8 * 24 * time.Hour)
		},
		"when it is revoked": func(t *testing.T, d *desk, made token.Token) {
			if err := d.tokens.Revoke(t.Context(), d.ann, d.ann.Workspace, made.ID, impact.Waived()); err != nil {
				t.Error(err)
			}
		},
		"when the member's role changes": func(t *testing.T, d *desk, _ token.Token) {
			d.join(t, d.ann.Workspace, "other@example.com", access.Owner)
			d.now = d.now.Add(time.Minute)
			if _, err := d.people.SetRole(t.Context(), d.ann, d.ann.Workspace, d.ann.ID, access.Admin); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, storetest.Open(t))
			started := d.start(t)
			if err := d.Approve(t.Context(), d.ann, started.Code); err != nil {
				t.Fatal(err)
			}
			made, text, err := d.Redeem(t.Context(), started.Device)
			if err != nil {
				t.Fatal(err)
			}
			end(t, d, made)
			if _, err := d.tokens.Authenticate(t.Context(), text.Reveal()); !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("the session goes on: %v", err)
			}
		})
	}
}

// TestAttackPendingLogin: an approval from before the member's sessions ended
// makes no session.
func TestAttackPendingLogin(t *testing.T) {
	t.Parallel()
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	ask := login.Ask{
		Name: "laptop", Redirect: "http://127.0.0.1:4000/callback", State: strings.Repeat("s", 16),
		Challenge: base64.RawURLEncoding.EncodeToString(sum[:]),
	}
	for name, end := range map[string]func(*testing.T, *desk, access.Actor) error{
		"role": func(t *testing.T, d *desk, bob access.Actor) error {
			t.Helper()
			_, err := d.people.SetRole(t.Context(), d.ann, d.ann.Workspace, bob.ID, access.Owner)
			return err
		},
		"password": func(t *testing.T, d *desk, bob access.Actor) error {
			t.Helper()
			return d.people.SetPassword(t.Context(), d.ann, d.ann.Workspace, bob.ID,
				secret.New("correct horse battery"))
		},
		"sign-out everywhere": func(t *testing.T, d *desk, bob access.Actor) error {
			t.Helper()
			return d.people.EndSessions(t.Context(), d.ann, d.ann.Workspace, bob.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, storetest.Open(t))
			bob := d.join(t, d.ann.Workspace, "bob@example.com", access.Editor)
			started := d.start(t)
			if err := d.Approve(t.Context(), bob, started.Code); err != nil {
				t.Fatal(err)
			}
			back, err := d.Authorize(t.Context(), bob, ask)
			if err != nil {
				t.Fatal(err)
			}
			address, err := url.Parse(back)
			if err != nil {
				t.Fatal(err)
			}
			d.now = d.now.Add(time.Second)
			if err := end(t, d, bob); err != nil {
				t.Fatal(err)
			}
			if _, _, err := d.Redeem(t.Context(), started.Device); !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("the device's approval: %v", err)
			}
			_, _, err = d.Exchange(t.Context(), secret.New(address.Query().Get("code")), secret.New(verifier),
				ask.Redirect)
			if !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("the browser's approval: %v", err)
			}
		})
	}
}

// TestAttackLogin checks that only members can approve a code, and that a
// code can't be guessed and is useless after it was denied or has expired.
func TestAttackLogin(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.Open(t))
	started := d.start(t)
	for name, actor := range map[string]access.Actor{
		"a personal token": {
			Kind: access.Personal, ID: d.ann.ID, Member: d.ann.ID, Role: access.Owner,
			Workspace: d.ann.Workspace, Token: "tok_1",
		},
		"a command's session": {
			Kind: access.Member, ID: d.ann.ID, Member: d.ann.ID, Role: access.Owner,
			Workspace: d.ann.Workspace, Token: "tok_1",
		},
		"nobody": {Kind: access.Anonymous},
	} {
		if err := d.Approve(t.Context(), actor, started.Code); !problem.Is(err, problem.Forbidden) {
			t.Errorf("%s approves a command: %v", name, err)
		}
	}
	denied := d.start(t)
	if err := d.Deny(t.Context(), d.ann, denied.Code); err != nil {
		t.Fatal(err)
	}
	late := d.start(t)
	if err := d.Approve(t.Context(), d.ann, late.Code); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(login.Lifetime)
	for name, device := range map[string]secret.String{
		"denied": denied.Device, "late": late.Device,
		"unknown": secret.New("dev_x"), "empty": {},
	} {
		if _, _, err := d.Redeem(t.Context(), device); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("a request that is %s was redeemed: %v", name, err)
		}
	}
	for range 5 {
		if _, err := d.Find(t.Context(), d.ann, "BBBB-BBBB"); !problem.Is(err, problem.Invalid) {
			t.Errorf("a wrong code: %v", err)
		}
	}
	good := d.start(t)
	if _, err := d.Find(t.Context(), d.ann, good.Code); !problem.Is(err, problem.RateLimited) {
		t.Errorf("guesses go on: %v", err)
	}
	for range 30 {
		_, _ = d.Start(t.Context(), "flood", "192.0.2.9")
	}
	if _, err := d.Start(t.Context(), "flood", "192.0.2.9"); !problem.Is(err, problem.RateLimited) {
		t.Errorf("one address starts any number of requests: %v", err)
	}
	if _, err := d.Start(t.Context(), "laptop", "192.0.2.1"); err != nil {
		t.Errorf("a flood locks others out: %v", err)
	}
}
