package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/token"
)

// aToken is the n-th, with every field set.
func aToken(workspace string, n int) token.Token {
	at := time.Date(2026, 1, 2, 3, 4, n, 5000, time.UTC)
	return token.Token{
		ID: fmt.Sprintf("tok_%02d", n), Workspace: workspace, Kind: token.Publishable, Name: "naïve ☃", Tail: "00ff",
		Hash: token.HashOf(fmt.Sprint(workspace, n)), Scopes: []access.Scope{
			{Action: access.DataRead, Dataset: "*"},
			{Action: access.DataRead, Dataset: "ds_1"},
		},
		AllowedOrigins: []string{"https://app.example.com"}, AllowedReferers: []string{"example.com/app"},
		CreatedAt: at, ExpiresAt: at.Add(time.Hour), UsedAt: at.Add(time.Microsecond),
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, theirs := storetest.Workspace(t, s, "mine"), storetest.Workspace(t, s, "theirs")
		var all []token.Token
		for n := range 5 {
			all = append(all, aToken(mine, n))
			if err := s.InsertToken(t.Context(), all[n]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.InsertToken(t.Context(), all[0]); !problem.Is(err, problem.Conflict) {
			t.Errorf("the same token again: %v, want conflict", err)
		}
		orphan := aToken("ws_none", 9)
		if err := s.InsertToken(t.Context(), orphan); !problem.Is(err, problem.Conflict) {
			t.Errorf("a token of no workspace: %v, want conflict", err)
		}
		got, err := s.TokenByHash(t.Context(), all[3].Hash)
		if diff := cmp.Diff(all[3], got); diff != "" || err != nil {
			t.Errorf("by hash (-want +got):\n%s%v", diff, err)
		}
		if _, err := s.TokenByHash(t.Context(), token.HashOf("none")); !problem.Is(err, problem.NotFound) {
			t.Errorf("an unknown hash: %v, want not_found", err)
		}
		revokedAt := all[2].CreatedAt.Add(time.Minute)
		if _, err := s.RevokeToken(t.Context(), theirs, all[2].ID, revokedAt); !problem.Is(err, problem.NotFound) {
			t.Errorf("revoking another's: %v, want not_found", err)
		}
		for range 2 {
			got, err := s.RevokeToken(t.Context(), mine, all[2].ID, revokedAt)
			if err != nil || !got.RevokedAt.Equal(revokedAt) {
				t.Errorf("revoked %v, %v; want %v", got.RevokedAt, err, revokedAt)
			}
			revokedAt = got.RevokedAt // a second revocation changes nothing
		}
		if n, err := s.CountTokens(t.Context(), mine); n != 4 || err != nil {
			t.Errorf("%d tokens, %v; want 4", n, err)
		}
		var listed []token.Token
		request := paging.Request{Limit: 2}
		for {
			p, err := s.ListTokens(t.Context(), mine, token.Visible{Roles: access.Roles()}, request)
			if err != nil {
				t.Fatal(err)
			}
			listed = append(listed, p.Items...)
			if request.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		want := append(append([]token.Token{}, all[:2]...), all[3:]...)
		if diff := cmp.Diff(want, listed); diff != "" {
			t.Errorf("listed (-want +got):\n%s", diff)
		}
		if p, err := s.ListTokens(t.Context(), theirs, token.Visible{Roles: access.Roles()},
			paging.Request{}); len(p.Items) != 0 || err != nil {
			t.Errorf("another's list has %d tokens, %v", len(p.Items), err)
		}
	})
}
