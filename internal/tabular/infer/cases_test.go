package infer_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// want is the expected result for a column.
type want struct {
	Type      string `json:"type"`
	Format    string `json:"format"`
	Precision int    `json:"precision"`
	Scale     int    `json:"scale"`
	Nulls     int64  `json:"nulls"`
	Why       string `json:"why"`
	Value     string `json:"value"`
}

// inferCase is a case of testdata; its kind determines its members.
type inferCase struct {
	ID    string   `json:"id"`
	Texts []string `json:"texts"`
	JSON  []string `json:"json"`
	First []string `json:"first"`
	Then  []string `json:"then"`
	Want  want     `json:"want"`
}

func cases(t *testing.T, name string) []inferCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []inferCase `json:"cases"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	return file.Cases
}

func texts(values []string, from int64) *infer.Evidence {
	e := &infer.Evidence{}
	for i, v := range values {
		e.Text([]byte(v), from+int64(i))
	}
	return e
}

func check(t *testing.T, c inferCase, e *infer.Evidence, withValue bool) {
	t.Helper()
	g := e.Guess()
	got := want{
		Type: string(g.Type), Format: g.Format, Precision: g.Precision, Scale: g.Scale, Nulls: g.Nulls,
		Why: string(g.Why),
	}
	if withValue && g.Witness != nil {
		got.Value = g.Witness.Text
	}
	if diff := cmp.Diff(c.Want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", c.ID, diff)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "columns.json") {
		check(t, c, texts(c.Texts, 1), true)
	}
}

// TestOrderDoesNotChangeTheType reverses each column.
func TestOrderDoesNotChangeTheType(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "columns.json") {
		backwards := &infer.Evidence{}
		for i := len(c.Texts) - 1; i >= 0; i-- {
			backwards.Text([]byte(c.Texts[i]), 1)
		}
		g := backwards.Guess()
		got := want{Type: string(g.Type), Format: g.Format, Precision: g.Precision, Scale: g.Scale, Nulls: g.Nulls}
		c.Want.Why, c.Want.Value = "", ""
		if diff := cmp.Diff(c.Want, got); diff != "" {
			t.Errorf("%s backwards (-want +got):\n%s", c.ID, diff)
		}
	}
}

// TestMergedEvidence splits each column in two wherever it can be, as workers
// and loads do, and stores the first part as JSON.
func TestMergedEvidence(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "columns.json") {
		for at := range len(c.Texts) + 1 {
			e := stored(t, texts(c.Texts[:at], 1))
			e.Merge(texts(c.Texts[at:], int64(at)+1))
			g := e.Guess()
			got := want{Type: string(g.Type), Format: g.Format, Precision: g.Precision, Scale: g.Scale, Nulls: g.Nulls}
			wanted := c.Want
			wanted.Why, wanted.Value = "", ""
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Errorf("%s split at %d (-want +got):\n%s", c.ID, at, diff)
			}
		}
	}
}

func stored(t *testing.T, e *infer.Evidence) *infer.Evidence {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	back := &infer.Evidence{}
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestJSONColumns(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "json.json") {
		e := &infer.Evidence{}
		for i, raw := range c.JSON {
			addJSON(t, e, raw, int64(i)+1)
		}
		check(t, c, e, false)
	}
}

func addJSON(t *testing.T, e *infer.Evidence, raw string, line int64) {
	t.Helper()
	var text []byte
	kind := cell.JSONNumber
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal([]byte(raw), &s); err != nil {
			t.Fatal(err)
		}
		kind, text = cell.JSONString, []byte(s)
	case '{':
		kind = cell.JSONObject
	case '[':
		kind = cell.JSONArray
	case 't', 'f':
		kind = cell.JSONBoolean
	case 'n':
		kind = cell.JSONNull
	}
	e.JSON(kind, []byte(raw), text, line)
}

func TestPairs(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "pairs.json") {
		e := stored(t, texts(c.First, 1))
		for i, v := range c.Then {
			e.Text([]byte(v), int64(i)+1)
		}
		check(t, c, e, true)

		merged := stored(t, texts(c.First, 1))
		merged.Merge(texts(c.Then, 1))
		check(t, c, merged, true)
	}
}

// TestWitnessIsCutBetweenCharacters checks that a long text isn't cut inside a character.
func TestWitnessIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("ä", 150), "a" + strings.Repeat("ä", 150), strings.Repeat("語", 99)} {
		var e infer.Evidence
		e.Text([]byte("1"), 1)
		e.Text([]byte(text), 2)
		if got := e.Guess().Witness; got == nil || !strings.HasPrefix(text, got.Text) || len(got.Text) < 197 {
			t.Errorf("the witness of %q is %+v", text, got)
		}
	}
}

func TestWitnessHasItsPlace(t *testing.T) {
	t.Parallel()
	e := texts([]string{"10115", "00501"}, 1201)
	e.In("a.csv")
	want := &infer.Witness{Text: "00501", Why: infer.LeadingZero, Object: "a.csv", Line: 1202}
	if diff := cmp.Diff(want, e.Guess().Witness); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzEvidence checks that the merged evidence of parts equals the evidence
// of the whole.
func FuzzEvidence(f *testing.F) {
	f.Add([]byte("1\n00501"), 1)
	f.Add([]byte("1,234\n1.5\n2,5"), 2)
	f.Add([]byte("2026-01-31\n31.1.2026"), 1)
	f.Add([]byte("1e400\n-0\nNA\n\\N\n"), 1)
	f.Fuzz(func(t *testing.T, column []byte, at int) {
		fields := bytes.Split(column, []byte("\n"))
		at = min(max(at, 0), len(fields))
		whole, first, rest := &infer.Evidence{}, &infer.Evidence{}, &infer.Evidence{}
		for i, field := range fields {
			whole.Text(field, int64(i))
			if i < at {
				first.Text(field, int64(i))
			} else {
				rest.Text(field, int64(i))
			}
		}
		first.Merge(rest)
		a, b := whole.Guess(), first.Guess()
		a.Why, a.Witness, b.Why, b.Witness = "", nil, "", nil
		if a != b {
			t.Fatalf("%q split at %d: got %+v, want %+v", column, at, b, a)
		}
	})
}
