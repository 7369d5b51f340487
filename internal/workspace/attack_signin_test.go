package workspace_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

// try signs the owner of acme in from an address and a device.
func (h house) try(t *testing.T, password, address, device string) error {
	t.Helper()
	_, err := h.SignIn(t.Context(), workspace.Attempt{
		Workspace: "acme", Email: "owner@example.com", Password: secret.New(password), Device: device,
		Origin: workspace.Origin{Address: address},
	})
	return err
}

const right = "correct horse battery"

// TestAttackSignInLockout checks that guesses from many addresses lock out
// unknown devices, but neither the owner's own browser nor a link.
func TestAttackSignInLockout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		device, err := h.Device(t.Context(), owner, "")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			if err := h.try(t, "guess", fmt.Sprintf("198.51.100.%d", i), ""); !problem.Is(err,
				problem.Unauthenticated) {
				t.Fatalf("guess %d: %v, want unauthenticated", i+1, err)
			}
		}
		err = h.try(t, right, "203.0.113.1", "")
		if !problem.Is(err, problem.RateLimited) || problem.From(err).RetryAfter() == "" {
			t.Errorf("an unknown device after 10 failures: %v, Retry-After %q", err, problem.From(err).RetryAfter())
		}
		if err := h.try(t, right, "203.0.113.1", device); err != nil {
			t.Errorf("the known device is locked out: %v", err)
		}
		if err := h.try(t, right, "203.0.113.1", device+"0"); !problem.Is(err, problem.RateLimited) {
			t.Errorf("a forged device: %v, want rate_limited", err)
		}
		link, err := h.CreateLink(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, owner.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.SignInByLink(t.Context(), link, workspace.Origin{Address: "198.51.100.1"}); err != nil {
			t.Errorf("a link is locked out: %v", err)
		}
		h.clock.at = h.clock.at.Add(time.Minute)
		if err := h.try(t, right, "203.0.113.1", ""); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		if got := h.events(t); got[security.SignInFailed] != 10 || got[security.SignInLimited] != 2 {
			t.Errorf("security log %v, want 10 failures and 2 limited", got)
		}
	})
}

// TestAttackSignInOnlyFailuresCount checks that successes don't count, and
// that failures of one device don't lock it out for long.
func TestAttackSignInOnlyFailuresCount(t *testing.T) {
	t.Parallel()
	h := open(storetest.Open(t))
	h.furnish(t, "acme")
	for i := range 30 {
		if err := h.try(t, right, "203.0.113.1", ""); err != nil {
			t.Fatalf("sign-in %d: %v", i+1, err)
		}
	}
}

// TestAttackSignInAddress: one network has 40 failures over all accounts; an
// IPv6 /64 is one network.
func TestAttackSignInAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		guess := func(i int) error {
			_, err := h.SignIn(t.Context(), workspace.Attempt{
				Workspace: "acme", Email: fmt.Sprintf("nobody%d@example.com", i), Password: secret.New("guess"),
				Origin: workspace.Origin{Address: fmt.Sprintf("2001:db8:1:2::%x", i+1)},
			})
			return err
		}
		for i := range 40 {
			if err := guess(i); !problem.Is(err, problem.Unauthenticated) {
				t.Fatalf("guess %d: %v", i+1, err)
			}
		}
		if err := guess(41); !problem.Is(err, problem.RateLimited) {
			t.Errorf("guess 41: %v, want rate_limited", err)
		}
		origin := workspace.Origin{Address: "2001:db8:1:2::ffff"}
		if _, err := h.SignInByLink(t.Context(), secret.New("sil_ABCDEFGHIJKLMNOPQRSTUVWXYZ"), origin); !problem.Is(err,
			problem.RateLimited) {
			t.Errorf("an invalid link: %v, want rate_limited", err)
		}
		link, err := h.CreateLink(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, owner.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.SignInByLink(t.Context(), link, origin); err != nil {
			t.Errorf("a valid link: %v", err)
		}
		if err := h.try(t, right, "2001:db8:1:3::1", ""); err != nil {
			t.Errorf("the next network: %v", err)
		}
	})
}

// TestAttackSignInTwoNodes checks that a second node doesn't allow more guesses,
// even if all arrive at the same time.
func TestAttackSignInTwoNodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		one, two := open(s), open(s)
		one.furnish(t, "acme")
		var mu sync.Mutex
		tried := 0
		var guesses sync.WaitGroup
		for i := range 30 {
			guesses.Add(1)
			go func() {
				defer guesses.Done()
				node := []house{one, two}[i%2]
				if err := node.try(t, "guess", fmt.Sprintf("198.51.100.%d", i), ""); problem.Is(err,
					problem.Unauthenticated) {
					mu.Lock()
					defer mu.Unlock()
					tried++
				} else if !problem.Is(err, problem.RateLimited) {
					t.Errorf("guess %d: %v", i, err)
				}
			}()
		}
		guesses.Wait()
		if tried != 10 {
			t.Errorf("%d guesses were tried, want 10", tried)
		}
	})
}

// TestAttackSignInCurrentPassword: an open session doesn't guess the password.
func TestAttackSignInCurrentPassword(t *testing.T) {
	t.Parallel()
	h := open(storetest.Open(t))
	_, owner := h.furnish(t, "acme")
	prove := func(current string) error {
		return h.Prove(t.Context(), owner.Actor(), secret.New(current))
	}
	for range 8 {
		if err := prove("guess"); !problem.Is(err, problem.Invalid) {
			t.Fatalf("a guess: %v, want invalid", err)
		}
	}
	if err := prove(right); !problem.Is(err, problem.RateLimited) {
		t.Errorf("after 8 guesses: %v, want rate_limited", err)
	}
}

// TestAttackSignInDevice checks that a known device belongs to one member, and
// ends with the password.
func TestAttackSignInDevice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		_, other := h.furnish(t, "other")
		knows := func(m workspace.Member, text string) bool {
			known, err := h.KnowsDevice(t.Context(), m, text)
			if err != nil {
				t.Fatal(err)
			}
			return known
		}
		text, err := h.Device(t.Context(), owner, "")
		if err != nil || !knows(owner, text) || knows(other, text) {
			t.Fatalf("%q, %v: the owner's %v, another's %v", text, err, knows(owner, text), knows(other, text))
		}
		both, err := h.Device(t.Context(), other, text)
		if err != nil || !knows(owner, both) || !knows(other, both) {
			t.Errorf("one browser of two members: %q %v", both, err)
		}
		if err := h.SetPassword(t.Context(), setup, w.ID, owner.ID, secret.New("another good password")); err != nil {
			t.Fatal(err)
		}
		changed, err := h.SignedIn(t.Context(), owner.ID)
		if err != nil || knows(changed, both) {
			t.Errorf("a device outlives the password: %v", err)
		}
		h.clock.at = h.clock.at.Add(workspace.DeviceLifetime)
		if knows(other, both) {
			t.Error("a device is known after 180 days")
		}
	})
}

// TestAttackSignInOpenLinks: at most five links of a member are open.
func TestAttackSignInOpenLinks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		var links []secret.String
		for range workspace.MaxLinks + 1 {
			h.clock.at = h.clock.at.Add(time.Second)
			link, err := h.CreateLink(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, owner.ID)
			if err != nil {
				t.Fatal(err)
			}
			links = append(links, link)
		}
		for i, link := range links {
			_, err := h.SignInByLink(t.Context(), link, workspace.Origin{Address: "192.0.2.1"})
			if (err == nil) != (i > 0) {
				t.Errorf("link %d of %d: %v", i+1, len(links), err)
			}
		}
	})
}

// TestAttackSignInInvitation checks that an invitation lasts 72 hours, works
// once, and ends with the role. TestAttackSignInPendingLink checks that a
// link created before the member's sessions ended doesn't start a new one.
func TestAttackSignInPendingLink(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		actor := accesstest.Fresh(owner.Actor())
		bob, err := h.AddMember(t.Context(), actor, w.ID, workspace.NewMember{
			Email: "bob@example.com",
			Role:  access.Editor,
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, end := range map[string]func() error{
			"role": func() error {
				_, err := h.SetRole(t.Context(), actor, w.ID, bob.ID, access.Owner)
				return err
			},
			"password": func() error {
				return h.SetPassword(t.Context(), actor, w.ID, bob.ID, secret.New("correct horse battery"))
			},
			"sign-out everywhere": func() error { return h.EndSessions(t.Context(), actor, w.ID, bob.ID) },
		} {
			link, err := h.CreateLink(t.Context(), actor, w.ID, bob.ID)
			if err != nil {
				t.Fatal(err)
			}
			h.clock.at = h.clock.at.Add(time.Second)
			if err := end(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_, err = h.SignInByLink(t.Context(), link, workspace.Origin{Address: "192.0.2.1"})
			if !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("a link from before the change of %s: %v", name, err)
			}
		}
	})
}

func TestAttackSignInInvitation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		invite := func(email string) (workspace.Member, secret.String) {
			made, invitation, err := h.Invite(t.Context(), owner.Actor(), w.ID,
				workspace.NewMember{Email: email, Role: access.Admin})
			if err != nil || !invitation.ExpiresAt.Equal(h.clock.at.Add(72*time.Hour)) {
				t.Fatalf("%+v, %v", invitation, err)
			}
			return made, invitation.Token
		}
		use := func(token secret.String) error {
			_, err := h.SignInByLink(t.Context(), token, workspace.Origin{Address: "192.0.2.1"})
			return err
		}
		_, ann := invite("ann@example.com")
		bob, bobs := invite("bob@example.com")
		_, late := invite("eve@example.com")
		h.clock.at = h.clock.at.Add(71 * time.Hour)
		if err := use(ann); err != nil {
			t.Errorf("after 71 hours: %v", err)
		}
		if err := use(ann); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("used twice: %v", err)
		}
		if _, err := h.SetRole(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, bob.ID, access.Owner); err != nil {
			t.Fatal(err)
		}
		if err := use(bobs); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("after the role changed: %v", err)
		}
		h.clock.at = h.clock.at.Add(time.Hour)
		if err := use(late); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("after 72 hours: %v", err)
		}
	})
}

// TestAttackSignInSessions checks that the 21st session ends the oldest one,
// and that others can be ended.
func TestAttackSignInSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		_, stranger := h.furnish(t, "other")
		var ids []string
		for range workspace.MaxSessions + 1 {
			h.clock.at = h.clock.at.Add(time.Second)
			made, err := h.BeginSession(t.Context(), owner, workspace.Origin{Address: "192.0.2.1", Agent: "Firefox"})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, made.ID)
		}
		open := func(id string) bool { return h.UseSession(t.Context(), owner.ID, id) == nil }
		if open(ids[0]) || !open(ids[1]) {
			t.Errorf("the first is open: %v, the second: %v", open(ids[0]), open(ids[1]))
		}
		if err := h.UseSession(t.Context(), stranger.ID, ids[1]); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("another member's session: %v", err)
		}
		if err := h.EndSessions(t.Context(), stranger.Actor(), w.ID, owner.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("a stranger ends sessions: %v", err)
		}
		if err := h.EndSession(t.Context(), owner.Actor(), w.ID, owner.ID, ids[1]); err != nil || open(ids[1]) {
			t.Errorf("an ended session is open; %v", err)
		}
		if err := h.EndSessions(t.Context(), owner.Actor(), w.ID, owner.ID); err != nil || open(ids[2]) {
			t.Fatalf("all sessions ended, and one is open: %v", err)
		}
		began, err := h.BeginSession(t.Context(), owner, workspace.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		last := began.ID
		left, err := h.Sessions(t.Context(), owner.Actor(), w.ID, owner.ID)
		if err != nil || len(left) != 1 || left[0].ID != last {
			t.Errorf("left %+v, %v", left, err)
		}
		h.clock.at = h.clock.at.Add(workspace.SessionIdle)
		if open(last) {
			t.Error("a session is open after 24 hours without use")
		}
	})
}
