package workspace_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

var setup = access.Actor{Kind: access.System, ID: access.Setup}

// clock is moved by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

type house struct {
	*workspace.Service
	clock *clock
	audit *audit.Service
	log   *security.Log
	store *store.Store
}

func open(s *store.Store) house {
	c := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	checker := access.NewChecker(audit.NewRecorder(s), c.now)
	log := security.NewLog(security.LogConfig{
		Store: s, Keep: time.Hour, Logger: slog.New(slog.DiscardHandler),
		Now: c.now,
	})
	return house{
		workspace.New(workspace.Config{Store: s, Checker: checker, Now: c.now, Log: log}), c,
		audit.New(audit.Config{Store: s, Checker: checker}), log, s,
	}
}

// events returns how often each kind of security event happened.
func (h house) events(t *testing.T) map[security.Kind]int64 {
	t.Helper()
	if err := h.log.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := h.store.ListSecurity(t.Context(), security.Filter{}, paging.Request{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[security.Kind]int64{}
	for _, e := range found.Items {
		counts[e.Kind] += e.Count
	}
	return counts
}

// furnish creates a workspace with an owner whose password is known.
func (h house) furnish(t *testing.T, name string) (workspace.Workspace, workspace.Member) {
	t.Helper()
	w, err := h.Create(t.Context(), setup, name)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := h.AddMember(t.Context(), setup, w.ID, workspace.NewMember{
		Email: "Owner@Example.com",
		Role:  access.Owner, Password: secret.New("correct horse battery"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, owner
}

func TestParseName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ab": "ab", "Acme1": "acme1", "a" + strings.Repeat("b", 62): "a" + strings.Repeat("b", 62),
		"a": "", "": "", "1a": "", "12": "", "a-b": "", "a b": "", "a_b": "", "é1": "", "a\x00": "",
		"a" + strings.Repeat("b", 63): "", "Kelvin\u212a": "", "../etc": "",
	} {
		got, err := workspace.ParseName(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q reads as %q, %v; want %q", name, got, err, want)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("Acme1")
	f.Fuzz(func(t *testing.T, s string) {
		name, err := workspace.ParseName(s)
		if err != nil {
			return
		}
		if again, err := workspace.ParseName(name); err != nil || again != name || !strings.EqualFold(name, s) {
			t.Errorf("%q reads as %q, which reads as %q, %v", s, name, again, err)
		}
	})
}

func FuzzParseEmail(f *testing.F) {
	f.Add("Owner@Example.com")
	f.Add("a@b@c")
	f.Fuzz(func(t *testing.T, s string) {
		email, err := workspace.ParseEmail(s)
		if err != nil {
			return
		}
		if again, err := workspace.ParseEmail(email); err != nil || again != email || strings.Count(email, "@") != 1 {
			t.Errorf("%q reads as %q, which reads as %q, %v", s, email, again, err)
		}
	})
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(s)
		w, owner := h.furnish(t, "Acme")
		if w.Name != "acme" {
			t.Errorf("name %q, want acme", w.Name)
		}
		if _, err := h.Create(t.Context(), setup, "aCME"); !problem.Is(err, problem.Conflict) {
			t.Errorf("the same name: %v, want conflict", err)
		}
		if _, err := h.Create(t.Context(), owner.Actor(), "other"); err == nil {
			t.Error("a member made a workspace")
		}
		again, err := h.Ensure(t.Context(), setup, "ACME")
		if diff := cmp.Diff(w, again); diff != "" || err != nil {
			t.Errorf("ensured (-want +got):\n%s%v", diff, err)
		}
		for range 2 { // the second time from memory
			for _, name := range []string{"acme", "ACME", w.ID} {
				if id, err := h.Resolve(t.Context(), name); id != w.ID || err != nil {
					t.Errorf("%s is %s, %v; want %s", name, id, err, w.ID)
				}
			}
			for _, name := range []string{"nobody", "", "no body", "ws_0000000000000000000000000a"} {
				if id, err := h.Resolve(t.Context(), name); id != "" || !problem.Is(err, problem.NotFound) {
					t.Errorf("%q is %s, %v; want not_found", name, id, err)
				}
			}
		}
		got, err := h.Get(t.Context(), owner.Actor(), w.ID)
		if diff := cmp.Diff(w, got); diff != "" || err != nil {
			t.Errorf("workspace (-want +got):\n%s%v", diff, err)
		}
	})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(s)
		w, owner := h.furnish(t, "acme")
		_, stranger := h.furnish(t, "other") // the same e-mail address belongs to another member there
		if _, err := h.AddMember(t.Context(), owner.Actor(), w.ID, workspace.NewMember{
			Email: "owner@example.com",
			Role:  access.Editor,
		}); !problem.Is(err, problem.Conflict) {
			t.Errorf("the same address: %v, want conflict", err)
		}
		for name, said := range map[string]workspace.NewMember{
			"no address":     {Email: "x", Role: access.Editor},
			"no role":        {Email: "x@example.com"},
			"unknown role":   {Email: "x@example.com", Role: "root"},
			"short password": {Email: "x@example.com", Role: access.Editor, Password: secret.New("short")},
			"long password": {
				Email: "x@example.com", Role: access.Editor,
				Password: secret.New(strings.Repeat("x", 300)),
			},
		} {
			if _, err := h.AddMember(t.Context(), owner.Actor(), w.ID, said); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
		h.clock.at = h.clock.at.Add(time.Second)
		user, err := h.AddMember(t.Context(), owner.Actor(), w.ID, workspace.NewMember{
			Email: "user@example.com",
			Role:  access.Editor,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.AddMember(t.Context(), user.Actor(), w.ID,
			workspace.NewMember{Email: "y@example.com", Role: access.Owner}); !problem.Is(err, problem.Forbidden) {
			t.Errorf("a user made an owner: %v, want forbidden", err)
		}
		admin := access.Actor{
			Kind: access.Member, ID: "mem_admin", Workspace: w.ID, Role: access.Admin,
			Member: "mem_admin",
		}
		if _, err := h.AddMember(t.Context(), admin, w.ID,
			workspace.NewMember{Email: "y@example.com", Role: access.Owner}); !problem.Is(err, problem.Forbidden) {
			t.Errorf("an admin made an owner: %v, want forbidden", err)
		}
		if _, err := h.CreateLink(t.Context(), admin, w.ID, owner.ID); !problem.Is(err, problem.Forbidden) {
			t.Errorf("an admin made an owner's link: %v, want forbidden", err)
		}
		if err := h.SetPassword(t.Context(), admin, w.ID, owner.ID,
			secret.New("something long enough")); !problem.Is(err, problem.Forbidden) {
			t.Errorf("an admin set an owner's password: %v, want forbidden", err)
		}
		if _, err := h.CreateLink(t.Context(), accesstest.Fresh(admin), w.ID, user.ID); err != nil {
			t.Errorf("an admin made a user's link: %v", err)
		}
		list, err := h.Members(t.Context(), user.Actor(), w.ID, paging.Request{Limit: 1})
		if err != nil || len(list.Items) != 1 || list.Next == "" {
			t.Fatalf("%+v %v", list, err)
		}
		rest, err := h.Members(t.Context(), user.Actor(), w.ID, paging.Request{Cursor: list.Next})
		if diff := cmp.Diff([]workspace.Member{owner, user}, append(list.Items, rest.Items...)); diff != "" ||
			err != nil {
			t.Errorf("members (-want +got):\n%s%v", diff, err)
		}
		if err := h.RemoveMember(t.Context(), owner.Actor(), w.ID, stranger.ID, impact.Waived()); !problem.Is(err,
			problem.NotFound) {
			t.Errorf("removing another workspace's member: %v, want not_found", err)
		}
		if err := h.SetPassword(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, stranger.ID,
			secret.New("something long enough")); !problem.Is(err, problem.NotFound) {
			t.Errorf("another workspace's member's password: %v, want not_found", err)
		}
		if err := h.RemoveMember(t.Context(), owner.Actor(), w.ID, owner.ID, impact.Waived()); !problem.Is(err,
			problem.Conflict) {
			t.Errorf("removing the last owner: %v, want conflict", err)
		}
		if err := h.RemoveMember(t.Context(), owner.Actor(), w.ID, user.ID, impact.Waived()); err != nil {
			t.Error(err)
		}
		if _, err := h.SignedIn(t.Context(), user.ID); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("a member who is gone: %v, want unauthenticated", err)
		}
		if _, err := h.SignedIn(t.Context(), owner.ID); err != nil {
			t.Errorf("the owner, who is not gone: %v", err)
		}
	})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := open(storetest.Open(t))
	w, owner := h.furnish(t, "acme")
	attempt := func(workspaceName, email, password string) (workspace.Member, error) {
		return h.SignIn(t.Context(), workspace.Attempt{
			Workspace: workspaceName, Email: email,
			Password: secret.New(password), Origin: workspace.Origin{Address: "192.0.2.1"},
		})
	}
	got, err := attempt("ACME", " OWNER@example.com", "correct horse battery")
	if err != nil || got.ID != owner.ID || !got.SignedInAt.Equal(h.clock.at) {
		t.Errorf("%+v %v", got, err)
	}
	var first *problem.Error
	for name, c := range map[string][3]string{
		"password":       {"acme", "owner@example.com", "correct horse batterY"},
		"empty password": {"acme", "owner@example.com", ""},
		"long password":  {"acme", "owner@example.com", strings.Repeat("x", 100_000)},
		"address":        {"acme", "nobody@example.com", "correct horse battery"},
		"workspace":      {"nobody", "owner@example.com", "correct horse battery"},
		"no workspace":   {"", "owner@example.com", "correct horse battery"},
	} {
		_, err := attempt(c[0], c[1], c[2])
		if !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("wrong %s: %v, want unauthenticated", name, err)
			continue
		}
		if first == nil {
			first = problem.From(err)
		}
		if diff := cmp.Diff(first, problem.From(err)); diff != "" {
			t.Errorf("wrong %s answers otherwise:\n%s", name, diff)
		}
	}
	if got := h.events(t); got[security.SignInFailed] != 6 || got[security.SignInSucceeded] != 1 {
		t.Errorf("security log %v, want 6 failures and 1 success", got)
	}
	entries, err := h.audit.List(t.Context(), setup, w.ID, audit.Filter{Action: "signin.use"}, paging.Request{})
	if err != nil || len(entries.Items) != 1 || entries.Items[0].Actor.ID != owner.ID {
		t.Errorf("sign-ins in the audit: %+v, %v", entries.Items, err)
	}
	if err := h.SetPassword(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, owner.ID, secret.String{}); err != nil {
		t.Fatal(err)
	}
	if _, err := attempt("acme", "owner@example.com", ""); err == nil {
		t.Error("a member without a password signed in with none")
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(s)
		w, owner := h.furnish(t, "acme")
		_, stranger := h.furnish(t, "other")
		origin := workspace.Origin{Address: "192.0.2.1"}
		link := func() secret.String {
			token, err := h.CreateLink(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, owner.ID)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		token := link()
		var kept string
		if err := s.DB().QueryRowContext(t.Context(), `SELECT hash FROM signin_link`).Scan(&kept); err != nil ||
			strings.Contains(token.Reveal(), kept) || len(kept) != 64 {
			t.Errorf("kept %q, %v", kept, err)
		}
		if got, err := h.SignInByLink(t.Context(), token, origin); err != nil || got.ID != owner.ID {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := h.SignInByLink(t.Context(), token, origin); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("used twice: %v, want unauthenticated", err)
		}
		late := link()
		h.clock.at = h.clock.at.Add(workspace.LinkLifetime)
		if _, err := h.SignInByLink(t.Context(), late, origin); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("too late: %v, want unauthenticated", err)
		}
		if _, err := h.CreateLink(t.Context(), accesstest.Fresh(owner.Actor()), w.ID, stranger.ID); !problem.Is(err,
			problem.NotFound) {
			t.Errorf("a link for another workspace's member: %v, want not_found", err)
		}
		for _, odd := range []string{"", "sil_", "sk_x", "sil_" + strings.Repeat("x", 1000)} {
			if _, err := h.SignInByLink(t.Context(), secret.New(odd), origin); !problem.Is(err,
				problem.Unauthenticated) {
				t.Errorf("%.20q: %v, want unauthenticated", odd, err)
			}
		}
	})
}

// TestLinkOnce uses one link many times at once, and checks that one use succeeds.
func TestLinkOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := open(s)
		w, owner := h.furnish(t, "acme")
		token, err := h.CreateLink(t.Context(), setup, w.ID, owner.ID)
		if err != nil {
			t.Fatal(err)
		}
		const people = 12
		answers := make(chan error, people)
		for i := range people {
			go func() {
				_, err := h.SignInByLink(t.Context(), token, workspace.Origin{Address: fmt.Sprint(i)})
				answers <- err
			}()
		}
		in := 0
		for range people {
			err := <-answers
			if err == nil {
				in++
			} else if !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("%v, want unauthenticated", errors.Join(err, problem.From(err).Cause))
			}
		}
		if in != 1 {
			t.Errorf("%d people got in, want 1", in)
		}
	})
}
