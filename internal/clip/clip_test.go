package clip_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/clip"
)

func TestTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"", 3, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "abc"},
		{"abc", 0, ""},
		{"aé", 2, "a"},
		{"aé", 3, "aé"},
		{"日本", 5, "日"},
		{"😀😀", 7, "😀"},
		{"a\xffb", 3, "ab"},
		{"\x80\x80\x80\x80\x80\x80", 5, ""},
	} {
		if got := clip.To(c.s, c.n); got != c.want {
			t.Errorf("To(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"abc", 3, `"abc"`},
		{"abcd", 3, `"abc"…`},
		{"Köln", 2, `"K"…`},
		{"a\"\n", 9, `"a\"\n"`},
		{"\xff\xff", 1, `"\xff"…`},
	} {
		if got := clip.Quote(c.s, c.n); got != c.want {
			t.Errorf("Quote(%q, %d) = %s, want %s", c.s, c.n, got, c.want)
		}
	}
}

func FuzzTo(f *testing.F) {
	f.Add("Zürich 日本 😀", 9)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 0), 1000)
		got := clip.To(s, n)
		if len(got) > n || !utf8.ValidString(got) {
			t.Errorf("To(%q, %d) = %q", s, n, got)
		}
		if utf8.ValidString(s) && !strings.HasPrefix(s, got) {
			t.Errorf("To(%q, %d) = %q, which isn't a prefix", s, n, got)
		}
	})
}
