package console

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestWordsForNumbers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, got, want string }{
		{"small count", count(7), "7"},
		{"grouped count", count(int64(3_000_000)), "3,000,000"},
		{"negative count", count(-1234), "-1,234"},
		{"one", plural(1, "row", "rows"), "1 row"},
		{"many", plural(int64(1200), "row", "rows"), "1,200 rows"},
		{"bytes", bytesOf(999), "999 B"},
		{"kilobytes round up to the next unit", bytesOf(999_999), "1.0 MB"},
		{"megabytes", bytesOf(13_493_022), "13.5 MB"},
		{"no time", took(0), ""},
		{"an instant", took(time.Microsecond), "<1 ms"},
		{"milliseconds", took(84 * time.Millisecond), "84 ms"},
		{"seconds", took(1200 * time.Millisecond), "1.2 s"},
		{"minutes", took(185 * time.Second), "3 min 5 s"},
		{"hours", took(90 * time.Minute), "1 h 30 min"},
		{"one hour", took(time.Hour), "1 h"},
		{"never", string(ago(time.Time{}, now)), "never"},
		{"just now", distance(3*time.Second, now), "just now"},
		{"minutes ago", distance(time.Minute, now), "1 minute ago"},
		{"days ago", distance(50*time.Hour, now), "2 days ago"},
		{"long ago", distance(40*24*time.Hour, now), "1 Mar 2026"},
		{"to come", distance(-2*time.Hour, now), "in 2 hours"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/datasets?cursor=a": "/datasets?cursor=a",
		"":                   "/",
		"datasets":           "/",
		"//evil.example":     "/",
		"/\\evil.example":    "/",
		"https://evil":       "/",
		"javascript:alert()": "/",
		"/a\r\nSet-Cookie:":  "/",
		"/%zz":               "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("localPath(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestSetupSteps(t *testing.T) {
	t.Parallel()
	steps := setupSteps("1. Open **IAM** & `<policy>`.\n2. Paste:\n\n   ```json\n   {\n     \"a\": 1\n   }\n   ```\n\n3. Done.\n")
	if len(steps) != 3 {
		t.Fatalf("%d steps, want 3: %v", len(steps), steps)
	}
	if want := "Open <strong>IAM</strong> &amp; <code>&lt;policy&gt;</code>."; string(steps[0].Text) != want {
		t.Errorf("step 1 is %q, want %q", steps[0].Text, want)
	}
	if want := "{\n  \"a\": 1\n}"; steps[1].Code != want || string(steps[1].Text) != "Paste:" {
		t.Errorf("step 2 is %q with %q, want the document outdented", steps[1].Text, steps[1].Code)
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"=1+1": "'=1+1", "-12.5": "-12.5", "+x": "'+x", "@x": "'@x",
		"x=1": "x=1", "": "",
	} {
		if got := harmless(value); got != want {
			t.Errorf("harmless(%q) = %q, want %q", value, got, want)
		}
	}
}

var markup = regexp.MustCompile(`</?(?:span(?: class="[ks]")?|ins|del)>`)

// Highlighting keeps the text, and adds no markup but ours.
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
