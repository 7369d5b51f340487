package store_test

import (
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

var (
	_ scs.Store    = (*store.Sessions)(nil)
	_ scs.CtxStore = (*store.Sessions)(nil)
)

func TestSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		sessions := s.Sessions(func() time.Time { return now })
		if _, found, err := sessions.FindCtx(t.Context(), "one"); found || err != nil {
			t.Errorf("nothing kept: %v %v", found, err)
		}
		for _, data := range []string{"first", "\x00second\xff"} {
			if err := sessions.CommitCtx(t.Context(), "one", []byte(data), now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if got, found, err := sessions.FindCtx(t.Context(), "one"); string(got) != data || !found || err != nil {
				t.Errorf("%q %v %v, want %q", got, found, err, data)
			}
		}
		var kept string
		if err := s.DB().QueryRowContext(t.Context(), `SELECT hash FROM session`).Scan(&kept); err != nil ||
			kept == "one" {
			t.Errorf("the token is kept as %q, %v", kept, err)
		}
		now = now.Add(time.Hour)
		if _, found, err := sessions.FindCtx(t.Context(), "one"); found || err != nil {
			t.Errorf("ended: %v %v", found, err)
		}
		if err := sessions.CommitCtx(t.Context(), "two", []byte("x"), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM session`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d sessions kept, %v; want 1", n, err)
		}
		if err := sessions.DeleteCtx(t.Context(), "two"); err != nil {
			t.Fatal(err)
		}
		if _, found, err := sessions.FindCtx(t.Context(), "two"); found || err != nil {
			t.Errorf("deleted: %v %v", found, err)
		}
	})
}
