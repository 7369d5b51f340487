package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/secret"
)

// holder has a secret where it might be printed by accident.
type holder struct {
	Name   string
	Secret secret.String
	List   []secret.String
	Map    map[string]secret.String
	Any    any
	hidden secret.String
}

// TestNothingShowsIt prints, logs and marshals secrets in many ways, alone and
// inside other values.
func TestNothingShowsIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := "Zq" + rapid.StringMatching(`[A-Za-z0-9/+]{14,40}`).Draw(t, "text")
		s := secret.New(text)
		h := holder{
			Name: "n", Secret: s, List: []secret.String{s}, Map: map[string]secret.String{"k": s}, Any: s,
			hidden: s,
		}
		var out bytes.Buffer
		for _, verb := range "vsdqxXtbcoeEfFgGUpT" {
			for _, flag := range []string{"", "+", "#", "-20", ".3"} {
				format := "%" + flag + string(verb) + "\n"
				fmt.Fprintf(&out, format, s)
				fmt.Fprintf(&out, format, &s)
				fmt.Fprintf(&out, format, []secret.String{s})
			}
		}
		fmt.Fprintln(&out, s, h.Secret, h.List, h.Map, h.Any)
		fmt.Fprintf(&out, "%v %+v %#v %s\n", h, h, h, h.Any)
		fmt.Fprintln(&out, fmt.Errorf("opening %v: %w", s, fmt.Errorf("%d", s)))
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Info("m", "secret", s, "list", h.List, "any", h.Any, "group",
				slog.GroupValue(slog.Any("s", s)))
		}
		for _, v := range []any{s, &s, h, h.List, h.Map} {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(b)
		}
		b, err := xml.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		if err := template.Must(template.New("").Parse("{{.Secret}} {{.}} {{printf \"%d\" .Secret}}")).
			Execute(&out, h); err != nil {
			t.Fatal(err)
		}
		shown := strings.ToLower(out.String())
		for name, form := range map[string]string{
			"text": text, "hexadecimal": fmt.Sprintf("%x", text),
			"bytes": strings.Trim(fmt.Sprintf("%d", []byte(text)), "[]"),
		} {
			if strings.Contains(shown, strings.ToLower(form)) {
				t.Fatalf("the secret is shown as %s:\n%s", name, out.String())
			}
		}
	})
}

func TestEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if got := secret.New(a).Equal(secret.New(b)); got != (a == b) {
			t.Fatalf("%q and %q: %v", a, b, got)
		}
		if s := secret.New(a); s.Reveal() != a || s.IsZero() != (a == "") {
			t.Fatalf("%q is revealed as %q", a, s.Reveal())
		}
	})
}
