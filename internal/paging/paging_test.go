package paging_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// list returns part of the sorted items as a store does: it reads one item more
// than the limit after the cursor.
func list(t *rapid.T, items []string, request paging.Request) paging.List[string] {
	after, limit, err := request.Start("item")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, item := range items {
		if item > after && len(rows) <= limit {
			rows = append(rows, item)
		}
	}
	return paging.Cut("item", rows, limit, func(s string) string { return s })
}

func TestWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var items, got []string
		for i := range rapid.IntRange(0, 50).Draw(t, "items") {
			items = append(items, strconv.Itoa(1000+i))
		}
		request := paging.Request{Limit: rapid.IntRange(1, 20).Draw(t, "limit")}
		for {
			p := list(t, items, request)
			if len(p.Items) > request.Limit {
				t.Fatalf("%d items for a limit of %d", len(p.Items), request.Limit)
			}
			got = append(got, p.Items...)
			if request.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		if diff := cmp.Diff(items, got); diff != "" {
			t.Fatalf("items (-want +got):\n%s", diff)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	next := paging.Cut("token", []string{"a", "b"}, 1, func(s string) string { return s }).Next
	for name, request := range map[string]paging.Request{
		"another list's": {Cursor: paging.Cut("member", []string{"a", "b"}, 1, func(s string) string { return s }).
			Next},
		"not base 64":     {Cursor: "?"},
		"with a new line": {Cursor: next[:2] + "\n" + next[2:]},
		"too long":        {Cursor: strings.Repeat("A", 4096)},
		"no key":          {Cursor: "dG9rZW46"},
		"negative limit":  {Limit: -1},
		"large limit":     {Limit: paging.MaxLimit + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := request.Start("token"); !problem.Is(err, problem.Invalid) {
				t.Errorf("got %v, want a problem with code invalid", err)
			}
		})
	}
}

func TestCutOfNoRowsHasEmptyItems(t *testing.T) {
	t.Parallel()
	if p := paging.Cut("token", nil, 10, func(s string) string { return s }); p.Items == nil || p.Next != "" {
		t.Errorf("got %#v", p)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("dG9rZW46dG9rXzAx")
	f.Add("")
	f.Add("////")
	f.Fuzz(func(t *testing.T, cursor string) {
		after, _, err := paging.Request{Cursor: cursor}.Start("token")
		if err != nil || cursor == "" {
			return
		}
		again := paging.Cut("token", []string{after, "x"}, 1, func(s string) string { return s }).Next
		if again != cursor {
			t.Errorf("the cursor %q reads as %q, which is written %q", cursor, after, again)
		}
	})
}
