package page

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

var markup = regexp.MustCompile(`</?(?:span(?: class="[ks]")?|ins|del)>`)

// FuzzHighlight checks that highlighting keeps the text, and adds only our
// own markup.
func FuzzHighlight(f *testing.F) {
	for _, seed := range []string{
		`{"a": "b"}`, `"<script>": "\""`, "+ added\n- <b>gone</b>", `"unclosed`, "\"a\nb\"",
		`"a"  :`, "&amp;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, language := range []string{"json", "diff", "sh"} {
			out := markup.ReplaceAllString(string(highlight(language, text)), "")
			if strings.ContainsAny(out, "<>\"") {
				t.Errorf("%s: %q has markup that is not ours", language, out)
			}
			want := strings.ReplaceAll(strings.TrimRight(text, "\n"), "\x00", "�")
			if got := html.UnescapeString(out); got != want && !strings.Contains(text, "&") {
				t.Errorf("%s: reads %q, want %q", language, got, want)
			}
		}
	})
}
