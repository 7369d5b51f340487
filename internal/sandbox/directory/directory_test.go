package directory_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

const account = "111111111111"

var epoch = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)

// records is a journal in memory.
type records []journal.Record

func (r *records) Append(list ...journal.Record) func() error {
	*r = append(*r, list...)
	return func() error { return nil }
}

func open(t *testing.T, config directory.Config) *directory.Directory {
	t.Helper()
	d, err := directory.New(config)
	if err != nil {
		t.Fatal(err)
	}
	update(t, d, func(tx *directory.Tx) {
		tx.Accounts.Put(account, "", &directory.Account{ID: account, Name: "service"})
	})
	return d
}

func update(t *testing.T, d *directory.Directory, change func(tx *directory.Tx)) {
	t.Helper()
	err := d.Update(func(tx *directory.Tx) error {
		change(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func user(name, id string) *directory.User {
	return &directory.User{Identity: directory.Identity{Account: account, Path: "/staff/", Name: name, ID: id}}
}

// userNames returns the names of the account's users; with seen, as decisions
// see them.
func userNames(t *testing.T, d *directory.Directory, seen bool) []string {
	t.Helper()
	var names []string
	view := d.View
	if seen {
		view = d.Seen
	}
	err := view(func(tx *directory.Tx) error {
		for u := range tx.Users.All(account) {
			names = append(names, u.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTransactions(t *testing.T) {
	t.Parallel()
	var log records
	d := open(t, directory.Config{Journal: &log})
	update(t, d, func(tx *directory.Tx) {
		tx.Users.Put(account, "Ada", user("Ada", "AIDA1"))
		tx.Users.Put(account, "bob", user("bob", "AIDA2"))
	})
	stop := errors.New("stop")
	err := d.Update(func(tx *directory.Tx) error {
		tx.Users.Delete(account, "ada")
		tx.Users.Put(account, "eve", user("eve", "AIDA3"))
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("the update returns %v", err)
	}
	if diff := cmp.Diff([]string{"Ada", "bob"}, userNames(t, d, false)); diff != "" {
		t.Errorf("after a rollback (-want +got):\n%s", diff)
	}
	update(t, d, func(tx *directory.Tx) { tx.Users.Delete(account, "BOB") })

	again, err := directory.New(directory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	live := map[string]journal.Record{}
	for _, r := range log {
		live[r.Key] = r
	}
	for _, r := range live {
		if r.Value == nil {
			continue
		}
		if err := again.Load(r); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Ada"}, userNames(t, again, false)); diff != "" {
		t.Errorf("after loading (-want +got):\n%s", diff)
	}
	for _, bad := range []journal.Record{
		{Key: directory.Prefix + "unicorn/x", Value: []byte("{}")},
		{Key: directory.Prefix + "user/x", Value: []byte("[")},
	} {
		if err := again.Load(bad); err == nil {
			t.Errorf("record %s is loaded", bad.Key)
		}
	}
}

func TestLag(t *testing.T) {
	t.Parallel()
	now := epoch
	d := open(
		t,
		directory.Config{Lag: func() time.Duration { return time.Minute }, Now: func() time.Time { return now }},
	)
	update(t, d, func(tx *directory.Tx) { tx.Users.Put(account, "ada", user("ada", "AIDA1")) })
	if got := userNames(t, d, true); len(got) != 0 {
		t.Errorf("decisions see %v at once", got)
	}
	if got := userNames(t, d, false); len(got) != 1 {
		t.Errorf("reads see %v", got)
	}
	now = now.Add(time.Minute)
	if got := userNames(t, d, true); len(got) != 1 {
		t.Errorf("decisions see %v after a minute", got)
	}
}

func TestARNs(t *testing.T) {
	t.Parallel()
	d := open(t, directory.Config{})
	update(t, d, func(tx *directory.Tx) { tx.Users.Put(account, "ada", user("ada", "AIDA1")) })
	for arn, found := range map[string]bool{
		"arn:aws:iam::111111111111:user/staff/ada": true, "arn:aws:iam::111111111111:user/ada": false,
		"arn:aws:iam::111111111111:role/staff/ada": false, "arn:aws:iam::222222222222:user/staff/ada": false,
		"ada": false,
	} {
		_ = d.View(func(tx *directory.Tx) error {
			if got := tx.UserByARN(arn); (got != nil) != found {
				t.Errorf("%s: %v", arn, got)
			}
			return nil
		})
	}
	if a, kind, name := directory.SplitARN("arn:aws:iam::1:role/a/b"); a != "1" || kind != "role" || name != "b" {
		t.Errorf("split into %s, %s, %s", a, kind, name)
	}
}

// TestRenamedPrincipals checks that a policy stays bound to the user that it
// named, not to another user who gets the name later.
func TestRenamedPrincipals(t *testing.T) {
	t.Parallel()
	d := open(t, directory.Config{})
	const arn = "arn:aws:iam::111111111111:user/staff/ada"
	document, err := directory.NewDocument(
		iam.Resource,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
			`"Principal":{"AWS":"`+arn+`"},"Action":"s3:*","Resource":"*"}]}`,
	)
	if err != nil {
		t.Fatal(err)
	}
	today := func(principals directory.Principals) string {
		var text string
		_ = d.View(func(tx *directory.Tx) error {
			text = tx.Today(document, principals).Text
			return nil
		})
		return text
	}
	var principals directory.Principals
	for name, step := range map[string]struct{ unknown string }{"before": {arn}} {
		_ = d.View(func(tx *directory.Tx) error {
			if _, _, unknown := tx.Named(document); unknown != step.unknown {
				t.Errorf("%s: unknown is %q", name, unknown)
			}
			return nil
		})
	}
	update(t, d, func(tx *directory.Tx) {
		tx.Users.Put(account, "ada", user("ada", "AIDA1"))
		_, principals, _ = tx.Named(document)
	})
	if got := today(principals); got != document.Text {
		t.Errorf("unchanged it reads %s", got)
	}
	update(t, d, func(tx *directory.Tx) { tx.Users.Put(account, "ada", user("ada", "AIDA2")) })
	if got := today(principals); !strings.Contains(got, `"AIDA1"`) || strings.Contains(got, arn) {
		t.Errorf("with another user of the name it reads %s", got)
	}
	update(t, d, func(tx *directory.Tx) {
		tx.Users.Delete(account, "ada")
		tx.Users.Put(account, "lovelace", user("lovelace", "AIDA1"))
	})
	if got := today(principals); !strings.Contains(got, "user/staff/lovelace") {
		t.Errorf("renamed it reads %s", got)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	d := open(t, directory.Config{})
	update(t, d, func(tx *directory.Tx) { tx.Users.Put(account, "ada", user("ada", "AIDA1")) })
	session := &directory.Session{
		ID:      "ASIA1",
		Secret:  "s",
		Token:   "token",
		Kind:    directory.UserSession,
		Account: account,
		User:    "ada",
		Issued:  epoch,
		Expires: epoch.Add(time.Hour),
	}
	if err := d.Begin(session); err != nil {
		t.Fatal(err)
	}
	if !session.HasToken("token") || session.HasToken("toke") || session.HasToken("") {
		t.Error("the token isn't compared whole")
	}
	for after, expired := range map[time.Duration]bool{time.Minute: false, 2 * time.Hour: true} {
		caller := d.Caller("ASIA1", epoch.Add(after))
		if caller == nil || caller.Expired != expired || caller.Account != account {
			t.Errorf("after %s: %+v", after, caller)
		}
	}
	if caller := d.Caller("ASIA2", epoch); caller != nil {
		t.Errorf("an unknown key is of %+v", caller)
	}
	// A session that expired long ago is deleted when another begins.
	later := *session
	later.ID, later.Issued, later.Expires = "ASIA0", epoch.Add(72*time.Hour), epoch.Add(73*time.Hour)
	if err := d.Begin(&later); err != nil {
		t.Fatal(err)
	}
	if caller := d.Caller("ASIA1", epoch); caller != nil {
		t.Error("an old session is kept")
	}
}

func TestSetTags(t *testing.T) {
	t.Parallel()
	got := directory.SetTags(
		[]directory.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}},
		[]directory.Tag{{Key: "B", Value: "3"}, {Key: "c", Value: "4"}},
		strings.EqualFold,
	)
	want := []directory.Tag{{Key: "a", Value: "1"}, {Key: "B", Value: "3"}, {Key: "c", Value: "4"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
